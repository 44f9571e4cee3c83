/**
 * The part of the library that a program reaches: of every file the declarations that are asked for, and those that these
 * name. All else is blank, so that places stay where they are and `gnc check` does not read a hundred blocks to use one.
 */

/** Text of library files by path. */
export type Library = Readonly<Record<string, string>>;

/** What a program asks of one file. */
export interface Asked {
  readonly path: string;
  readonly names: readonly string[];
}

interface Part {
  readonly start: number;
  readonly end: number;
  /** What it declares; of an import what it brings in. */
  readonly names: readonly string[];
  /** Of an import the file it asks. */
  readonly from: string | null;
}

const opening = /^(?:(?:fn|block|const|model) ([A-Za-z_]\w*)|import \{([^}]*)\} from "([^"]*)")/gm;

/** The files that are reached. A file that is asked for what it does not have is whole, and so all that is in reach of it. */
export function reachedLibrary(library: Library, asked: readonly Asked[]): Library {
  const wanted = new Map<string, Set<string>>();
  const reached = new Map<string, Set<Part>>();
  const open = asked.flatMap(({ path, names }) => names.map((name) => ({ path, name })));
  for (let next = open.pop(); next; next = open.pop()) {
    const { path, name } = next;
    const text = library[path];
    const known = wanted.get(path) ?? new Set();
    if (text === undefined || known.has(name)) continue;
    wanted.set(path, known.add(name));
    const parts = partsOf(text);
    const part = parts.find((p) => p.names.includes(name));
    if (!part) return library;
    reached.set(path, (reached.get(path) ?? new Set()).add(part));
    if (part.from !== null) open.push({ path: part.from, name });
    else open.push(...namedIn(text, part, parts).map((other) => ({ path, name: other })));
  }
  return Object.fromEntries(
    [...wanted].map(([path, names]) => [path, blanked(library[path] ?? "", names)]),
  );
}

/** What a text may have forgotten to import: declarations of the library that it names. */
export function namedInText(library: Library, text: string): readonly Asked[] {
  const words = new Set(text.match(/[A-Za-z_]\w*/g));
  return Object.entries(library).map(([path, file]) => ({
    path,
    names: partsOf(file)
      .filter((part) => part.from === null)
      .flatMap((part) => part.names.filter((name) => words.has(name))),
  }));
}

const partsByText = new Map<string, readonly Part[]>();

function partsOf(text: string): readonly Part[] {
  const parts = partsByText.get(text) ?? readParts(text);
  partsByText.set(text, parts);
  return parts;
}

function readParts(text: string): readonly Part[] {
  const found = [...text.matchAll(opening)];
  return found.map((match, i): Part => {
    const [, name, imported, from] = match;
    const names = name === undefined ? (imported ?? "").split(",").map((n) => n.trim()) : [name];
    const end = found[i + 1]?.index ?? text.length;
    return { start: match.index, end, names, from: from ?? null };
  });
}

/** Names of the file that stand in a declaration. */
function namedIn(text: string, part: Part, parts: readonly Part[]): readonly string[] {
  const words = new Set(text.slice(part.start, part.end).match(/[A-Za-z_]\w*/g));
  return parts.flatMap((p) => p.names).filter((name) => words.has(name));
}

/** The text with only these names declared or imported, every line and column as it was. */
function blanked(text: string, names: ReadonlySet<string>): string {
  let out = "";
  let at = 0;
  for (const part of partsOf(text)) {
    const kept = part.names.filter((name) => names.has(name));
    const own = text.slice(part.start, part.end);
    out += blank(text.slice(at, part.start));
    out += kept.length === 0 ? blank(own) : part.from === null ? own : brief(own, kept);
    at = part.end;
  }
  return out;
}

const blank = (text: string): string => text.replace(/[^\n]+/g, (line) => " ".repeat(line.length));

/** `import { a, b } from "std/core"` with fewer names in the same room. */
const brief = (text: string, names: readonly string[]): string =>
  text.replace(
    /\{([^}]*)\}/,
    (_, list: string) => `{${` ${names.join(", ")} `.padEnd(list.length)}}`,
  );
