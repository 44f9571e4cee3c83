/** How each symmetry is tried: a graph, its changed twin, and the rows of each output that should be equal. */
import type { Component } from "../../compiler/explain/bias/components.js";
import { stepOf } from "../../compiler/explain/bias/components.js";
import { type Footprint, nothing } from "../../compiler/explain/bias/footprint.js";
import type { Probe, Shifted } from "../../compiler/explain/bias/probe.js";
import type { Claim, Symmetry } from "../../compiler/explain/bias/symmetry.js";
import type { Checked } from "../../compiler/explain/index.js";
import type { Model } from "../../compiler/ir/model.js";
import type { NodeSet, Space } from "../../compiler/ir/space.js";
import type { Model as Loaded } from "../../runtime/index.js";
import { compare, nothingYet, type Outputs, type RowPair, run, worse } from "./compare.js";
import { type Graph, randomGraph, rowsOf, sharedFields } from "./graphs.js";
import { insideRows, moveAll, stretch } from "./moved.js";
import { everyRow, renumberNodes, reorderEdges } from "./renumber.js";
import type { Random } from "./rows.js";

/** A model that can be run. */
export interface Runnable {
  readonly model: Model;
  readonly loaded: Loaded;
}

/** Nodes wished of each set: none, one, a few, more. */
const batchSizes = [0, 1, 4, 7];

const batchOf = (model: Model, random: Random): readonly Graph[] => {
  const shared = sharedFields(model, random);
  return batchSizes.map((size) =>
    randomGraph(model, (set) => (size === 0 ? 0 : size + model.sets.indexOf(set)), random, shared),
  );
};

type Claims = readonly Claim[];
type Found = ReadonlyMap<Claim, Checked>;

/** Checks claims of one symmetry. */
export function check(
  symmetry: Exclude<Symmetry, { readonly kind: "translation" | "differences" }>,
  claims: Claims,
  on: Runnable,
  random: Random,
): Found {
  switch (symmetry.kind) {
    case "permutation":
      return renumbered(claims, on, random, (graph) =>
        renumberNodes(graph, symmetry.set, random.shuffled(rowsOf(graph, symmetry.set))),
      );
    case "edge order":
      return renumbered(claims, on, random, (graph) =>
        reorderEdges(graph, symmetry.relation, random.shuffled(rowsOf(graph, symmetry.relation))),
      );
    case "graphs":
      return alone(claims, on, random);
    case "prefix":
    case "suffix":
      return cut(symmetry.kind, symmetry.component, claims, on, random);
  }
}

function renumbered(
  claims: Claims,
  { model, loaded }: Runnable,
  random: Random,
  change: (graph: Graph) => ReturnType<typeof renumberNodes>,
): Found {
  const graphs = batchOf(model, random);
  const changed = graphs.map(change);
  const before = run(loaded, model, graphs);
  const after = run(
    loaded,
    model,
    changed.map((c) => c.graph),
  );
  return each(claims, (claim) =>
    graphs.map((_, g) => {
      const pairs = changed[g]?.rows(claim.output.field.space) ?? [];
      return compareRows(claim, before[g], after[g], pairs);
    }),
  );
}

/** Each graph by itself, and all of them the other way round. */
function alone(claims: Claims, { model, loaded }: Runnable, random: Random): Found {
  const graphs = batchOf(model, random);
  const together = run(loaded, model, graphs);
  const back = run(loaded, model, graphs.toReversed()).toReversed();
  const single = graphs.flatMap((graph) => run(loaded, model, [graph]));
  return each(claims, (claim) =>
    graphs.flatMap((graph, g) => {
      const pairs = same(graph, claim.output.field.space);
      return [back, single].map((other) => compareRows(claim, together[g], other[g], pairs));
    }),
  );
}

const same = (graph: Graph, space: Space): readonly RowPair[] =>
  everyRow(graph, space).map((i) => [i, i]);

/** Sequences cut off behind, or before, some place. */
function cut(
  kind: "prefix" | "suffix",
  component: Component,
  claims: Claims,
  { model, loaded }: Runnable,
  random: Random,
): Found {
  const graph = longGraph(model, component, nothing, random);
  const longest = Math.max(...component.sets.map((set) => rowsOf(graph, set)));
  const cuts = [0, 1, Math.floor(longest / 2), longest - 1].filter((at) => at >= 0);
  const [whole] = run(loaded, model, [graph]);
  return each(claims, (claim) =>
    cuts.map((at) => {
      const part =
        kind === "prefix"
          ? stretch(graph, component, 0, at)
          : stretch(graph, component, at, longest);
      const rows = everyRow(part, claim.output.field.space);
      const pairs = rows.map((i): RowPair => [kind === "prefix" ? i : i + at, i]);
      return compareRows(claim, whole, run(loaded, model, [part])[0], pairs);
    }),
  );
}

/** Enough places for what is seen to be inside, and some more; other sets have a few. */
function longGraph(model: Model, component: Component, sees: Footprint, random: Random): Graph {
  const [step = 1] = stepOf(component);
  const seen = [...sees.values()].flat().map(([low, high]) => high - low);
  const length = Math.ceil((Math.max(0, ...seen) + 9) / step) * step;
  const wished = (set: NodeSet): number =>
    component.sets.includes(set) ? length / (component.scale.get(set)?.[0] ?? 1) : 5;
  return randomGraph(model, wished, random, sharedFields(model, random));
}

/** Sequences whose places are counted from 0, and from somewhere else. */
export function elsewhere(
  claims: Claims,
  { model, first, outputs }: Shifted,
  loaded: Loaded,
  random: Random,
): Found {
  const from = (place: number) => (graph: Graph) => ({
    ...graph,
    fields: new Map(graph.fields).set(first, [{ values: [place] }]),
  });
  const graphs = batchOf(model, random);
  const before = run(loaded, model, graphs.map(from(0)));
  return each(claims, (claim) => {
    const output = outputs.get(claim.output) ?? claim.output;
    return [1, 7, 1000].flatMap((place) => {
      const after = run(loaded, model, graphs.map(from(place)));
      return graphs.map((graph, g) =>
        compareRows({ ...claim, output }, before[g], after[g], same(graph, output.field.space)),
      );
    });
  });
}

/** Fields of grids moved, with something new where they came from. */
export function moved(
  component: Component,
  claims: Claims,
  { model, loaded }: Runnable,
  random: Random,
): Found {
  const graph = randomGraph(model, () => 5, random, sharedFields(model, random));
  const step = stepOf(component);
  const moves = [1, -1].flatMap((sign) =>
    step.map((_, axis) => step.map((s, a) => (a === axis ? sign * s : 0))),
  );
  const all = [...moves, step];
  const [before] = run(loaded, model, [graph]);
  const afters = all.map((by) => run(loaded, model, [moveAll(graph, component, by, random)])[0]);
  return each(claims, (claim) =>
    all.map((by, i) => {
      const { space } = claim.output.field;
      if (space.kind !== "nodes") return nothingYet;
      const pairs = insideRows(graph, component, space, claim.footprint ?? nothing, by);
      return compareRows(claim, before, afters[i], pairs);
    }),
  );
}

/** A stretch of a sequence by itself, begun with what its chains carried there in the whole. */
export function stretched(
  component: Component,
  claims: Claims,
  probe: Probe,
  loaded: Loaded,
  random: Random,
): Found {
  const { model } = probe;
  const widest = claims.reduce<Footprint>(
    (most, c) => wider(most, c.footprint ?? nothing),
    nothing,
  );
  const graph = longGraph(model, component, widest, random);
  const longest = Math.max(
    ...component.sets.map((s) => rowsOf(graph, s) * (component.scale.get(s)?.[0] ?? 1)),
  );
  const [step = 1] = stepOf(component);
  const [whole] = run(loaded, model, [graph]);
  const borders = [
    [step, longest],
    [step * (1 + random.below(2)), longest - step],
  ] as const;
  return each(claims, (claim) =>
    borders.map(([from, to]) => {
      const part = begun(stretch(graph, component, from, to), probe, component, whole, [from, to]);
      const output = probe.outputs.get(claim.output) ?? claim.output;
      const { space } = output.field;
      if (space.kind !== "nodes") return nothingYet;
      const stay = component.scale.get(space)?.map(() => 0) ?? [];
      const first = from / (component.scale.get(space)?.[0] ?? 1);
      const pairs = insideRows(part, component, space, claim.footprint ?? nothing, stay).map(
        ([i]): RowPair => [i + first, i],
      );
      return compareRows({ ...claim, output }, whole, run(loaded, model, [part])[0], pairs);
    }),
  );
}

function begun(
  part: Graph,
  { carried }: Probe,
  component: Component,
  whole: Outputs | undefined,
  [from, to]: readonly [number, number],
): Graph {
  const fields = new Map(part.fields);
  for (const { start, output, relation } of carried) {
    const scale = component.scale.get(relation.receivers)?.[0] ?? 1;
    const back = relation.topology.kind === "chain" && relation.topology.reverse;
    const row = whole?.get(output)?.[back ? to / scale - 1 : from / scale] ?? [];
    fields.set(start, [{ values: Array.from(row) }]);
  }
  return { ...part, fields };
}

const wider = (a: Footprint, b: Footprint): Footprint =>
  Math.max(0, ...[...b.values()].flat().map(([l, h]) => h - l)) >
  Math.max(0, ...[...a.values()].flat().map(([l, h]) => h - l))
    ? b
    : a;

const each = (claims: Claims, found: (claim: Claim) => readonly Checked[]): Found =>
  new Map(claims.map((claim) => [claim, found(claim).reduce(worse, nothingYet)]));

const compareRows = (
  { output }: Claim,
  before: Outputs | undefined,
  after: Outputs | undefined,
  pairs: readonly RowPair[],
): Checked => compare(before?.get(output) ?? [], after?.get(output) ?? [], pairs);
