/**
 * `gnc explain GN2104` prints the page of a code; `gnc explain MODEL.gn` the relational inductive bias of its models, block by
 * block, and `--verify` tries it; `gnc explain MODEL --memory` what a model stores, `--cost` what its kernels do.
 */
import { existsSync, readFileSync } from "node:fs";
import { catalogue } from "../../../compiler/diagnostics/catalogue.js";
import {
  biasObject,
  biasOf,
  biasReport,
  biasTable,
  type Checked,
  type Claim,
  claimWords,
  type Findings,
  type Row,
} from "../../../compiler/explain/index.js";
import { memoryReport } from "../../../compiler/explain/memory.js";
import { readArtifact } from "../artifact.js";
import { Exit, exitCode, usage } from "../exit.js";
import { readSource } from "../files.js";
import { artifactOf } from "../models.js";
import { sizesFor } from "../sizes.js";
import { checkedOrExit, theModel } from "../sources.js";
import type { CostFlags } from "./cost.js";

export interface ExplainOptions extends CostFlags {
  readonly memory?: boolean;
  readonly cost?: boolean;
  readonly verify?: boolean;
}

export async function explainCommand(subject: string, options: ExplainOptions): Promise<void> {
  if (/^(gn)?\d+$/i.test(subject)) process.stdout.write(pageOf(codeOf(subject)));
  else if (options.cost)
    process.stdout.write(await (await import("./cost.js")).costText(subject, options));
  else if (options.machine !== undefined)
    throw usage("--machine belongs to --cost", `gnc explain ${subject} --cost ..`);
  else if (options.memory) process.stdout.write(await memoryOf(subject, options));
  else if (options.data !== undefined || options.size)
    throw usage(
      "--data and --size belong to --cost and --memory",
      `gnc explain ${subject} --cost ..`,
    );
  else if (existsSync(subject) || subject === "-") await biasOfModels(subject, options);
  else throw usage(`${subject} is neither a code such as GN2104 nor a file`);
}

const codeOf = (subject: string): string => `GN${subject.replace(/^gn/i, "")}`;

/** The page of a code, from `docs/errors` of this installation. */
function pageOf(code: string): string {
  if (!catalogue.some((entry) => entry.code === code)) {
    const near = catalogue.filter((e) => e.code.startsWith(code.slice(0, 4))).map((e) => e.code);
    throw usage(
      `there is no code ${code}`,
      near.length > 0 ? `near it: ${near.slice(0, 6).join(", ")}` : "docs/errors lists all codes",
    );
  }
  return readFileSync(new URL(`../../../../docs/errors/${code}.md`, import.meta.url), "utf8");
}

async function memoryOf(path: string, options: ExplainOptions): Promise<string> {
  const artifact = await artifactOf(path, options);
  const { manifest } = await readArtifact(path, artifact);
  const sizes = await sizesFor({ artifact, manifest }, options);
  return memoryReport(manifest, sizes && ((name) => sizes[name] ?? 0));
}

interface Explained {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly findings: Findings;
}

const printed: Record<ExplainOptions["format"], (models: readonly Explained[]) => string> = {
  pretty: (models) => models.map(({ rows, findings }) => biasReport(rows, findings)).join("\n"),
  json: (models) =>
    `${JSON.stringify(
      models.map((m) => biasObject(m.name, m.rows, m.findings)),
      null,
      2,
    )}\n`,
  markdown: (models) =>
    biasTable(
      models.map((m) => m.rows),
      new Map(models.flatMap((m) => [...m.findings])),
    ),
};

/** Of every model of a file, unless one is chosen. */
async function biasOfModels(path: string, options: ExplainOptions): Promise<void> {
  const { model, format, verify = false } = options;
  const checked = checkedOrExit(readSource(path), { taken: true });
  const several = model === undefined && checked.models.length > 0;
  const wrong: string[] = [];
  const found: Explained[] = [];
  for (const one of several ? checked.models : [theModel(checked, model)]) {
    const { name } = one;
    const rows = biasOf(one);
    found.push({ name, rows, findings: verify ? await findingsOf(name, rows, wrong) : new Map() });
  }
  process.stdout.write(printed[format](found));
  if (wrong.length > 0)
    throw new Exit(exitCode.bug, ["error: claims that do not hold:", ...wrong].join("\n  "));
}

/** Tries every claim of some rows; what does not hold goes to `wrong`. */
async function findingsOf(model: string, rows: readonly Row[], wrong: string[]): Promise<Findings> {
  const { holds, verified } = await import("../../verify/verify.js");
  const findings = new Map<Claim, Checked>();
  for (const row of rows)
    for (const [claim, checked] of await verified(row)) {
      findings.set(claim, checked);
      if (!holds(checked))
        wrong.push(
          `${[model, row.instances[0]].filter(Boolean).join(" ")}: ${claimWords(claim)}: ${checked.compared} numbers differ by up to ${checked.deviation}`,
        );
    }
  return findings;
}
