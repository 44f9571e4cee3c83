/**
 * `gnc explain GN2104` prints the page of a code; `gnc explain MODEL.gn` the relational inductive bias of its models, block by
 * block; `gnc explain MODEL --memory` what a model stores.
 */
import { existsSync, readFileSync } from "node:fs";
import { biasObject, biasOf, biasReport } from "../../../compiler/explain/index.js";
import { catalogue, memoryReport } from "../../../compiler/front.js";
import { readArtifact } from "../artifact.js";
import { usage } from "../exit.js";
import { readSource } from "../files.js";
import { artifactOf } from "../models.js";
import { checkedOrExit, theModel } from "../sources.js";

export interface ExplainOptions {
  readonly memory?: boolean;
  readonly model?: string;
  readonly format: "pretty" | "json";
}

export async function explainCommand(subject: string, options: ExplainOptions): Promise<void> {
  if (/^(gn)?\d+$/i.test(subject)) process.stdout.write(pageOf(codeOf(subject)));
  else if (options.memory) process.stdout.write(await memoryOf(subject, options.model));
  else if (existsSync(subject) || subject === "-") biasOfModels(subject, options);
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

async function memoryOf(path: string, model: string | undefined): Promise<string> {
  const bytes = await artifactOf(path, { model });
  return memoryReport((await readArtifact(path, bytes)).manifest);
}

/** Of every model of a file, unless one is chosen. */
function biasOfModels(path: string, { model, format }: ExplainOptions): void {
  const checked = checkedOrExit(readSource(path), { taken: true });
  const several = model === undefined && checked.models.length > 0;
  const rows = (several ? checked.models : [theModel(checked, model)]).map(
    (each) => [each.name, biasOf(each)] as const,
  );
  if (format === "json") {
    const objects = rows.map(([name, own]) => biasObject(name, own));
    process.stdout.write(`${JSON.stringify(objects, null, 2)}\n`);
  } else process.stdout.write(rows.map(([, own]) => biasReport(own)).join("\n"));
}
