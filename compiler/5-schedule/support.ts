/**
 * Where a tensor is not 0: masks outside of which it is, whatever numbers it is made of. A factor that is 0 makes a
 * product 0; sums are 0 where all terms are.
 */
import type { RowMap } from "../ir/space.js";
import { factorsOf, type MapFunction, type Tensor, type TensorOf } from "../ir/tensor.js";
import type { Masks } from "./masks.js";

type MasksOf = ReadonlySet<Tensor>;

/** 0 of 0. */
const keepsZero: ReadonlySet<MapFunction> = new Set(["relu", "abs", "tanh", "sin", "erf", "sqrt"]);
/** 0 of 0 and 0. */
const joinsZeros: ReadonlySet<MapFunction> = new Set(["add", "sub", "min", "max"]);

const none: MasksOf = new Set();

export class Supports {
  readonly #masks: Masks;
  readonly #found = new Map<Tensor, MasksOf>();

  constructor(masks: Masks) {
    this.#masks = masks;
  }

  /** Masks of its rows. */
  of(t: Tensor): MasksOf {
    const known = this.#found.get(t);
    if (known) return known;
    const found = this.#compute(t);
    this.#found.set(t, found);
    return found;
  }

  /** Masks of the rows that a sum adds up. */
  ofTerms(t: TensorOf<"product">): MasksOf {
    return union(factorsOf(t).map((x) => this.of(x)));
  }

  /** Masks of the rows that the terms of a sum are read from, along a map. */
  ofRowsRead(t: TensorOf<"product">, from: RowMap): MasksOf {
    const read = factorsOf(t).flatMap((x) => this.#ofElements(x));
    return new Set(read.flatMap((one) => (one.from === from ? [one.mask] : [])));
  }

  #compute(t: Tensor): MasksOf {
    switch (t.op) {
      case "map":
        return this.#ofMap(t);
      case "product":
        if (!t.attrs.map) return this.ofTerms(t);
        return t.attrs.slots.length > 0 ? none : this.#ofSum(t, t.attrs.map);
      case "pull":
        return t.attrs.map ? none : this.of(t.inputs[0] as Tensor);
      case "view":
      case "stop":
        return this.of(t.inputs[0]);
      default:
        return none;
    }
  }

  #ofMap({ attrs: { f }, inputs }: TensorOf<"map">): MasksOf {
    const [a, b, c] = inputs;
    if (f === "select" && a && b && c) return this.#ofChoice(a, b, c);
    if (f === "to_f32" && a) return this.#masks.isMask(a) ? new Set([a]) : this.of(a);
    if (keepsZero.has(f) && a) return this.of(a);
    return joinsZeros.has(f) && a && b ? both(this.of(a), this.of(b)) : none;
  }

  #ofChoice(condition: Tensor, yes: Tensor, no: Tensor): MasksOf {
    if (!isZero(no)) return isZero(yes) ? this.of(no) : both(this.of(yes), this.of(no));
    const own = this.#masks.isMask(condition) ? [condition] : [];
    return new Set([...own, ...this.of(yes)]);
  }

  /** A sum along a map: where one of its terms may not be 0. */
  #ofSum(t: TensorOf<"product">, map: RowMap): MasksOf {
    const carried = factorsOf(t)
      .flatMap((x) => this.#ofElements(x))
      .map(({ mask, from }) => this.#masks.carried(mask, from, map));
    return new Set(carried.flatMap((mask) => mask ?? []));
  }

  /** Masks of the rows that elements map to. */
  #ofElements(t: Tensor): readonly { readonly mask: Tensor; readonly from: RowMap }[] {
    if (t.op === "pull" && t.attrs.map) {
      const from = t.attrs.map;
      return [...this.of(t.inputs[0] as Tensor)].map((mask) => ({ mask, from }));
    }
    const plain = t.op === "product" && !t.attrs.map && t.attrs.slots.length === 0;
    return plain ? factorsOf(t).flatMap((x) => this.#ofElements(x)) : [];
  }
}

const isZero = (t: Tensor): boolean => t.op === "const" && t.attrs.value === 0;

const union = (sets: readonly MasksOf[]): MasksOf => new Set(sets.flatMap((s) => [...s]));

const both = (a: MasksOf, b: MasksOf): MasksOf => new Set([...a].filter((mask) => b.has(mask)));
