/** Runs a script of the examples as a user does, on what was built. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Its standard output. Rejects with its standard error when it fails. */
export async function script(path: string, ...flags: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...flags], { cwd: root });
  return stdout;
}
