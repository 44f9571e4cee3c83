/**
 * What the nodes of a function do: how the instruction is written (WebAssembly Core Specification 2.0, 5.4), and what
 * passes over the function must know of it. Those of arithmetic are in `instructions.ts`; here are the ones that passes
 * look at.
 */
import { bug } from "../../../bug.js";
import type { Bytes } from "./bytes.js";
import type { Node } from "./node.js";

/** Where code is written: what its names and labels stand for. */
export interface Writing {
  readonly out: Bytes;
  /** The number of a function. */
  functionOf(name: string): number;
  /** How many blocks a branch to the label leaves. */
  depthOf(label: number): number;
}

/** Writes what stands behind the opcode. */
type Rest = (writing: Writing, node: Node) => void;

/** What it does to memory. A call may do anything. */
type Touch = "none" | "load" | "store";

export class Op {
  /** The bytes of the opcode. */
  readonly code: readonly number[];
  readonly rest: Rest | null;
  readonly touch: Touch;

  constructor(code: readonly number[], rest: Rest | null = null, touch: Touch = "none") {
    this.code = code;
    this.rest = rest;
    this.touch = touch;
  }
}

/** An instruction on vectors. */
export const simd = (code: number): readonly number[] =>
  code < 0x80 ? [0xfd, code] : [0xfd, (code & 0x7f) | 0x80, code >> 7];

/** One of those that came later than others and are not on vectors. */
export const later = (code: number): readonly number[] => [0xfc, code];

export const lane: Rest = ({ out }, node) => out.byte(node.lane);

const variable: Rest = ({ out }, { value }) => out.unsigned(value);
const structure = (code: readonly number[] = []): Op =>
  new Op(code, () => bug("not an expression of its own"));

export const op = {
  /** Nothing; never written. */
  nop: structure(),
  /** Statements one after another; written into what stands around them. */
  block: structure(),
  loop: structure([0x03]),
  if: structure([0x04]),
  branchIf: new Op([0x0d], ({ out, depthOf }, { value }) => out.unsigned(depthOf(value))),
  call: new Op([0x10], ({ out, functionOf }, { name }) => out.unsigned(functionOf(name)), "store"),
  drop: new Op([0x1a]),
  select: new Op([0x1b]),
  get: new Op([0x20], variable),
  set: new Op([0x21], variable),
  tee: new Op([0x22], variable),
  i32: new Op([0x41], ({ out }, { value }) => out.signed(value)),
  i64: new Op([0x42], ({ out }, { value }) => out.signed64(BigInt(value))),
  f32: new Op([0x43], ({ out }, { value }) => out.float(value)),
  f64: new Op([0x44], ({ out }, { value }) => out.double(value)),
};

/** Everything lies at words, so that is what is said of every address: 2 to the power of this. */
const words = 2;

const place: Rest = ({ out }, { value }) => {
  out.byte(words);
  out.unsigned(value);
};
const placeAndLane: Rest = (writing, node) => {
  place(writing, node);
  lane(writing, node);
};
const load = (code: readonly number[]): Op => new Op(code, place, "load");
const store = (code: readonly number[]): Op => new Op(code, place, "store");

export const memory = {
  loadInt: load([0x28]),
  loadFloat: load([0x2a]),
  storeInt: store([0x36]),
  storeFloat: store([0x38]),
  load128: load(simd(0x00)),
  loadSplat: load(simd(0x09)),
  store128: store(simd(0x0b)),
  loadWord: new Op(simd(0x56), placeAndLane, "load"),
  storeWord: new Op(simd(0x5a), placeAndLane, "store"),
  storeTwo: new Op(simd(0x5b), placeAndLane, "store"),
  loadOne: load(simd(0x5c)),
  loadTwo: load(simd(0x5d)),
  /** Of the one memory. */
  fill: new Op(later(0x0b), ({ out }) => out.byte(0), "store"),
};
