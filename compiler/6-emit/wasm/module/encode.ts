/** A module as bytes: functions over one memory that is imported, some of them exported. */
import { bug } from "../../../bug.js";
import type { Kind } from "../operand.js";
import { Bytes } from "./bytes.js";
import {
  byteOfShuffle,
  type Func,
  hasLane,
  isAddressed,
  memory,
  type Node,
  op,
  shuffle,
  takesLane,
} from "./node.js";
import { sink } from "./sink.js";
import { assignSlots } from "./slots.js";
import { tidy } from "./tidy.js";

export interface Binary {
  readonly functions: readonly Func[];
  /** What memory holds from address 0 on. */
  readonly data: Uint8Array;
}

export interface EncodeOptions {
  /** Moves values to where they are read and lets variables share slots: smaller, not faster. */
  readonly optimize: boolean;
  /** Writes the names of functions, for who prints the module. */
  readonly names: boolean;
}

const kindByte: Readonly<Record<Kind, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};
const section = { type: 1, import: 2, function: 3, export: 7, code: 10, data: 11 } as const;
const nothing = 0x40;
const end = 0x0b;

/** Consumes the functions: their bodies are changed in place. */
export function encode({ functions, data }: Binary, options: EncodeOptions): Uint8Array {
  const types = new Types();
  const typeOf = functions.map((f) => types.number(f));
  const index = new Map(functions.map((f, i) => [f.name, i]));
  const out = new Bytes();
  out.all(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  list(out, section.type, types.all, (b, type) => b.all(type));
  list(out, section.import, ["memory"], (b, name) => {
    b.text("env");
    b.text(name);
    b.all(Uint8Array.of(2, 0, 1));
  });
  list(out, section.function, typeOf, (b, type) => b.unsigned(type));
  const exported = functions.filter((f) => f.exported);
  list(out, section.export, exported, (b, f) => {
    b.text(f.name);
    b.byte(0);
    b.unsigned(index.get(f.name) ?? bug(`${f.name} is nowhere`));
  });
  list(out, section.code, functions, (b, f) => b.sized(code(f, index, options.optimize)));
  if (data.length > 0)
    list(out, section.data, [data], (b, bytes) => {
      b.all(Uint8Array.of(0, op.i32, 0, end));
      b.sized(bytes);
    });
  if (options.names) nameSection(out, functions);
  return out.done();
}

function list<T>(out: Bytes, id: number, items: readonly T[], write: (b: Bytes, item: T) => void) {
  const body = new Bytes();
  body.unsigned(items.length);
  for (const item of items) write(body, item);
  out.byte(id);
  out.sized(body.done());
}

/** The custom section that tools read names from. */
function nameSection(out: Bytes, functions: readonly Func[]): void {
  const names = new Bytes();
  names.unsigned(functions.length);
  functions.forEach(({ name }, i) => {
    names.unsigned(i);
    names.text(name);
  });
  const body = new Bytes();
  body.text("name");
  body.byte(1);
  body.sized(names.done());
  out.byte(0);
  out.sized(body.done());
}

/** Types of functions, each once. */
class Types {
  readonly #known = new Map<string, number>();
  readonly all: Uint8Array[] = [];

  number({ parameters, result }: Func): number {
    const takes = parameters.map((kind) => kindByte[kind]);
    const gives = result ? [kindByte[result]] : [];
    const bytes = [0x60, takes.length, ...takes, gives.length, ...gives];
    const key = bytes.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.all.length);
    return this.all.push(Uint8Array.from(bytes)) - 1;
  }
}

function code(f: Func, index: ReadonlyMap<string, number>, optimize: boolean): Uint8Array {
  if (optimize) {
    sink(f.body);
    tidy(f.body);
  }
  const kinds = optimize ? assignSlots(f.body, f.parameters, f.variables) : f.variables;
  const groups: { kind: Kind; count: number }[] = [];
  for (const kind of kinds) {
    const last = groups.at(-1);
    if (last?.kind === kind) last.count++;
    else groups.push({ kind, count: 1 });
  }
  const out = new Bytes();
  out.unsigned(groups.length);
  for (const { kind, count } of groups) {
    out.unsigned(count);
    out.byte(kindByte[kind]);
  }
  new Writer(out, index).node(f.body);
  out.byte(end);
  return out.done();
}

class Writer {
  readonly #out: Bytes;
  readonly #index: ReadonlyMap<string, number>;
  /** Labels of the loops and conditions around what is written; conditions have none. */
  readonly #labels: (number | null)[] = [];

  constructor(out: Bytes, index: ReadonlyMap<string, number>) {
    this.#out = out;
    this.#index = index;
  }

  node(node: Node): void {
    const { op: code, args } = node;
    if (code === op.nop) return;
    if (code === op.if) this.#if(args);
    else if (code === op.loop) this.#within(code, node.value, args[0] as Node);
    else {
      for (const arg of args) this.node(arg);
      if (code !== op.block) this.#instruction(node);
    }
  }

  #if([test, yes, no]: readonly Node[]): void {
    this.node(test as Node);
    this.#out.byte(op.if);
    this.#out.byte(nothing);
    this.#labels.push(null);
    this.node(yes as Node);
    if (no && no.args.length > 0) {
      this.#out.byte(0x05);
      this.node(no);
    }
    this.#labels.pop();
    this.#out.byte(end);
  }

  #within(code: number, label: number, body: Node): void {
    this.#out.byte(code);
    this.#out.byte(nothing);
    this.#labels.push(label);
    this.node(body);
    this.#labels.pop();
    this.#out.byte(end);
  }

  #instruction(node: Node): void {
    const out = this.#out;
    const prefix = node.op >>> 16;
    if (prefix === 0) out.byte(node.op);
    else {
      out.byte(prefix);
      out.unsigned(node.op & 0xffff);
    }
    if (isAddressed(node.op)) this.#address(node);
    else if (prefix === 0) this.#immediate(node);
    else if (node.op === memory.fill) out.byte(0);
    else if (node.op === shuffle)
      for (let b = 0; b < 16; b++) out.byte(byteOfShuffle(node.value, b));
    else if (takesLane(node.op)) out.byte(node.lane);
  }

  #address({ op: code, value, lane }: Node): void {
    this.#out.byte(2);
    this.#out.unsigned(value);
    if (hasLane(code)) this.#out.byte(lane);
  }

  #immediate({ op: code, value, name }: Node): void {
    const out = this.#out;
    if (code === op.get || code === op.set || code === op.tee) out.unsigned(value);
    else if (code === op.i32) out.signed(value | 0);
    else if (code === op.i64) out.signed(value);
    else if (code === op.f32) out.float(value);
    else if (code === op.f64) out.double(value);
    else if (code === op.branchIf)
      out.unsigned(this.#labels.length - 1 - this.#labels.lastIndexOf(value));
    else if (code === op.call) out.unsigned(this.#index.get(name) ?? bug(`no function ${name}`));
  }
}
