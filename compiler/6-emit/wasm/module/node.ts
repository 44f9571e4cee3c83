/**
 * Instructions of a function as trees: each node has its operands, in the order in which they are computed, and what is
 * written behind its opcode. A node has one place in one tree; passes over a finished function change it there.
 */
import type { Kind } from "../operand.js";

/** Opcodes that passes look at. Those of two parts are `prefix << 16 | number`. */
export const op = {
  /** Nothing; never written. */
  nop: 0x01,
  /** Statements one after another; written without a frame of their own. */
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  branchIf: 0x0d,
  call: 0x10,
  drop: 0x1a,
  select: 0x1b,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  i32: 0x41,
  i64: 0x42,
  f32: 0x43,
  f64: 0x44,
} as const;

export const simd = (code: number): number => (0xfd << 16) | code;
export const numeric = (code: number): number => (0xfc << 16) | code;

export class Node {
  op: number;
  args: Node[];
  /** A variable, a constant, an offset, a label, or the words of a shuffle. */
  value: number;
  /** A lane; of a call whether it gives something. */
  lane: number;
  /** What is called. */
  name: string;

  constructor(code: number, args: Node[], value = 0, lane = 0, name = "") {
    this.op = code;
    this.args = args;
    this.value = value;
    this.lane = lane;
    this.name = name;
  }

  /** Takes the place of this node. */
  become({ op: code, args, value, lane, name }: Node): void {
    this.op = code;
    this.args = args;
    this.value = value;
    this.lane = lane;
    this.name = name;
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
export const call = (name: string, args: Node[], gives: boolean): Node =>
  new Node(op.call, args, 0, gives ? 1 : 0, name);
export const get = (variable: number): Node => new Node(op.get, [], variable);
export const set = (variable: number, value: Node): Node => new Node(op.set, [value], variable);
export const tee = (variable: number, value: Node): Node => new Node(op.tee, [value], variable);
export const int = (value: number): Node => new Node(op.i32, [], value);

/** What loads and stores do, and where their number in the table of opcodes says so. */
export const memory = {
  loadInt: 0x28,
  loadFloat: 0x2a,
  storeInt: 0x36,
  storeFloat: 0x38,
  load128: simd(0x00),
  loadSplat: simd(0x09),
  store128: simd(0x0b),
  loadWord: simd(0x56),
  storeWord: simd(0x5a),
  storeTwo: simd(0x5b),
  loadOne: simd(0x5c),
  loadTwo: simd(0x5d),
  fill: numeric(0x0b),
} as const;

const loads = new Set<number>([
  memory.loadInt,
  memory.loadFloat,
  memory.load128,
  memory.loadSplat,
  memory.loadWord,
  memory.loadOne,
  memory.loadTwo,
]);
const stores = new Set<number>([
  memory.storeInt,
  memory.storeFloat,
  memory.store128,
  memory.storeWord,
  memory.storeTwo,
]);

export const shuffle = simd(0x0d);

/** Whether a lane stands behind the opcode, or behind the offset. */
export const takesLane = (code: number): boolean => code >= simd(0x15) && code <= simd(0x22);
export const hasLane = (code: number): boolean =>
  code >= memory.loadWord && code <= memory.storeTwo;

/** Words 0 to 7 of two vectors, three bits each, first to last. */
export const wordsOfShuffle = (words: readonly number[]): number =>
  words.reduce((all, word, i) => all | (word << (3 * i)), 0);
export const byteOfShuffle = (words: number, byte: number): number =>
  4 * ((words >> (3 * (byte >> 2))) & 7) + (byte & 3);

export const isAddressed = (code: number): boolean => isLoad(code) || isStore(code);
export const isLoad = (code: number): boolean => loads.has(code);
export const isStore = (code: number): boolean => stores.has(code);

/** A function of the module. `variables` come after the parameters. */
export interface Func {
  readonly name: string;
  readonly parameters: readonly Kind[];
  readonly result: Kind | null;
  readonly variables: readonly Kind[];
  readonly body: Node;
  readonly exported: boolean;
}
