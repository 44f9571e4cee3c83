/** From a path to a running model and its data: source text is compiled in memory, a module is loaded as it is. */
import type { CompileOptions } from "../../compiler/index.js";
import {
  type GraphInput,
  graphsFrom,
  load,
  type Model,
  readSafetensors,
  type Signature,
} from "../../runtime/index.js";
import { readArtifact } from "./artifact.js";
import { about, usage } from "./exit.js";
import { isModule, readBytes, sourceOf } from "./files.js";
import { checkedOrExit, theModel } from "./sources.js";

export interface OpenOptions {
  readonly model?: string | undefined;
  readonly weights?: string | undefined;
  readonly seed: number;
  readonly gradients: NonNullable<CompileOptions["gradients"]>;
  readonly checkFinite?: boolean;
  readonly renumber?: boolean;
  readonly threads: number;
}

export async function openModel(path: string, options: OpenOptions): Promise<Model> {
  const { seed, checkFinite = false, renumber = false, weights, threads } = options;
  const bytes = await artifactOf(path, options);
  const model = await about(path, () => load(bytes, { seed, checkFinite, renumber, threads }));
  if (weights !== undefined) await about(weights, () => model.weights.load(readBytes(weights)));
  return model;
}

/** Whether a file, opened without weights, brings none of its own, so that they were drawn. */
export async function isFresh(path: string, { signature }: Model): Promise<boolean> {
  if (signature.parameters.length === 0) return false;
  if (path === "-") return true;
  const bytes = readBytes(path);
  return !isModule(bytes) || (await readArtifact(path, bytes)).sizes.weights === 0;
}

/** The bytes of a compiled model; those of a `.gn` file are made first. */
export async function artifactOf(
  path: string,
  {
    model,
    gradients,
  }: { readonly model?: string | undefined; readonly gradients?: OpenOptions["gradients"] },
): Promise<Uint8Array> {
  const bytes = readBytes(path);
  if (isModule(bytes)) {
    if (model === undefined) return bytes;
    throw usage(`${path} is one compiled model`, "leave --model out");
  }
  const checked = checkedOrExit(sourceOf(path, bytes), { taken: true });
  const { compileModel } = await import("../../compiler/index.js");
  return compileModel(theModel(checked, model), gradients === undefined ? {} : { gradients });
}

/** The graphs of a data file; errors name the file, and say what the model takes. */
export async function readGraphs(
  path: string,
  model: Pick<Model, "signature">,
): Promise<readonly GraphInput[]> {
  const graphs = await about(
    path,
    () => graphsFrom(readSafetensors(readBytes(path)).tensors, model.signature),
    () => whatItTakes(model.signature),
  );
  if (graphs.length === 0) throw usage(`${path} holds no graph`);
  return graphs;
}

/** `CoraGCN takes paper.x, paper.y, cites.senders, cites.receivers` */
function whatItTakes({ model, inputs, relations }: Signature): string {
  const ends = relations.flatMap((r) =>
    r.given ? [`${r.name}.senders`, `${r.name}.receivers`] : [],
  );
  return `${model} takes ${[...inputs.map((i) => `${i.space}.${i.name}`), ...ends].join(", ")}`;
}
