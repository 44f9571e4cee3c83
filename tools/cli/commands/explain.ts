/** `gnc explain GN2104` prints the page of a code; `gnc explain MODEL --memory` what a model stores. */
import { existsSync, readFileSync } from "node:fs";
import { catalogue, memoryReport } from "../../../compiler/front.js";
import { readArtifact } from "../artifact.js";
import { usage } from "../exit.js";
import { artifactOf } from "../models.js";

export interface ExplainOptions {
  readonly memory?: boolean;
  readonly model?: string;
}

export async function explainCommand(subject: string, options: ExplainOptions): Promise<void> {
  if (/^(gn)?\d+$/i.test(subject)) process.stdout.write(pageOf(codeOf(subject)));
  else if (options.memory) process.stdout.write(await memoryOf(subject, options.model));
  else if (existsSync(subject))
    throw usage(
      `it is not said what to explain of ${subject}`,
      `what it stores: gnc explain ${subject} --memory`,
    );
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
