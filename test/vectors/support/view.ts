/**
 * Tensors of a vector, seen in the layout that a model wants. A view is read twice: from the values, to set an input or
 * a weight, and from the gradients, to say what the model must find. So every step of a view is linear, and one-to-one.
 */
import { readFileSync } from "node:fs";
import { readSafetensors } from "../../../runtime/index.js";

export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: ArrayLike<number>;
}

/**
 * Where a view reads from: values, gradients of them, or values after some steps of training. Of what has no gradient (a
 * mask, a label), the gradients give null.
 */
export interface Source {
  readonly of: "values" | "gradients" | "trajectory";
  get(name: string): Tensor | null;
}

export const volume = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export class View {
  readonly read: (from: Source) => Tensor | null;

  constructor(read: (from: Source) => Tensor | null) {
    this.read = read;
  }

  /** The view after one more step. */
  map(step: (t: Tensor) => Tensor): View {
    return new View((from) => {
      const t = this.read(from);
      return t && step(t);
    });
  }

  /** Axis `k` of the result is axis `order[k]`. */
  permute(...order: readonly number[]): View {
    return this.map((t) => permuted(t, order));
  }

  /** The last two axes exchanged: a PyTorch `[out, in]` as our `[In, Out]`. */
  get T(): View {
    return this.map((t) => {
      const axes = t.shape.map((_, k) => k);
      const last = axes.splice(-2).reverse();
      return permuted(t, [...axes, ...last]);
    });
  }

  /** The same numbers in another shape; one extent may be -1. */
  reshape(...shape: readonly number[]): View {
    return this.map((t) => {
      const known = volume(shape.filter((n) => n >= 0));
      return { shape: shape.map((n) => (n < 0 ? t.data.length / known : n)), data: t.data };
    });
  }

  /** Rows `from` up to `to` of an axis. */
  slice(axis: number, from: number, to: number): View {
    return this.map((t) =>
      picked(
        t,
        axis,
        Array.from({ length: to - from }, (_, i) => from + i),
      ),
    );
  }

  /** The given places of an axis, in that order. */
  pick(axis: number, places: readonly number[]): View {
    return this.map((t) => picked(t, axis, places));
  }

  /** One place of an axis, which goes away. */
  at(axis: number, place: number): View {
    return this.pick(axis, [place]).map(({ shape, data }) => ({
      shape: shape.filter((_, k) => k !== axis),
      data,
    }));
  }
}

/** A tensor of the vector under its own name: `in/x`, `w/weight`, `out/y`. */
export const tensor = (name: string): View => new View((from) => from.get(name));

/** What the vector has as the gradient of a view, as a value. */
export const gradientOf = (view: View): View =>
  new View((from) => view.read({ of: "gradients", get: (name) => from.get(`grad/${name}`) }));

/** Several views one after the other along an axis. */
export const concat = (axis: number, ...views: readonly View[]): View =>
  new View((from) => {
    const parts = views.map((view) => view.read(from));
    const known = parts.filter((part) => part !== null);
    return known.length === parts.length ? joinedAlong(axis, known) : null;
  });

/** Views of one shape as rows of a new axis. */
export const stacked = (axis: number, ...views: readonly View[]): View =>
  concat(
    axis,
    ...views.map((view) =>
      view.map(({ shape, data }) => ({
        shape: [...shape.slice(0, axis), 1, ...shape.slice(axis)],
        data,
      })),
    ),
  );

/** A parameter that is `a + b`, like the one bias of a cell that has two in PyTorch: both have its gradient. */
export const joined = (a: View, b: View): View =>
  new View((from) => {
    const [x, y] = [a.read(from), b.read(from)];
    if (!x || !y || from.of === "gradients") return x;
    return { shape: x.shape, data: Float64Array.from(x.data, (v, i) => v + Number(y.data[i])) };
  });

/** Numbers that are no tensor of the vector; their gradient is compared with nothing. */
export const constant = (shape: readonly number[], value: number | ArrayLike<number>): View =>
  new View(({ of }) => {
    if (of !== "values") return null;
    const data = typeof value === "number" ? new Float64Array(volume(shape)).fill(value) : value;
    return { shape, data };
  });

/** A tensor of a set of data, `cora`, that lies beside the vectors. */
export const fromData = (set: string, name: string): View =>
  new View(({ of }) => (of === "values" ? (dataSet(`sets/${set}`).get(name) ?? null) : null));

const files = new Map<string, ReadonlyMap<string, Tensor>>();

/** The tensors of a small case that shares its file with those of the same operator. */
export function packed(id: string, file: string): ReadonlyMap<string, Tensor> {
  const all = files.get(file) ?? dataSet(file);
  files.set(file, all);
  const prefix = `${id.split("/")[1]}:`;
  const own = Array.from(all).filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, t]) => [name.slice(prefix.length), t]));
}

/** A file of the data folder, by its path without the ending. */
export function dataSet(path: string): ReadonlyMap<string, Tensor> {
  const bytes = readFileSync(new URL(`../data/${path}.safetensors`, import.meta.url));
  return new Map(
    Array.from(readSafetensors(bytes).tensors, ([name, { shape, data }]) => [
      name,
      { shape, data: data as ArrayLike<number> & typeof data } as Tensor,
    ]),
  );
}

function permuted({ shape, data }: Tensor, order: readonly number[]): Tensor {
  const strides = shape.map((_, k) => volume(shape.slice(k + 1)));
  const out = order.map((k) => shape[k] as number);
  const steps = order.map((k) => strides[k] as number);
  const numbers = Float64Array.from({ length: data.length }, (_, i) => {
    let [rest, place] = [i, 0];
    for (let k = out.length - 1; k >= 0; k--) {
      const extent = out[k] as number;
      place += (rest % extent) * (steps[k] as number);
      rest = Math.floor(rest / extent);
    }
    return data[place] as number;
  });
  return { shape: out, data: numbers };
}

function picked({ shape, data }: Tensor, axis: number, places: readonly number[]): Tensor {
  const inner = volume(shape.slice(axis + 1));
  const extent = shape[axis] as number;
  const outer = volume(shape.slice(0, axis));
  const numbers: number[] = [];
  for (let o = 0; o < outer; o++)
    for (const place of places)
      for (let i = 0; i < inner; i++)
        numbers.push(data[(o * extent + place) * inner + i] as number);
  return { shape: shape.map((n, k) => (k === axis ? places.length : n)), data: numbers };
}

function joinedAlong(axis: number, parts: readonly Tensor[]): Tensor {
  const [first] = parts as readonly [Tensor, ...Tensor[]];
  const widths = parts.map(({ shape }) => volume(shape.slice(axis)));
  const outer = volume(first.shape.slice(0, axis));
  const numbers: number[] = [];
  for (let o = 0; o < outer; o++)
    parts.forEach(({ data }, p) => {
      const width = widths[p] as number;
      for (let i = 0; i < width; i++) numbers.push(data[o * width + i] as number);
    });
  const extent = parts.reduce((n, { shape }) => n + (shape[axis] as number), 0);
  return { shape: first.shape.map((n, k) => (k === axis ? extent : n)), data: numbers };
}
