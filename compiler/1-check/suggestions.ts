/** What an unknown name may have meant: a name in reach, one of the library to import, a word of another library. */
import type { Source } from "../../grammar/source.js";
import { stdlib } from "../../stdlib/index.js";
import { didYouMean } from "../diagnostics/build.js";
import { saidHere } from "../diagnostics/peer-names.js";
import { nearest } from "./walk.js";

/** A hint for a name that means nothing; null if nothing is near. */
export function suggestion(name: string, known: Iterable<string>, called: boolean): string | null {
  const peer = saidHere(name);
  if (peer !== null) return peer;
  const library = libraryNames();
  const home = library.get(name);
  if (home !== undefined) return `write \`import { ${name} } from "${home}"\` at the top`;
  return didYouMean(closest(name, known)) ?? (called ? inLibrary(name) : null);
}

/** The name of the library that is nearest, and its import. */
export function inLibrary(name: string): string | null {
  const library = libraryNames();
  const there = closest(name, library.keys());
  if (there === null) return null;
  return `did you mean \`${there}\`? Write \`import { ${there} } from "${library.get(there)}"\` at the top`;
}

/** The name nearest to `wanted` that shares a letter with it: one letter is not near to every other. */
export const closest = (wanted: string, known: Iterable<string>): string | null => {
  const letters = new Set(wanted.toLowerCase());
  return nearest(
    wanted,
    [...known].filter((name) => [...name.toLowerCase()].some((c) => letters.has(c))),
  );
};

/** A hint for a capitalised value that nothing declares: it is most often a parameter. */
export function undeclared(
  name: string,
  known: Iterable<string>,
  product: boolean,
  ownsNothing: boolean,
): string {
  const peer = saidHere(name);
  if (peer !== null) return peer;
  const near = closest(name, known);
  const type = product ? "f32[In, Out]" : "f32[..]";
  const declare = ownsNothing
    ? `take it as an argument, \`${name}: ${type}\``
    : `declare \`param ${name}: ${type}\` with its sizes`;
  if (near !== null) return `did you mean \`${near}\`? Otherwise ${declare}`;
  return product ? declare : `${declare}; a size is \`const ${name} = 8\``;
}

/** Whether a file belongs to the library. */
export const isLibrary = (source: Source): boolean => stdlib[source.name] !== undefined;

/** Where the library declares a name; null if it does not. */
export const libraryHome = (name: string): string | null => libraryNames().get(name) ?? null;

/** Where a name comes from whose import was forgotten; null if another library is meant by it. */
export const forgottenHome = (name: string): string | null =>
  saidHere(name) === null ? libraryHome(name) : null;

/** Every declaration of the library, with its file. Read from the text: it is wanted only beside an error. */
function libraryNames(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [path, text] of Object.entries(stdlib))
    for (const match of text.matchAll(/^(?:fn|block|const) ([A-Za-z_][A-Za-z0-9_]*)/gm))
      if (match[1] !== undefined && !found.has(match[1])) found.set(match[1], path);
  return found;
}
