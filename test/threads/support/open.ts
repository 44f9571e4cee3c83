/** A model whose kernels go through what a test puts in place of threads, or through threads that share even the shortest call. */
import type { Manifest } from "../../../runtime/artifact.js";
import type { Assembled } from "../../../runtime/assemble.js";
import * as gradients from "../../../runtime/gradients.js";
import { readManifest } from "../../../runtime/load.js";
import { Model } from "../../../runtime/model.js";
import * as structures from "../../../runtime/more-structures.js";
import type { KernelFunction, Plan } from "../../../runtime/plan.js";
import * as shared from "../../../runtime/shared-inputs.js";
import * as stream from "../../../runtime/stream.js";
import { Threads } from "../../../runtime/threads.js";
import * as topology from "../../../runtime/topology.js";
import type { WeightsSource } from "../../../runtime/weights.js";

/** What the engine asks of threads. */
export interface Between {
  readonly share: (initial: number) => WebAssembly.Memory;
  spread(name: string, call: KernelFunction): KernelFunction;
  adopt(plan: Plan, manifest: Manifest, batch: Assembled): void;
}

/** `load`, but for what stands between the engine and its kernels. */
export function opened(
  module: WebAssembly.Module,
  between: (manifest: Manifest) => Between,
  weights: WeightsSource,
): Model {
  const manifest = readManifest(module);
  const threads = between(manifest) as unknown as Threads;
  const parts = { ...gradients, ...topology, ...stream, ...structures, ...shared, threads };
  const model = new Model(manifest, module, { seed: 0, checkFinite: false }, parts);
  model.weights.load(weights);
  return model;
}

/** On so many threads, which share every call of two rows and more. */
export async function onThreads(
  artifact: Uint8Array,
  count: number,
  weights: WeightsSource,
): Promise<Model> {
  const threads = new Threads(count, artifact, 0);
  const module = await WebAssembly.compile(threads.shared(artifact as BufferSource));
  let manifest: Manifest | null = null;
  const model = opened(
    module,
    (read) => {
      manifest = read;
      return threads;
    },
    weights,
  );
  await threads.start(module, manifest as unknown as Manifest);
  return model;
}
