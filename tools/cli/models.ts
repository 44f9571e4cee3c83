/** From a path to a running model: a `.gn` file is compiled in memory, a `.wasm` is loaded as it is. */
import { type CompileOptions, compileModel } from "../../compiler/index.js";
import {
  GnError,
  type GraphInput,
  graphsFrom,
  type LoadOptions,
  load,
  type Model,
  readSafetensors,
} from "../../runtime/index.js";
import { dataError } from "./exit.js";
import { readBytes } from "./files.js";
import { checkedOrExit, theModel } from "./sources.js";

export interface OpenOptions {
  readonly model?: string | undefined;
  readonly weights?: string | undefined;
  readonly seed: number;
  readonly gradients: NonNullable<CompileOptions["gradients"]>;
}

export async function openModel(path: string, options: OpenOptions): Promise<Model> {
  const bytes =
    path.endsWith(".gn") || path === "-" ? await compiled(path, options) : readBytes(path);
  const weights = options.weights === undefined ? {} : { weights: readBytes(options.weights) };
  return load(bytes, { seed: options.seed, ...weights } satisfies LoadOptions);
}

async function compiled(path: string, { model, gradients }: OpenOptions): Promise<Uint8Array> {
  return compileModel(theModel(checkedOrExit(path, "pretty"), path, model), { gradients });
}

/** The graphs of a data file; errors name the file. */
export function readGraphs(path: string, model: Model): readonly GraphInput[] {
  try {
    return graphsFrom(readSafetensors(readBytes(path)).tensors, model.signature);
  } catch (error) {
    if (error instanceof GnError) throw dataError(`${path}: ${error.message}`);
    throw error;
  }
}
