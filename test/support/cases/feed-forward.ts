/** The cases of LOWERING without recurrence, each in the closed op table: paper and number in the comment. */
import {
  allOf,
  graphOf,
  graphSpace,
  type Nonzeros,
  type RowMap,
  receiverOf,
  rowOf,
  senderOf,
} from "../../../compiler/ir/space.js";
import type { Tensor } from "../../../compiler/ir/tensor.js";
import {
  type Case,
  causal,
  complete,
  edges,
  grid,
  Notation,
  nodes,
  sequence,
  sparse,
} from "../notation.js";
import { randomIntegers } from "../random-graph.js";

/** softmax of x within the groups of `map`. */
export function softmax(n: Notation, x: Tensor, map: RowMap): Tensor {
  const total = n.table.lse(x, [], map);
  return n.map("exp", n.sub(x, n.table.pull(total, map)));
}

const half = (n: Notation, x: Tensor): Tensor =>
  n.map("max", x, n.table.product({ factors: [x], scale: 0.2 }));

/** 1. GAT with several heads (Veličković et al. 2018, eq. 3-5). */
export function gat(): Case {
  const n = new Notation();
  const atom = nodes("atom");
  const bond = edges("bond", sparse, atom);
  const [s, r] = [senderOf(bond), receiverOf(bond)];
  const [i, h, d] = [n.axis("i", 4), n.axis("h", 3), n.axis("d", 2)];
  const z = n.dot(n.input("x", atom, i), n.param("W", atom, h, i, d), i);
  const sent = n.dot(z, n.param("a_s", atom, h, d), d);
  const heard = n.dot(z, n.param("a_r", atom, h, d), d);
  const logits = half(n, n.add(n.table.pull(sent, s), n.table.pull(heard, r)));
  const factors = [softmax(n, logits, r), n.table.pull(z, s)];
  const y = n.table.product({ factors, map: r });
  return { table: n.table, results: [y], batch: { sets: [atom], relations: [bond] } };
}

/** 2. A strided convolution of a grid: W read by tap on every edge, or taps collected first. */
export function convolution(spelling: "as written" | "bucketed"): Case {
  const n = new Notation();
  const [image, small] = [nodes("image", grid(4, 5)), nodes("small", grid(2, 3))];
  const window = {
    kind: "window",
    taps: [3, 3],
    stride: [2, 2],
    dilation: [1, 1],
    pad: [1, 1],
  } as const;
  const taps = edges("taps", window, image, small);
  const [s, r] = [senderOf(taps), receiverOf(taps)];
  const [k, ci, co] = [n.axis("tap", 9), n.axis("ci", 2), n.axis("co", 3)];
  const x = n.table.pull(n.input("x", image, ci), s);
  const W = n.table.param("W", [k, ci, co]);
  const slot = { axis: k, index: n.table.fact("offset", taps) };
  const y =
    spelling === "as written"
      ? n.table.product({ factors: [x, n.table.pull(W, allOf(taps), [slot])], over: [ci], map: r })
      : n.dot(n.table.product({ factors: [x], map: r, slots: [slot] }), n.on(small, W), k, ci);
  const batch = { sets: [image, small], relations: [taps], graphs: 2 };
  return { table: n.table, results: [n.map("relu", y)], batch };
}

/** 3. Causal self-attention with relative positions (Shaw et al. 2018, eq. 3 and 4). */
export function attention(spelling: "as written" | "projected"): Case {
  const n = new Notation();
  const word = nodes("word", sequence);
  const past = edges("past", causal, word);
  const [s, r] = [senderOf(past), receiverOf(past)];
  const [i, h, d, k] = [n.axis("i", 3), n.axis("h", 2), n.axis("d", 2), n.axis("rel", 3)];
  const x = n.input("x", word, i);
  const project = (W: string) => n.dot(x, n.param(W, word, h, i, d), i);
  const [q, key, v] = [project("Wq"), project("Wk"), project("Wv")];
  const [RK, RV] = [n.table.param("RK", [k, d]), n.table.param("RV", [k, d])];
  const index = n.table.fact("index", word);
  const distance = n.sub(n.table.pull(index, s), n.table.pull(index, r));
  const two = n.number(2, distance);
  const slot = { axis: k, index: n.add(n.map("max", distance, n.map("neg", two)), two) };
  const relative = (t: Tensor) => n.table.pull(t, allOf(past), [slot]);
  const [qr, ks, vs] = [n.table.pull(q, r), n.table.pull(key, s), n.table.pull(v, s)];
  const logits =
    spelling === "as written"
      ? n.dot(qr, n.add(ks, relative(RK)), d)
      : n.add(n.dot(qr, ks, d), n.table.pull(n.dot(q, n.on(word, RK), d), r, [slot]));
  const a = softmax(n, logits, r);
  const y =
    spelling === "as written"
      ? n.table.product({ factors: [a, n.add(vs, relative(RV))], map: r })
      : n.add(
          n.table.product({ factors: [a, vs], map: r }),
          n.dot(n.table.product({ factors: [a], map: r, slots: [slot] }), n.on(word, RV), k),
        );
  return { table: n.table, results: [y], batch: { sets: [word], relations: [past] } };
}

/** 8. Neural relational inference (Kipf et al. 2018): an edge MLP with batch norm, K networks mixed by gumbel weights. */
export function relationalInference(): Case {
  const n = new Notation();
  const body = nodes("body");
  const pair = edges("pair", { kind: "complete", strict: true }, body);
  const [s, r] = [senderOf(pair), receiverOf(pair)];
  const [i, d, k, j] = [n.axis("i", 2), n.axis("d", 3), n.axis("k", 2), n.axis("j", 2)];
  const x = n.input("x", body, i);
  const both = (t: Tensor, name: string) =>
    n.add(
      n.dot(n.table.pull(t, s), n.param(`${name}s`, pair, i, d), i),
      n.dot(n.table.pull(t, r), n.param(`${name}r`, pair, i, d), i),
    );
  const e = normalised(n, n.map("tanh", both(x, "enc")), pair);
  const logits = n.dot(e, n.param("Wk", pair, d, k), d);
  const u = n.table.random(7, pair, [k]);
  const tiny = n.number(1e-3, u);
  // u + gumbel noise: -log(-log u), guarded
  const surprise = n.table.product({ factors: [n.map("log", n.add(u, tiny))], scale: -1 });
  const hot = n.sub(logits, n.map("log", n.add(surprise, tiny)));
  const z = n.map("exp", n.sub(hot, n.table.lse(hot, [k], null)));
  const step = (now: Tensor, t: number): Tensor => {
    const first = n.map(
      "relu",
      n.add(
        n.dot(n.table.pull(now, s), n.param("Ds", pair, k, i, d), i),
        n.dot(n.table.pull(now, r), n.param("Dr", pair, k, i, d), i),
      ),
    );
    const second = n.dot(first, n.param("D2", pair, k, d, j), d);
    const message = n.table.product({ factors: [second, z], over: [k], map: r });
    const moved = n.dot(n.map("tanh", message), n.param(`Out.${t}`, body, j, i), j);
    return n.add(now, moved);
  };
  const y = step(step(x, 0), 1);
  return { table: n.table, results: [y, z], batch: { sets: [body], relations: [pair] } };
}

/** 8. The decoder alone on chunks of a trajectory at once, `steps` times: a network for each type k, one row for each chunk c. */
export function decoder(steps: number): Case {
  const n = new Notation();
  const body = nodes("body");
  const pair = edges("pair", { kind: "complete", strict: true }, body);
  const [s, r] = [senderOf(pair), receiverOf(pair)];
  const [c, k] = [n.axis("c", 3), n.axis("k", 2)];
  const [i, d, j] = [n.axis("i", 4), n.axis("d", 8), n.axis("j", 9)];
  const z = n.input("z", pair, k);
  const step = (now: Tensor): Tensor => {
    const both = n.add(
      n.dot(n.table.pull(now, s), n.param("Ds", pair, k, i, d), i),
      n.dot(n.table.pull(now, r), n.param("Dr", pair, k, i, d), i),
    );
    const first = n.map("relu", n.add(both, n.param("D1.b", pair, k, d)));
    const second = n.dot(first, n.param("D2", pair, k, d, j), d);
    const felt = n.map("relu", n.add(second, n.param("D2.b", pair, k, j)));
    const message = n.table.product({ factors: [felt, z], over: [k], map: r });
    const hidden = n.map("tanh", n.dot(message, n.param("O1", body, j, d), j));
    return n.add(now, n.dot(hidden, n.param("O2", body, d, i), d));
  };
  let y: Tensor = n.input("x", body, c, i);
  for (let t = 0; t < steps; t++) y = step(y);
  return { table: n.table, results: [y], batch: { sets: [body], relations: [pair] } };
}

/** (x - mean) / √(var + ε) over all rows of the batch. */
function normalised(n: Notation, x: Tensor, space: Tensor["space"]): Tensor {
  const all = allOf(space);
  const rows = n.map("to_f32", n.table.fact("count", all.to, all));
  const mean = (t: Tensor) => n.map("div", n.table.product({ factors: [t], map: all }), rows);
  const centred = n.sub(x, n.on(space, mean(x)));
  const variance = mean(n.mul(centred, centred));
  const inverse = n.map("rsqrt", n.add(variance, n.number(1e-3, variance)));
  return n.mul(centred, n.on(space, inverse));
}

/** 9. Interaction network (Battaglia et al. 2016): an MLP on every edge, its sums into an MLP on every node. */
export function interaction(): Case {
  const n = new Notation();
  const body = nodes("body");
  const force = edges("force", { kind: "sparse", symmetric: true, selfLoops: false }, body);
  const [s, r] = [senderOf(force), receiverOf(force)];
  const [i, a, h, g] = [n.axis("i", 2), n.axis("a", 2), n.axis("h", 4), n.axis("g", 3)];
  const x = n.input("x", body, i);
  const e = n.input("e", force, a);
  const h1 = n.map(
    "relu",
    n.add(
      n.dot(n.table.pull(x, s), n.param("Ws", force, i, h), i),
      n.dot(n.table.pull(x, r), n.param("Wr", force, i, h), i),
      n.dot(e, n.param("We", force, a, h), a),
      n.param("b1", force, h),
    ),
  );
  const m = n.map("relu", n.add(n.dot(h1, n.param("W2", force, h, g), h), n.param("b2", force, g)));
  const heard = n.table.product({ factors: [m], map: r });
  const y = n.add(
    n.dot(x, n.param("Vx", body, i, h), i),
    n.dot(heard, n.param("Vm", body, g, h), g),
  );
  const out = n.dot(n.map("tanh", y), n.param("Vo", body, h, a), h);
  return { table: n.table, results: [out], batch: { sets: [body], relations: [force] } };
}

/** 10. GCN on sparse features with dropout (Kipf & Welling 2017, eq. 2): x W is a sum over stored non-zeros. */
export function sparseGcn(): Case {
  const n = new Notation();
  const paper = nodes("paper");
  const cites = edges("cites", { kind: "sparse", symmetric: true, selfLoops: true }, paper);
  const x: Nonzeros = { kind: "nonzeros", name: "paper.x", of: paper };
  const [s, r] = [senderOf(cites), receiverOf(cites)];
  const [f, d] = [n.axis("f", 5), n.axis("d", 3)];
  const draw = n.table.random(1, x, []);
  const kept = n.map(
    "select",
    n.map("ge", draw, n.number(0.5, draw)),
    n.number(2, draw),
    n.number(0, draw),
  );
  const slot = { axis: f, index: n.table.fact("column", x) };
  const rows = n.table.pull(n.table.param("W", [f, d]), allOf(x), [slot]);
  const xw = n.table.product({ factors: [n.input("paper.x", x), kept, rows], map: rowOf(x) });
  const degree = n.map("to_f32", n.table.fact("count", paper, r));
  const norm = n.map("rsqrt", n.map("max", degree, n.number(1, degree)));
  const factors = [n.table.pull(xw, s), n.table.pull(norm, s), n.table.pull(norm, r)];
  const y = n.map("relu", n.add(n.table.product({ factors, map: r }), n.param("b", paper, d)));
  const batch = { sets: [paper], relations: [cites], nonzeros: [{ space: x, columns: 5 }] };
  return { table: n.table, results: [y], batch };
}

/** 11. A full GN block (Battaglia et al. 2018, Algorithm 1) with max and sum, a global and a readout. */
export function graphNetwork(): Case {
  const n = new Notation();
  const node = nodes("node");
  const edge = edges("edge", sparse, node);
  const [s, r] = [senderOf(edge), receiverOf(edge)];
  const [i, u, h, o] = [n.axis("i", 2), n.axis("u", 2), n.axis("h", 3), n.axis("o", 2)];
  const x = n.input("x", node, i);
  const g = n.input("u", graphSpace, u);
  const e = n.map(
    "tanh",
    n.add(
      n.dot(n.table.pull(x, s), n.param("Ws", edge, i, h), i),
      n.dot(n.table.pull(x, r), n.param("Wr", edge, i, h), i),
      n.dot(n.table.pull(g, graphOf(edge)), n.param("Wu", edge, u, h), u),
    ),
  );
  const loudest = n.table.extreme(e, "max", [], r);
  const none = n.number(Number.NEGATIVE_INFINITY, loudest);
  const heard = n.map("select", n.map("gt", loudest, none), loudest, n.number(0, loudest));
  const both = n.add(heard, n.table.product({ factors: [e], map: r }));
  const v = n.map(
    "tanh",
    n.add(n.dot(both, n.param("Wv", node, h, o), h), n.dot(x, n.param("Wx", node, i, o), i)),
  );
  const total = n.add(
    n.dot(
      n.table.product({ factors: [e], map: graphOf(edge) }),
      n.param("We", graphSpace, h, o),
      h,
    ),
    n.table.product({ factors: [v], map: graphOf(node) }),
  );
  const readout = n.map("sigmoid", n.add(total, n.dot(g, n.param("Wg", graphSpace, u, o), u)));
  return { table: n.table, results: [readout, v], batch: { sets: [node], relations: [edge] } };
}

/** 12. Embedding and output share one table; mean cross-entropy over the batch through lse. */
export function tiedEmbedding(): Case {
  const n = new Notation();
  const word = nodes("word", sequence);
  const [v, d] = [n.axis("v", 5), n.axis("d", 3)];
  const E = n.table.param("E", [v, d]);
  const x = n.table.pull(E, allOf(word), [{ axis: v, index: n.integers("token", word) }]);
  const logits = n.dot(n.map("tanh", x), n.on(word, E), d);
  const right = n.table.pull(logits, null, [{ axis: v, index: n.integers("next", word) }]);
  const surprise = n.sub(n.table.lse(logits, [v], null), right);
  const all = allOf(word);
  const rows = n.map("to_f32", n.table.fact("count", all.to, all));
  const loss = n.map("div", n.table.product({ factors: [surprise], map: all }), rows);
  return {
    table: n.table,
    results: [loss],
    batch: { sets: [word] },
    fill: (batch, random) => {
      for (const path of ["token", "next"])
        batch.inputs.set(path, randomIntegers(random, batch.rows(word), 5));
    },
  };
}

/** Attention between two sets, as the encoder-decoder kind has it; some receivers have no sender. */
export function crossAttention(): Case {
  const n = new Notation();
  const [source, target] = [nodes("source", sequence), nodes("target", sequence)];
  const look = edges("look", complete, source, target);
  const [s, r] = [senderOf(look), receiverOf(look)];
  const [d, e] = [n.axis("d", 2), n.axis("e", 3)];
  const logits = n.dot(
    n.table.pull(n.input("k", source, d), s),
    n.table.pull(n.input("q", target, d), r),
    d,
  );
  const open = n.map("gt", n.table.pull(n.input("open", source), s), n.number(0, logits));
  const masked = n.map("select", open, logits, n.number(Number.NEGATIVE_INFINITY, logits));
  const weights = softmax(n, masked, r);
  const kept = n.map("select", open, weights, n.number(0, weights));
  const y = n.table.product({ factors: [kept, n.table.pull(n.input("v", source, e), s)], map: r });
  return { table: n.table, results: [y], batch: { sets: [source, target], relations: [look] } };
}
