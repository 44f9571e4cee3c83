/** What `gnc explain MODEL` prints: a table for each row, in the words of Battaglia et al. 2018, table 1. */
import type { Recurrence } from "../../ir/model.js";
import type { Equation, Row } from "./bias.js";
import { placeOf } from "./breaks.js";
import type { Claim, Refusal } from "./symmetry.js";
import {
  biasWords,
  entityWords,
  footprintWords,
  relationWords,
  sharingWords,
  symmetryWords,
} from "./words.js";

/** How a claim came out when it was checked in numbers. */
export interface Checked {
  /** The largest difference, over the largest magnitude of the output. */
  readonly deviation: number;
  /** Numbers compared. */
  readonly compared: number;
}

/** What was found of each claim; without `--verify` nothing was. */
export type Findings = ReadonlyMap<Claim, Checked>;

export function biasReport(rows: readonly Row[], findings: Findings = new Map()): string {
  const blocks = rows.flatMap((row) => row.instances);
  return `${rows.map((row) => rowReport(row, blocks, findings)).join("\n\n")}\n`;
}

function rowReport(row: Row, blocks: readonly string[], findings: Findings): string {
  const { model, verdict } = row;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["entities", row.entities.map(entityWords)],
    ["relations", row.relations.length > 0 ? row.relations.map(relationWords) : ["none"]],
    ["bias", biasWords(row)],
    ["rule", ruleLines(row.rule)],
    ["sharing", sharingLines(row, blocks)],
    ["recurrence", row.recurrences.map(recurrenceWords)],
    ["invariance", claimLines(row, findings)],
    ["not claimed", refusalLines(verdict.refusals, model.outputs.length)],
  ];
  return [headOf(row), ...sections.flatMap(([title, lines]) => section(title, lines))].join("\n");
}

function headOf({ instances, declaration, model, application }: Row): string {
  if (instances.length === 0)
    return [`model ${declaration}`, ...(model.doc ? [`  ${model.doc}`] : [])].join("\n");
  return `${instances.join(", ")}: ${declaration} (${application.text.source.name})`;
}

const width = 13;

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, i) => `  ${(i === 0 ? title : "").padEnd(width)}${line}`.trimEnd());

/** Equations by the space they stand on: the edge, node and global updates. */
export function ruleLines(rule: readonly Equation[]): readonly string[] {
  const kinds = rule.map(({ space }) => space.name);
  const pad = Math.max(0, ...kinds.map((k) => k.length));
  return rule.map(({ text }, i) => {
    const kind = kinds[i] ?? "";
    return `${(kind === kinds[i - 1] ? "" : kind).padEnd(pad)}  ${text}`;
  });
}

/** Of a block its parameters; of the model those that are not of its blocks. */
function sharingLines(row: Row, blocks: readonly string[]): readonly string[] {
  const isOfBlock = (path: string): boolean => blocks.some((b) => path.startsWith(`${b}.`));
  const own = row.sharing.filter(
    ({ parameter }) => row.instances.length > 0 || !isOfBlock(parameter.path),
  );
  return own.map((s) => {
    const { path, shape } = s.parameter;
    return `${path} f32${shape.length > 0 ? `[${shape.join(", ")}]` : ""}: ${sharingWords(s)}`;
  });
}

function recurrenceWords({ fields, order }: Recurrence): string {
  const written = fields.filter((f) => f.origin.kind !== "fn" && f.equation);
  const names = [...new Set(written.map((f) => f.name))];
  const shown = names.length > 6 ? [...names.slice(0, 6), `${names.length - 6} more`] : names;
  const along =
    order.kind === "index"
      ? `${order.reverse ? "from the last" : "from the first"} ${order.set.name} on`
      : `${order.reverse ? "from receivers to senders" : "from senders to receivers"} of ${order.relation.name}`;
  return `${along}: ${shown.join(", ")}`;
}

/** Claims that say the same of several outputs, each once. */
function claimLines({ verdict, model }: Row, findings: Findings): readonly string[] {
  const groups = new Map<string, Claim[]>();
  for (const claim of verdict.claims) {
    const words = symmetryWords(claim.symmetry);
    groups.set(words, [...(groups.get(words) ?? []), claim]);
  }
  if (groups.size === 0) return ["none"];
  return [...groups].flatMap(([words, claims]) => {
    const some = claims.length < model.outputs.length;
    const whom = some ? ` (${claims.map((c) => c.output.name).join(", ")})` : "";
    const seen = [...new Set(claims.map(footprintWords))].filter((w) => w !== "");
    const found = checkedWords(claims.flatMap((c) => findings.get(c) ?? []));
    return [`${words}${whom}${found}`, ...seen.map((w) => `  ${w}`)];
  });
}

function checkedWords(checked: readonly Checked[]): string {
  if (checked.length === 0) return "";
  const worst = Math.max(...checked.map((c) => c.deviation));
  const compared = checked.reduce((n, c) => n + c.compared, 0);
  return `: checked, ${compared} numbers differ by at most ${worst === 0 ? "0" : worst.toExponential(1)}`;
}

function refusalLines(refusals: readonly Refusal[], outputs: number): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { symmetry, output, why } of refusals) {
    const words = `${symmetryWords(symmetry)}: ${why.what}, ${placeOf(why.at)}`;
    groups.set(words, [...(groups.get(words) ?? []), output.name]);
  }
  return [...groups].map(([words, names]) =>
    names.length < outputs ? `${words} (${names.join(", ")})` : words,
  );
}
