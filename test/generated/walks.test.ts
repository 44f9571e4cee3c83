/**
 * Relations that come without data are walked without a list of their edges. The same edges given as `sparse` are listed,
 * and whatever a model makes of them must come out the same, bit for bit: sums, softmax, extremes, draws that are keyed
 * by the edge, stored fields of edges, and all gradients. Laws see more in the word than in a list: sums by tap, and all
 * senders of a complete relation, are put in another order, attention over all pairs is not kept for a second walk, and
 * sums over all pairs with inner products of eight terms and more are products of matrices; there the evaluator is what
 * is compared with.
 */
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import type { Model } from "../../compiler/ir/model.js";
import { edgesOf } from "../../compiler/ir/relation/edges.js";
import type { Relation } from "../../compiler/ir/space.js";
import { readManifest } from "../../runtime/load.js";
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

interface Case {
  readonly word: string;
  /** Layouts of senders and receivers; one: they are one set. */
  readonly layouts: readonly [string, string?];
}

const cases: readonly Case[] = [
  { word: "complete", layouts: [""] },
  { word: "complete(strict)", layouts: [""] },
  { word: "complete", layouts: ["", "seq"] },
  { word: "complete(strict)", layouts: ["seq", "grid(2, 2)"] },
  { word: "causal", layouts: ["seq"] },
  { word: "causal(strict)", layouts: ["seq"] },
  { word: "causal", layouts: ["seq", "seq(max: 6)"] },
  { word: "causal(strict)", layouts: ["grid(5)", "seq"] },
  { word: "chain", layouts: ["seq"] },
  { word: "chain(reverse)", layouts: ["seq"] },
  { word: "self", layouts: ["set(3)"] },
  { word: "window(3)", layouts: ["seq"] },
  { word: "window(4, dilation: 2)", layouts: ["seq"] },
  { word: "window(3, pad: 0)", layouts: ["seq"] },
  { word: "window(2, stride: 2)", layouts: ["seq", "seq"] },
  { word: "window(3, stride: 2, pad: 1)", layouts: ["seq", "grid(3)"] },
  { word: "window(5, stride: 3, pad: 2)", layouts: ["grid(9)", "seq"] },
  { word: "window(3, 3)", layouts: ["grid(4, 5)"] },
  { word: "window(3, 2, dilation: 2)", layouts: ["grid(4, 5)"] },
  { word: "window(5, 5)", layouts: ["grid(3, 2)"] },
  { word: "window(2, 2, stride: 2)", layouts: ["grid(5, 6)", "grid(2, 3)"] },
  { word: "window(2, 3, stride: 2, pad: 0)", layouts: ["grid(4, 7)", "grid(2, 3)"] },
  { word: "window(2, 2, stride: 2)", layouts: ["grid(4, 6)", "grid(2, 3)"] },
  { word: "window(3, 3, stride: 2, pad: 1)", layouts: ["grid(5, 6)", "grid(3, 3)"] },
  { word: "window(2, 3, stride: 2, dilation: 2, pad: 2)", layouts: ["grid(5, 6)", "grid(4, 3)"] },
  { word: "window(3, 2, stride: 2, dilation: 3, pad: 3)", layouts: ["grid(7, 6)", "grid(4, 5)"] },
  { word: "window(2, 3, stride: 4, dilation: 6, pad: 6)", layouts: ["grid(9, 7)", "grid(4, 2)"] },
  { word: "window(3, 3, 3)", layouts: ["grid(3, 4, 2)"] },
  { word: "window(2, 3, 1, stride: 2, pad: 1)", layouts: ["grid(4, 5, 3)", "grid(3, 3, 3)"] },
];

/** With what laws rewrite: parameters looked up by tap. */
type Variant = "by word" | "by word, no taps" | "given";

const tapsOf = (word: string): number =>
  (/window\(([\d, ]*\d)/.exec(word)?.[1] ?? "3").split(", ").reduce((n, t) => n * Number(t), 1);

/** The same model, with edges by the word or as they are given. */
function textOf({ word, layouts: [first, second] }: Case, variant: Variant): string {
  const given = variant === "given";
  const taps = variant === "by word";
  const one = second === undefined;
  const [from, into] = one ? ["a", "a"] : ["a", "b"];
  const set = (name: string, layout: string): string =>
    `nodes ${name}${layout ? `: ${layout}` : ""}`;
  const tap = word.startsWith("window") && !given ? "offset" : "tap";
  const logits = "sum[i](receiver.q[h, i] * sender.k[h, i])";
  const isPairs = /complete|causal/.test(word);
  const weights = isPairs && !taps ? logits : `softmax(${logits}) by receiver`;
  return `
import { dropout } from "std/core"
model M {
  ${set("a", first)}
  ${one ? "" : set("b", second)}
  edges r: ${from} -> ${into} ${given ? "" : word}
  input x: ${from} f32[6]
  input y: ${into} f32[6]
  input q: ${into} f32[3, 2]
  input e: r f32[2]
  input tap: r index[${tapsOf(word)}]
  input u: global f32[6]
  ${taps ? `param W: f32[${tapsOf(word)}, 6, 5]` : ""}
  param V: f32[6, 3, 2]
  node ${from} { k = x @ V }
  edge r {
    t: index[${tapsOf(word)}] = ${tap}
    m = ${taps ? "sender.x @ W[t]" : "sender.x * t"}
    z = tanh(sender.x - receiver.y) * global.u
    w[h] = ${weights}
    drawn = dropout(sender.x, 0.3)
    narrow = dropout(e, 0.4)
    kept = drawn * receiver.y
  }
  node ${into} {
    convolved = sum(m * ${taps ? 1 : "sender.x"})
    spread[h, j] = sum(w[h] * sender.x[j])
    most = max(z)
    noisy = sum(drawn * sender.x)
    n = count(r)
  }
  node ${from} {
    back = sum(z) by sender
    least = min(z) by sender
    weak = sum(narrow) by sender
    strong = sum(drawn) by sender
    seen[h] = sum(w[h]) by sender
  }
  global {
    total = sum(e)
    whole = sum(z)
    drops = sum(drawn)
    fewer = sum(narrow)
    top = max(z)
  }
  output convolved, spread, most, noisy, n, back, least, weak, strong, seen, kept, total, whole, drops, fewer, top
  loss (sum[j](convolved[j] * convolved[j]) + sum[h, j](spread[h, j] * most[j]) + sum[j](noisy[j]))
  optimizer adam(lr: 0.01)
}`;
}

function modelOf(of: Case, variant: Variant): Model {
  const [model] = modelsOf("walks.gn", textOf(of, variant));
  if (!model) throw new Error("no model");
  return model;
}

/** The edges of a graph, and the taps among its fields. */
function listed(relation: Relation, graph: Graph): ReturnType<typeof edgesOf> {
  const end = ({ name, layout }: Relation["senders"]) => ({
    count: graph.counts[name] ?? 0,
    layout,
  });
  return edgesOf(relation.topology, end(relation.senders), end(relation.receivers));
}

/** Taps where they are read, and edges where they are asked for. */
function told(model: Model, world: World, given: boolean): World {
  const [relation] = model.relations;
  if (!relation) throw new Error("no relation");
  const isWindow = relation.topology.kind === "window";
  const graphs = world.graphs.map((graph): Graph => {
    const { senders, receivers, offset } = listed(relation, graph);
    const fields = isWindow ? { ...graph.fields, "r.tap": Array.from(offset) } : graph.fields;
    const ends = { senders: Array.from(senders), receivers: Array.from(receivers) };
    return { ...graph, fields, edges: given ? { r: ends } : {} };
  });
  return { ...world, graphs };
}

const edgeArrays = ["senders", "receivers", "edge_of", "receiver_of", "offset"];

/** Numbers as text, so that a difference in a single bit shows. */
const bits = ({ inferred, trained }: Said) => {
  const lists = (of: ReadonlyMap<string, unknown>): unknown =>
    [...of].map(([path, values]) => [path, JSON.stringify(values)]);
  return {
    outputs: lists(inferred.outputs),
    parameters: lists(inferred.parameters),
    inputs: lists(inferred.inputs),
    gradients: trained && lists(trained.gradients),
    scores: trained && lists(trained.scores),
  };
};

const sizes = [
  [4, 3],
  [0, 2],
  [1, 1],
  [7, 5],
  [2, 0],
];
const seeds = [1, 2];
/** All senders of a complete relation: a sum over the graph. */
const isWhole = ({ word }: Case): boolean => word === "complete";

describe("a relation without data", () => {
  it.each(cases)("means $word between $layouts", async (of) => {
    const model = modelOf(of, "by word");
    const artifact = await compileModel(model, { gradients: "all" });
    for (const seed of seeds) {
      const world = told(model, randomWorld(model, sizes, seed), false);
      const { faults } = await compare(derive(model), artifact, world);
      expect(printFindings(faults)).toBe("");
    }
  });

  it.each(cases)("gives the bits of a list of edges: $word between $layouts", async (of) => {
    const [model, other] = [modelOf(of, "by word, no taps"), modelOf(of, "given")];
    const [program, same] = [derive(model), derive(other)];
    const artifact = await compileModel(model, { gradients: "all" });
    const listing = await compileModel(other, { gradients: "all" });
    for (const seed of seeds) {
      const world = randomWorld(model, sizes, seed);
      const own = told(model, world, false);
      const cotangents = randomCotangents(program, own);
      const said = await saidByModule(program, artifact, own, cotangents);
      const again = await saidByModule(same, listing, told(model, world, true), cotangents);
      if (isWhole(of)) expect(bits(said).outputs).toEqual(bits(again).outputs);
      else expect(bits(said)).toEqual(bits(again));
    }
  });

  it.each(cases)("lists no edges for its walks: $word between $layouts", async (of) => {
    const artifact = await compileModel(modelOf(of, "by word"), { gradients: "all" });
    const { structures, programs } = readManifest(await WebAssembly.compile(artifact.slice()));
    const walked = Object.values(programs)
      .flat()
      .flatMap((step) => ("kernel" in step && step.domain.over === "rows" ? [step] : []))
      .filter((step) => step.domain.over === "rows" && step.domain.space !== "r");
    const read = walked.flatMap(({ slots }) =>
      slots.flatMap((slot) => ("structure" in slot ? [structures[slot.structure]?.kind] : [])),
    );
    expect(read.filter((kind) => kind && edgeArrays.includes(kind))).toEqual([]);
    expect(read).toContain("receiver_start");
  });
});
