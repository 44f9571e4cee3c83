/**
 * Operands of WebAssembly instructions, typed, so that one is never mistaken for a number or for another type.
 *
 * Instructions are trees: each may be used once. An `Expression` says so when it is used twice; a `Local` or a `Constant`
 * makes a new node on every use.
 */
import { bug } from "../../bug.js";
import { get, Node, tee } from "./module/node.js";
import { op } from "./module/op.js";

export type Kind = "i32" | "i64" | "f32" | "f64" | "v128";

export interface Operand<K extends Kind> {
  readonly kind: K;
  /** Its instruction, for one use. */
  take(): Node;
}

export type I32 = Operand<"i32">;
export type F32 = Operand<"f32">;
export type I64 = Operand<"i64">;
export type F64 = Operand<"f64">;
export type V128 = Operand<"v128">;

/** An integer that may be known already. */
export type Index = I32 | number;

/** Something computed, to be used once. */
export class Expression<K extends Kind> implements Operand<K> {
  readonly kind: K;
  readonly #node: Node;
  #used = false;

  constructor(kind: K, node: Node) {
    this.kind = kind;
    this.#node = node;
  }

  take(): Node {
    if (this.#used) bug("an expression is used twice");
    this.#used = true;
    return this.#node;
  }
}

/** A variable of the function. */
export class Local<K extends Kind> implements Operand<K> {
  readonly kind: K;
  readonly index: number;

  constructor(kind: K, index: number) {
    this.kind = kind;
    this.index = index;
  }

  take(): Node {
    return get(this.index);
  }

  /** Sets the variable and gives its value at once. */
  tee(value: Operand<K>): Expression<K> {
    return new Expression(this.kind, tee(this.index, value.take()));
  }
}

/** A scalar written into the code. */
export class Constant<K extends "i32" | "f32" | "f64"> implements Operand<K> {
  readonly kind: K;
  readonly value: number;

  constructor(kind: K, value: number) {
    this.kind = kind;
    this.value = value;
  }

  take(): Node {
    return new Node(op[this.kind], [], this.value);
  }
}
