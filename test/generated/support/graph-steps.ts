/** What a random model may say about its graph: aggregations, softmax over groups, loops, recurrences, blocks. */
import type { Place, Reference, Shape, Source } from "./source.js";
import type { Step } from "./steps.js";

const rank = (n: number) => (r: Reference) => r.shape.length === n;
const reducer = (s: Source): string => s.one("sum", "mean", "max", "min", "var", "sum");

interface Body {
  readonly text: string;
  readonly shape: Shape;
}

/** Something of each row of `place`, with one of its own fields in it. */
function body(s: Source, place: Place): Body | null {
  const a = s.read(place, (r) => r.field.place.kind !== "global");
  if (!a) return null;
  const b = s.read(place, (r) => r.shape.length === 0 || r.shape.join() === a.shape.join());
  const texts = [a.text, ...(b ? [`${a.text} * ${b.text}`, `tanh(${a.text} + ${b.text})`] : [])];
  const out = 1 + s.below(3);
  if (a.shape.length === 1 && s.below(4) === 0)
    return { text: `${a.text} @ ${s.param(a.shape[0] ?? 1, out)}`, shape: [out] };
  return { text: s.pick(texts) ?? a.text, shape: a.shape };
}

const where = (s: Source, place: Place): string =>
  s.below(3) === 0 ? ` where ${s.condition(place)}` : "";

/** What nothing gives, seldom said. */
function empty(s: Source, asker: Place, shape: Shape): string {
  if (s.below(3) > 0) return "";
  const other = s.read(asker, (r) => r.shape.join() === shape.join());
  return `, empty: ${(s.below(2) === 0 && other?.text) || "0.5"}`;
}

const aggregations: readonly Step[] = [
  // from the edges of a relation to one of its ends
  (s) => {
    const relation = s.pick(s.relations());
    const e = relation && body(s, relation);
    if (!e || !relation.ends) return;
    const bySender = s.below(3) === 0;
    const target = s.set(bySender ? relation.ends.sender : relation.ends.receiver);
    const inside = `${e.text}${where(s, relation)}${empty(s, target, e.shape)}`;
    const by = bySender ? " by sender" : "";
    s.define(target, e.shape, `${reducer(s)}(${inside})${by} over ${relation.name}`);
  },
  // from the nodes of a set to their graph
  (s) => {
    const set = s.pick(s.places.filter((p) => p.kind === "nodes"));
    const e = set && body(s, set);
    const global = s.places.find((p) => p.kind === "global");
    if (!e || !global) return;
    s.define(
      global,
      e.shape,
      `${reducer(s)}(${e.text}${where(s, set)}${empty(s, global, e.shape)})`,
    );
  },
  // a group of one's own space
  (s, place) => {
    const e = place.kind === "global" ? null : body(s, place);
    const ends = place.kind === "edges" ? ["receiver", "sender"] : [];
    const by = s.pick([...ends, "graph", "batch"]) ?? "graph";
    if (e) s.define(place, e.shape, `${reducer(s)}(${e.text}${where(s, place)}) by ${by}`);
  },
  (s, place) => {
    const e = place.kind === "global" ? null : body(s, place);
    const ends = place.kind === "edges" ? ["receiver", "receiver", "sender"] : [];
    const by = s.pick([...ends, "graph"]) ?? "graph";
    if (e) s.define(place, e.shape, `softmax(${e.text}${where(s, place)}) by ${by}`);
  },
  (s) => {
    const relation = s.pick(s.relations());
    const target = relation?.ends && s.set(relation.ends.receiver);
    if (target) s.define(target, [], `rsqrt(1 + count(${relation.name}))`);
  },
  // attention: a softmax of both ends, then a weighted sum
  (s) => {
    const relation = s.pick(s.relations());
    if (!relation?.ends) return;
    const [from, to] = [s.set(relation.ends.sender), s.set(relation.ends.receiver)];
    const [k, q] = [s.read(from, rank(1)), s.read(to, rank(1))];
    if (!k || !q || k.field.place !== from || q.field.place !== to) return;
    const weight = s.fresh("a");
    const W = s.param(q.shape[0] ?? 1, k.shape[0] ?? 1);
    s.write(
      relation,
      `${weight} = softmax(dot(receiver.${q.text} @ ${W}, sender.${k.text})${where(s, relation)}) by receiver`,
    );
    s.defined({ name: weight, place: relation, kind: "f32", shape: [] });
    s.define(to, k.shape, `sum(${weight} * sender.${k.text})`);
  },
];

/** Relations from a set to itself. */
const loops = (s: Source): readonly Place[] =>
  s.relations().filter((r) => r.ends && r.ends.sender === r.ends.receiver);

const repeated: readonly Step[] = [
  // a loop that carries a name, and one that fills rows
  (s) => {
    const relation = s.pick(loops(s));
    const set = relation?.ends && s.set(relation.ends.sender);
    const a = set && s.read(set, (r) => r.shape.length === 1 && r.field.place === set);
    if (!a) return;
    const [n = 1] = a.shape;
    const [h, rows, W] = [s.fresh("h"), s.fresh("m"), s.param(n, n)];
    s.line(`${h} = ${a.text}`);
    const step = `tanh(${h} @ ${W} + ${s.one("sum", "mean", "max")}(sender.${h}) over ${relation.name})`;
    s.line(`for t < 2 { node ${set.name} { ${h} = ${step} }; ${rows}[t] = ${h} }`);
    s.defined({ name: h, place: set, kind: "f32", shape: a.shape });
    s.defined({ name: rows, place: set, kind: "f32", shape: [2, n] });
  },
  // recurrences along an order
  (s) => {
    const set = s.pick(s.places.filter((p) => p.word.startsWith("seq")));
    const a = set && s.read(set, (r) => r.shape.length === 1 && r.field.place === set);
    if (!a) return;
    const over = s.one("chain", "chain(reverse)", "causal(strict)");
    const h = s.fresh("h");
    s.write(
      set,
      `${h}: f32[${a.shape}] = tanh(${a.text} + 0.5 * ${s.one("sum", "mean", "max")}(sender.${h}) over ${over})`,
    );
    s.defined({ name: h, place: set, kind: "f32", shape: a.shape });
  },
  (s) => {
    const relation = s.pick(loops(s).filter((r) => r.word === "tree" || r.word === "dag"));
    const set = relation?.ends && s.set(relation.ends.sender);
    const a = set && s.read(set, (r) => r.shape.length === 1 && r.field.place === set);
    if (!a) return;
    const [h, gate] = [s.fresh("h"), s.fresh("g")];
    s.write(relation, `${gate} = sigmoid(sender.${h} + receiver.${a.text})`);
    s.write(
      set,
      `${h}: f32[${a.shape}] = tanh(${a.text} + sum(${gate} * sender.${h}) over ${relation.name})`,
    );
    s.defined({ name: gate, place: relation, kind: "f32", shape: a.shape });
    s.defined({ name: h, place: set, kind: "f32", shape: a.shape });
  },
];

/** Blocks of the library, called by their name outside of any section. */
const called: readonly Step[] = [
  (s) => {
    const set = s.pick(s.places.filter((p) => p.word.startsWith("seq")));
    const a = set && s.read(set, (r) => r.shape.length === 1 && r.field.place === set);
    if (!a) return;
    const h = s.fresh("h");
    s.line(
      `${h} = ${s.one("GRU<2>", "RNN<2>")}(${a.text}) over ${s.one("chain", "chain(reverse)")}`,
    );
    s.defined({ name: h, place: set, kind: "f32", shape: [2] });
  },
  (s) => {
    const relation = s.pick(loops(s));
    const set = relation?.ends && s.set(relation.ends.sender);
    const a = set && s.read(set, (r) => r.shape.length === 1 && r.field.place === set);
    if (!a) return;
    const [block, shape] = s.one<[string, Shape]>(
      ["GAT<2, 2>", [2, 2]],
      ["GATv2<2, 1>", [2, 1]],
      ["GIN<3, 2>", [2]],
      ["SAGEPool<2, 3>", [3]],
    );
    const h = s.fresh("h");
    s.line(`${h} = ${block}(${a.text}) over ${relation.name}`);
    s.defined({ name: h, place: set, kind: "f32", shape });
  },
  (s) => {
    const relation = s.pick(s.relations());
    if (!relation?.ends) return;
    const [from, to] = [s.set(relation.ends.sender), s.set(relation.ends.receiver)];
    const [x, y] = [s.read(from, rank(1)), s.read(to, rank(1))];
    if (!x || !y || x.field.place !== from || y.field.place !== to) return;
    const h = s.fresh("h");
    s.line(`${h} = SAGE<2>(${y.text}, ${x.text}) over ${relation.name}`);
    s.defined({ name: h, place: to, kind: "f32", shape: [2] });
  },
];

export const graphSteps: readonly Step[] = [
  ...aggregations,
  ...aggregations,
  ...repeated,
  ...called,
];
