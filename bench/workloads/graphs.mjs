/** Graphs as edge lists, sorted by receiver, then sender: the order in which every peer is fastest. */
import { noise } from "./noise.mjs";

function sorted(nodes, pairs) {
  const keys = Float64Array.from(pairs).sort();
  return {
    nodes,
    edges: keys.length,
    senders: Int32Array.from(keys, (key) => key % nodes),
    receivers: Int32Array.from(keys, (key) => Math.floor(key / nodes)),
  };
}

/** Both ends uniform; with a self-loop for each node when asked. */
export function randomGraph(nodes, edges, loops, salt) {
  const pick = (i, s) => Math.min(nodes - 1, Math.floor((noise(i, s) + 0.5) * nodes));
  const pairs = [];
  for (let e = 0; e < edges; e++) pairs.push(pick(e, salt + 1) * nodes + pick(e, salt));
  if (loops) for (let v = 0; v < nodes; v++) pairs.push(v * nodes + v);
  return sorted(nodes, pairs);
}

/**
 * Both ends drawn by the square of a uniform number, so that P(degree = k) falls as k^-3 (Barabasi & Albert 1999); large
 * degrees lie anywhere in the order of the nodes.
 */
export function powerGraph(nodes, edges, salt) {
  const place = (i, s) => Math.min(nodes - 1, Math.floor((noise(i, s) + 0.5) ** 2 * nodes));
  const pick = (i, s) => (place(i, s) * 48271) % nodes;
  const pairs = [];
  for (let e = 0; e < edges; e++) pairs.push(pick(e, salt + 1) * nodes + pick(e, salt));
  return sorted(nodes, pairs);
}

/** In-degree^-1/2 of every node, and its product at both ends of every edge. */
export function normalisation({ nodes, senders, receivers }) {
  const degree = new Float64Array(nodes);
  for (const r of receivers) degree[r]++;
  const d = Float64Array.from(degree, (x) => (x > 0 ? 1 / Math.sqrt(x) : 0));
  return {
    d: Float32Array.from(d),
    weight: Float32Array.from(senders, (s, e) => d[s] * d[receivers[e]]),
  };
}

/** Rows of a bag of words: so many non-zeros in all, each row's values equal and of sum 1. */
export function features(nodes, columns, nonzeros) {
  const indptr = new Int32Array(nodes + 1);
  const indices = [];
  for (let v = 0; v < nodes; v++) {
    const wanted = Math.floor(((v + 1) * nonzeros) / nodes) - Math.floor((v * nonzeros) / nodes);
    const row = new Set();
    for (let i = 0; row.size < wanted; i++)
      row.add(Math.floor((noise(v * 64 + i, 9) + 0.5) * columns));
    indices.push(...[...row].sort((a, b) => a - b));
    indptr[v + 1] = indices.length;
  }
  const values = new Float32Array(indices.length);
  for (let v = 0; v < nodes; v++)
    values.fill(1 / (indptr[v + 1] - indptr[v]), indptr[v], indptr[v + 1]);
  return { nodes, columns, indptr, indices: Int32Array.from(indices), values };
}

export function densify({ nodes, columns, indptr, indices, values }) {
  const dense = new Float32Array(nodes * columns);
  for (let v = 0; v < nodes; v++)
    for (let k = indptr[v]; k < indptr[v + 1]; k++) dense[v * columns + indices[k]] = values[k];
  return dense;
}
