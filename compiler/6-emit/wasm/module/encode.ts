/**
 * A module as bytes (WebAssembly Core Specification 2.0, 5.5): functions over one memory that is imported, and what that
 * memory holds to begin with.
 */
import { bug } from "../../../bug.js";
import type { Kind } from "../operand.js";
import { Bytes } from "./bytes.js";
import type { Func, Node } from "./node.js";
import { op, type Writing } from "./op.js";

export interface Parts {
  readonly functions: readonly Func[];
  /** What memory holds from address 0 on. */
  readonly data: Uint8Array;
}

/** In the order in which they stand in the module. */
const sections = {
  types: 1,
  imports: 2,
  functions: 3,
  exports: 7,
  dataCount: 12,
  code: 10,
  data: 11,
  custom: 0,
};

const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const types: Readonly<Record<Kind, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};
const functionType = 0x60;
const noResult = 0x40;
const end = 0x0b;
const otherwise = 0x05;
const external = { function: 0, memory: 2 };

export interface EncodeOptions {
  /** Whether functions keep their names, for who reads the module. */
  readonly names: boolean;
}

export function encodeModule(
  { functions, data }: Parts,
  { names }: EncodeOptions,
): Uint8Array<ArrayBuffer> {
  const out = new Bytes();
  const section = (id: number, write: (out: Bytes) => void): void => {
    const inner = new Bytes();
    write(inner);
    out.byte(id);
    out.sized(inner.written);
  };
  const signatures = signaturesOf(functions);
  out.bytes(magic);
  section(sections.types, (o) => o.list(signatures, (s) => o.bytes(s.split(",").map(Number))));
  section(sections.imports, importMemory);
  section(sections.functions, (o) =>
    o.list(functions, (f) => o.unsigned(signatures.indexOf(signatureOf(f)))),
  );
  section(sections.exports, (o) => writeExports(o, functions));
  if (data.length > 0) section(sections.dataCount, (o) => o.unsigned(1));
  const numbers = new Map(functions.map((f, i) => [f.name, i]));
  section(sections.code, (o) => o.list(functions, (f) => o.sized(bodyOf(f, numbers))));
  if (data.length > 0) section(sections.data, (o) => writeData(o, data));
  if (names) section(sections.custom, (o) => writeNames(o, functions));
  return out.written.slice();
}

/** The types of functions, those of most functions first. */
function signaturesOf(functions: readonly Func[]): readonly string[] {
  const uses = new Map<string, number>();
  for (const s of functions.map(signatureOf)) uses.set(s, (uses.get(s) ?? 0) + 1);
  return [...uses].sort(([, a], [, b]) => b - a).map(([s]) => s);
}

/** Its bytes. */
function signatureOf({ parameters, result }: Func): string {
  const results = result ? [1, types[result]] : [0];
  return [functionType, parameters.length, ...parameters.map((k) => types[k]), ...results].join();
}

/** One page at least, as many as there may be. */
function importMemory(out: Bytes): void {
  out.unsigned(1);
  out.text("env");
  out.text("memory");
  out.bytes([external.memory, 0, 1]);
}

function writeExports(out: Bytes, functions: readonly Func[]): void {
  const numbered = functions.map((f, i) => [f, i] as const);
  const exported = numbered.filter(([f]) => f.exported);
  out.list(exported, ([{ name }, number]) => {
    out.text(name);
    out.byte(external.function);
    out.unsigned(number);
  });
}

function writeData(out: Bytes, data: Uint8Array): void {
  out.bytes([1, 0, ...op.i32.code, 0, end]);
  out.sized(data);
}

/** The custom section that says what functions are called. */
function writeNames(out: Bytes, functions: readonly Func[]): void {
  const ofFunctions = 1;
  const inner = new Bytes();
  inner.list(functions, ({ name }, i) => {
    inner.unsigned(i);
    inner.text(name);
  });
  out.text("name");
  out.byte(ofFunctions);
  out.sized(inner.written);
}

function bodyOf(f: Func, numbers: ReadonlyMap<string, number>): Uint8Array {
  const out = new Bytes();
  out.list(runsOf(f.variables), ([kind, count]) => {
    out.unsigned(count);
    out.byte(types[kind]);
  });
  new Writer(out, numbers).statements(f.body);
  out.byte(end);
  return out.written;
}

/** Variables of a kind that stand side by side are declared together. */
function runsOf(variables: readonly Kind[]): readonly (readonly [Kind, number])[] {
  const runs: [Kind, number][] = [];
  for (const kind of variables) {
    const last = runs.at(-1);
    if (last?.[0] === kind) last[1]++;
    else runs.push([kind, 1]);
  }
  return runs;
}

/** Writes operands before what takes them. */
class Writer implements Writing {
  readonly out: Bytes;
  readonly #numbers: ReadonlyMap<string, number>;
  /** Of the loops and conditions that stand around, the innermost last: its label, null for a condition. */
  readonly #around: (number | null)[] = [];

  constructor(out: Bytes, numbers: ReadonlyMap<string, number>) {
    this.out = out;
    this.#numbers = numbers;
  }

  functionOf = (name: string): number => this.#numbers.get(name) ?? bug(`no function ${name}`);

  depthOf = (label: number): number => {
    const at = this.#around.lastIndexOf(label);
    return at < 0 ? bug("a branch to nowhere") : this.#around.length - 1 - at;
  };

  statements({ args }: Node): void {
    for (const node of args)
      if (node.op === op.block) this.statements(node);
      else if (node.op !== op.nop) this.#write(node);
  }

  #write(node: Node): void {
    const { op: what, args } = node;
    if (what === op.loop) this.#loop(node);
    else if (what === op.if) this.#if(args);
    else {
      for (let i = 0; i < args.length; i++) this.#write(args[i] as Node);
      for (let i = 0; i < what.code.length; i++) this.out.byte(what.code[i] as number);
      what.rest?.(this, node);
    }
  }

  #loop({ value: label, args }: Node): void {
    this.out.bytes([...op.loop.code, noResult]);
    this.#within(label, args[0] as Node);
    this.out.byte(end);
  }

  #if([test, yes, no]: readonly Node[]): void {
    this.#write(test as Node);
    this.out.bytes([...op.if.code, noResult]);
    this.#within(null, yes as Node);
    if (no && no.args.length > 0) {
      this.out.byte(otherwise);
      this.#within(null, no);
    }
    this.out.byte(end);
  }

  #within(label: number | null, body: Node): void {
    this.#around.push(label);
    this.statements(body);
    this.#around.pop();
  }
}
