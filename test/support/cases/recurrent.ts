/** The cases of LOWERING with recurrence, each in the closed op table. */
import type { RecurrenceOrder } from "../../../compiler/ir/model.js";
import {
  type NodeSet,
  type Relation,
  type RowMap,
  receiverOf,
  senderOf,
} from "../../../compiler/ir/space.js";
import type { Axis, Tensor } from "../../../compiler/ir/tensor.js";
import {
  type Case,
  causal,
  chain,
  complete,
  edges,
  Notation,
  nodes,
  sequence,
} from "../notation.js";
import { randomIntegers } from "../random-graph.js";
import { softmax } from "./feed-forward.js";

const forwards = (set: NodeSet): RecurrenceOrder => ({ kind: "index", set, reverse: false });

/** Σ over the edges that arrive of x at their senders. */
const heard = (n: Notation, x: Tensor, relation: Relation): Tensor =>
  n.table.product({ factors: [n.table.pull(x, senderOf(relation))], map: receiverOf(relation) });

const oneMinus = (n: Notation, x: Tensor): Tensor => n.sub(n.number(1, x), x);

/** 4. LSTM along a chain (Hochreiter & Schmidhuber 1997): two unknowns. */
export function lstm(reverse = false): Case {
  const n = new Notation();
  const word = nodes("word", sequence);
  const step = edges("chain", { kind: "chain", reverse }, word);
  const [i, h, k] = [n.axis("i", 2), n.axis("h", 3), n.axis("k", 3)];
  const x = n.input("x", word, i);
  const [hs, cs] = [n.table.unknown("h", word, [k]), n.table.unknown("c", word, [h])];
  const before = heard(n, hs, step);
  const gate = (name: string, f: "sigmoid" | "tanh") =>
    n.map(
      f,
      n.add(
        n.dot(x, n.param(`W${name}`, word, i, h), i),
        n.dot(before, n.param(`U${name}`, word, k, h), k),
        n.param(`b${name}`, word, h),
      ),
    );
  const kept = n.mul(gate("f", "sigmoid"), heard(n, cs, step));
  const c = n.add(kept, n.mul(gate("i", "sigmoid"), gate("g", "tanh")));
  const out = n.mul(gate("o", "sigmoid"), n.map("tanh", c));
  const order = { ...forwards(word), reverse };
  const recur = n.table.recur([hs, cs], [n.rename(out, h, k), c], order);
  return {
    table: n.table,
    results: [n.table.result(recur, 0)],
    batch: { sets: [word], relations: [step] },
  };
}

/** 5. The decoder of Bahdanau et al. 2015: a chain through attention over a whole source. */
export function bahdanau(): Case {
  const n = new Notation();
  const [source, target] = [nodes("source", sequence), nodes("target", sequence)];
  const step = edges("chain", chain, target);
  const look = edges("look", complete, source, target);
  const [s, r] = [senderOf(look), receiverOf(look)];
  const [y, h, k] = [n.axis("y", 2), n.axis("h", 3), n.axis("k", 3)];
  const [e, a] = [n.axis("e", 2), n.axis("a", 4)];
  const encoded = n.input("encoded", source, e);
  const now = n.table.unknown("s", target, [k]);
  const before = heard(n, now, step);
  const asked = n.table.pull(n.dot(before, n.param("Wa", target, k, a), k), r);
  const offered = n.table.pull(n.dot(encoded, n.param("Ua", source, e, a), e), s);
  const score = n.dot(n.map("tanh", n.add(asked, offered)), n.param("v", look, a), a);
  const factors = [softmax(n, score, r), n.table.pull(encoded, s)];
  const context = n.table.product({ factors, map: r });
  const proposal = n.map(
    "tanh",
    n.add(
      n.dot(n.input("y", target, y), n.param("Wy", target, y, h), y),
      n.dot(context, n.param("Wc", target, e, h), e),
      n.dot(before, n.param("U", target, k, h), k),
    ),
  );
  const z = n.map("sigmoid", n.dot(before, n.param("Uz", target, k, h), k));
  const mixed = n.add(n.mul(z, n.rename(before, k, h)), n.mul(oneMinus(n, z), proposal));
  const recur = n.table.recur([now], [n.rename(mixed, h, k)], forwards(target));
  const batch = { sets: [source, target], relations: [step, look] };
  return { table: n.table, results: [n.table.result(recur, 0)], batch };
}

/** 6. Child-sum Tree-LSTM (Tai et al. 2015, eq. 2-8): a forget gate for every edge. */
export function treeLstm(): Case {
  const n = new Notation();
  const node = nodes("node");
  const up = edges("up", { kind: "tree" }, node);
  const [s, r] = [senderOf(up), receiverOf(up)];
  const [i, h, k] = [n.axis("i", 2), n.axis("h", 2), n.axis("k", 2)];
  const x = n.input("x", node, i);
  const [hs, cs] = [n.table.unknown("h", node, [k]), n.table.unknown("c", node, [h])];
  const linear = (name: string) => n.dot(x, n.param(`W${name}`, node, i, h), i);
  const U = (name: string) => n.param(`U${name}`, node, k, h);
  const children = heard(n, hs, up);
  const gate = (name: string, f: "sigmoid" | "tanh") =>
    n.map(f, n.add(linear(name), n.dot(children, U(name), k)));
  const forget = n.map(
    "sigmoid",
    n.add(n.table.pull(linear("f"), r), n.table.pull(n.dot(hs, U("f"), k), s)),
  );
  const kept = n.table.product({ factors: [forget, n.table.pull(cs, s)], map: r });
  const c = n.add(n.mul(gate("i", "sigmoid"), gate("u", "tanh")), kept);
  const out = n.mul(gate("o", "sigmoid"), n.map("tanh", c));
  const order: RecurrenceOrder = { kind: "levels", relation: up, reverse: false };
  const recur = n.table.recur([hs, cs], [n.rename(out, h, k), c], order);
  return {
    table: n.table,
    results: [n.table.result(recur, 0)],
    batch: { sets: [node], relations: [up] },
  };
}

/** Logits of a one-layer causal Transformer for the tokens that stand on `word`. */
function transformer(n: Notation, token: Tensor, past: Relation, v: Axis): Tensor {
  const word = past.receivers;
  const [s, r]: readonly [RowMap, RowMap] = [senderOf(past), receiverOf(past)];
  const [d, k, o] = [n.axis("d", 3), n.axis("k", 4), n.axis("o", 3)];
  const slot = (index: Tensor) => [{ axis: v, index }];
  const E = n.param("E", word, v, d);
  const x = n.table.pull(E, null, slot(token));
  const project = (W: string) => n.dot(x, n.param(W, word, d, k), d);
  const [q, key] = [project("Wq"), project("Wk")];
  const value = n.dot(x, n.param("Wv", word, d, o), d);
  const logits = n.dot(n.table.pull(q, r), n.table.pull(key, s), k);
  const factors = [softmax(n, logits, r), n.table.pull(value, s)];
  const y = n.table.product({ factors, map: r });
  const next = n.map("tanh", n.add(y, n.rename(x, d, o)));
  return n.dot(next, n.param("Wo", word, o, v), o);
}

const vocabulary = 6;

/** 7. Training a causal Transformer: every token is given. */
export function transformerTraining(): Case {
  const n = new Notation();
  const word = nodes("word", sequence);
  const past = edges("past", causal, word);
  const logits = transformer(n, n.integers("token", word), past, n.axis("v", vocabulary));
  return {
    table: n.table,
    results: [logits],
    batch: { sets: [word], relations: [past], largest: 6 },
    fill: (batch, random) =>
      batch.inputs.set("token", randomIntegers(random, batch.rows(word), vocabulary)),
  };
}

/** 7. Its generating twin: a token is the best guess of the step before. The attended rows are the KV cache. */
export function transformerGreedy(): Case {
  const n = new Notation();
  const word = nodes("word", sequence);
  const past = edges("past", causal, word);
  const step = edges("chain", chain, word);
  const v = n.axis("v", vocabulary);
  const token = n.table.unknown("token", word, [], "i32");
  const logits = transformer(n, token, past, v);
  const best = n.map("to_f32", n.table.argmax(logits, v));
  const body = n.map("to_i32", heard(n, best, step));
  const recur = n.table.recur([token], [body, logits], forwards(word));
  return {
    table: n.table,
    results: [n.table.result(recur, 0), n.table.result(recur, 1)],
    batch: { sets: [word], relations: [past, step], largest: 6 },
  };
}

/** A recurrence whose export alone is used, with an integer among its unknowns and a capture that is a recurrence. */
export function stacked(): Case {
  const n = new Notation();
  const word = nodes("word", sequence);
  const step = edges("chain", chain, word);
  const [i, k] = [n.axis("i", 3), n.axis("k", 3)];
  const layer = (x: Tensor, name: string): Tensor => {
    const [h, count] = [
      n.table.unknown(name, word, [k]),
      n.table.unknown("count", word, [], "i32"),
    ];
    const before = n.rename(heard(n, h, step), k, i);
    const pre = n.dot(n.add(x, before), n.param(`W.${name}`, word, i, k), i);
    const passed = n.map("to_i32", heard(n, n.map("to_f32", count), step));
    const counted = n.map("add", passed, n.number(1, passed));
    const faded = n.map("div", n.map("tanh", pre), n.map("to_f32", counted));
    const recur = n.table.recur([h, count], [faded, counted, pre], forwards(word));
    return n.table.result(recur, 2);
  };
  const first = layer(n.input("x", word, i), "first");
  const second = layer(n.rename(n.map("sin", first), k, i), "second");
  return { table: n.table, results: [second], batch: { sets: [word], relations: [step] } };
}
