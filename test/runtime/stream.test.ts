/** Streams of compiled models: the same numbers as `run`, level by level, of one graph and of ragged batches. */
import { expect, it } from "vitest";
import { checkSource, compileModel } from "../../compiler/index.js";
import { load, type Model } from "../../runtime/index.js";

async function compiled(text: string): Promise<Model> {
  const { models, diagnostics } = checkSource({ name: "stream.gn", text });
  const [model] = models;
  if (!model) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return load(await compileModel(model), { seed: 3 });
}

/** An encoder, and a decoder that feeds its own guess back. */
const greedy = `
import { Linear, Embedding } from "std/core"
import { GRU, First } from "std/recurrent"
model Greedy {
  nodes src, tgt: seq
  input word: src index[9]
  let write = Embedding<7, 5>
  h = GRU<6>(Embedding<9, 5>(word)) over chain(reverse)
  node tgt { y = sum(write(sender.next)) over chain }
  s = GRU<6>(y, start: First(h)) over chain
  logits = Linear<7>(s)
  next = argmax(logits)
  output next, logits, h
}`;

const sentence = (words: readonly number[], length: number) => ({
  src: { word: Int32Array.from(words) },
  tgt: { count: length },
});

it("gives one token a level, and the tokens of run", async () => {
  const model = await compiled(greedy);
  const graph = sentence([1, 8, 3, 0], 6);
  const whole = model.run(graph);
  const levels = [...model.stream(graph)];
  expect(levels.map(({ level, nodes }) => [level, ...nodes])).toEqual(
    [0, 1, 2, 3, 4, 5].map((i) => [i, i]),
  );
  expect(levels.map(({ outputs }) => outputs.tgt?.next?.[0])).toEqual([...(whole.tgt?.next ?? [])]);
  // The encoder has run before the first level; it is of another set.
  expect(Object.keys(levels[0]?.outputs ?? {})).toEqual(["tgt"]);
});

it("stops where the reader stops, and the model can be used again", async () => {
  const model = await compiled(greedy);
  const graph = sentence([2, 2], 50);
  const whole = model.run(graph);
  const seen: (number | undefined)[] = [];
  for (const { level, outputs } of model.stream(graph)) {
    seen.push(outputs.tgt?.next?.[0]);
    if (level === 3) break;
  }
  expect(seen).toEqual([...(whole.tgt?.next ?? [])].slice(0, 4));
  expect(model.run(graph)).toEqual(whole);
});

it("streams the graphs of a ragged batch side by side, empty ones among them", async () => {
  const model = await compiled(greedy);
  const graphs = [sentence([1], 3), sentence([4, 5, 6], 0), sentence([7, 0], 5)];
  const whole = model.run(graphs);
  const got: number[][] = [[], [], []];
  for (const levels of model.stream(graphs))
    levels.forEach(({ outputs, nodes }, g) => {
      expect(outputs.tgt?.next?.length).toBe(nodes.length);
      got[g]?.push(...(outputs.tgt?.next ?? []));
    });
  expect(got).toEqual(whole.map(({ tgt }) => [...(tgt?.next ?? [])]));
});

it("streams the levels of a tree", async () => {
  const model = await compiled(`
    import { TreeLSTM } from "std/recurrent"
    model Tree {
      nodes word
      edges up: word -> word tree
      input x: word f32[3]
      h, _ = TreeLSTM<4>(x)
      output h
    }`);
  const graph = {
    word: { x: Float32Array.from({ length: 15 }, (_, i) => Math.sin(i)) },
    up: { senders: [0, 1, 3, 2], receivers: [3, 3, 4, 4] },
  };
  const whole = model.run(graph).word?.h as Float32Array;
  const levels = [...model.stream(graph)];
  expect(levels.map(({ nodes }) => [...nodes])).toEqual([[0, 1, 2], [3], [4]]);
  for (const { nodes, outputs } of levels)
    expect([...(outputs.word?.h ?? [])]).toEqual(
      [...nodes].flatMap((v) => [...whole.subarray(4 * v, 4 * v + 4)]),
    );
});

it("says so when no output is recurrent, and when the model is used for something else meanwhile", async () => {
  const plain = await compiled(`
    model Plain {
      nodes a
      input x: a f32
      y = x + 1
      output y
    }`);
  expect(() => [...plain.stream({ a: { x: [1] } })]).toThrow(/^GN5006: no output of Plain/);
  const model = await compiled(greedy);
  const stream = model.stream(sentence([1, 2], 4));
  stream.next();
  model.run(sentence([3], 2));
  expect(() => stream.next()).toThrow(/^GN5007: Greedy/);
  const other = model.stream(sentence([1, 2], 4));
  other.next();
  model.weights.set("logits.b", model.weights.get("logits.b") ?? []);
  expect(() => other.next()).toThrow(/^GN5007/);
});
