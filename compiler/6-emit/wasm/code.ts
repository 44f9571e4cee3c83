/**
 * Writes the body of one function: statements, variables, loops and conditions over trees of instructions.
 *
 * Integers fold when they are known; everything else is spelt as WebAssembly has it. A kernel takes
 * (frame, begin, end, scratch), as `runtime/artifact.ts` says; what kernels call takes operands of one type.
 */
import { bug } from "../../bug.js";
import { type Spelling, spelling } from "./instructions.js";
import { block, branchIf, choice, conditional, type Func, loop, Node, set } from "./module/node.js";
import { memory, type Op, op } from "./module/op.js";
import {
  Constant,
  Expression,
  type F32,
  type I32,
  type Index,
  type Kind,
  Local,
  type Operand,
  type V128,
} from "./operand.js";
import type { Pool } from "./pool.js";
import { fused } from "./relaxed.js";
import { Scope } from "./scope.js";

/** The module that functions are written into. */
export interface Target {
  readonly functions: Func[];
  readonly pool: Pool;
  /** Whether a product and a sum may be one instruction: two roundings, or one where the machine can. */
  readonly relaxed: boolean;
}

/** A number, and the bits of it. */
const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);

export class Code {
  readonly functions: Func[];
  readonly ops: Spelling = spelling;
  readonly root = new Scope(null);
  readonly frame: Local<"i32">;
  readonly begin: Local<"i32">;
  readonly end: Local<"i32">;
  readonly scratch: Local<"i32">;
  readonly pool: Pool;
  /** Vectors kept in variables from entry on: by the word that they repeat, and by all four. */
  readonly #splats = new Map<number, Local<"v128">>();
  readonly #constants = new Map<string, Local<"v128">>();
  readonly #variables: Kind[] = [];
  #scope: Scope = this.root;
  #labels = 0;
  readonly relaxed: boolean;
  readonly #parameters: number;
  /** How many more functions may be written in place. */
  #inPlace = 0;

  constructor({ functions, pool, relaxed }: Target, parameters = 4) {
    this.functions = functions;
    this.pool = pool;
    this.relaxed = relaxed;
    this.#parameters = parameters;
    const parameter = (i: number): Local<"i32"> => new Local("i32", i);
    this.frame = parameter(0);
    this.begin = parameter(1);
    this.end = parameter(2);
    this.scratch = parameter(3);
  }

  // ---- scopes and statements --------------------------------------------------------------

  get scope(): Scope {
    return this.#scope;
  }

  emit(statement: Node): void {
    this.#scope.statements.push(statement);
  }

  /** Writes in a scope that encloses the present one. */
  within<T>(scope: Scope, write: () => T): T {
    const before = this.#scope;
    this.#scope = scope;
    const result = write();
    this.#scope = before;
    return result;
  }

  /** Writes a new inner scope and gives it as one expression. */
  inner(write: () => void): Node {
    const scope = new Scope(this.#scope);
    this.within(scope, write);
    return block(scope.statements);
  }

  /** Writes with so many functions of vectors in place; those that come after are called. */
  inPlace(most: number, write: () => void): void {
    const before = this.#inPlace;
    this.#inPlace = most;
    write();
    this.#inPlace = before;
  }

  /** Whether the next function is to be written in place. */
  takesInPlace(): boolean {
    return this.#inPlace > 0 && this.#inPlace-- > 0;
  }

  /** The finished body. */
  body(): Node {
    return block(this.root.statements);
  }

  get variables(): readonly Kind[] {
    return this.#variables;
  }

  // ---- variables and constants ------------------------------------------------------------

  local<K extends Kind>(kind: K): Local<K> {
    this.#variables.push(kind);
    return new Local(kind, this.#parameters + this.#variables.length - 1);
  }

  set<K extends Kind>(local: Local<K>, value: Operand<K>): void {
    this.emit(set(local.index, value.take()));
  }

  /** Computes here, once. */
  hold<K extends Kind>(value: Operand<K>): Local<K> {
    if (value instanceof Local) return value;
    const local = this.local(value.kind);
    this.set(local, value);
    return local;
  }

  /** A variable that starts as `value` and will change. */
  variable<K extends Kind>(value: Operand<K>): Local<K> {
    const local = this.local(value.kind);
    this.set(local, value);
    return local;
  }

  int(value: Index): I32 {
    return typeof value === "number" ? new Constant("i32", value | 0) : value;
  }

  float(value: number): Constant<"f32"> {
    return new Constant("f32", value);
  }

  double(value: number): Constant<"f64"> {
    return new Constant("f64", value);
  }

  /** A vector kept in a variable from entry on. */
  constant(bytes: Uint8Array): Local<"v128"> {
    const words = new Uint32Array(bytes.buffer);
    const [first = 0] = words;
    if (words.every((word) => word === first)) return this.#splat(first);
    const key = words.join();
    const known = this.#constants.get(key);
    if (known) return known;
    const made = this.#atEntry(() => this.load128(0, this.pool.address(words)));
    this.#constants.set(key, made);
    return made;
  }

  /** Four times the same word. */
  #splat(word: number): Local<"v128"> {
    const known = this.#splats.get(word);
    if (known) return known;
    const made = this.#atEntry(() => this.loadSplat(0, this.pool.address(Uint32Array.of(word))));
    this.#splats.set(word, made);
    return made;
  }

  #atEntry(make: () => V128): Local<"v128"> {
    return this.within(this.root, () => this.hold(make()));
  }

  /** Four times the same f32. */
  floats(value: number): Local<"v128"> {
    float[0] = value;
    return this.#splat(floatBits[0] as number);
  }

  /** Four i32, or four times the same. */
  ints(...values: readonly number[]): Local<"v128"> {
    if (values.length === 1) return this.#splat((values[0] as number) >>> 0);
    return this.constant(new Uint8Array(Int32Array.from(values).buffer));
  }

  /** Two f64, or twice the same. */
  doubles(value: number): Local<"v128"> {
    return this.constant(new Uint8Array(new Float64Array(2).fill(value).buffer));
  }

  // ---- integers ---------------------------------------------------------------------------

  add(a: Index, b: Index): Index {
    if (typeof a === "number" && typeof b === "number") return (a + b) | 0;
    if (b === 0) return a;
    if (a === 0) return b;
    return this.ops.i32.add(this.int(a), this.int(b));
  }

  sub(a: Index, b: Index): Index {
    if (typeof a === "number" && typeof b === "number") return (a - b) | 0;
    return b === 0 ? a : this.ops.i32.sub(this.int(a), this.int(b));
  }

  mul(a: Index, b: number): Index {
    if (typeof a === "number") return Math.imul(a, b);
    if (b === 0) return 0;
    if (b === 1) return a;
    const log = Math.log2(b);
    if (Number.isInteger(log)) return this.ops.i32.shl(a, this.int(log));
    return this.ops.i32.mul(a, this.int(b));
  }

  /** Both must be free of effects and may be used once more. */
  min(a: Index, b: Index): Index {
    if (typeof a === "number" && typeof b === "number") return Math.min(a, b);
    const [x, y] = [this.hold(this.int(a)), this.hold(this.int(b))];
    return this.choose(this.ops.i32.lt_s(x, y), x, y);
  }

  max(a: Index, b: Index): Index {
    if (typeof a === "number" && typeof b === "number") return Math.max(a, b);
    const [x, y] = [this.hold(this.int(a)), this.hold(this.int(b))];
    return this.choose(this.ops.i32.gt_s(x, y), x, y);
  }

  // ---- vectors ----------------------------------------------------------------------------

  /** sum + a b, four at a time: two roundings, or one where the module is relaxed. */
  multiplyAdd(sum: V128, a: V128, b: V128): V128 {
    if (this.relaxed) {
      const operands = [a.take(), b.take(), sum.take()];
      return new Expression("v128", new Node(fused, operands));
    }
    return this.ops.f32x4.add(sum, this.ops.f32x4.mul(a, b));
  }

  // ---- memory -----------------------------------------------------------------------------

  loadInt(address: Index, offset = 0): Expression<"i32"> {
    return new Expression("i32", this.#load(memory.loadInt, address, offset));
  }

  loadFloat(address: Index, offset = 0): Expression<"f32"> {
    return new Expression("f32", this.#load(memory.loadFloat, address, offset));
  }

  load128(address: Index, offset = 0): Expression<"v128"> {
    return new Expression("v128", this.#load(memory.load128, address, offset));
  }

  /** One word, four times. */
  loadSplat(address: Index, offset = 0): Expression<"v128"> {
    return new Expression("v128", this.#load(memory.loadSplat, address, offset));
  }

  #load(what: Op, address: Index, offset: number): Node {
    return new Node(what, [this.int(address).take()], offset);
  }

  /** So many words, and zeros in the other lanes. */
  loadLanes(address: Local<"i32">, offset: number, lanes: number): Expression<"v128"> {
    if (lanes === 4) return this.load128(address, offset);
    if (lanes === 1) return new Expression("v128", this.#load(memory.loadOne, address, offset));
    const two = this.#load(memory.loadTwo, address, offset);
    if (lanes === 2) return new Expression("v128", two);
    const third = new Node(memory.loadWord, [address.take(), two], offset + 8, 2);
    return new Expression("v128", third);
  }

  /** Reads a word for nothing but that its line of the cache comes near. */
  touch(address: Index, offset: number): void {
    this.emit(new Node(op.drop, [this.loadInt(address, offset).take()]));
  }

  storeInt(address: Index, offset: number, value: I32): void {
    this.#store(memory.storeInt, address, offset, value);
  }

  storeFloat(address: Index, offset: number, value: F32): void {
    this.#store(memory.storeFloat, address, offset, value);
  }

  store128(address: Index, offset: number, value: V128): void {
    this.#store(memory.store128, address, offset, value);
  }

  #store(what: Op, address: Index, offset: number, value: Operand<Kind>, lane = 0): void {
    this.emit(new Node(what, [this.int(address).take(), value.take()], offset, lane));
  }

  /** The first `lanes` words of a vector. */
  storeLanes(address: Local<"i32">, offset: number, value: Local<"v128">, lanes: number): void {
    if (lanes === 4) {
      this.store128(address, offset, value);
      return;
    }
    if (lanes >= 2) this.#store(memory.storeTwo, address, offset, value);
    if (lanes % 2 === 0) return;
    const last = lanes - 1;
    this.#store(memory.storeWord, address, offset + 4 * last, value, last);
  }

  /** So many bytes of zeros. */
  zero(address: I32, bytes: I32): void {
    this.emit(new Node(memory.fill, [address.take(), this.int(0).take(), bytes.take()]));
  }

  /** The four words of a vector, so many bytes apart. */
  scatter(address: Index, offset: number, step: number, value: Local<"v128">): void {
    for (let lane = 0; lane < 4; lane++)
      this.#store(memory.storeWord, address, offset + lane * step, value, lane);
  }

  // ---- control ----------------------------------------------------------------------------

  when(condition: I32, then: () => void, otherwise?: () => void): void {
    const test = condition.take();
    const yes = this.inner(then);
    this.emit(conditional(test, yes, otherwise && this.inner(otherwise)));
  }

  /** for (i = from; i < to; i += step) body(i). `step` > 0. */
  loop(from: Index, to: Index, step: Index, body: (i: Local<"i32">) => void): void {
    const known = typeof from === "number" && typeof to === "number";
    if (known && from >= to) return;
    const limit = typeof to === "number" ? to : this.hold(to);
    const stride = typeof step === "number" ? step : this.hold(step);
    const i = this.variable(this.int(from));
    const label = this.#labels++;
    const turn = this.inner(() => {
      body(i);
      const next = i.tee(this.int(this.add(i, stride)));
      const more = this.ops.i32.lt_s(next, this.int(limit));
      this.emit(branchIf(label, more.take()));
    });
    const turns = loop(label, turn);
    if (known) this.emit(turns);
    else this.emit(conditional(this.ops.i32.lt_s(i, this.int(limit)).take(), block([turns])));
  }

  /** Repeats until `body` says that no more is to be done; `body` writes and gives the condition to go on. */
  repeat(body: () => I32): void {
    const label = this.#labels++;
    const turn = this.inner(() => this.emit(branchIf(label, body().take())));
    this.emit(loop(label, turn));
  }

  /** a where the condition holds, else b; both are computed. */
  choose<K extends Kind>(condition: I32, a: Operand<K>, b: Operand<K>): Expression<K> {
    if (a.kind !== b.kind) bug("a choice between two types");
    const [x, y] = [a.take(), b.take()];
    return new Expression(a.kind, choice(condition.take(), x, y));
  }
}
