/**
 * Kernels to one WebAssembly module: memory comes from `env.memory`, functions are exported as `k0`, `k1`, .. and take
 * (frame, begin, end, scratch). Kernels of equal code share a function. The same kernels give the same bytes.
 */
import { bug } from "../../bug.js";
import type { EmittedKernel, EmittedModule, Kernel, KernelSlot } from "../../ir/kernel.js";
import { Code, type Target } from "./code.js";
import { runKernel } from "./domains.js";
import { Evaluator } from "./expressions/evaluator.js";
import {
  type Fingerprint,
  fingerprint,
  picksApart,
  positionsAt,
  translated,
} from "./fingerprint.js";
import { Frame } from "./frame.js";
import { Indices } from "./index.js";
import { isValid, textOf } from "./module/binaryen.js";
import { compact } from "./module/compact.js";
import { encodeModule } from "./module/encode.js";
import type { Func } from "./module/node.js";
import { Places } from "./places.js";
import { Pool } from "./pool.js";
import { Rows } from "./rows.js";
import { Scratch } from "./stages/context.js";

export interface EmitOptions {
  /** Moves values to where they are read and lets variables share slots: smaller, not faster. On unless said otherwise. */
  readonly optimize?: boolean;
  /** Fuses products and sums where the machine can: faster, but not the same bits on every machine. Off unless said otherwise. */
  readonly relaxed?: boolean;
}

/** The module of all kernels of a model. */
export async function emit(
  kernels: readonly Kernel[],
  options: EmitOptions = {},
): Promise<EmittedModule> {
  const { wasm, made } = build(kernels, options, false);
  // the machine checks faster than binaryen, but calls relaxed SIMD wrong where it has none
  const valid = WebAssembly.validate(wasm) || (options.relaxed && (await isValid(wasm)));
  if (!valid) bug("the emitted module is not valid");
  return { ...made, wasm };
}

/** The same module as text. */
export async function emitText(
  kernels: readonly Kernel[],
  options: EmitOptions = {},
): Promise<string> {
  return textOf(build(kernels, options, true).wasm);
}

type Made = Omit<EmittedModule, "wasm">;

function build(
  kernels: readonly Kernel[],
  { optimize = true, relaxed = false }: EmitOptions,
  names: boolean,
) {
  const functions: Func[] = [];
  const pool = new Pool();
  const made = write(kernels, { functions, pool, relaxed });
  const finished = optimize ? functions.map(compact) : functions;
  return { made, wasm: encodeModule({ functions: finished, data: pool.bytes() }, { names }) };
}

function write(kernels: readonly Kernel[], target: Target): Made {
  const written = new Map<string, Written>();
  const all = kernels.map((kernel) => ({ kernel, print: fingerprint(kernel) }));
  const apart = picksApart(all.map(({ print }) => print));
  const emitted = all.map(({ kernel, print }): EmittedKernel => {
    const { text } = print;
    const known = written.get(text);
    const told = positionsAt(apart.get(text) ?? new Set(), print);
    const made = known ?? { ...writeKernel(kernel, told, `k${written.size}`, target), print };
    written.set(text, made);
    const slots = made.slots.map((slot) => (known ? translated(slot, made.print, print) : slot));
    return { kernel, function: made.name, slots };
  });
  const scratch = [...written.values(), ...kernels].map((k) => k.scratch);
  return {
    kernels: emitted,
    reservedBytes: Math.ceil(target.pool.bytes().length / 64) * 64,
    scratchBytes: 4 * Math.max(0, ...scratch),
  };
}

/** A function, and what its frame holds when it runs the kernel that it was written for. */
interface Written {
  readonly name: string;
  readonly print: Fingerprint;
  readonly slots: readonly KernelSlot[];
  /** Words. */
  readonly scratch: number;
}

/** @param told The positions of picks that the frame tells. */
function writeKernel(
  kernel: Kernel,
  told: ReadonlySet<number>,
  name: string,
  target: Target,
): Omit<Written, "print"> {
  const code = new Code(target);
  const frame = new Frame(code);
  const indices = new Indices(code, frame, told);
  const places = new Places(code, frame);
  const rows = new Rows(code, frame);
  const e = new Evaluator({ code, frame, indices, rows, places }, kernel.stored);
  const scratch = new Scratch(kernel.scratch + (kernel.needed ? kernel.tile + 1 : 0));
  runKernel({ kernel, code, frame, places, e, scratch });
  target.functions.push({
    name,
    parameters: ["i32", "i32", "i32", "i32"],
    result: null,
    variables: code.variables,
    body: code.body(),
    exported: true,
  });
  return { name, slots: frame.slots, scratch: scratch.end };
}
