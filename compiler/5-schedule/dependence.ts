/**
 * What a tensor depends on, and so in which program it is computed: `prepare` when on parameters and states alone,
 * `bind` when on the graphs alone, else in the program that asks for it.
 */
import type { Tensor } from "../ir/tensor.js";
import { flopsInPlace, isFree, isMemory, isMove } from "./cost.js";

export type Dependence = "constant" | "parameters" | "facts" | "program";

const constant = 0;
const parameters = 1;
const facts = 2;
const rest = 4;

function ownBits(t: Tensor): number {
  switch (t.op) {
    case "param":
    case "state":
      return parameters;
    case "fact":
      return t.attrs.fact === "step" ? rest : facts;
    case "input":
    case "random":
    case "unknown":
      return rest;
    default:
      return constant;
  }
}

const names: Readonly<Record<number, Dependence>> = {
  [constant]: "constant",
  [parameters]: "parameters",
  [facts]: "facts",
};

/** Answers what tensors depend on; remembers, since programs share most of theirs. */
export class Dependences {
  readonly #bits = new Map<Tensor, number>();

  of(t: Tensor): Dependence {
    return names[this.#bitsOf(t)] ?? "program";
  }

  /** Whether a tensor that a program reads is to be computed ahead, in `prepare` or `bind`. */
  isAhead(t: Tensor): boolean {
    if (isMemory(t) || t.op === "recur" || t.op === "result") return false;
    const known = (x: Tensor): boolean => isMemory(x);
    switch (this.of(t)) {
      case "parameters":
        return t.space.kind === "unit" && !isFree(t, known);
      case "facts":
        return this.#isWorthBinding(t);
      default:
        return false;
    }
  }

  /** Facts of nodes are kept when reading is cheaper; those of edges only as one word of a relation that is given. */
  #isWorthBinding(t: Tensor): boolean {
    if (isMove(t) || t.op === "const" || t.op === "iota" || t.op === "fact") return false;
    if (t.space.kind === "nonzeros") return false;
    if (t.space.kind === "edges" && (!t.space.given || t.axes.length > 0)) return false;
    return reduces(t) || flopsInPlace(t, isMemory) >= 5 * Math.max(1, t.axes.length);
  }

  #bitsOf(t: Tensor): number {
    const known = this.#bits.get(t);
    if (known !== undefined) return known;
    let bits = ownBits(t);
    for (const x of t.inputs) bits |= this.#bitsOf(x);
    this.#bits.set(t, bits);
    return bits;
  }
}

const reduces = (t: Tensor): boolean => "map" in t.attrs && t.op !== "pull" && t.attrs.map !== null;
