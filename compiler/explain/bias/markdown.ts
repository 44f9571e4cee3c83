/** `gnc explain MODEL --format markdown`: a row for each block under the heads of Battaglia et al. 2018, table 1. */
import type { NodeSet } from "../../ir/space.js";
import type { Row } from "./bias.js";
import type { Findings } from "./report.js";
import type { Symmetry } from "./symmetry.js";
import { biasWords, relationKind, sharingWords, symmetryWords } from "./words.js";

const heads = ["block", "entities", "relations", "bias", "each parameter", "invariance"];

/** Blocks of some models in one table; of a model without blocks its own row. */
export function biasTable(
  models: readonly (readonly Row[])[],
  findings: Findings = new Map(),
): string {
  const rows = models.flatMap((own) => (own.length > 1 ? own.slice(1) : own));
  const lines = [heads, heads.map(() => "---"), ...rows.map((row) => cellsOf(row, findings))];
  return `${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

function cellsOf(row: Row, findings: Findings): readonly string[] {
  const { declaration, entities, relations, sharing, model } = row;
  const where =
    row.instances.length > 0 ? ` ${row.instances.map((i) => `\`${i}\``).join(", ")}` : "";
  return [
    `${declaration}${where}`,
    listed(entities.map(entityKind)),
    relations.length > 0 ? listed(relations.map(relationKind)) : "none",
    listed(biasWords(row)),
    listed(sharing.map(sharingWords)),
    listed(invariances(row, model.outputs.length, findings)),
  ];
}

const listed = (words: readonly string[]): string => {
  const once = [...new Set(words)];
  return once.length > 0 ? once.join("; ").replaceAll("|", "\\|") : "none";
};

/** Table 1's word for the elements of a set. */
function entityKind({ layout }: NodeSet): string {
  if (layout.kind === "grid") return "grid elements";
  if (layout.kind === "seq") return "places of a sequence";
  return layout.size === null ? "nodes" : "units";
}

/** What holds of all outputs, and of which outputs what does not. That graphs of a batch do not meet is left to the text. */
function invariances({ verdict }: Row, outputs: number, findings: Findings): readonly string[] {
  const groups = new Map<string, { names: string[]; checked: boolean }>();
  for (const claim of verdict.claims) {
    if (claim.symmetry.kind === "graphs") continue;
    const words = shortWords(claim.symmetry);
    const group = groups.get(words) ?? { names: [], checked: true };
    group.names.push(claim.output.name);
    group.checked &&= findings.has(claim);
    groups.set(words, group);
  }
  return [...groups].map(([words, { names, checked }]) => {
    const whom = names.length < outputs ? ` (${names.join(", ")})` : "";
    return `${words}${whom}${checked ? " ✓" : ""}`;
  });
}

function shortWords(symmetry: Symmetry): string {
  if (symmetry.kind !== "translation") return symmetryWords(symmetry).replace(/:.*$/, "");
  if (symmetry.carried.length > 0) return "translation in time";
  return symmetryWords(symmetry);
}
