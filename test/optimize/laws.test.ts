/** Each law on a program that needs it: it fires, and keeps value and gradients on ragged random graphs. */
import { describe, expect, it } from "vitest";
import { rewrite } from "../../compiler/3-optimize/optimize.js";
import { gradientsOf } from "../../compiler/4-differentiate/differentiate.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { postorder, volume } from "../../compiler/ir/tensor.js";
import { leavesOf } from "../support/central-difference.js";
import type { Case } from "../support/notation.js";
import { fillLeaves, randomBatch, randomFrom } from "../support/random-graph.js";
import { compare } from "./support/agreement.js";
import * as programs from "./support/programs.js";

interface Example {
  readonly make: () => Case;
  /** Laws that must fire on it. */
  readonly laws: readonly string[];
}

const gcnAs = (inputs: number, outputs: number) => (): Case => {
  const { n, spellings } = programs.gcn(inputs, outputs);
  return n.case(...Object.values(spellings));
};
/** Without self-loops: who hears nobody has the factor 1/√0, and is not heard either. */
const symmetric = { kind: "sparse", symmetric: true, selfLoops: false } as const;
const gcnIsolated = (inputs: number, outputs: number) => (): Case => {
  const { n, spellings } = programs.gcn(inputs, outputs, symmetric);
  return n.case(spellings["project on the node"]);
};

const examples: Readonly<Record<string, Example>> = {
  "GCN that widens": { make: gcnAs(2, 5), laws: ["constant leaves the sum"] },
  "GCN that narrows": {
    make: gcnAs(5, 2),
    laws: ["constant leaves the sum", "project before gather", "project before aggregate"],
  },
  "GCN with isolated nodes": { make: gcnIsolated(2, 3), laws: ["constant leaves the sum"] },
  "scaled messages with isolated nodes": {
    make: programs.scaledMessages,
    laws: ["project before gather"],
  },
  GraphSAGE: { make: programs.sage, laws: ["reciprocal", "project before aggregate"] },
  "a mean on the edge": {
    make: programs.meanOnEdge,
    laws: ["reciprocal", "map before gather", "constant leaves the sum"],
  },
  GIN: { make: programs.gin, laws: ["one factor"] },
  "GIN that narrows": {
    make: programs.ginThatNarrows,
    laws: ["like terms", "project own and sum"],
  },
  "a concatenation as wide as the result": {
    make: programs.squareConcatenation,
    laws: ["split a concatenation", "zeros of a pad"],
  },
  "a score whose matrix is at the senders": {
    make: programs.scoreAtSenders,
    laws: ["project at the other end"],
  },
  "degrees on the edge": {
    make: programs.degreesOnEdges,
    laws: ["map before gather", "constant leaves the sum"],
  },
  "labels and roots by hand": { make: programs.comparisons, laws: ["choose", "root", "one-hot"] },
  "R-GCN with few types": { make: () => programs.rgcn(2, 3, 4), laws: ["one-hot", "bucket"] },
  "R-GCN that narrows": {
    make: () => programs.rgcn(2, 4, 2),
    laws: ["one-hot", "project before lookup"],
  },
  "R-GCN with many types": { make: () => programs.rgcn(9, 2, 2), laws: ["one-hot"] },
  "an edge network of a concatenation": {
    make: programs.interaction,
    laws: ["split a concatenation", "zeros of a pad", "add before gather", "sum over nodes"],
  },
  "one-hot features": { make: programs.oneHot, laws: ["one-hot"] },
  "Shaw's tables": {
    make: programs.shawValues,
    laws: ["lookup apart", "bucket", "project before lookup"],
  },
  "a fully connected layer": { make: programs.dense, laws: ["bucket", "everyone sees all"] },
  "a flatten": { make: programs.flatten, laws: ["bucket"] },
  "a mean field": { make: programs.meanField, laws: ["everyone sees all"] },
  "dropout of sparse features": {
    make: programs.sparseDropout,
    laws: ["dropout stays sparse", "sparse stays sparse", "sparse", "compute at the non-zeros"],
  },
  "messages of many parts": {
    make: programs.messages,
    laws: ["gather of a gather", "add before gather", "sum of a sum", "sum of a constant"],
  },
  "a weighted dot": { make: programs.weightedDot, laws: ["constant leaves a nested sum"] },
  "two names": { make: programs.twoNames, laws: ["names float up"] },
  "parts of concatenations": {
    make: programs.parts,
    laws: ["part of a concatenation", "view of a view", "pad after gather"],
  },
  "weights that steps share": {
    make: programs.sharedWeights,
    laws: ["outer products apart", "sums of what is at hand"],
  },
  "sums of nothing": { make: programs.emptySums, laws: ["empty sum"] },
  "a recurrence": { make: programs.recurrence, laws: ["split a concatenation"] },
};

describe.each(Object.entries(examples))("%s", (_, { make, laws }) => {
  it("uses the laws that it is there for", () => {
    const fired = new Set<string>();
    compare(make(), 1, (line) => fired.add(line.rule));
    expect(laws.filter((law) => !fired.has(law))).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6])("keeps value and gradients, batch %i", (seed) => {
    const found = compare(make(), seed);
    expect(found.value).toBeLessThan(1e-10);
    expect(found.gradient).toBeLessThan(1e-10);
    expect(found.again).toBeLessThan(1e-10);
    expect(found.late).toBeLessThan(1e-10);
  });
});

describe("isolated nodes", () => {
  it("receive zero, and their infinite degree factor reaches no gradient", () => {
    const { n, spellings } = programs.gcn(2, 3, symmetric);
    const y = spellings["sum, then project"];
    const before = rewrite(n.table, [y]);
    const wrt = leavesOf([y]);
    const seeds = before.map((value) => ({
      value,
      cotangent: n.table.input("g", y.space, y.axes, "f32"),
    }));
    const bars = gradientsOf(n.table, seeds, wrt).flatMap((g) => g ?? []);
    const roots = rewrite(n.table, [...before, ...bars], undefined, true);
    const random = randomFrom(5);
    const batch = randomBatch(random, n.case().batch);
    fillLeaves(batch, roots, random);
    const [value, ...gradients] = evaluate(roots, batch);
    const heard = new Set(batch.mapIndex(n.receiver));
    const isolated = Array.from({ length: batch.rows(n.atom) }, (_, v) => v).filter(
      (v) => !heard.has(v),
    );
    expect(isolated).not.toHaveLength(0);
    for (const v of isolated) expect(value?.slice(3 * v, 3 * v + 3)).toEqual(new Float64Array(3));
    for (const g of gradients) expect(g.filter((v) => Number.isNaN(v))).toHaveLength(0);
  });
});

describe("the width guard", () => {
  it.each(Object.entries(examples))("makes nothing wider than the widest of %s", (_, { make }) => {
    const c = make();
    const widest = (roots: Case["results"]): number =>
      Math.max(...postorder(roots).map((t) => (t.space.kind === "unit" ? 0 : volume(t.axes))));
    expect(widest(rewrite(c.table, c.results))).toBeLessThanOrEqual(widest(c.results));
  });
});
