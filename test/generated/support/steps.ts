/** What a random model may say: each row adds one equation to a text, or nothing where it does not fit. */
import type { Place, Reference, Source } from "./source.js";

export type Step = (s: Source, place: Place) => void;

const rank = (n: number) => (r: Reference) => r.shape.length === n;
const like = (a: Reference) => (r: Reference) => r.shape.join() === a.shape.join();
const lastOf = (r: Reference): number => r.shape.at(-1) ?? 1;

const unary = [
  "tanh",
  "sigmoid",
  "relu",
  "sin",
  "cos",
  "erf",
  "abs",
  "elu",
  "gelu",
  "silu",
  "softplus",
  "leaky_relu",
  "sq",
] as const;
const composed: readonly ((a: string) => string)[] = [
  (a) => `exp(-abs(${a}))`,
  (a) => `sqrt(1 + sq(${a}))`,
  (a) => `rsqrt(1 + ${a} * ${a})`,
  (a) => `log(1 + sq(${a}))`,
  (a) => `clip(${a}, -0.4, 0.5)`,
  (a) => `pow(1.5 + sin(${a}), 2.5)`,
  (a) => `-${a}`,
  (a) => `min(${a}, 0.2)`,
  (a) => `0.3 * ${a} - 1`,
];
const binary: readonly ((a: string, b: string) => string)[] = [
  (a, b) => `${a} + ${b}`,
  (a, b) => `${a} - ${b}`,
  (a, b) => `${a} * ${b}`,
  (a, b) => `${a} / (1 + ${b} * ${b})`,
  (a, b) => `max(${a}, ${b})`,
  (a, b) => `min(${a}, ${b})`,
  (a, b) => `select(${a} < ${b}, sin(${a}), ${b})`,
];

const pointwise: readonly Step[] = [
  (s, place) => {
    const a = s.read(place);
    if (a) s.define(place, a.shape, `${s.pick(unary)}(${a.text})`);
  },
  (s, place) => {
    const a = s.read(place);
    if (a) s.define(place, a.shape, (s.pick(composed) ?? String)(a.text));
  },
  (s, place) => {
    const a = s.read(place);
    const b = a && s.read(place, (r) => like(a)(r) || r.shape.length === 0);
    if (a && b) s.define(place, a.shape, (s.pick(binary) ?? String)(a.text, b.text));
  },
  (s, place) => {
    const a = s.read(place);
    const b = a && s.read(place, like(a));
    if (a && b) s.define(place, a.shape, `select(${s.condition(place)}, ${a.text}, ${b.text})`);
  },
];

const linear: readonly Step[] = [
  (s, place) => {
    const a = s.read(place, (r) => r.shape.length > 0);
    const out = s.one(1, 2, 3, 19);
    if (a)
      s.define(place, [...a.shape.slice(0, -1), out], `${a.text} @ ${s.param(lastOf(a), out)}`);
  },
  (s, place) => {
    const a = s.read(place, rank(1));
    const f = s.one("Linear<3>", "MLP<3, 2>", "Linear<18>", "MLP<2, 4>");
    if (a) s.define(place, [Number(/(\d+)>/.exec(f)?.[1])], `tanh(${f}(${a.text}))`);
  },
  (s, place) => {
    const a = s.read(place, (r) => r.shape.length === 1 && lastOf(r) > 2);
    if (a) s.define(place, a.shape, `LayerNorm(${a.text}, eps: 0.1)`);
  },
  (s, place) => {
    const a = s.read(place, rank(2));
    const [head = 1] = a?.shape ?? [];
    if (a) s.define(place, [head, 2], `Linear<2>(${a.text}[h])`, (n) => `${n}[h < ${head}]`);
  },
  // one network for each kind
  (s, place) => {
    const a = s.read(place, rank(1));
    const k = s.read(place, undefined, "index");
    if (!a || !k) return;
    const f = s.fresh("net");
    s.declare(`let ${f}[3] = Linear<2>`);
    s.define(place, [2], `${f}[${k.text}](${a.text})`);
  },
];

const axes: readonly Step[] = [
  (s, place) => {
    const a = s.read(place, (r) => r.shape.length <= 1);
    const b = s.read(place, (r) => r.shape.length <= 1);
    if (a && b) s.define(place, [lastOf(a) + lastOf(b)], `[${a.text}, ${b.text}]`);
  },
  (s, place) => {
    const a = s.read(place, (r) => r.shape.length === 1 && lastOf(r) > 1);
    if (!a) return;
    const [p, q] = [s.fresh("p"), s.fresh("q")];
    const rest = lastOf(a) - 1;
    s.write(place, `[${p}: f32[1], ${q}: f32[${rest}]] = ${a.text}`);
    s.defined({ name: p, place, kind: "f32", shape: [1] });
    s.defined({ name: q, place, kind: "f32", shape: [rest] });
  },
  (s, place) => {
    const a = s.read(place, rank(1));
    const b = s.read(place, rank(1));
    if (!a || !b) return;
    const shape = [lastOf(a), lastOf(b)];
    s.define(
      place,
      shape,
      `${a.text}[i] * ${b.text}[j]`,
      (n) => `${n}[i < ${shape[0]}, j < ${shape[1]}]`,
    );
  },
  (s, place) => {
    const a = s.read(place, rank(2));
    const [n = 1, m = 1] = a?.shape ?? [];
    if (a) s.define(place, [m, n], `${a.text}[i, j]`, (name) => `${name}[j < ${m}, i < ${n}]`);
  },
  (s, place) => {
    const a = s.read(place, (r) => r.shape.length === 1 && lastOf(r) > 1);
    if (a) s.define(place, [lastOf(a) - 1], `${a.text}[i + 1] - ${a.text}[i]`, (n) => `${n}[i]`);
  },
  (s, place) => {
    const a = s.read(place, (r) => r.shape.length > 0);
    const reducer = s.one("sum", "mean", "max", "min", "var");
    if (a) s.define(place, a.shape.slice(1), `${reducer}[i](${a.text}[i])`);
  },
  (s, place) => {
    const a = s.read(place, rank(1));
    const b = a && s.read(place, like(a));
    if (a && b) s.define(place, [], `dot(${a.text}, ${b.text})`);
  },
  (s, place) => {
    const a = s.read(place, (r) => r.shape.length > 0);
    const f = s.one("softmax", "log_softmax");
    if (a) s.define(place, a.shape, `${f}(${a.text})`);
  },
  (s, place) => {
    const a = s.read(place, (r) => r.shape.length > 0 && lastOf(r) > 1);
    if (a) s.define(place, a.shape.slice(0, -1), `norm(${a.text})`);
  },
  (s, place) => {
    const a = s.read(place, rank(2));
    if (a) s.define(place, [a.shape.reduce((x, y) => x * y, 1)], `flatten(${a.text})`);
  },
];

const indexing: readonly Step[] = [
  (s, place) => {
    const k = s.read(place, undefined, "index");
    if (k) s.define(place, [2], `${s.param(3, 2)}[${k.text}]`);
  },
  (s, place) => {
    const a = s.read(place, rank(1));
    const k = s.read(place, undefined, "index");
    if (a && k) s.define(place, [2], `${a.text} @ ${s.param(3, lastOf(a), 2)}[${k.text}]`);
  },
  (s, place) => {
    const a = s.read(place, (r) => r.shape[0] === 3);
    const k = s.read(place, undefined, "index");
    if (a && k) s.define(place, a.shape.slice(1), `${a.text}[${k.text}]`);
  },
  (s, place) => {
    const k = s.read(place, undefined, "index");
    if (k) s.define(place, [3], `one_hot(${k.text})`);
  },
  (s, place) => {
    const a = s.read(place, (r) => r.shape.join() === "3");
    if (a) s.define(place, [], `argmax(${a.text})`, (n) => n, "index");
  },
  // places and offsets
  (s, place) => {
    if (place.word.startsWith("window")) {
      const [tap, taps] = [s.fresh("tap"), Number(/\d+/.exec(place.word)?.[0])];
      const count = place.word.includes(",") ? taps * taps : taps;
      s.write(place, `${tap}: index[${count}] = offset`);
      s.define(place, [2], `${s.param(count, 2)}[${tap}]`);
    } else if (place.word.startsWith("seq")) s.define(place, [], "sin(index)");
    else if (
      place.kind === "edges" &&
      place.ends &&
      [place.ends.sender, place.ends.receiver].every((e) => s.set(e).word.startsWith("seq"))
    )
      s.define(place, [2], `${s.param(5, 2)}[clip(sender.index - receiver.index, -2, 2) + 2]`);
  },
];

export const steps: readonly Step[] = [...pointwise, ...pointwise, ...linear, ...axes, ...indexing];
