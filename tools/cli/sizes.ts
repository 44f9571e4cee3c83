/**
 * Sizes of a batch by name: `--size paper=2708 --size cites=10556`. What follows from others need not be given: the edges
 * of relations that come without data, fixed sets, the levels of a sequence.
 */
import type { Manifest, ManifestRelation } from "../../runtime/artifact.js";
import { fixedRows } from "../../runtime/graph.js";
import { MadeEdges } from "../../runtime/made-edges.js";
import { about, usage } from "./exit.js";
import { readGraphs } from "./models.js";
import type { GivenSizes } from "./size-option.js";

export interface SizeFlags {
  readonly data?: string;
  readonly size?: GivenSizes;
}

/** Sizes as they are given, or those of data; null when there are neither. */
export async function sizesFor(
  { artifact, manifest }: { readonly artifact: Uint8Array; readonly manifest: Manifest },
  { data, size }: SizeFlags,
): Promise<GivenSizes | null> {
  if (data === undefined) return size ? allSizes(manifest, size) : null;
  if (size)
    throw usage("--data and --size are both given", "sizes follow from the data: leave --size out");
  const { openSession, sizesOf } = await import("../bench/session.js");
  const graphs = await readGraphs(data, { signature: manifest });
  return about(data, async () => sizesOf((await openSession(artifact, graphs, [])).contents));
}

/** Rows of every space, and levels of every recurrence. */
export function allSizes(manifest: Manifest, given: GivenSizes): GivenSizes {
  checkNames(manifest, given);
  const graphs = given.global ?? 1;
  const sizes: Record<string, number> = { global: graphs };
  const missing: string[] = [];
  const take = (name: string, known: number | null): void => {
    const count = given[name] ?? known;
    if (count === null) missing.push(name);
    else sizes[name] = count;
  };
  for (const { name, layout } of manifest.sets) {
    const fixed = fixedRows(layout);
    take(name, fixed === null ? null : fixed * graphs);
  }
  for (const relation of manifest.relations)
    take(relation.name, relation.given ? null : madeEdges(relation, manifest, sizes, graphs));
  for (const name of nonzerosIn(manifest)) take(name, null);
  for (const name of levelsIn(manifest)) take(name, levelsOf(name, sizes, graphs));
  if (missing.length === 0) return sizes;
  throw usage(
    `sizes of ${missing.join(", ")} are missing`,
    `give ${missing.map((name) => `--size ${shellName(name)}=..`).join(" ")}, or --data FILE`,
  );
}

const shellName = (name: string): string => (/[()\s]/.test(name) ? `"${name}"` : name);

function checkNames(manifest: Manifest, given: GivenSizes): void {
  const spaces = [...manifest.sets, ...manifest.relations].map(({ name }) => name);
  const known = [...spaces, ...nonzerosIn(manifest), ...levelsIn(manifest), "global"];
  const wrong = Object.keys(given).find((name) => !known.includes(name));
  if (wrong !== undefined)
    throw usage(`${manifest.model} has no ${wrong} to give a size`, `it has ${known.join(", ")}`);
}

const nonzerosIn = ({ inputs }: Manifest): readonly string[] =>
  inputs.flatMap(({ sparse, space, name }) => (sparse ? [`nonzeros:${space}.${name}`] : []));

/** `levels(word)` of `index(word)` and of `index(word, reverse)`. */
const levelsIn = ({ structures }: Manifest): readonly string[] => [
  ...new Set(
    structures.flatMap(({ kind, of }) =>
      kind === "level_start" ? [of.replace(/^\w+\((.+?)(, reverse)?\)$/, "levels($1)")] : [],
    ),
  ),
];

/** A sequence has a level for each place of its longest graph; a tree as many as its data makes it. */
function levelsOf(name: string, sizes: GivenSizes, graphs: number): number | null {
  const set = name.slice("levels(".length, -1);
  const rows = sizes[set];
  return rows === undefined ? null : Math.ceil(rows / Math.max(1, graphs));
}

/** Edges of all graphs when their nodes are shared out evenly; null when nobody says how many nodes there are. */
function madeEdges(
  { topology, senders, receivers }: ManifestRelation,
  { sets }: Manifest,
  sizes: GivenSizes,
  graphs: number,
): number | null {
  const [from, to] = [sizes[senders], sizes[receivers]];
  const [a, b] = [senders, receivers].map((name) => sets.find((s) => s.name === name)?.layout);
  if (from === undefined || to === undefined || !a || !b) return null;
  const counts = new Map<string, number>();
  let edges = 0;
  for (let g = 0; g < graphs; g++) {
    const [s, r] = [share(from, g, graphs), share(to, g, graphs)];
    const key = `${s} ${r}`;
    const count = counts.get(key) ?? new MadeEdges(topology, s, r, [a, b]).count;
    counts.set(key, count);
    edges += count;
  }
  return edges;
}

/** How many of `total` graph `g` has. */
export const share = (total: number, g: number, graphs: number): number =>
  Math.floor(((g + 1) * total) / graphs) - Math.floor((g * total) / graphs);
