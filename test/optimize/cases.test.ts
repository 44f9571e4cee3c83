/** The cases of LOWERING under the laws: equal values, equal gradients, before and behind differentiation. */
import { describe, expect, it } from "vitest";
import * as feedForward from "../support/cases/feed-forward.js";
import * as recurrent from "../support/cases/recurrent.js";
import type { Case } from "../support/notation.js";
import { compare } from "./support/agreement.js";

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

describe.each(Object.entries(cases))("%s", (_, make) => {
  it.each([1, 2, 3, 4, 5])("keeps value and gradients under the laws, batch %i", (seed) => {
    const found = compare(make(), seed);
    expect(found.value).toBeLessThan(1e-10);
    expect(found.gradient).toBeLessThan(1e-10);
    expect(found.again).toBeLessThan(1e-10);
    expect(found.late).toBeLessThan(1e-10);
  });
});
