/**
 * A recurrence along a chain goes by places; along a `dag` or a `tree` it goes by levels of edges that come with the data. One
 * edge into each node from the one before (or behind) it is the same order, and must give the same bits: states, first states,
 * last states, and all gradients.
 */
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import type { Model } from "../../compiler/ir/model.js";
import {
  compare,
  printFindings,
  randomCotangents,
  type Said,
  saidByModule,
} from "./support/agreement.js";
import { derive } from "./support/oracle.js";
import { modelsOf } from "./support/sources.js";
import { type Graph, randomWorld, type World } from "./support/world.js";

const textOf = (topology: string): string => `
import { RNN, LSTM, GRU, TreeLSTM } from "std/recurrent"
import { Linear } from "std/core"
model M {
  nodes a: seq
  nodes b: seq
  edges before: a -> a ${topology}
  edges look: b -> a complete
  input x: a f32[5]
  input m: b f32[3]
  input start: global f32[4]
  r = RNN<4>(x, start) over before
  h, c = LSTM<4>(x, start, start) over before
  g = GRU<4>(h, start) over before
  t, _ = TreeLSTM<4>(x) over before
  let cell = Linear<4>
  node a {
    s: f32[3] = sum(sender.o) over before
    o = tanh(cell([x, s]) @ V) + 0.5 * sum(sender.m * receiver.w) over look
    n = max(sender.g, empty: g) over before
  }
  edge look { e = sender.m[0] * receiver.s[0] }
  node a { w = s[1] + sum(e) }
  param V: f32[4, 3]
  global { last = sum(o); most = max(h) }
  output r, h, g, t, o, n, last, most
  loss (sum[i](r[i] * t[i]) + sum[i](g[i] * n[i]) + sum[i](o[i] * o[i]))
  optimizer adam(lr: 0.01)
}`;

function modelOf(topology: string): Model {
  const [model] = modelsOf("chains.gn", textOf(topology));
  if (!model) throw new Error("no model");
  return model;
}

/** The edges of a chain as data. */
function chained(world: World, reverse: boolean): World {
  const graphs = world.graphs.map((graph): Graph => {
    const edges = Math.max(0, (graph.counts.a ?? 0) - 1);
    const from = Array.from({ length: edges }, (_, i) => i);
    const to = from.map((i) => i + 1);
    const ends = reverse ? { senders: to, receivers: from } : { senders: from, receivers: to };
    return { ...graph, edges: { before: ends } };
  });
  return { ...world, graphs };
}

/** Numbers as text, so that a difference in a single bit shows. */
const bits = ({ inferred, trained }: Said) => {
  const lists = (of: ReadonlyMap<string, unknown>): unknown =>
    Object.fromEntries([...of].map(([path, values]) => [path, JSON.stringify(values)]));
  return {
    outputs: lists(inferred.outputs),
    parameters: lists(inferred.parameters),
    inputs: lists(inferred.inputs),
    gradients: trained && lists(trained.gradients),
    scores: trained && lists(trained.scores),
  };
};

const sizes = [
  [6, 3],
  [0, 2],
  [1, 1],
  [9, 0],
  [2, 4],
];

describe.each([
  ["chain", false],
  ["chain(reverse)", true],
] as const)("%s", (word, reverse) => {
  it.each(["dag", "tree"])("gives the bits of one edge a node as a %s", async (given) => {
    const [model, other] = [modelOf(word), modelOf(given)];
    const [program, same] = [derive(model), derive(other)];
    const artifact = await compileModel(model, { gradients: "all" });
    const listing = await compileModel(other, { gradients: "all" });
    for (const seed of [1, 2]) {
      const world = randomWorld(model, sizes, seed);
      const { faults } = await compare(program, artifact, world);
      expect(printFindings(faults)).toBe("");
      const cotangents = randomCotangents(program, world);
      const said = await saidByModule(program, artifact, world, cotangents);
      const again = await saidByModule(same, listing, chained(world, reverse), cotangents);
      expect(bits(again)).toEqual(bits(said));
    }
  });
});
