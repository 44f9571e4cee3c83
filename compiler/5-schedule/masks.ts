/**
 * Masks: truths of rows that the data alone decides, and where they are carried to. A mask m on the nodes that edges of
 * a relation come from or go to becomes one on the nodes at their other ends: whether any of their edges has m.
 */
import { type RowMap, type Space, unitSpace } from "../ir/space.js";
import type { Tensor, TensorTable } from "../ir/tensor.js";

/** Over how many relations a mask is carried: what more of them reach is nearly everything. */
const mostHops = 2;

export class Masks {
  readonly #table: TensorTable;
  readonly #hops = new Map<Tensor, number>();
  readonly #ofData = new Map<Tensor, Leaves>();

  constructor(table: TensorTable) {
    this.#table = table;
  }

  /** Whether a tensor is a mask: one truth a row, made of truths among the inputs. */
  isMask(t: Tensor): boolean {
    return t.dtype === "bool" && t.axes.length === 0 && this.#leavesOf(t) === "masks";
  }

  /** Over how many relations it was carried. */
  hopsOf(mask: Tensor): number {
    return this.#hops.get(mask) ?? 0;
  }

  /** Rows one of whose elements along `to` has the mask at the row it maps to by `from`; null: that is too far. */
  carried(mask: Tensor, from: RowMap, to: RowMap): Tensor | null {
    if (from === to) return mask;
    const hops = this.hopsOf(mask) + 1;
    if (hops > mostHops || !isListed(from) || !isListed(to)) return null;
    const table = this.#table;
    const met = table.pull(table.map("to_f32", [mask]), from);
    const count = table.product({ factors: [met], map: to });
    const found = table.map("gt", [count, table.constant(0, to.to)]);
    this.#hops.set(found, hops);
    return found;
  }

  #leavesOf(t: Tensor): Leaves {
    const known = this.#ofData.get(t);
    if (known) return known;
    const found = leavesOf(t, (x) => this.#leavesOf(x));
    this.#ofData.set(t, found);
    return found;
  }
}

/** What a tensor is made of: constants and the graph alone, truths of the inputs among them, or anything else. */
type Leaves = "facts" | "masks" | "more";

function leavesOf(t: Tensor, of: (t: Tensor) => Leaves): Leaves {
  switch (t.op) {
    case "input":
      return t.dtype === "bool" && t.space.kind === "nodes" ? "masks" : "more";
    case "fact":
      return t.attrs.fact === "step" ? "more" : "facts";
    case "const":
    case "iota":
      return "facts";
    case "map": {
      const all = t.inputs.map(of);
      if (all.includes("more")) return "more";
      return all.includes("masks") ? "masks" : "facts";
    }
    default:
      return "more";
  }
}

/** Whether the edges come with the data, so that there are few of them to a row. */
export const isListed = (map: RowMap): boolean =>
  (map.kind === "sender" || map.kind === "receiver") && map.relation.given;

/** Whether rows of a space may be left out. */
export const hasMasks = (space: Space): boolean => space !== unitSpace && space.kind === "nodes";
