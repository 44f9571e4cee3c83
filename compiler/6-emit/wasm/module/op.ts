/**
 * What the nodes of a function do: how binaryen makes the instruction, and what passes over the function must know of it.
 * Those of arithmetic are in `instructions.ts`; here are the ones that passes look at.
 */
import type binaryen from "binaryen";
import { bug } from "../../../bug.js";
import type { Kind } from "../operand.js";
import type { Node } from "./node.js";

export type Binaryen = typeof binaryen;

/** The module that a function is made in, and the types of the function's variables. */
export interface Making {
  readonly wasm: Binaryen;
  readonly m: binaryen.Module;
  readonly kinds: readonly Kind[];
}

/** Of a node with its operands made: binaryen's expression. */
type Make = (making: Making, args: readonly number[], node: Node) => number;

/** What it does to memory. A call may do anything. */
type Touch = "none" | "load" | "store";

export class Op {
  readonly make: Make;
  readonly touch: Touch;

  constructor(make: Make, touch: Touch = "none") {
    this.make = make;
    this.touch = touch;
  }
}

type Unary = (a: number) => number;
type Binary = (a: number, b: number) => number;
type Get<F> = (m: binaryen.Module) => F;

// operands by their place: to take an array apart asks its iterator, which is slow as long as code is interpreted
export const unary = (of: Get<Unary>): Op => new Op(({ m }, args) => of(m)(given(args[0])));
export const binary = (of: Get<Binary>): Op =>
  new Op(({ m }, args) => of(m)(given(args[0]), given(args[1])));

/** An operand that is there. */
export const given = (made: number | undefined): number => made ?? bug("an operand is missing");

const structure = (): Op => new Op(() => bug("not an expression of its own"));

export const op = {
  /** Nothing; never made. */
  nop: structure(),
  /** Statements one after another; made into what stands around them. */
  block: structure(),
  loop: structure(),
  if: structure(),
  branchIf: new Op(({ m }, [test], { value }) => m.br(labelOf(value), test)),
  call: new Op(
    ({ wasm, m }, args, { name, gives }) => m.call(name, args, gives ? wasm[gives] : wasm.none),
    "store",
  ),
  drop: unary((m) => m.drop),
  select: new Op(({ m }, [yes, no, test]) => m.select(given(test), given(yes), given(no))),
  get: new Op(({ wasm, m, kinds }, _, { value }) => m.local.get(value, wasm[kindOf(kinds, value)])),
  set: new Op(({ m }, args, { value }) => m.local.set(value, given(args[0]))),
  tee: new Op(({ wasm, m, kinds }, args, { value }) =>
    m.local.tee(value, given(args[0]), wasm[kindOf(kinds, value)]),
  ),
  i32: new Op(({ m }, _, { value }) => m.i32.const(value)),
  i64: new Op(({ m }, _, { value }) => m.i64.const(BigInt(value))),
  f32: new Op(({ m }, _, { value }) => m.f32.const(value)),
  f64: new Op(({ m }, _, { value }) => m.f64.const(value)),
};

export const labelOf = (label: number): string => `l${label}`;

const kindOf = (kinds: readonly Kind[], variable: number): Kind =>
  kinds[variable] ?? bug(`no variable ${variable}`);

type Load = (offset: number, align: number, address: number) => number;
type Store = (offset: number, align: number, address: number, value: number) => number;
type Lane = (offset: number, align: number, lane: number, at: number, vector: number) => number;

const words = 4;
const load = (of: Get<Load>): Op =>
  new Op(({ m }, args, { value }) => of(m)(value, words, given(args[0])), "load");
const store = (of: Get<Store>): Op =>
  new Op(({ m }, args, { value }) => of(m)(value, words, given(args[0]), given(args[1])), "store");
const lane = (of: Get<Lane>, touch: Touch): Op =>
  new Op(
    ({ m }, [at, a], { value, lane: i }) => of(m)(value, words, i, given(at), given(a)),
    touch,
  );

export const memory = {
  loadInt: load((m) => m.i32.load),
  loadFloat: load((m) => m.f32.load),
  storeInt: store((m) => m.i32.store),
  storeFloat: store((m) => m.f32.store),
  load128: load((m) => m.v128.load),
  loadSplat: load((m) => m.v128.load32_splat),
  store128: store((m) => m.v128.store),
  loadWord: lane((m) => m.v128.load32_lane, "load"),
  storeWord: lane((m) => m.v128.store32_lane, "store"),
  storeTwo: lane((m) => m.v128.store64_lane, "store"),
  loadOne: load((m) => m.v128.load32_zero),
  loadTwo: load((m) => m.v128.load64_zero),
  fill: new Op(({ m }, [at, a, n]) => m.memory.fill(given(at), given(a), given(n)), "store"),
};
