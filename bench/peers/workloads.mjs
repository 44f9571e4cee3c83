/**
 * The inputs of every workload, the same numbers for every peer (torch.py has the same generator), and how one is timed.
 *
 * Definitions: `gcn_agg_F` 2708 nodes, 10556 random edges and a self-loop each, y[r] += d[s] d[r] x[s] with d = in-degree^-1/2;
 * `big_agg_64` 100k nodes, 1M edges, plain sum; `gat_8x8` logits, leaky ReLU, edge softmax, weighted sum on given features;
 * `linear` 2708x1433 times 1433x16, dense; `gcn_infer` 1433-16-7, features 1.27 % dense; `gcn_train` its Adam step with
 * 140 labels, no dropout: what is compared are the logits after three steps.
 */

/** Uniform in [-0.5, 0.5), from a 32-bit hash of (index, salt). */
export function noise(index, salt) {
  let h = (Math.imul(index, 2654435761) + Math.imul(salt, 40503)) >>> 0;
  h ^= h >>> 15;
  h = Math.imul(h, 2246822519);
  h ^= h >>> 13;
  h = Math.imul(h, 3266489917);
  h ^= h >>> 16;
  return (h >>> 0) / 2 ** 32 - 0.5;
}

export const noises = (count, salt, scale = 1) => Float32Array.from({ length: count }, (_, i) => noise(i, salt) * scale);

/** Random edges sorted by receiver, then sender; with a self-loop for each node when asked. */
export function randomGraph(nodes, edges, loops, salt) {
  const pairs = [];
  const pick = (i, s) => Math.min(nodes - 1, Math.floor((noise(i, s) + 0.5) * nodes));
  for (let e = 0; e < edges; e++) pairs.push(pick(e, salt + 1) * nodes + pick(e, salt));
  if (loops) for (let v = 0; v < nodes; v++) pairs.push(v * nodes + v);
  const sorted = Float64Array.from(pairs).sort();
  const receivers = Int32Array.from(sorted, (p) => Math.floor(p / nodes));
  const senders = Int32Array.from(sorted, (p) => p % nodes);
  return { nodes, edges: sorted.length, senders, receivers };
}

/** In-degree^-1/2 of every node, and its product at both ends of every edge. */
export function normalisation({ nodes, senders, receivers }) {
  const degree = new Float64Array(nodes);
  for (const r of receivers) degree[r]++;
  const d = Float64Array.from(degree, (x) => (x > 0 ? 1 / Math.sqrt(x) : 0));
  return { d: Float32Array.from(d), weight: Float32Array.from(senders, (s, e) => d[s] * d[receivers[e]]) };
}

const cora = () => randomGraph(2708, 10556, true, 1);

/** 49216 non-zeros, about 18 a row, row-normalised. */
export function features(nodes = 2708, columns = 1433, nonzeros = 49216) {
  const indptr = new Int32Array(nodes + 1);
  const indices = [];
  for (let v = 0; v < nodes; v++) {
    const wanted = Math.floor(((v + 1) * nonzeros) / nodes) - Math.floor((v * nonzeros) / nodes);
    const row = new Set();
    for (let i = 0; row.size < wanted; i++) row.add(Math.floor((noise(v * 64 + i, 9) + 0.5) * columns));
    indices.push(...[...row].sort((a, b) => a - b));
    indptr[v + 1] = indices.length;
  }
  const values = new Float32Array(indices.length);
  for (let v = 0; v < nodes; v++) values.fill(1 / (indptr[v + 1] - indptr[v]), indptr[v], indptr[v + 1]);
  return { nodes, columns, indptr, indices: Int32Array.from(indices), values };
}

export function densify({ nodes, columns, indptr, indices, values }) {
  const dense = new Float32Array(nodes * columns);
  for (let v = 0; v < nodes; v++) for (let k = indptr[v]; k < indptr[v + 1]; k++) dense[v * columns + indices[k]] = values[k];
  return dense;
}

const gcn = () => {
  const graph = cora();
  return {
    graph, ...normalisation(graph), x: features(),
    W1: noises(1433 * 16, 11, 0.2), b1: noises(16, 12, 0.2), W2: noises(16 * 7, 13), b2: noises(7, 14, 0.2),
    y: Int32Array.from({ length: 2708 }, (_, i) => Math.floor((noise(i, 15) + 0.5) * 7)),
    train: Uint8Array.from({ length: 2708 }, (_, i) => (i < 140 ? 1 : 0)),
  };
};

export const workloads = {
  linear: () => ({ rows: 2708, inner: 1433, columns: 16, x: noises(2708 * 1433, 2), W: noises(1433 * 16, 3) }),
  gcn_agg_16: () => ({ graph: cora(), ...normalisation(cora()), width: 16, x: noises(2708 * 16, 4) }),
  gcn_agg_64: () => ({ graph: cora(), ...normalisation(cora()), width: 64, x: noises(2708 * 64, 4) }),
  gat_8x8: () => ({ graph: cora(), z: noises(2708 * 64, 5), from: noises(64, 6), to: noises(64, 7) }),
  big_agg_64: () => ({ graph: randomGraph(100_000, 1_000_000, false, 21), width: 64, x: noises(6_400_000, 8) }),
  gcn_infer: gcn,
  gcn_train: gcn,
};

/** Sum of absolute values: enough to tell that two peers did the same work. */
export const checksum = (values) => values.reduce((s, v) => s + Math.abs(v), 0);

/** A training step to be timed, and what three of them lead to. */
export const trained = (step, logits) => ({
  run: step,
  result: async () => { for (let i = 0; i < 3; i++) await step(); return logits(); },
});

/** Minimum and median of wall and CPU milliseconds a run; samples last at least a millisecond. */
export async function measure(run, seconds = 2) {
  for (let i = 0; i < 3; i++) await run();
  const warm = performance.now();
  while (performance.now() - warm < 300) await run();
  let repeat = 1;
  for (;;) {
    const t = performance.now();
    for (let i = 0; i < repeat; i++) await run();
    if (performance.now() - t > 1 || repeat > 1 << 16) break;
    repeat *= 2;
  }
  const wall = [];
  const cpu = [];
  const start = performance.now();
  while (performance.now() - start < seconds * 1000 || wall.length < 5) {
    const c = process.cpuUsage();
    const t = performance.now();
    for (let i = 0; i < repeat; i++) await run();
    wall.push((performance.now() - t) / repeat);
    const used = process.cpuUsage(c);
    cpu.push((used.user + used.system) / 1000 / repeat);
  }
  const stats = (xs) => {
    xs.sort((a, b) => a - b);
    return { best: xs[0], median: xs[xs.length >> 1] };
  };
  return { wall: stats(wall), cpu: stats(cpu), samples: wall.length };
}

/** What every peer script does: one workload from its table, timed, as a JSON line. */
export async function main(peer, table) {
  const name = process.argv[2];
  const make = table[name];
  if (!make) {
    console.log(JSON.stringify({ workload: name, peer, skipped: "not written for this peer, or it cannot express it" }));
    return;
  }
  const { run, result, dispose } = await make(workloads[name]());
  const sum = checksum(await result());
  const figures = await measure(run);
  console.log(JSON.stringify({ workload: name, peer, ...figures, checksum: sum }));
  dispose?.();
}
