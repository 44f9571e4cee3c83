/**
 * From bytes, a URL or a response to a model that runs. Compiles while it loads where the platform can, whatever type the
 * server says the file has.
 */
import {
  artifactVersion,
  type Description,
  type Manifest,
  modelSection,
  weightsSection,
} from "./artifact.js";
import { fail, GnError } from "./errors.js";
import { Model, type Parts } from "./model.js";
import { inNode } from "./platform.js";
import { makers } from "./structures.js";
import type { Threads } from "./threads.js";
import type { AnyModel, ModelTypes } from "./types.js";
import { unpack } from "./unpack.js";
import type { WeightsSource } from "./weights.js";

type Unread = Uint8Array | ArrayBuffer | string | URL | Response;
export type ModelSource = Unread | WebAssembly.Module;

export interface LoadOptions {
  /** A safetensors file, or arrays by name; default: the weights in the artifact, else fresh ones. */
  readonly weights?: WeightsSource;
  /** Decides first weights, and draws of models that draw; a whole number from 0; default 0. */
  readonly seed?: number;
  /** Whether inputs, weights and losses must be finite (GN5018, GN5041); costs a look at every number. */
  readonly checkFinite?: boolean;
  /**
   * How many threads work on kernels that take long, this one included; default 1. The numbers are the same for any
   * number of threads. A page must be cross-origin isolated (GN5008).
   */
  readonly threads?: number;
  /**
   * Whether nodes of large graphs may be put into an order in which neighbours lie close, where that makes them four times
   * closer. Outputs come in the given order; sums over edges are taken in another. Pays for a graph that is used again.
   */
  readonly renumber?: boolean;
  readonly signal?: AbortSignal;
  /** Called as the file arrives, when `source` is a URL or a response. `total` is null when the server does not say. */
  readonly onProgress?: (progress: {
    readonly loaded: number;
    readonly total: number | null;
  }) => void;
}

/**
 * Loads a compiled model.
 *
 * @example const model = await load(new URL("./cora.wasm", import.meta.url));
 * @throws GN5001 when this is no artifact of gnc, GN5002 when it is one of another version, GN5003 when it cannot be
 *   fetched, GN5008 and GN5009 when there can be no threads, GN5030 to GN5034 when weights do not fit; the signal's reason
 *   when aborted.
 */
export async function load<T extends ModelTypes = AnyModel>(
  source: ModelSource,
  options: LoadOptions = {},
): Promise<Model<T>> {
  const {
    signal,
    weights,
    seed = 0,
    checkFinite = false,
    renumber = false,
    threads: count = 1,
  } = options;
  signal?.throwIfAborted();
  const isModule: boolean = source instanceof WebAssembly.Module;
  const threads =
    count === 1 ? undefined : new (await import("./threads.js")).Threads(count, source);
  const module = isModule
    ? (source as WebAssembly.Module)
    : await compile(source as Unread, options, threads);
  signal?.throwIfAborted();
  const manifest = readManifest(module);
  // What only gradients, other topologies, walks or levels want comes only with a model that has them, and drawing of weights
  // when there are none.
  const { infer, train, pullback } = manifest.programs;
  const parts: Partial<Parts> = Object.assign(
    { threads },
    ...(await Promise.all([
      (train || pullback) && import("./gradients.js"),
      manifest.relations.some(({ topology }) => topology.kind !== "sparse") &&
        import("./topology.js"),
      manifest.structures.some(({ kind }) => !makers[kind]) && import("./more-structures.js"),
      manifest.inputs.some(({ space }) => space === "batch") && import("./shared-inputs.js"),
      infer?.some((step) => "steps" in step) && import("./stream.js"),
      renumber && import("./renumber.js").then((part) => ({ renumber: part.renumberer(manifest) })),
    ])),
  );
  const model = new Model<T>(manifest, module, { seed, checkFinite }, parts);
  const bound = weights ?? WebAssembly.Module.customSections(module, weightsSection)[0];
  model.weights.load(bound ?? (await import("./initialize.js")).drawWeights(manifest, seed));
  await threads?.start(module, manifest);
  return model;
}

async function compile(
  source: Unread,
  options: LoadOptions,
  threads?: Threads,
): Promise<WebAssembly.Module> {
  const isPlace = typeof source === "string" || source instanceof URL;
  const found = isPlace ? await open(source, options) : source;
  try {
    // Bytes are asked for first: in Node the name `Response` alone loads all of fetch, some 20 ms.
    const isBytes = found instanceof Uint8Array || found instanceof ArrayBuffer;
    const response = isBytes ? null : await watch(found, options);
    // A response of our own has the type that streaming wants, whatever the server called the file.
    if (response && !threads && "compileStreaming" in WebAssembly)
      return await WebAssembly.compileStreaming(response);
    const bytes = response ? await response.arrayBuffer() : (found as BufferSource);
    return await WebAssembly.compile(threads?.shared(bytes) ?? bytes);
  } catch (cause) {
    options.signal?.throwIfAborted();
    if (cause instanceof GnError) throw cause;
    return fail("GN5001", "this is no WebAssembly module", cause);
  }
}

/** A file in Node, a response elsewhere. */
async function open(source: string | URL, { signal }: LoadOptions): Promise<Response | Uint8Array> {
  const url = String(source);
  try {
    if (inNode() && !/^(https?|data|blob):/.test(url))
      return await (await import("./files.js")).read(url, signal);
    return await fetch(url, { signal: signal ?? null });
  } catch (cause) {
    signal?.throwIfAborted();
    return fail("GN5003", `cannot read ${url}`, cause);
  }
}

async function watch(response: Response, { onProgress }: LoadOptions): Promise<Response> {
  if (!response.ok) fail("GN5003", `cannot read ${response.url}: status ${response.status}`);
  const body = onProgress
    ? (await import("./progress.js")).counted(response, onProgress)
    : response.body;
  return new Response(body, { headers: { "content-type": "application/wasm" } });
}

/** @throws GN5001, GN5002. */
export function readManifest(module: WebAssembly.Module): Manifest {
  const [section] = WebAssembly.Module.customSections(module, modelSection);
  if (!section) return fail("GN5001", "this WebAssembly module is no model compiled by gnc");
  return parseManifest(section);
}

/** @throws GN5001, GN5002. */
export function parseManifest(section: ArrayBuffer | Uint8Array): Manifest {
  let written: Description | null = null;
  try {
    written = JSON.parse(new TextDecoder().decode(section));
  } catch (cause) {
    fail("GN5001", "the description of the model is damaged", cause);
  }
  if (written?.version !== artifactVersion)
    return fail(
      "GN5002",
      `this artifact has version ${written?.version}, but this runtime reads ${artifactVersion}; recompile with gnc`,
    );
  return unpack(written);
}
