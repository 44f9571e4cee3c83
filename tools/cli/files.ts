/**
 * Reading and writing for the commands: `-` is standard input and output, a file is either written whole or not at all,
 * and what cannot be read is an error that names the path.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { ReadImport, Source } from "../../compiler/front.js";
import { usage } from "./exit.js";

const unreadable: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder; name its files",
  EACCES: "you may not read it",
};

/** The bytes of a file, or of standard input for `-`. */
export function readBytes(path: string): Uint8Array {
  try {
    // A plain array: what a Buffer adds to it is of no use here, and `String(buffer)` is its text.
    return new Uint8Array(readFileSync(path === "-" ? 0 : path));
  } catch (error) {
    throw usage(`cannot read ${path}: ${reason(error, unreadable)}`);
  }
}

/** Whether these are the bytes of a WebAssembly module. */
export const isModule = (bytes: Uint8Array): boolean =>
  bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;

/** Whether these look like a safetensors file: the length of a header, then its brace. */
const isTensors = (bytes: Uint8Array): boolean =>
  bytes.length > 8 && bytes[7] === 0 && bytes[8] === 0x7b;

/** A `.gn` file as a source, named as the user named it. */
export const readSource = (path: string): Source => sourceOf(path, readBytes(path));

/** Bytes as a source; those of another kind of file are told by their first bytes, whatever the name says. */
export function sourceOf(path: string, bytes: Uint8Array): Source {
  if (isModule(bytes))
    throw usage(
      `${path} is a compiled model, but this command reads source text`,
      `give the .gn file it was compiled from, or look into it with \`gnc inspect ${path}\``,
    );
  if (isTensors(bytes))
    throw usage(
      `${path} holds tensors, but this command reads source text`,
      "give a .gn file here; data goes after --data, weights after --weights",
    );
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { name: path === "-" ? "<stdin>" : path, text };
  } catch {
    throw usage(`${path} is no text in UTF-8`);
  }
}

/** Finds `./layers` beside the file that imports it, with or without `.gn`. */
export const readImport: ReadImport = (path, from) => {
  if (!path.startsWith(".") && !path.startsWith("/")) return null;
  const folder = from.name === "<stdin>" ? "." : dirname(from.name);
  for (const candidate of [path, `${path}.gn`]) {
    const full = resolve(folder, candidate);
    if (!statSync(full, { throwIfNoEntry: false })?.isFile()) continue;
    return { name: relative(".", full) || full, text: readFileSync(full, "utf8") };
  }
  return null;
};

/** Writes a whole file or nothing: into a neighbour first, then renamed. `-` is standard output. */
export function writeWhole(path: string, content: Uint8Array | string): void {
  if (path === "-") {
    if (typeof content !== "string" && process.stdout.isTTY)
      throw usage("bytes are not written to a terminal", "give a file, or send them on: .. > file");
    process.stdout.write(content);
    return;
  }
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw usage(`cannot write ${path}: ${reason(error, unwritable)}`);
  }
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw usage(`cannot write ${path}: ${reason(error, unwritable)}`);
  }
}

const unwritable: Readonly<Record<string, string>> = {
  EISDIR: "it is a folder",
  ENOTDIR: "what should be its folder is a file",
  EEXIST: "what should be its folder is a file",
  EACCES: "you may not write there",
  ENOSPC: "the disk is full",
};

function reason(error: unknown, known: Readonly<Record<string, string>>): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return known[code] ?? (error instanceof Error ? error.message : String(error));
}
