/** `gnc explain GN2104` prints the page of a code; `gnc explain MODEL --memory` what a model stores. */
import { existsSync, readFileSync } from "node:fs";
import { catalogue, compileModel, memoryReport } from "../../../compiler/index.js";
import { readArtifact } from "../artifact.js";
import { usage } from "../exit.js";
import { readBytes } from "../files.js";
import { checkedOrExit, theModel } from "../sources.js";

export interface ExplainOptions {
  readonly memory?: boolean;
  readonly model?: string;
}

export async function explainCommand(subject: string, options: ExplainOptions): Promise<void> {
  if (/^gn\d+$/i.test(subject)) process.stdout.write(pageOf(subject.toUpperCase()));
  else if (options.memory)
    process.stdout.write(memoryReport((await artifactOf(subject, options.model)).manifest));
  else if (existsSync(subject))
    throw usage(`say what to explain of ${subject}: gnc explain ${subject} --memory`);
  else throw usage(`${subject} is neither a code such as GN2104 nor a file`);
}

/** The page of a code, from `docs/errors` of this installation. */
function pageOf(code: string): string {
  if (!catalogue.some((entry) => entry.code === code)) {
    const near = catalogue.filter((e) => e.code.startsWith(code.slice(0, 4))).map((e) => e.code);
    throw usage(
      `there is no code ${code}${near.length > 0 ? `; near it: ${near.slice(0, 6).join(", ")}` : ""}`,
    );
  }
  return readFileSync(new URL(`../../../../docs/errors/${code}.md`, import.meta.url), "utf8");
}

async function artifactOf(path: string, name: string | undefined): ReturnType<typeof readArtifact> {
  if (path.endsWith(".wasm")) return readArtifact(path, readBytes(path));
  return readArtifact(
    path,
    await compileModel(theModel(checkedOrExit(path, "pretty"), path, name)),
  );
}
