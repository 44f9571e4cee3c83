/** A world in the compiled module: float32, kernels, through the public runtime alone. */

import type { Manifest } from "../../../runtime/artifact.js";
import {
  type GraphInput,
  type Model as Loaded,
  load,
  type Numbers,
  readSafetensors,
} from "../../../runtime/index.js";
import { piecesOf } from "../../../runtime/weights.js";
import type { Cotangents, Inferred, Trained } from "./oracle.js";
import type { Graph, PerGraph, World } from "./world.js";

export const opened = (artifact: Uint8Array, world: World, seed: number): Promise<Loaded> =>
  load(artifact, { weights: world.weights, seed });

/** A graph as `run` takes it. */
export function graphInput({ counts, edges, fields }: Graph): GraphInput {
  const out: Record<string, Record<string, Numbers | number | object>> = {};
  for (const [set, count] of Object.entries(counts)) out[set] = { count };
  for (const [relation, ends] of Object.entries(edges)) out[relation] = { ...ends };
  for (const [path, values] of Object.entries(fields)) {
    const [space = "", name = ""] = path.split(/\.(?=[^.]*$)/);
    out[space] = { ...out[space], [name]: values };
  }
  return out as GraphInput;
}

type Fields = Readonly<Record<string, Readonly<Record<string, ArrayLike<number>>>>>;

function byPath(graphs: readonly Fields[]): Map<string, PerGraph> {
  const paths = Object.entries(graphs[0] ?? {}).flatMap(([space, fields]) =>
    Object.keys(fields).map((name) => [space, name] as const),
  );
  return new Map(
    paths.map(([space, name]) => [
      `${space}.${name}`,
      graphs.map((fields) => fields[space]?.[name] ?? []),
    ]),
  );
}

/** Outputs and their pullback. */
export function infer(model: Loaded, world: World, cotangents: Cotangents): Inferred {
  const batch = model.batch(world.graphs.map(graphInput));
  const outputs = byPath(model.run(batch));
  const given = world.graphs.map((_, g) => {
    const fields: Record<string, Record<string, Numbers>> = {};
    for (const [path, parts] of cotangents) {
      const [space = "", name = ""] = path.split(/\.(?=[^.]*$)/);
      fields[space] = { ...fields[space], [name]: Float32Array.from(parts[g] ?? []) };
    }
    return fields;
  });
  const { parameters, inputs } = model.pullback(batch, given);
  return { outputs, parameters: new Map(Object.entries(parameters)), inputs: byPath(inputs) };
}

/**
 * The first training step. With beta1 = 0, no weight decay and no clipping, the first moment of Adam is the gradient, and so is the
 * first velocity of SGD.
 */
export function train(model: Loaded, world: World): Trained {
  const clips = model.signature.optimizers.some((o) => o.clips !== false);
  const plain = { beta1: 0, weight_decay: 0, lr: 1e-3, ...(clips ? { clip: 0 } : {}) };
  const trainer = model.trainer(plain);
  const { loss, metrics } = trainer.step(world.graphs.map(graphInput));
  const { tensors } = readSafetensors(trainer.checkpoint());
  const gradients = new Map<string, number[]>();
  for (const { name, arena, of } of piecesOf(model.signature as Manifest)) {
    if (arena !== "parameters") continue;
    const own = tensors.get(`moment1:${name}`)?.data as ArrayLike<number>;
    gradients.set(of.path, [...(gradients.get(of.path) ?? []), ...Array.from(own)]);
  }
  const states = model.signature.states.map(({ path }): [string, ArrayLike<number>] => [
    path,
    model.weights.get(path),
  ]);
  return {
    scores: new Map([
      ["loss", [loss]] as const,
      ...Object.entries(metrics).map(([name, value]) => [name, [value]] as const),
    ]),
    gradients,
    states: new Map(states),
  };
}
