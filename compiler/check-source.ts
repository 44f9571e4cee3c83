/**
 * The front half of the pipeline: source text to checked models, with all that is wrong in it. Nothing right of `check`
 * is loaded for it, so that an editor and `gnc check` start quickly.
 */
import type { File } from "../grammar/ast.js";
import type { Source } from "../grammar/source.js";
import { stdlib } from "../stdlib/index.js";
import { check } from "./1-check/check.js";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import { Problems } from "./diagnostics/problems.js";
import { parseSource } from "./diagnostics/syntax.js";
import type { Model } from "./ir/model.js";
import { type Asked, type Library, namedInText, reachedLibrary } from "./library-part.js";

/** Finds the text of an imported file: `./layers` from `models/cora.gn`. Null when there is none. */
export type ReadImport = (path: string, from: Source) => Source | null;

export interface Checked {
  readonly file: File;
  readonly models: readonly Model[];
  readonly diagnostics: readonly Diagnostic[];
  readonly ok: boolean;
}

/**
 * Source text to models, with all that is wrong in it. `std/...` needs no `read`. Names are looked at only when the text
 * and its imports can be read as a whole: what a slip of syntax hides would be called unknown.
 */
export function checkSource(source: Source, read: ReadImport = () => null): Checked {
  const problems = new Problems();
  const parsed = new Map<string, File>();
  const asked: Asked[] = [];
  const parseOnce = (from: Source): File => {
    const known = parsed.get(from.name);
    if (known) return known;
    const file = parseSource(from, problems);
    parsed.set(from.name, file);
    if (!(from.name in stdlib)) asked.push(...namedInText(stdlib, from.text));
    for (const { from: path, names } of file.imports) {
      asked.push({ path: path.text, names: names.map(({ text }) => text) });
      const found = path.text in stdlib ? null : read(path.text, from);
      if (found) parseOnce(found);
    }
    return file;
  };
  const file = parseOnce(source);
  const library = reachedLibrary(stdlib, asked);
  const resolve = (path: string, from: Source): File | null => {
    const found = path in stdlib ? librarySource(path, library) : read(path, from);
    return found && parseOnce(found);
  };
  const { models } = problems.anyErrors ? { models: [] } : check(file, resolve, problems);
  return { file, models, diagnostics: problems.all, ok: !problems.anyErrors };
}

const librarySource = (path: string, reached: Library): Source => ({
  name: path,
  text: reached[path] ?? stdlib[path] ?? "",
});
