/**
 * The meaning of every op but `recur`, in plain float64 loops: the equation above, the loop under it.
 *
 * a and b are rows, p a position on the axes looped over; values lie as `evaluate.context.ts` says.
 */
import { bug } from "../bug.js";
import {
  blank,
  type Context,
  placesIn,
  positions,
  reader,
  slotReader,
  strideOf,
  type Values,
  valuesOf,
} from "./evaluate.context.js";
import { functions } from "./evaluate.functions.js";
import { uniformAt } from "./philox.js";
import type { RowMap } from "./space.js";
import {
  type Axis,
  type ForEachOp,
  factorsOf,
  type Ops,
  slotsOf,
  type Tensor,
  type TensorOf,
  union,
  type View,
  volume,
  without,
} from "./tensor.js";

type Leaf = TensorOf<"input"> | TensorOf<"param"> | TensorOf<"state">;

/** A value from outside, its axes put in order. */
function leaf(t: Leaf, of: Context["data"]["inputs"], c: Context): Values {
  const { path, layout } = t.attrs;
  const given = of.get(path) ?? bug(`no value for \`${path}\``);
  const y = blank(t, c);
  if (given.length !== y.length) bug(`\`${path}\`: ${given.length} numbers for ${y.length}`);
  const places = placesIn(t.axes, layout);
  const width = places.length;
  return y.map((_, i) => Number(given[i - (i % width) + (places[i % width] ?? 0)]));
}

/** f(b, p) at every row and every position of the tensor's axes. */
function fill(t: Tensor, c: Context, f: (row: number, p: number) => number): Values {
  const y = blank(t, c);
  const width = volume(t.axes);
  return y.map((_, i) => f(Math.floor(i / width), i % width));
}

const facts: {
  readonly [F in Ops["fact"]["attrs"]["fact"]]: (t: TensorOf<"fact">, c: Context) => Values;
} = {
  index: (t, c) => Float64Array.from(c.data.fact("index", t.space)),
  offset: (t, c) => Float64Array.from(c.data.fact("offset", t.space)),
  column: (t, c) => Float64Array.from(c.data.fact("column", t.space)),
  row: (t, c) => blank(t, c).map((_, row) => row),
  step: (t, c) => blank(t, c, c.data.step),
  count: (t, c) => {
    const y = blank(t, c);
    for (const b of c.data.mapIndex(t.attrs.map ?? bug("count of no map"))) y[b] = (y[b] ?? 0) + 1;
    return y;
  },
};

interface Reduction {
  readonly x: Tensor;
  readonly over: readonly Axis[];
  readonly map: RowMap | null;
}

/** Visits every element of x, groups in order: where it is, where its group is, which member of the group it is. */
function eachMember(
  { x, over, map }: Reduction,
  c: Context,
  visit: (value: number, group: number, member: number) => void,
): void {
  const rest = without(x.axes, over);
  const to = map ? c.data.mapIndex(map) : null;
  const groups = placesIn(x.axes, rest);
  const members = placesIn(x.axes, over);
  const width = groups.length;
  valuesOf(x, c).forEach((value, i) => {
    const row = Math.floor(i / width);
    const group = (to ? (to[row] ?? 0) : row) * volume(rest) + (groups[i % width] ?? 0);
    visit(value, group, to ? row : (members[i % width] ?? 0));
  });
}

/** The best value of every group and the member that reached it first. */
function best(
  t: Tensor,
  by: Reduction,
  sign: 1 | -1,
  c: Context,
): { values: Values; first: Values } {
  const values = blank(t, c, -sign * Number.POSITIVE_INFINITY);
  const first = blank(t, c, -1);
  eachMember(by, c, (value, group, member) => {
    if (first[group] !== -1 && !(sign * value > sign * Number(values[group]))) return;
    values[group] = value;
    first[group] = member;
  });
  return { values, first };
}

const bestOf = (t: TensorOf<"extreme">, c: Context) =>
  best(t, { ...t.attrs, x: t.inputs[0] }, t.attrs.which === "max" ? 1 : -1, c);

/** How a view walks: the axes looped over, and where on the other side their positions lie. */
interface Walk {
  /** Over the result, reading x at the place; or over x, writing y at the place. */
  readonly way: "read" | "write";
  readonly start: number;
  /** The stride on the other side; null: that of the axis itself. */
  stride(axis: Axis): number | null;
}

/** Strides of axes that lie together in the place of one, row-major. */
const within = (parts: readonly Axis[], axis: Axis, whole: number): number | null =>
  parts.includes(axis) ? strideOf(parts, axis) * whole : null;

function walkOf(view: View, x: readonly Axis[], y: readonly Axis[]): Walk {
  const one = (own: Axis, stride: number) => (axis: Axis) => (axis === own ? stride : null);
  const none = () => null;
  switch (view.kind) {
    case "rename":
      return { way: "read", start: 0, stride: one(view.to, strideOf(x, view.from)) };
    case "slice": {
      const s = strideOf(x, view.from);
      return { way: "read", start: s * view.start, stride: one(view.to, s * view.step) };
    }
    case "pad": {
      const s = strideOf(y, view.to);
      return { way: "write", start: s * view.start, stride: one(view.from, s * view.step) };
    }
    case "pick":
      return { way: "read", start: strideOf(x, view.from) * view.at, stride: none };
    case "place":
      return { way: "write", start: strideOf(y, view.to) * view.at, stride: none };
    case "merge":
      return { way: "write", start: 0, stride: (a) => within(view.from, a, strideOf(y, view.to)) };
    case "split":
      return { way: "read", start: 0, stride: (a) => within(view.to, a, strideOf(x, view.from)) };
  }
}

function seen(t: TensorOf<"view">, c: Context): Values {
  const x = t.inputs[0];
  const { way, start, stride } = walkOf(t.attrs.view, x.axes, t.axes);
  const [loop, other] = way === "read" ? [t.axes, x.axes] : [x.axes, t.axes];
  const places = positions(loop, (axis) => stride(axis) ?? strideOf(other, axis));
  const [from, y, width] = [valuesOf(x, c), blank(t, c), volume(other)];
  for (let row = 0; row < c.data.rows(t.space); row++) {
    places.forEach((place, p) => {
      const [here, there] = [row * places.length + p, row * width + start + place];
      if (way === "read") y[here] = Number(from[there]);
      else y[there] = Number(from[here]);
    });
  }
  return y;
}

export const meaning: ForEachOp<[c: Context], Values> = {
  input: (t, c) => leaf(t, c.data.inputs, c),
  param: (t, c) => leaf(t, c.data.params, c),
  state: (t, c) => leaf(t, c.data.states, c),
  const: (t, c) => blank(t, c, t.attrs.value),

  // y[i] = i
  iota: (t, c) => {
    const { size } = t.attrs.axis;
    return blank(t, c).map((_, i) => i % size);
  },

  fact: (t, c) => facts[t.attrs.fact](t, c),

  random: (t, c) => {
    const source = { seed: c.data.seed, step: c.data.step, site: t.attrs.site };
    const columns = placesIn(t.axes, t.attrs.layout);
    return fill(t, c, (row, p) => uniformAt(source, row, columns[p] ?? 0));
  },

  // y = f(x ...)
  map: (t, c) => {
    const f = functions[t.attrs.f];
    const [a, b, d] = t.inputs.map((x) => reader(x, t.axes, c));
    return fill(t, c, (row, p) => f(a?.(row, p) ?? 0, b?.(row, p) ?? 0, d?.(row, p) ?? 0));
  },

  // y[b, i] = k Σ_{a: m(a) = b} Σ_over Π x[a]   with the slots of i taken from the indices at a
  product: (t, c) => {
    const factors = factorsOf(t);
    const loop = union(...t.inputs.map((x) => x.axes));
    const read = factors.map((x) => reader(x, loop, c));
    const target = slotReader(slotsOf(t), t.axes, loop, c);
    const to = t.attrs.map ? c.data.mapIndex(t.attrs.map) : null;
    const [rows, width] = [c.data.rows((factors[0] ?? t).space), volume(t.axes)];
    const y = blank(t, c);
    for (let a = 0; a < rows; a++) {
      for (let p = 0; p < volume(loop); p++) {
        const place = target(a, p);
        if (place < 0) continue;
        const i = (to ? (to[a] ?? 0) : a) * width + place;
        y[i] = Number(y[i]) + read.reduce((product, x) => product * x(a, p), t.attrs.scale);
      }
    }
    return y;
  },

  // y[a] = x[m(a)] with the slots at the indices of a
  pull: (t, c) => {
    const x = t.inputs[0] ?? bug("pull of nothing");
    const [from, width] = [valuesOf(x, c), volume(x.axes)];
    const source = slotReader(slotsOf(t), x.axes, t.axes, c);
    const to = t.attrs.map ? c.data.mapIndex(t.attrs.map) : null;
    return fill(t, c, (a, p) => {
      const place = source(a, p);
      return place < 0 ? 0 : Number(from[(to ? (to[a] ?? 0) : a) * width + place]);
    });
  },

  extreme: (t, c) => bestOf(t, c).values,
  winner: (t, c) => {
    const [extreme] = t.inputs;
    return extreme.op === "extreme" ? bestOf(extreme, c).first : bug("winner of no extreme");
  },

  // y = m + log Σ exp(x - m)  with m = max x
  lse: (t, c) => {
    const by = { ...t.attrs, x: t.inputs[0] };
    const m = best(t, by, 1, c).values.map((v) => (Number.isFinite(v) ? v : 0));
    const sum = blank(t, c);
    eachMember(by, c, (x, i) => {
      sum[i] = Number(sum[i]) + Math.exp(x - Number(m[i]));
    });
    return sum.map((s, i) => Number(m[i]) + Math.log(s));
  },

  argmax: (t, c) => best(t, { x: t.inputs[0], over: [t.attrs.axis], map: null }, 1, c).first,
  view: seen,
  stop: (t, c) => valuesOf(t.inputs[0], c),
  unknown: (t) => bug(`\`${t.attrs.name}\` outside of its recurrence`),
  recur: () => bug("a recurrence has no value of its own"),
  result: (t, c) => c.solutions.get(t.inputs[0])?.[t.attrs.index] ?? bug("recurrence not solved"),
};
