/**
 * Instructions of a function as trees: each node has its operands, in the order in which they are computed, and what is
 * written behind its opcode. A node has one place in one tree; passes over a finished function change it there.
 */
import type { Kind } from "../operand.js";
import { type Op, op } from "./op.js";

export class Node {
  op: Op;
  args: Node[];
  /** A variable, a constant, an offset, a label, or the words of a shuffle. */
  value: number;
  lane: number;
  /** What is called. */
  name: string;

  constructor(what: Op, args: Node[], value = 0, lane = 0) {
    this.op = what;
    this.args = args;
    this.value = value;
    this.lane = lane;
    this.name = "";
  }

  /** Takes the place of this node. */
  become(other: Node): void {
    this.op = other.op;
    this.args = other.args;
    this.value = other.value;
    this.lane = other.lane;
    this.name = other.name;
  }
}

export const nothing = (): Node => new Node(op.nop, []);
export const block = (statements: Node[]): Node => new Node(op.block, statements);
export const loop = (label: number, body: Node): Node => new Node(op.loop, [body], label);
export const branchIf = (label: number, test: Node): Node => new Node(op.branchIf, [test], label);
export const choice = (test: Node, yes: Node, no: Node): Node =>
  new Node(op.select, [yes, no, test]);
export const conditional = (test: Node, yes: Node, no?: Node): Node =>
  new Node(op.if, no ? [test, yes, no] : [test, yes]);
export const get = (variable: number): Node => new Node(op.get, [], variable);
export const set = (variable: number, value: Node): Node => new Node(op.set, [value], variable);
export const tee = (variable: number, value: Node): Node => new Node(op.tee, [value], variable);
export const int = (value: number): Node => new Node(op.i32, [], value);

export function call(name: string, args: Node[]): Node {
  const node = new Node(op.call, args);
  node.name = name;
  return node;
}

/** A function of the module. `variables` come after the parameters. */
export interface Func {
  readonly name: string;
  readonly parameters: readonly Kind[];
  readonly result: Kind | null;
  readonly variables: readonly Kind[];
  readonly body: Node;
  readonly exported: boolean;
}
