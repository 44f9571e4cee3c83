/** `gnc train MODEL --data D`: trains, shows how it goes, keeps what it learnt also when it is stopped. */
import { basename } from "node:path";
import type { Epoch, GraphInput, Model, Trainer, TrainerOptions } from "../../../runtime/index.js";
import { Exit, exitCode, usage } from "../exit.js";
import { readBytes, writeWhole } from "../files.js";
import { openModel, readGraphs } from "../models.js";
import { type Progress, progressFor, scores } from "../progress.js";

export interface TrainFlags {
  readonly data: string;
  readonly validation?: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly lr?: number;
  readonly weights?: string;
  readonly weightsOut?: string;
  readonly checkpoint?: string;
  readonly resume?: string;
  readonly log?: boolean;
  readonly model?: string;
}

export async function trainCommand(path: string, flags: TrainFlags): Promise<void> {
  const model = await openModel(path, { ...flags, gradients: "train" });
  const data = readGraphs(flags.data, model);
  if (data.length === 0) throw usage(`${flags.data} holds no graph to train on`);
  const validation =
    flags.validation === undefined ? undefined : readGraphs(flags.validation, model);
  const trainer = model.trainer(overrides(flags));
  if (flags.resume !== undefined) trainer.restore(readBytes(flags.resume));
  const progress = progressFor({ epochs: flags.epochs, log: flags.log === true });
  const last = await fit(trainer, data, validation, flags, progress, checkpointPath(path, flags));
  finish(model, trainer, data, validation, flags, last);
  model.dispose();
}

const overrides = (flags: TrainFlags): TrainerOptions => ({
  seed: flags.seed,
  ...(flags.lr !== undefined && { lr: flags.lr }),
});

function checkpointPath(path: string, flags: TrainFlags): string {
  const base =
    flags.weightsOut?.replace(/\.safetensors$/, "") ?? basename(path).replace(/\.(gn|wasm)$/, "");
  return flags.checkpoint ?? `${base}.checkpoint.safetensors`;
}

/** All epochs, or as many as there were before Ctrl-C: then a checkpoint is written and the command ends with 130. */
async function fit(
  trainer: Trainer,
  data: readonly GraphInput[],
  validation: readonly GraphInput[] | undefined,
  flags: TrainFlags,
  progress: Progress,
  checkpoint: string,
): Promise<Epoch | null> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Exit(exitCode.interrupted));
  process.once("SIGINT", interrupt);
  let last: Epoch | null = null;
  try {
    const options = {
      epochs: flags.epochs,
      batchSize: flags.batchSize,
      signal: stop.signal,
      ...(validation && { validation }),
    };
    for await (last of trainer.fit(data, options)) progress.epoch(last);
    return last;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    writeWhole(checkpoint, trainer.checkpoint());
    process.stderr.write(
      `\nstopped after ${trainer.epochs} epochs; go on with --resume ${checkpoint}\n`,
    );
    throw new Exit(exitCode.interrupted);
  } finally {
    process.removeListener("SIGINT", interrupt);
    progress.done();
  }
}

/** The final scores on standard output (with `--log` as the last JSON line), and the weights. */
function finish(
  model: Model,
  trainer: Trainer,
  data: readonly GraphInput[],
  validation: readonly GraphInput[] | undefined,
  flags: TrainFlags,
  last: Epoch | null,
): void {
  const held = trainer.evaluate(validation ?? data, { batchSize: flags.batchSize });
  if (flags.log)
    process.stdout.write(`${JSON.stringify({ done: true, epochs: trainer.epochs, ...held })}\n`);
  else
    process.stdout.write(
      `${model.signature.model} after ${last?.epoch ?? trainer.epochs} epochs: ${scores(held)}\n`,
    );
  if (flags.weightsOut !== undefined) {
    writeWhole(flags.weightsOut, model.weights.save());
    process.stderr.write(`weights written to ${flags.weightsOut}\n`);
  }
}
