/** jax-js on its WebAssembly back end: padded neighbours (ELL), gather, multiply and sum fused by jit; it has no segment ops. */
import "./iterators.mjs";
import { defaultDevice, grad, init, jit, nn, numpy as np } from "@jax-js/jax";
import { densify, main } from "./workloads.mjs";

await init("wasm");
defaultDevice("wasm");

const array = (data, ...shape) => np.array(data, { shape });
/** Neighbours of every node, padded to the largest in-degree with a weight of 0. */
function ell({ nodes, senders, receivers }, weight, other = false) {
  const [from, to] = other ? [receivers, senders] : [senders, receivers];
  const degree = new Int32Array(nodes);
  for (const r of to) degree[r]++;
  const K = Math.max(...degree);
  const index = new Int32Array(nodes * K);
  const w = new Float32Array(nodes * K);
  degree.fill(0);
  to.forEach((r, e) => {
    index[r * K + degree[r]] = from[e];
    w[r * K + degree[r]++] = weight ? weight[e] : 1;
  });
  return { K, index: array(index, nodes, K), w: array(w, nodes, K) };
}
const keep = (fn, ...args) => {
  const f = jit(fn);
  const once = () => f(...args.map((a) => a.ref));
  return { run: async () => { const y = once(); await y.data(); }, result: async () => (await once().data()).slice() };
};

function aggregation({ graph, weight, x, width }) {
  const n = graph.nodes;
  const { K, index, w } = ell(graph, weight);
  return keep((X, ix, ws) => X.slice(ix).mul(ws.reshape([n, K, 1])).sum(1), array(x, n, width), index, w);
}
function gat({ graph, z, from, to }) {
  const n = graph.nodes;
  const { K, index, w } = ell(graph);
  return keep((Z, f, t, ix, ws) => {
    const s = Z.ref.mul(f).sum(2);
    const r = Z.ref.mul(t).sum(2);
    const l = nn.leakyRelu(s.slice(ix.ref).add(r.reshape([n, 1, 8])), 0.2).add(ws.reshape([n, K, 1]).sub(1).mul(1e9));
    const a = nn.softmax(l, 1);
    return Z.slice(ix).mul(a.reshape([n, K, 8, 1])).sum(1);
  }, array(z, n, 8, 8), array(from, 1, 8, 8), array(to, 1, 8, 8), index, w);
}
const layer = (n, K) => (h, W, b, ix, w) => np.matmul(h, W).slice(ix).mul(w.reshape([n, K, 1])).sum(1).add(b);
function infer({ graph, weight, x, W1, b1, W2, b2 }) {
  const n = graph.nodes;
  const { K, index, w } = ell(graph, weight);
  const f = layer(n, K);
  return keep((X, A, a, B, b, ix, ws) => f(nn.relu(f(X, A, a, ix.ref, ws.ref)), B, b, ix, ws),
    array(densify(x), n, 1433), array(W1, 1433, 16), array(b1, 16), array(W2, 16, 7), array(b2, 7), index, w);
}
await main("jax-js", {
  linear: ({ rows, inner, columns, x, W }) => keep((a, b) => np.matmul(a, b), array(x, rows, inner), array(W, inner, columns)),
  gcn_agg_16: aggregation, gcn_agg_64: aggregation, big_agg_64: aggregation, gat_8x8: gat, gcn_infer: infer,
});
process.exit(0);
