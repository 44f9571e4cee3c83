/** Finished functions as a module of binaryen, which encodes and prints it. */
import type binaryen from "binaryen";
import type { Kind } from "../operand.js";
import type { Func, Node } from "./node.js";
import { type Binaryen, labelOf, type Making, op } from "./op.js";
import { sink } from "./sink.js";
import { assignSlots } from "./slots.js";
import { tidy } from "./tidy.js";

export interface Parts {
  readonly functions: readonly Func[];
  /** What memory holds from address 0 on. */
  readonly data: Uint8Array;
}

export interface MakeOptions {
  /** Moves values to where they are read and lets variables share slots: smaller, not faster. */
  readonly optimize: boolean;
  /** Whether the module has relaxed SIMD. */
  readonly relaxed: boolean;
}

const noMaximum = -1;

/** Functions over one memory that is imported. Consumes them: passes change their bodies in place. */
export function makeModule(
  wasm: Binaryen,
  { functions, data }: Parts,
  { optimize, relaxed }: MakeOptions,
): binaryen.Module {
  const m = new wasm.Module();
  m.setFeatures(features(wasm, relaxed));
  const segments = data.length > 0 ? [{ offset: m.i32.const(0), data }] : [];
  m.setMemory(1, noMaximum, null, segments, false, false, "0");
  try {
    for (const f of functions) addFunction(wasm, m, f, optimize);
  } catch (fault) {
    m.dispose();
    throw fault;
  }
  m.addMemoryImport("0", "env", "memory", false);
  return m;
}

function features({ Features: f }: Binaryen, relaxed: boolean): number {
  const bulk = f.BulkMemory | f.BulkMemoryOpt;
  const all = f.MVP | f.SIMD128 | f.NontrappingFPToInt | f.SignExt | f.MutableGlobals | bulk;
  return relaxed ? all | f.RelaxedSIMD : all;
}

function addFunction(wasm: Binaryen, m: binaryen.Module, f: Func, optimize: boolean): void {
  if (optimize) tidy(f.body, sink(f.body));
  const variables = optimize ? assignSlots(f.body, f.parameters, f.variables) : f.variables;
  const maker = new Maker({ wasm, m, kinds: [...f.parameters, ...variables] });
  const type = (kind: Kind): number => wasm[kind];
  const result = f.result ? wasm[f.result] : wasm.none;
  const parameters = wasm.createType(f.parameters.map(type));
  m.addFunction(f.name, parameters, result, variables.map(type), maker.block(f.body, result));
  if (f.exported) m.addFunctionExport(f.name, f.name);
}

class Maker {
  readonly #making: Making;

  constructor(making: Making) {
    this.#making = making;
  }

  block(body: Node, type: number = this.#making.wasm.none): number {
    const statements: number[] = [];
    this.#statements(body, statements);
    const [only] = statements;
    if (only !== undefined && statements.length === 1) return only;
    return this.#making.m.block(null, statements, type);
  }

  /** Those of blocks within, too. */
  #statements({ args }: Node, made: number[]): void {
    for (const node of args) {
      if (node.op === op.block) this.#statements(node, made);
      else if (node.op !== op.nop) made.push(this.#expression(node));
    }
  }

  #expression(node: Node): number {
    if (node.op === op.if) return this.#if(node.args);
    if (node.op === op.loop)
      return this.#making.m.loop(labelOf(node.value), this.block(node.args[0] as Node));
    const args: number[] = [];
    for (const arg of node.args) args.push(this.#expression(arg));
    return node.op.make(this.#making, args, node);
  }

  #if([test, yes, no]: readonly Node[]): number {
    const { m } = this.#making;
    const condition = this.#expression(test as Node);
    const then = this.block(yes as Node);
    if (!no || no.args.length === 0) return m.if(condition, then);
    return m.if(condition, then, this.block(no));
  }
}
