/** Every case of LOWERING computes the same scheduled as evaluated: values and pullbacks, with laws and without. */
import { describe, it } from "vitest";
import * as feedForward from "../support/cases/feed-forward.js";
import * as recurrent from "../support/cases/recurrent.js";
import { checkCase } from "../support/schedule-case.js";

const cases = {
  gat: feedForward.gat,
  "convolution as written": () => feedForward.convolution("as written"),
  "convolution bucketed": () => feedForward.convolution("bucketed"),
  "attention as written": () => feedForward.attention("as written"),
  "attention projected": () => feedForward.attention("projected"),
  "relational inference": feedForward.relationalInference,
  "a decoder of chunks": () => feedForward.decoder(2),
  "interaction network": feedForward.interaction,
  "sparse GCN": feedForward.sparseGcn,
  "graph network block": feedForward.graphNetwork,
  "tied embedding": feedForward.tiedEmbedding,
  "cross attention": feedForward.crossAttention,
  LSTM: () => recurrent.lstm(),
  "LSTM reversed": () => recurrent.lstm(true),
  Bahdanau: recurrent.bahdanau,
  "tree LSTM": recurrent.treeLstm,
  "transformer training": recurrent.transformerTraining,
  "transformer greedy": recurrent.transformerGreedy,
  stacked: recurrent.stacked,
};

describe.each(Object.entries(cases))("%s", (_, make) => {
  it.each([true, false])("scheduled equals evaluated (laws: %s)", (laws) => {
    for (const seed of [1, 2]) checkCase(make(), laws, seed);
  });
});
