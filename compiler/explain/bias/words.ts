/** The columns of the table in words. */
import { printTopology } from "../../1-check/context.js";
import type { NodeSet, Relation } from "../../ir/space.js";
import type { Row } from "./bias.js";
import { stepOf } from "./components.js";
import type { Interval } from "./footprint.js";
import type { Pick, Sharing, Use } from "./sharing.js";
import type { Claim, Symmetry } from "./symmetry.js";

export const plural = (words: readonly string[]): string => words.join(", ");

/** `pixel, elements of a grid(28, 28)` */
export function entityWords({ name, layout }: NodeSet): string {
  if (layout.kind === "grid") return `${name}: elements of a grid(${layout.extents.join(", ")})`;
  if (layout.kind === "seq")
    return `${name}: places of a sequence${layout.max === null ? "" : ` of at most ${layout.max}`}`;
  return layout.size === null ? `${name}: nodes` : `${name}: ${layout.size} units`;
}

/** The kind of relation, in the words of table 1. */
export function relationKind({ topology }: Relation): string {
  switch (topology.kind) {
    case "complete":
      return "all-to-all";
    case "window":
      return "local";
    case "chain":
      return "sequential";
    case "causal":
      return "all earlier";
    case "self":
      return "each to itself";
    case "tree":
      return "child to parent";
    case "sparse":
    case "dag":
      return "edges of the data";
  }
}

/** `cites: paper -> paper, edges of the data (sparse)` */
export function relationWords(relation: Relation): string {
  const { name, senders, receivers, topology } = relation;
  const written = printTopology(topology);
  const between = `${senders.name} -> ${receivers.name}`;
  return `${name}: ${between}, ${relationKind(relation)}${name.startsWith(written) ? "" : ` (${written})`}`;
}

/** What is assumed of how entities bear on each other. */
export function biasWords(row: Row): readonly string[] {
  const words = row.relations.map((relation) => {
    const { kind } = relation.topology;
    if (kind === "complete") {
      if (placesOn(row.sharing, relation)) return "weak: all-to-all, nothing shared";
      return row.weighed.has(relation)
        ? "weak: all-to-all, weighed by content"
        : "weak: all-to-all, one rule for every pair";
    }
    if (kind === "window") return "locality";
    if (kind === "chain")
      return row.recurrent.has(relation) ? "sequentiality" : "order: the neighbour in the sequence";
    if (kind === "causal") return "order: earlier places alone, weighed by content";
    if (kind === "tree" || kind === "dag")
      return row.recurrent.has(relation)
        ? "hierarchy: the levels of the data"
        : "arbitrary: the edges of the data";
    return kind === "self" ? "each node alone" : "arbitrary: the edges of the data";
  });
  if (words.length > 0) return [...new Set(words)];
  return [row.readsGraphs ? "a set: no relation between its nodes" : "each element alone"];
}

const placesOn = (sharing: readonly Sharing[], relation: Relation): boolean =>
  sharing.some(({ uses }) =>
    uses.some(({ space, picks }) => space === relation && picks.some((p) => p.kind === "place")),
  );

export function symmetryWords(symmetry: Symmetry): string {
  switch (symmetry.kind) {
    case "permutation":
      return `permutation of ${symmetry.set.name}`;
    case "edge order":
      return `order of the edges of ${symmetry.relation.name}`;
    case "graphs":
      return "graphs of a batch are independent";
    case "prefix":
      return `prefix: a place of ${setsOf(symmetry)} sees none behind it`;
    case "suffix":
      return `suffix: a place of ${setsOf(symmetry)} sees none before it, nor how many there are`;
    case "differences":
      return `places of ${setsOf(symmetry)} count by their differences alone`;
    case "translation": {
      const { component, carried } = symmetry;
      if (carried.length > 0)
        return `translation in time: every step along ${plural(carried.map((r) => r.name))} is the same, given the state before it`;
      const step = stepOf(component);
      const by = step.every((s) => s === 1)
        ? ""
        : ` by multiples of ${[...new Set(step)].join("x")}`;
      return `translation of ${setsOf(symmetry)}${by}`;
    }
  }
}

const setsOf = ({ component }: Extract<Symmetry, { readonly component: unknown }>): string =>
  component.sets.map((s) => s.name).join(", ");

/** `prefix: .. of logits` */
export const claimWords = ({ symmetry, output }: Claim): string =>
  `${symmetryWords(symmetry)}, of ${output.name}`;

/** `where all it sees of pixel (-1..1, -1..1) is inside` */
export function footprintWords({ footprint }: Claim): string {
  const wide = [...(footprint ?? [])].filter(([, intervals]) =>
    intervals.some(([low, high]) => low !== 0 || high !== 0),
  );
  const parts = wide.map(
    ([set, intervals]) => `${set.name} ${intervals.map(intervalWords).join(" x ")}`,
  );
  return parts.length === 0 ? "" : `where all it sees is inside (${parts.join("; ")})`;
}

const intervalWords = ([low, high]: Interval): string =>
  low === high ? `${low}` : `${low}..${high}`;

/** `one per offset of halve; the same for every edge of halve` */
export function sharingWords({ uses }: Sharing): string {
  return uses.length === 0 ? "read by no output" : [...new Set(uses.map(useWords))].join("; ");
}

function useWords({ space, picks }: Use): string {
  const everywhere =
    space.kind === "nodes"
      ? `every ${space.name}`
      : space.kind === "edges"
        ? `every edge of ${space.name}`
        : space.kind === "graph"
          ? "every graph"
          : "the batch";
  const own = picks.filter((p) => p.kind !== "axis").map(pickWords);
  if (own.length === 0) return `the same for ${everywhere}`;
  const all = `one per ${own.join(" and ")}`;
  if (picks.some((p) => p.kind === "place")) return `${all}: nothing shared`;
  const translated = picks.every((p) => p.kind !== "data");
  return `${all}, the same ${translated ? "at every place" : `for ${everywhere}`}`;
}

function pickWords(pick: Pick): string {
  switch (pick.kind) {
    case "axis":
      return pick.name;
    case "offset":
      return `offset of ${pick.relation.name}`;
    case "place":
      return `place of ${pick.set.name}`;
    case "distance":
      return `distance of places of ${pick.set.name}`;
    case "data":
      return `value of ${pick.names.join(", ")}`;
  }
}
