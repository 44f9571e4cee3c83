/** The cases of LOWERING: values, gradients against differences, and equal values for equal spellings. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../compiler/ir/evaluate.js";
import { verify } from "../../compiler/ir/tensor.verify.js";
import * as feedForward from "../support/cases/feed-forward.js";
import * as recurrent from "../support/cases/recurrent.js";
import { compareGradients, gradientSum } from "../support/central-difference.js";
import type { Case } from "../support/notation.js";
import { type Batch, fillLeaves, randomBatch, randomFrom } from "../support/random-graph.js";

const cases: Readonly<Record<string, () => Case>> = {
  "1 GAT with heads": feedForward.gat,
  "2 strided convolution as written": () => feedForward.convolution("as written"),
  "2 strided convolution, bucketed": () => feedForward.convolution("bucketed"),
  "3 causal attention with Shaw tables as written": () => feedForward.attention("as written"),
  "3 causal attention with Shaw tables, projected": () => feedForward.attention("projected"),
  "3 masked cross attention": feedForward.crossAttention,
  "4 ragged LSTM": () => recurrent.lstm(),
  "4 ragged LSTM, backwards": () => recurrent.lstm(true),
  "5 Bahdanau decoder": recurrent.bahdanau,
  "6 child-sum Tree-LSTM": recurrent.treeLstm,
  "7 causal Transformer": recurrent.transformerTraining,
  "8 relational inference": feedForward.relationalInference,
  "9 interaction network": feedForward.interaction,
  "10 GCN on sparse features": feedForward.sparseGcn,
  "11 GN block with globals": feedForward.graphNetwork,
  "12 tied embedding and cross-entropy": feedForward.tiedEmbedding,
  "stacked recurrences with exports": recurrent.stacked,
};

function batchOf(c: Case, seed: number): Batch {
  const random = randomFrom(seed);
  const batch = randomBatch(random, c.batch);
  c.fill?.(batch, random);
  fillLeaves(batch, c.results, random);
  return batch;
}

describe.each(Object.entries(cases))("%s", (_, make) => {
  it.each([1, 2, 3])("has the gradients that differences show, batch %i", (seed) => {
    const c = make();
    const batch = batchOf(c, seed);
    for (const y of c.results) {
      const compared = compareGradients(c.table, y, batch, randomFrom(seed + 100));
      expect(compared).not.toHaveLength(0);
      for (const { path, error } of compared) expect(error, path).toBeLessThan(1e-8);
    }
  });

  it("has second derivatives", () => {
    const c = make();
    const batch = batchOf(c, 1);
    const first = c.results.map((y) => gradientSum(c.table, y)).find((y) => y !== null);
    if (!first) throw new Error("no gradient");
    const compared = compareGradients(c.table, first, batch, randomFrom(7));
    for (const { path, error } of compared) expect(error, path).toBeLessThan(1e-7);
  });
});

/** A batch for `c` with the fields of another that has spaces and leaves of the same names. */
function likeBatch(c: Case, seed: number, { inputs, params }: Batch): Batch {
  return { ...randomBatch(randomFrom(seed), c.batch), inputs, params };
}

describe("two spellings of one network", () => {
  it.each([
    ["convolution", feedForward.convolution("as written"), feedForward.convolution("bucketed")],
    ["attention", feedForward.attention("as written"), feedForward.attention("projected")],
  ])("%s has one value", (_, one, other) => {
    const batch = batchOf(one, 5);
    const [a] = evaluate(one.results, batch);
    const [b] = evaluate(other.results, likeBatch(other, 5, batch));
    expect(a).not.toHaveLength(0);
    expect(b?.length).toBe(a?.length);
    for (const [i, v] of a?.entries() ?? []) expect(b?.[i]).toBeCloseTo(v, 12);
  });
});

describe("7 greedy decoding", () => {
  it("gives the tokens that feeding the best guess back one by one gives", () => {
    const greedy = recurrent.transformerGreedy();
    verify(greedy.results);
    const batch = batchOf(greedy, 3);
    const [tokens, logits] = evaluate(greedy.results, batch);
    const fed = feedBack(batch, 3);
    expect([...(tokens ?? [])]).toEqual(fed.tokens);
    expect([...(logits ?? [])]).toEqual(fed.logits);
    expect(new Set(fed.tokens).size).toBeGreaterThan(1);
  });
});

/** Runs the training twin once per position, each time with one more of its own guesses put in. */
function feedBack(greedy: Batch, seed: number) {
  const training = recurrent.transformerTraining();
  const [logits] = training.results;
  if (!logits) throw new Error("no logits");
  const batch = likeBatch(training, seed, greedy);
  const best = logits.axes[0] && training.table.argmax(logits, logits.axes[0]);
  if (!best) throw new Error("no vocabulary");
  const places = Array.from(batch.fact("index", logits.space));
  const tokens = places.map(() => 0);
  let last: readonly number[] = [];
  for (let position = 0; position <= Math.max(...places); position++) {
    batch.inputs.set("token", tokens);
    const [guesses, now] = evaluate([best, logits], batch);
    last = [...(now ?? [])];
    places.forEach((place, row) => {
      if (place === position + 1) tokens[row] = Number(guesses?.[row - 1]);
    });
  }
  return { tokens, logits: last };
}
