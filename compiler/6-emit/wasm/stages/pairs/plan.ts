/**
 * Which walks are products of pairs: sums over the neighbours of a row, weighted by something made of inner products of
 * the two ends, where the neighbours lie side by side. Such as softmax attention and its derivatives:
 *
 *     s_rj = Σ_k q_rk k_jk      y_rc = Σ_j f(s_rj, ..) v_jc
 *
 * They run on blocks of rows, as products of matrices (KERNELS, section 5).
 */
import type { RowMap } from "../../../../ir/space.js";
import { receiverOf, senderOf } from "../../../../ir/space.js";
import {
  type Axis,
  factorsOf,
  type Tensor,
  type TensorOf,
  union,
  volume,
  without,
} from "../../../../ir/tensor.js";
import type { StageContext } from "../context.js";
import { type Field, fieldOf } from "./field.js";

export type End = Extract<RowMap, { kind: "sender" | "receiver" }>;

/** Σ over `over` of what the row has and what a neighbour has. */
export interface Dot {
  readonly tensor: TensorOf<"product">;
  readonly near: readonly Tensor[];
  readonly far: Field;
  /** In the order in which the neighbour has them. */
  readonly over: readonly Axis[];
}

/** scale * the product of some values of the pair. */
export interface Weight {
  readonly factors: readonly Tensor[];
  readonly scale: number;
}

/** A weight times a field of the neighbour; no field: the weight alone. */
export interface Term {
  readonly weight: Weight;
  /** What the weight is made of. */
  readonly dots: readonly Dot[];
  readonly far: Field | null;
  /** In the order in which the neighbour has them. */
  readonly columns: readonly Axis[];
}

/** Σ over neighbours of some terms with the same columns. */
export interface WeightedSum {
  readonly target: TensorOf<"product">;
  readonly terms: readonly Term[];
  readonly columns: readonly Axis[];
}

export interface Softmax {
  readonly lse: TensorOf<"lse">;
  readonly logits: Tensor;
  /** What sums have of it; null: the logarithm alone is wanted. */
  readonly weights: Tensor | null;
}

export interface Pairs {
  /** To the row, and to the neighbour. */
  readonly map: End;
  readonly across: End;
  /** Axes that the weights have: products of matrices for each of their positions. */
  readonly stack: readonly Axis[];
  readonly softmax: Softmax | null;
  /** Those of the logits first. */
  readonly dots: readonly Dot[];
  /** How many of them the logits are made of. */
  readonly ofLogits: number;
  readonly weights: readonly Weight[];
  readonly sums: readonly WeightedSum[];
}

/** Shorter sums are no matter for tiles. */
const shortest = 8;

/** What is wanted of a walk. */
export interface Wish {
  readonly map: RowMap;
  readonly softmax: Softmax | null;
  readonly targets: readonly Tensor[];
}

/** The sums of a walk that are products of pairs, and a logsumexp of such; null when there is nothing of the kind. */
export function pairsOf({ map, softmax, targets }: Wish, c: StageContext): Pairs | null {
  if (!isInterval(map) || !c.tile.contiguous || c.kernel.domain.over === "count") return null;
  const across = map.kind === "sender" ? receiverOf(map.relation) : senderOf(map.relation);
  const search = new Search(map, across as End, softmax, c);
  const logits = softmax ? search.dotsIn(softmax.logits) : [];
  if (!logits) return null;
  const found = targets.map((t) => search.sumOf(t)).filter((s) => s !== null);
  const heads = union(
    ...[...logits, ...found.flatMap(dotsOf)].flatMap(axesOf),
    softmax?.logits.axes ?? [],
  );
  const sums = found.filter((s) => without(s.target.axes, [...heads, ...s.columns]).length === 0);
  const dots = [...new Set([...logits, ...sums.flatMap(dotsOf)])];
  const isAlone = softmax !== null && targets.length === 0;
  if (sums.length === 0 && !isAlone) return null;
  if (!dots.some((d) => volume(d.over) >= shortest)) return null;
  const stack = union(
    ...dots.flatMap(axesOf),
    ...sums.map((s) => without(s.target.axes, s.columns)),
  );
  const weights = weightsOf(sums);
  const ofLogits = logits.length;
  return { map, across: across as End, stack, softmax, dots, ofLogits, weights, sums };
}

/** The heads of an inner product. */
const axesOf = ({ tensor, far, over }: Dot): readonly (readonly Axis[])[] => [
  tensor.axes,
  without(far.layout, over),
];

/** Inner products that the weights of a sum are made of. */
export const dotsOf = ({ terms }: WeightedSum): readonly Dot[] => terms.flatMap((t) => t.dots);

/** Each once. */
function weightsOf(sums: readonly WeightedSum[]): readonly Weight[] {
  const found: Weight[] = [];
  for (const { weight } of sums.flatMap((s) => s.terms)) {
    if (!found.some((w) => isSame(w, weight))) found.push(weight);
  }
  return found;
}

/** Whether two weights have the same factors, which stand in the order of their numbers. */
export const isSame = (a: Weight, b: Weight): boolean =>
  a.scale === b.scale &&
  a.factors.length === b.factors.length &&
  a.factors.every((t, i) => t === b.factors[i]);

/** Relations whose neighbours lie side by side, any number of them. */
function isInterval(map: RowMap): map is End {
  if (map.kind !== "sender" && map.kind !== "receiver") return false;
  const { kind } = map.relation.topology;
  return kind === "complete" || kind === "causal";
}

class Search {
  readonly #map: End;
  readonly #across: End;
  readonly #softmax: Softmax | null;
  readonly #c: StageContext;
  readonly #dots = new Map<Tensor, Dot | null>();

  constructor(map: End, across: End, softmax: Softmax | null, c: StageContext) {
    this.#map = map;
    this.#across = across;
    this.#softmax = softmax;
    this.#c = c;
  }

  sumOf(t: Tensor): WeightedSum | null {
    if (t.op !== "product" || t.attrs.map !== this.#map) return null;
    if (t.attrs.slots.length > 0 || t.attrs.over.length > 0) return null;
    const terms = this.#termsOf(factorsOf(t), 1);
    const columns = terms?.[0]?.columns;
    if (!terms || !columns) return null;
    const alike = terms.every(
      (x) => x.columns.length === columns.length && x.columns.every((a, i) => a === columns[i]),
    );
    return alike ? { target: t, terms, columns } : null;
  }

  /** Terms with fields of neighbours, where these are added up; else one. */
  #termsOf(factors: readonly Tensor[], scale: number): readonly Term[] | null {
    const parts = this.#partsOf(factors, scale);
    if (parts?.every((term) => term.far !== null)) return parts;
    const whole = this.#termOf(factors, scale);
    return whole && [whole];
  }

  #partsOf(factors: readonly Tensor[], scale: number): readonly Term[] | null {
    const [only, ...more] = factors;
    if (!only || more.length > 0 || this.#c.e.stored(only)) return null;
    if (only.op === "product") {
      const { map, over, slots } = only.attrs;
      if (map || over.length > 0 || slots.length > 0) return null;
      return this.#termsOf(factorsOf(only), scale * only.attrs.scale);
    }
    if (only.op !== "map" || (only.attrs.f !== "add" && only.attrs.f !== "sub")) return null;
    const sign = only.attrs.f === "sub" ? -1 : 1;
    const parts = only.inputs.map((x, i) => this.#termsOf([x], i === 0 ? scale : sign * scale));
    return parts.includes(null) ? null : parts.flatMap((x) => x ?? []);
  }

  #termOf(factors: readonly Tensor[], scale: number): Term | null {
    const wide = factors.filter((f) => this.#own(f, factors).length > 0);
    const [field, ...more] = wide;
    if (more.length > 0) return null;
    const far = field ? this.#farOf(field) : null;
    if (field && !far) return null;
    const columns = field ? this.#own(field, factors) : [];
    if (far && !isInnermost(columns, far.layout)) return null;
    const weight = factors.filter((f) => f !== field);
    const dots = weight.map((f) => this.dotsIn(f));
    if (weight.length === 0 || dots.includes(null)) return null;
    const ordered = far ? far.layout.slice(far.layout.length - columns.length) : [];
    return {
      weight: { factors: weight, scale },
      dots: dots.flatMap((d) => d ?? []),
      far,
      columns: ordered,
    };
  }

  /** Axes that no other factor has and, of a field of the neighbours, that are no heads. */
  #own(f: Tensor, factors: readonly Tensor[]): readonly Axis[] {
    if (f.op !== "pull" || f.attrs.map === null) return [];
    return without(f.axes, union(...factors.filter((x) => x !== f).map((x) => x.axes)));
  }

  #farOf(t: Tensor): Field | null {
    if (t.op !== "pull" || t.attrs.map !== this.#across || t.attrs.slots.length > 0) return null;
    return t.inputs[0] && t.dtype === "f32" ? fieldOf(t.inputs[0], this.#c.e) : null;
  }

  /** The inner products that a value is made of, everything else being pointwise; null when it is not. */
  dotsIn(t: Tensor): readonly Dot[] | null {
    if (this.#softmax && t === this.#softmax.weights) return [];
    const stored = this.#c.e.stored(t) !== null;
    if (stored || t.op === "fact") return this.#isWhole() ? [] : null;
    switch (t.op) {
      case "const":
      case "iota":
      case "random":
        return [];
      case "product": {
        const dot = this.#dotOf(t);
        if (dot) return [dot];
        return t.attrs.over.length === 0 && !t.attrs.map ? this.#below(t) : null;
      }
      case "map":
      case "stop":
        return this.#below(t);
      case "pull":
        return this.#below(t, t.attrs.map ? 1 : 0);
      case "view":
        return this.#below(t)?.length === 0 ? [] : null;
      default:
        return null;
    }
  }

  #below(t: Tensor, from = 0): readonly Dot[] | null {
    const found: Dot[] = [];
    for (const x of t.inputs.slice(from)) {
      const below = this.dotsIn(x);
      if (!below) return null;
      found.push(...below);
    }
    return found;
  }

  /** Whether every neighbour in the interval has an edge: then its number may be asked for. */
  #isWhole(): boolean {
    const { topology } = this.#map.relation;
    return topology.kind === "complete" && !topology.strict;
  }

  #dotOf(t: TensorOf<"product">): Dot | null {
    const known = this.#dots.get(t);
    if (known !== undefined) return known;
    const made = this.#makeDot(t);
    this.#dots.set(t, made);
    return made;
  }

  #makeDot(t: TensorOf<"product">): Dot | null {
    const { over, map, slots } = t.attrs;
    if (map || slots.length > 0 || over.length === 0) return null;
    const factors = factorsOf(t);
    const [first, ...more] = factors.filter((f) => f.op === "pull" && f.attrs.map === this.#across);
    const far = first ? this.#farOf(first) : null;
    if (!first || !far || more.length > 0 || !isInnermost(over, far.layout)) return null;
    const near = factors.filter((f) => f !== first);
    const isNear = (f: Tensor): boolean =>
      f.op === "pull" &&
      f.attrs.slots.length === 0 &&
      (f.attrs.map === this.#map || f.attrs.map?.kind === "all");
    if (near.length === 0 || !near.every(isNear)) return null;
    return { tensor: t, near, far, over: far.layout.slice(far.layout.length - over.length) };
  }
}

/** Whether these axes are the last of a layout. */
const isInnermost = (axes: readonly Axis[], layout: readonly Axis[]): boolean =>
  layout.slice(layout.length - axes.length).every((a) => axes.includes(a));
