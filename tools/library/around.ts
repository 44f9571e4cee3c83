/**
 * The least model round a block of the library: its arguments are inputs, its relation is the one that it is mostly used
 * along. `docs/library.md` shows what `gnc explain` says of the block there.
 */
import type * as ast from "../../grammar/ast.js";
import { textOf } from "../../grammar/source.js";

/** The sets of a model, and the relation that ties them. */
export interface Surroundings {
  /** Layouts: of the one set, or of senders and receivers. */
  readonly sets: readonly [one: string] | readonly [senders: string, receivers: string];
  /** The topology; null where blocks bring their own relations, or have none. */
  readonly relation: string | null;
  readonly sizes?: Readonly<Record<string, number>>;
}

const graph: Surroundings = { sets: ["nodes node_"], relation: "" };
const plainSet: Surroundings = { sets: ["nodes node_"], relation: null };
const image: Surroundings = { sets: ["nodes pixel: grid(10, 10)"], relation: "window(3, 3)" };
const sentence: Surroundings = { sets: ["nodes word: seq"], relation: null };
const along = (relation: string): Surroundings => ({ sets: ["nodes word: seq"], relation });
const aligned: Surroundings = {
  sets: ["nodes source: seq", "nodes target: seq"],
  relation: "complete",
};
const pairs: Surroundings = { sets: ["nodes body"], relation: "complete(strict)" };
const tree: Surroundings = { sets: ["nodes part"], relation: "tree" };

/** By file, and by block where a file has several kinds. */
const surroundings: Readonly<Record<string, Surroundings>> = {
  "std/align": aligned,
  AttendHard: { ...aligned, sets: ["nodes source: seq(max: 32)", "nodes target: seq"] },
  AttendPlace: { ...aligned, sets: ["nodes source: seq(max: 32)", "nodes target: seq"] },
  "std/conv": image,
  Residual: { ...image, relation: null },
  Flatten: { ...image, relation: null },
  Upsample: {
    sets: ["nodes fine: grid(10, 10)", "nodes coarse: grid(5, 5)"],
    relation: "window(2, 2, stride: 2)",
  },
  "std/dense": { sets: ["nodes unit: set(16)", "nodes hidden: set(8)"], relation: "complete" },
  "std/graph": graph,
  SAGE: { sets: ["nodes item", "nodes user"], relation: "" },
  Set2Set: plainSet,
  DeepSets: plainSet,
  "std/nonlocal": { sets: ["nodes pixel: grid(6, 6)"], relation: "complete" },
  "std/nri": pairs,
  "std/physics": pairs,
  Abstract: plainSet,
  "std/readout": plainSet,
  "std/recurrent": sentence,
  RNN: along("chain"),
  LSTM: along("chain"),
  GRU: along("chain"),
  EncoderDecoder: aligned,
  TreeLSTM: tree,
  Root: tree,
  "std/transformer": sentence,
  MultiHead: along("complete"),
  Relative: { ...along("complete"), sizes: { K: 4 } },
  RelativeStack: along("complete"),
  PostNorm: along("complete"),
  PreNorm: along("complete"),
  DecoderLayer: aligned,
  Decoder: aligned,
};

/** Widths that are not 8: heads divide it, layers are few, and what is counted is not wide. */
const sizes: Readonly<Record<string, number>> = {
  Heads: 2,
  G: 2,
  Layers: 2,
  Clip: 3,
  Radius: 2,
  K: 3,
  Types: 3,
};
/** `Steps` is how often a block goes round, or how long a series is. */
const stepsOf = (block: ast.BlockDeclaration): number =>
  block.generics.some((g) => g.name.text === "Steps") ? 2 : 20;

export function surroundingsOf(block: ast.BlockDeclaration): Surroundings {
  const found = surroundings[block.name.text] ?? surroundings[block.span.source.name];
  if (!found) throw new Error(`nothing is said of where ${block.name.text} is used`);
  return found;
}

/** What the relation is called: of the set or sets that it ties. */
const named = (sets: readonly string[]): readonly string[] =>
  sets.map((set) => /^nodes (\w+)/.exec(set)?.[1] ?? "");

/** The model `Around` with the block as its one instance, named by its first result. */
export function modelAround(block: ast.BlockDeclaration): string {
  const { sets, relation, sizes: own = {} } = surroundingsOf(block);
  const [senders = "", receivers = senders] = named(sets);
  const size = (name: string): number =>
    own[name] ?? (name === "Steps" ? stepsOf(block) : (sizes[name] ?? 8));
  const inNumbers = (text: string): string =>
    text.replace(/\b[A-Z]\w*\b/g, (name) => `${size(name)}`);
  const setOf: Readonly<Record<string, string>> = {
    node: senders,
    sender: senders,
    receiver: receivers,
    edge: "link",
    global: "global",
  };
  const given = block.params.filter((p) => p.type && !p.default);
  const inputs = given.map(({ name, type }) => {
    const written = type ? inNumbers(textOf(type.type.span)) : "";
    return type?.space
      ? `input ${name.text}: ${setOf[type.space.text]} ${written}`
      : `param ${name.text}: ${written}`;
  });
  const generics = block.generics.map((g) => (g.list ? "8, 8" : `${size(g.name.text)}`));
  const results = block.results.map((_, i) => `result${i || ""}`);
  const call = `${block.name.text}${generics.length > 0 ? `<${generics.join(", ")}>` : ""}`;
  const edges = relation === null ? [] : [`edges link: ${senders} -> ${receivers} ${relation}`];
  return `import { ${block.name.text} } from "${block.span.source.name}"
model Around {
${[
  ...sets,
  ...edges,
  ...inputs,
  `${results.join(", ")} = ${call}(${given.map((p) => p.name.text).join(", ")})`,
  `output ${results.join(", ")}`,
]
  .map((line) => `  ${line.trimEnd()}\n`)
  .join("")}}
`;
}
