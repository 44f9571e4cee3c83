/** Random models as text and batches for them, as fast-check draws and shrinks them. */
import * as fc from "fast-check";
import { graphSteps } from "./graph-steps.js";
import { type Place, Source } from "./source.js";
import { steps } from "./steps.js";
import type { Sizes } from "./world.js";

export interface Recipe {
  /** Which layouts and topologies. */
  readonly spaces: readonly number[];
  readonly choices: readonly (readonly number[])[];
  readonly sizes: Sizes;
  readonly seed: number;
}

const number = fc.nat(9999);

/** Nodes in a graph: few, seldom more than fit into a tile. */
const count = fc.oneof({ weight: 12, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(40) });

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  spaces: fc.array(number, { minLength: 5, maxLength: 5 }),
  choices: fc.array(fc.array(number, { minLength: 8, maxLength: 8 }), {
    minLength: 1,
    maxLength: 12,
  }),
  sizes: fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 4 }),
  seed: fc.nat(1e6),
});

/** The same models every time, unless asked otherwise: GN_RUNS times as many, GN_SEED others. */
export const settings = (runs: number) => ({
  numRuns: Math.ceil(runs * Number(process.env.GN_RUNS ?? 1)),
  seed: Number(process.env.GN_SEED ?? 1),
  endOnFailure: false,
});

const imports = `import { sq, dot, elu, gelu, silu, softplus, leaky_relu, Linear, MLP, LayerNorm } from "std/core"
import { GAT, GATv2, GIN, SAGE, SAGEPool } from "std/graph"
import { GRU, RNN } from "std/recurrent"`;

const layouts = ["", "seq", "seq(max: 6)", "set(3)", "grid(2, 3)"] as const;
const unordered = [
  "sparse",
  "sparse(self_loops)",
  "sparse(symmetric)",
  "complete",
  "complete(strict)",
  "self",
  "dag",
  "tree",
];
const ordered = [
  ...unordered,
  "causal",
  "causal(strict)",
  "chain",
  "chain(reverse)",
  "window(3)",
  "window(2, dilation: 2)",
];

const at = <T>(list: readonly T[], i: number | undefined, otherwise: T): T =>
  list[(i ?? 0) % list.length] ?? otherwise;

/** The model that a recipe stands for. */
export function sourceOf({ spaces, choices }: Recipe): string {
  const [first, second] = [at(layouts, spaces[0], ""), at(layouts, spaces[1], "")];
  const words = first.startsWith("seq")
    ? ordered
    : first.startsWith("grid")
      ? [...unordered, "window(3, 3)"]
      : unordered;
  const own = at(words, spaces[2], "sparse");
  const across = at(["sparse", "complete", "sparse"], spaces[3], "sparse");
  const atom: Place = { kind: "nodes", name: "atom", word: first };
  const word: Place = { kind: "nodes", name: "word", word: second };
  const bond: Place = {
    kind: "edges",
    name: "bond",
    word: own,
    ends: { sender: "atom", receiver: "atom" },
  };
  const link: Place = {
    kind: "edges",
    name: "link",
    word: across,
    ends: { sender: "atom", receiver: "word" },
  };
  const global: Place = { kind: "global", name: "global", word: "" };
  const both = (spaces[4] ?? 0) % 2 === 0;
  const places = both ? [atom, word, bond, link, global] : [atom, bond, global];
  const source = new Source(places);
  source.input(global, "u", "f32", [2]);
  source.input(bond, "e", "f32", [2]);
  source.input(bond, "kind", "index");
  source.input(atom, "s", "f32");
  source.input(atom, "on", "bool");
  source.input(atom, "k", "index");
  source.input(atom, "x", "f32", [3]);
  if (both) source.input(word, "y", "f32", [2, 3]);
  if (both) source.input(word, "v", "f32", [2]);
  for (const choice of choices) {
    source.choose(choice);
    const table = source.below(2) === 0 ? steps : graphSteps;
    const step = table[source.below(table.length)];
    const place = source.pick(places);
    if (step && place) step(source, place);
  }
  const set = ({ name, word: layout }: Place) => `nodes ${name}${layout ? `: ${layout}` : ""}`;
  return source.text(imports, [
    set(atom),
    ...(both ? [set(word)] : []),
    `edges bond: atom -> atom ${own}`,
    ...(both ? [`edges link: atom -> word ${across}`] : []),
  ]);
}
