/** Checks a piece of text with the standard library in reach. */
import { readFileSync } from "node:fs";
import { check } from "../../compiler/1-check/check.js";
import { Problems } from "../../compiler/diagnostics/problems.js";
import { parseSource } from "../../compiler/diagnostics/syntax.js";
import type { Model } from "../../compiler/ir/model.js";
import type { File } from "../../grammar/ast.js";
import { stdlib } from "../../stdlib/index.js";

export interface Checked {
  readonly models: readonly Model[];
  readonly problems: Problems;
}

/** Checks a text as `example.gn`; an import of `./example` means itself. */
export function checked(text: string, name = "example.gn"): Checked {
  const problems = new Problems();
  const file = parseSource({ name, text }, problems);
  return checkedFile(file, problems);
}

/** Checks a parsed file. */
export function checkedFile(file: File, problems = new Problems()): Checked {
  const known = new Map<string, File>();
  const resolve = (path: string): File | null => {
    if (path === "./example") return file;
    const source = stdlib[path];
    if (source === undefined) return null;
    const parsed = known.get(path) ?? parseSource({ name: path, text: source }, problems);
    known.set(path, parsed);
    return parsed;
  };
  const { models } = check(file, resolve, problems);
  return { models, problems };
}

/** The text of a fixture or a library file, from the root of the repository. */
export const textOfFile = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** One line for each diagnostic. */
export const said = ({ problems }: Checked): readonly string[] =>
  problems.all.map((d) => `${d.code} ${d.message}`);
