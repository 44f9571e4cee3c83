/** jax-js on its WebAssembly back end: padded neighbours (ELL), gather, multiply and sum fused by jit; it has no segment ops. */
import "./iterators.mjs";
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, valueAndGrad, vjp } from "@jax-js/jax";
import { densify, main, trained } from "./workloads.mjs";

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
/** Weighted sum over neighbours. */
const spread = (n, K) => (h, ix, w) => h.slice(ix).mul(w.reshape([n, K, 1])).sum(1);
const layer = (n, K) => { const sum = spread(n, K); return (h, W, b, ix, w) => sum(np.matmul(h, W), ix, w).add(b); };
function infer({ graph, weight, x, W1, b1, W2, b2 }) {
  const n = graph.nodes;
  const { K, index, w } = ell(graph, weight);
  const f = layer(n, K);
  return keep((X, A, a, B, b, ix, ws) => f(nn.relu(f(X, A, a, ix.ref, ws.ref)), B, b, ix, ws),
    array(densify(x), n, 1433), array(W1, 1433, 16), array(b1, 16), array(W2, 16, 7), array(b2, 7), index, w);
}
/** The optimizer of every peer: Adam with both moments corrected, `c1` and `c2` being 1 - beta^t. */
function adam(p, g, m, v, c1, c2) {
  const mean = m.mul(0.9).add(g.ref.mul(0.1));
  const square = v.mul(0.999).add(g.ref.mul(g).mul(0.001));
  const change = mean.ref.div(c1).mul(0.01).div(np.sqrt(square.ref.div(c2)).add(1e-8));
  return [p.sub(change), mean, square];
}

/**
 * Gradients come from vjp and valueAndGrad but for the sums over neighbours and the product with the features: the
 * library would scatter one and walk the other against the grain, and takes 8 times as long. Here the adjoint of the sum
 * gathers along the edges turned round, and that of the product multiplies with a transposed copy.
 */
async function train({ graph, weight, x, W1, b1, W2, b2, y }) {
  const n = graph.nodes;
  const [forth, back] = [ell(graph, weight), ell(graph, weight, true)];
  const [sum, backward] = [spread(n, forth.K), spread(n, back.K)];
  const X = array(densify(x), n, 1433);
  const turned = array(await X.ref.transpose().data(), 1433, n);
  const known = [X, turned, forth.index, forth.w, back.index, back.w, nn.oneHot(array(y.slice(0, 140), 140), 7)];
  const loss = (sums, b, labels) => nn.logSoftmax(sums.slice([0, 140]).add(b), 1).mul(labels).sum().mul(-1 / 140);
  const gradients = jit(([W1, b1, W2, b2], X, Xt, ix, w, ends, v, labels) => {
    const first = sum(np.matmul(X, W1), ix.ref, w.ref);
    const [projected, pull] = vjp((s, b, W) => np.matmul(nn.relu(s.add(b)), W), [first, b1, W2]);
    const [value, [dSecond, db2]] = valueAndGrad(loss, { argnums: [0, 1] })(sum(projected, ix, w), b2, labels);
    const [dFirst, db1, dW2] = pull(backward(dSecond, ends.ref, v.ref));
    pull.dispose();
    return [value, [np.matmul(Xt, backward(dFirst, ends, v)), db1, dW2, db2]];
  });
  const update = jit((p, g, m, v, c1, c2) => {
    const all = p.map((_, i) => adam(p[i], g[i], m[i], v[i], c1.ref, c2.ref));
    c1.dispose();
    c2.dispose();
    return [0, 1, 2].map((part) => all.map((of) => of[part]));
  });
  const f = layer(n, forth.K);
  const logits = jit((X, A, a, B, b, ix, w) => f(nn.relu(f(X, A, a, ix.ref, w.ref)), B, b, ix, w));
  const refs = (arrays) => arrays.map((a) => a.ref);
  let p = [array(W1, 1433, 16), array(b1, 16), array(W2, 16, 7), array(b2, 7)];
  let [m, v] = [0, 1].map(() => p.map(({ shape }) => np.zeros(shape)));
  let t = 0;
  const step = async () => {
    const [value, g] = gradients(refs(p), ...refs(known));
    t++;
    [p, m, v] = update(p, g, m, v, np.array(1 - 0.9 ** t), np.array(1 - 0.999 ** t));
    await value.data();
    await blockUntilReady([...p, ...m, ...v]);
  };
  return trained(step, async () => (await logits(X.ref, ...refs(p), forth.index.ref, forth.w.ref).data()).slice());
}

await main("jax-js", {
  linear: ({ rows, inner, columns, x, W }) => keep((a, b) => np.matmul(a, b), array(x, rows, inner), array(W, inner, columns)),
  gcn_agg_16: aggregation, gcn_agg_64: aggregation, big_agg_64: aggregation, gat_8x8: gat, gcn_infer: infer, gcn_train: train,
});
process.exit(0);
