/** One number of a tensor, evaluated in place: down to what is stored, one row and position at a time. */
import { bug } from "../../compiler/bug.js";
import { functions } from "../../compiler/ir/evaluate.functions.js";
import type { Evaluation } from "../../compiler/ir/evaluate.js";
import { uniformAt } from "../../compiler/ir/philox.js";
import type { RowMap } from "../../compiler/ir/space.js";
import {
  type Axis,
  factorsOf,
  slotsOf,
  type Tensor,
  type TensorOf,
  type View,
} from "../../compiler/ir/tensor.js";
import { type Position, positions } from "./schedule-memory.js";

/** The stored value of a tensor, or null when it has to be evaluated. */
export type Stored = (t: Tensor, row: number, position: Position) => number | null;

type Members = Map<RowMap, readonly (readonly number[])[]>;

export class InPlace {
  readonly #data: Evaluation;
  readonly #members: Members;
  readonly #stored: Stored;
  readonly #known = new Map<Tensor, Map<number, number>>();

  constructor(data: Evaluation, members: Members, stored: Stored) {
    this.#data = data;
    this.#members = members;
    this.#stored = stored;
  }

  /** What is stored, else what is defined; the same value is worked out once. */
  read(t: Tensor, row: number, position: Position): number {
    let at = row;
    for (const a of t.axes) at = at * a.size + (position.get(a) ?? bug(`no axis ${a.name}`));
    let known = this.#known.get(t);
    if (!known) {
      known = new Map();
      this.#known.set(t, known);
    }
    const value = this.#stored(t, row, position) ?? known.get(at) ?? this.define(t, row, position);
    known.set(at, value);
    return value;
  }

  /** The rows of `map.from` in the group of a row. */
  members(map: RowMap, row: number): readonly number[] {
    let all = this.#members.get(map);
    if (!all) {
      const found: number[][] = Array.from({ length: this.#data.rows(map.to) }, () => []);
      this.#data.mapIndex(map).forEach((b, a) => {
        found[b]?.push(a);
      });
      all = found;
      this.#members.set(map, all);
    }
    return all[row] ?? [];
  }

  /** One row's share in a sum along a map. */
  term(t: Tensor, a: number, position: Position): number {
    if (t.op !== "product") return bug(`${t.op} is no sum`);
    const slots = slotsOf(t);
    return this.#over(t.attrs.over, position, (p) => {
      // an index may stand on axes of the result: they are positions like any other
      const hit = slots.every(({ axis, index }) => this.read(index, a, p) === position.get(axis));
      if (!hit) return 0;
      return factorsOf(t).reduce((n, f) => n * this.read(f, a, p), t.attrs.scale);
    });
  }

  define(t: Tensor, row: number, p: Position): number {
    switch (t.op) {
      case "const":
        return t.attrs.value;
      case "iota":
        return p.get(t.attrs.axis) ?? 0;
      case "fact":
        return this.#fact(t, row);
      case "random": {
        const { seed, step } = this.#data;
        const column = t.attrs.layout.reduce((n, a) => n * a.size + (p.get(a) ?? 0), 0);
        return uniformAt({ seed, step, site: t.attrs.site }, row, column);
      }
      case "map": {
        const [a, b, c] = t.inputs.map((x) => this.read(x, row, p));
        return functions[t.attrs.f](a ?? 0, b ?? 0, c ?? 0);
      }
      case "product": {
        const rows = t.attrs.map ? this.members(t.attrs.map, row) : [row];
        return rows.reduce((sum, a) => sum + this.term(t, a, p), 0);
      }
      case "pull":
        return this.#pull(t, row, p);
      case "view":
        return this.#view(t.inputs[0], t.attrs.view, row, p);
      case "stop":
        return this.read(t.inputs[0], row, p);
      default:
        return this.#reduction(t, row, p);
    }
  }

  #over(over: readonly Axis[], position: Position, f: (p: Position) => number): number {
    return positions(over).reduce((sum, k) => sum + f(new Map([...position, ...k])), 0);
  }

  #fact({ attrs: { fact, map }, space }: TensorOf<"fact">, row: number): number {
    if (fact === "row") return row;
    if (fact === "step") return this.#data.step;
    if (fact === "count") return this.members(map ?? bug("count of no map"), row).length;
    return this.#data.fact(fact, space)[row] ?? bug("no fact");
  }

  #pull(t: TensorOf<"pull">, row: number, p: Position): number {
    const x = t.inputs[0] ?? bug("pull of nothing");
    const at = new Map(p);
    for (const { axis, index } of slotsOf(t)) {
      const i = this.read(index, row, p);
      if (!(i >= 0 && i < axis.size)) return 0;
      at.set(axis, i);
    }
    const { map } = t.attrs;
    return this.read(x, map ? (this.#data.mapIndex(map)[row] ?? 0) : row, at);
  }

  #view(x: Tensor, view: View, row: number, p: Position): number {
    const at = new Map(p);
    const to = (axis: Axis): number => p.get(axis) ?? bug("no axis");
    switch (view.kind) {
      case "rename":
        at.set(view.from, to(view.to));
        break;
      case "slice":
        at.set(view.from, view.start + view.step * to(view.to));
        break;
      case "pad": {
        const i = (to(view.to) - view.start) / view.step;
        if (!Number.isInteger(i) || i < 0 || i >= view.from.size) return 0;
        at.set(view.from, i);
        break;
      }
      case "pick":
        at.set(view.from, view.at);
        break;
      case "place":
        if (to(view.to) !== view.at) return 0;
        break;
      case "merge": {
        let i = to(view.to);
        for (const a of [...view.from].reverse()) {
          at.set(a, i % a.size);
          i = Math.floor(i / a.size);
        }
        break;
      }
      case "split":
        at.set(
          view.from,
          view.to.reduce((n, a) => n * a.size + to(a), 0),
        );
    }
    return this.read(x, row, at);
  }

  /** Values of a reduction other than a sum, in order, each with its name as a winner. */
  #values(x: Tensor, over: readonly Axis[], map: RowMap | null, row: number, p: Position) {
    const rows = map ? this.members(map, row) : [row];
    return rows.flatMap((a) =>
      positions(over).map((k, i) => ({
        value: this.read(x, a, new Map([...p, ...k])),
        name: map ? a : i,
      })),
    );
  }

  #reduction(t: Tensor, row: number, p: Position): number {
    if (t.op === "lse") {
      const values = this.#values(t.inputs[0], t.attrs.over, t.attrs.map, row, p);
      const top = Math.max(...values.map((v) => v.value));
      if (!Number.isFinite(top)) return Number.NEGATIVE_INFINITY;
      return top + Math.log(values.reduce((n, v) => n + Math.exp(v.value - top), 0));
    }
    if (t.op === "argmax") {
      return best(this.#values(t.inputs[0], [t.attrs.axis], null, row, p), 1).name;
    }
    const extreme = t.op === "winner" ? t.inputs[0] : t;
    if (extreme.op !== "extreme") return bug(`${t.op} ${t.label} is not stored and has no value`);
    const { which, over, map } = extreme.attrs;
    const found = best(
      this.#values(extreme.inputs[0], over, map, row, p),
      which === "max" ? 1 : -1,
    );
    return t.op === "winner" ? found.name : found.value;
  }
}

function best(
  values: readonly { readonly value: number; readonly name: number }[],
  sign: 1 | -1,
): { readonly value: number; readonly name: number } {
  const nothing = { value: -sign * Number.POSITIVE_INFINITY, name: -1 };
  return values.reduce((b, v) => (b.name < 0 || sign * v.value > sign * b.value ? v : b), nothing);
}
