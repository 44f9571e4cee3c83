/**
 * Operands of WebAssembly instructions, typed, so that a reference is never mistaken for a number or for another type.
 *
 * binaryen's expressions are trees: each may be used once. An `Expression` says so when it is used twice; a `Local` or
 * a `Constant` makes a new reference on every use.
 */
import type binaryen from "binaryen";
import { bug } from "../../bug.js";

export type Kind = "i32" | "i64" | "f32" | "f64" | "v128";

export interface Operand<K extends Kind> {
  readonly kind: K;
  /** binaryen's reference, for one use. */
  take(): number;
}

export type I32 = Operand<"i32">;
export type F32 = Operand<"f32">;
export type F64 = Operand<"f64">;
export type V128 = Operand<"v128">;

/** An integer that may be known already. */
export type Index = I32 | number;

/** Something computed, to be used once. */
export class Expression<K extends Kind> implements Operand<K> {
  readonly kind: K;
  readonly #ref: number;
  #used = false;

  constructor(kind: K, ref: number) {
    this.kind = kind;
    this.#ref = ref;
  }

  take(): number {
    if (this.#used) bug("an expression is used twice");
    this.#used = true;
    return this.#ref;
  }
}

/** A variable of the function. */
export class Local<K extends Kind> implements Operand<K> {
  readonly kind: K;
  readonly index: number;
  readonly #module: binaryen.Module;
  readonly #type: number;

  constructor(module: binaryen.Module, kind: K, type: number, index: number) {
    this.#module = module;
    this.kind = kind;
    this.#type = type;
    this.index = index;
  }

  take(): number {
    return this.#module.local.get(this.index, this.#type);
  }

  /** Sets the variable and gives its value at once. */
  tee(value: Operand<K>): Expression<K> {
    return new Expression(this.kind, this.#module.local.tee(this.index, value.take(), this.#type));
  }
}

/** A scalar written into the code. */
export class Constant<K extends "i32" | "f32" | "f64"> implements Operand<K> {
  readonly kind: K;
  readonly value: number;
  readonly #make: (value: number) => number;

  constructor(kind: K, value: number, make: (value: number) => number) {
    this.kind = kind;
    this.value = value;
    this.#make = make;
  }

  take(): number {
    return this.#make(this.value);
  }
}
