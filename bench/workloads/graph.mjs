/** Sums over edges, attention over edges, and two-layer GCNs. */
import { features, normalisation, powerGraph, randomGraph } from "./graphs.mjs";
import { integers, noises } from "./noise.mjs";

const cora = () => randomGraph(2708, 10556, true, 1);
const big = () => randomGraph(100_000, 1_000_000, false, 21);

/** y[r] = sum over edges of d[s] d[r] x[s]. */
function normalised(width) {
  const graph = cora();
  return { graph, ...normalisation(graph), width, x: noises(graph.nodes * width, 4) };
}
/** y[r] = sum over edges of w[e] x[s], any weights. */
const weighted = (graph, width) => ({
  graph,
  weight: noises(graph.edges, 10),
  width,
  x: noises(graph.nodes * width, 8),
});
/** Features [nodes, heads, width] and the two vectors of each head that make a score. */
const attention = (graph, heads, width) => ({
  graph,
  heads,
  width,
  z: noises(graph.nodes * heads * width, 5),
  from: noises(heads * width, 6),
  to: noises(heads * width, 7),
});

function gcn() {
  const graph = cora();
  return {
    graph,
    ...normalisation(graph),
    x: features(2708, 1433, 49216),
    W1: noises(1433 * 16, 11, 0.2),
    b1: noises(16, 12, 0.2),
    W2: noises(16 * 7, 13),
    b2: noises(7, 14, 0.2),
    y: integers(2708, 7, 15),
    train: Uint8Array.from({ length: 2708 }, (_, i) => (i < 140 ? 1 : 0)),
    labelled: 140,
  };
}

const native = { pytorch: 1 };
const onCora = "2708 nodes, 10556 random edges and a self-loop each";
const onMany = "100k nodes, 1M random edges";

export const graph = {
  ...Object.fromEntries(
    [16, 64].map((width) => [
      `gcn_agg_${width}`,
      {
        about: `sum over edges with symmetric normalisation, ${width} wide; ${onCora}`,
        target: 2,
        native,
        inputs: () => normalised(width),
      },
    ]),
  ),
  ...Object.fromEntries(
    [16, 64].map((width) => [
      `edge_agg_${width}`,
      {
        about: `sum over edges with a weight each, ${width} wide; ${onCora}`,
        target: 2,
        native,
        inputs: () => weighted(cora(), width),
      },
    ]),
  ),
  big_agg_64: {
    about: `plain sum over edges, 64 wide; ${onMany}`,
    target: 2,
    native,
    inputs: () => ({ graph: big(), width: 64, x: noises(6_400_000, 8) }),
  },
  ...Object.fromEntries(
    [16, 64].map((width) => [
      `big_edge_agg_${width}`,
      {
        about: `sum over edges with a weight each, ${width} wide; ${onMany}`,
        target: 2,
        native,
        inputs: () => weighted(big(), width),
      },
    ]),
  ),
  gat_8x8: {
    about: `graph attention on given features, 8 heads of 8; ${onCora}`,
    target: 6,
    native: { pytorch: 3 },
    inputs: () => attention(cora(), 8, 8),
  },
  gat_4x32_uniform: {
    about: `graph attention on given features, 4 heads of 32; ${onMany}`,
    inputs: () => attention(big(), 4, 32),
  },
  gat_4x32_power: {
    about:
      "graph attention, 4 heads of 32; 100k nodes, 1M edges, degrees by a power law: P(k) falls as k^-3",
    inputs: () => attention(powerGraph(100_000, 1_000_000, 23), 4, 32),
  },
  gcn_infer: {
    about: `GCN 1433-16-7 on ${onCora}; 1.27 % of the features are not 0`,
    target: 5,
    native: { "onnxruntime-node": 1 },
    inputs: gcn,
  },
  gcn_train: {
    about: "training step of that GCN: 140 labels, Adam, no dropout",
    target: 20,
    native: { pytorch: 2 },
    losses: true,
    inputs: gcn,
  },
};
