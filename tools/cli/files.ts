/**
 * Reading and writing for the commands: `-` is standard input and output, a file is either written whole or not at all,
 * and what cannot be read is an error that names the path.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { ReadImport } from "../../compiler/index.js";
import type { Source } from "../../grammar/source.js";
import { usage } from "./exit.js";

const readable: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "you may not read it",
};

/** The bytes of a file, or of standard input for `-`. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path === "-" ? 0 : path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw usage(`cannot read ${path}: ${readable[code] ?? String(error)}`);
  }
}

/** A `.gn` file as a source, named as the user named it. */
export function readSource(path: string): Source {
  return { name: path === "-" ? "<stdin>" : path, text: new TextDecoder().decode(readBytes(path)) };
}

/** Finds `./layers` beside the file that imports it, with or without `.gn`. */
export const readImport: ReadImport = (path, from) => {
  if (!path.startsWith(".") && !path.startsWith("/")) return null;
  const folder = from.name === "<stdin>" ? "." : dirname(from.name);
  for (const candidate of [path, `${path}.gn`]) {
    const full = resolve(folder, candidate);
    try {
      return { name: relative(".", full) || full, text: readFileSync(full, "utf8") };
    } catch {
      // the next spelling; a missing file is reported by the checker
    }
  }
  return null;
};

/** Writes a whole file or nothing: into a neighbour first, then renamed. `-` is standard output. */
export function writeWhole(path: string, content: Uint8Array | string): void {
  if (path === "-") {
    process.stdout.write(content);
    return;
  }
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw usage(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
