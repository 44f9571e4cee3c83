/**
 * Checkpoints: a weights file that also holds the moments of each parameter, under `moment1:<name>` and `moment2:<name>`,
 * and the place of training in its metadata.
 */
import type { Arena } from "./artifact.js";
import type { Engine } from "./engine.js";
import { fail } from "./errors.js";
import { readSafetensors, type Tensor, volume, writeSafetensors } from "./safetensors.js";
import { matchWeights, piecesOf, tensorsOf } from "./weights.js";

/** What scores are made of: loss times graphs, and per metric total and count of rows. */
export interface Sums {
  graphs: number;
  loss: number;
  metrics: [total: number, rows: number][];
}

/** Where training stands; the sums are those of the epoch that is under way. */
export interface Progress extends Sums {
  step: number;
  epoch: number;
  /** Steps done in this epoch. */
  position: number;
  seed: number;
}

const moments = ["moment1", "moment2"] as const;

/** Stretches of an arena of moments by their key. */
const momentsOf = (engine: Engine): [string, Arena, number, readonly number[]][] =>
  moments.flatMap((arena) =>
    piecesOf(engine.manifest).flatMap(({ name, arena: of, offset, shape }) =>
      of === "parameters"
        ? [[`${arena}:${name}`, arena, offset, shape] as [string, Arena, number, readonly number[]]]
        : [],
    ),
  );

export function writeCheckpoint(engine: Engine, progress: Progress): Uint8Array {
  const tensors: [string, Tensor][] = momentsOf(engine).map(([name, arena, offset, shape]) => [
    name,
    { shape, data: engine.arena(arena).subarray(offset, offset + volume(shape)) },
  ]);
  const metadata = {
    format: "gnc",
    model: engine.manifest.model,
    progress: JSON.stringify(progress),
  };
  return writeSafetensors([...tensorsOf(engine), ...tensors], metadata);
}

/** Writes weights, states and moments of a checkpoint, after all has been checked, and gives its progress. */
export function readCheckpoint(engine: Engine, bytes: Uint8Array | ArrayBuffer): Progress {
  const { tensors, metadata } = readSafetensors(bytes);
  if (!metadata.progress)
    return fail("GN5035", "this is no checkpoint; load weights with model.weights.load");
  const weights = matchWeights(
    engine.manifest,
    bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes),
    false,
  );
  const stretches = momentsOf(engine).map(([name, arena, offset, shape]) => {
    const tensor = tensors.get(name);
    if (!tensor || String(tensor.shape) !== String(shape))
      return fail("GN5035", `the checkpoint has no ${name} of [${shape}]`);
    return { arena, offset, data: tensor.data as Float32Array };
  });
  const progress = parseProgress(metadata.progress, engine.manifest.metrics.length);
  for (const { piece, data } of weights) engine.arena(piece.arena).set(data, piece.offset);
  for (const { arena, offset, data } of stretches) engine.arena(arena).set(data, offset);
  engine.parametersChanged();
  return progress;
}

function parseProgress(text: string, metrics: number): Progress {
  let value: Partial<Progress> | null = null;
  try {
    value = JSON.parse(text);
  } catch {}
  const { step, epoch, position, seed, graphs, loss } = value ?? {};
  const known = [step, epoch, position, seed, graphs].every(
    (n) => Number.isSafeInteger(n) && (n as number) >= 0,
  );
  // A loss that was not finite is null in JSON.
  if (!known || value?.metrics?.length !== metrics)
    return fail("GN5035", "the checkpoint does not say where training stood");
  return { ...(value as Progress), loss: loss ?? Number.NaN };
}
