/** Runs `bin/gnc.js` as a user would, in a folder of its own with the karate club in it. Needs a build: `npm run build`. */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const gnc = join(root, "bin/gnc.js");
if (!existsSync(join(root, "dist/tools/cli/main.cjs")))
  throw new Error("the command line is tested as it is built: npm run build");

export interface Ended {
  readonly code: number | null;
  readonly out: Buffer;
  readonly stdout: string;
  readonly stderr: string;
}

export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "gnc-"));

  constructor() {
    cpSync(join(root, "examples/karate"), this.path, { recursive: true });
  }

  /** The command's output and exit code. */
  async gnc(args: readonly string[], input: string | Uint8Array = ""): Promise<Ended> {
    const child = this.start(args);
    child.stdin?.end(input);
    return ended(child);
  }

  /** A command that is to be stopped. */
  start(args: readonly string[]): ChildProcess {
    const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
    return spawn(process.execPath, [gnc, ...args], { cwd: this.path, env });
  }

  read = (name: string): Buffer => readFileSync(join(this.path, name));
  has = (name: string): boolean => existsSync(join(this.path, name));
  at = (name: string): string => join(this.path, name);

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function ended(child: ChildProcess): Promise<Ended> {
  const out: Buffer[] = [];
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.on("close", (code) => {
      const all = Buffer.concat(out);
      resolve({ code, out: all, stdout: all.toString(), stderr });
    });
  });
}

/** Waits until a stream has said something. */
export function said(stream: NodeJS.ReadableStream | null, words: RegExp): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    stream?.on("data", (chunk: Buffer) => {
      text += chunk;
      if (words.test(text)) resolve(text);
    });
    stream?.on("end", () => reject(new Error(`it ended without ${words}:\n${text}`)));
  });
}
