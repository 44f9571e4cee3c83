/** `gnc train MODEL --data D`: trains, shows how it goes, keeps what it learnt also when it is stopped. */
import { basename, dirname, join } from "node:path";
import type { GraphInput, Model, Trainer, TrainerOptions } from "../../../runtime/index.js";
import { about, Exit, exitCode, usage } from "../exit.js";
import { readBytes, writeWhole } from "../files.js";
import { openModel, readGraphs } from "../models.js";
import { progressFor, scores } from "../progress.js";
import { given, onlyOnce } from "./run.js";

export interface TrainFlags {
  readonly data?: string;
  readonly validation?: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly threads: number;
  readonly lr?: number;
  readonly weights?: string;
  readonly weightsOut?: string;
  readonly checkpoint?: string;
  readonly resume?: string;
  readonly log?: boolean;
  readonly model?: string;
  readonly renumber: boolean;
}

interface Data {
  readonly path: string;
  readonly training: readonly GraphInput[];
  readonly validation: readonly GraphInput[] | undefined;
}

export async function trainCommand(path: string, flags: TrainFlags): Promise<void> {
  const file = given(flags.data, path, "train");
  onlyOnce(path, file, flags.validation, flags.weights, flags.resume);
  if (flags.weights !== undefined && flags.resume !== undefined)
    throw usage(
      "--weights and --resume are both given",
      "a checkpoint holds weights: leave --weights out",
    );
  const model = await openModel(path, { ...flags, gradients: "train", checkFinite: true });
  const trainer = await about(path, () => model.trainer(overrides(flags)));
  const data: Data = {
    path: file,
    training: await readGraphs(file, model),
    validation:
      flags.validation === undefined ? undefined : await readGraphs(flags.validation, model),
  };
  await checkData(trainer, data, flags);
  if (flags.resume !== undefined) await resume(trainer, flags.resume, flags.epochs);
  await allEpochs(trainer, data, flags, checkpointPath(path, flags));
  finish(model, trainer, data, flags);
  model.dispose();
}

const overrides = (flags: TrainFlags): TrainerOptions => ({
  seed: flags.seed,
  ...(flags.lr !== undefined && { lr: flags.lr }),
});

/** So that what is wrong with a file is said before the first epoch, with the name of the file. */
async function checkData(
  trainer: Trainer,
  data: Data,
  { batchSize, ...flags }: TrainFlags,
): Promise<void> {
  await about(data.path, () => trainer.evaluate(data.training, { batchSize }));
  const { validation } = data;
  if (validation && flags.validation !== undefined)
    await about(flags.validation, () => trainer.evaluate(validation, { batchSize }));
}

async function resume(trainer: Trainer, path: string, epochs: number): Promise<void> {
  await about(path, () => trainer.restore(readBytes(path)));
  if (trainer.epochs >= epochs)
    throw usage(
      `${path} has ${trainer.epochs} epochs behind it already`,
      `--epochs counts from the first start: give more than ${trainer.epochs}`,
    );
}

function checkpointPath(path: string, flags: TrainFlags): string {
  if (flags.checkpoint !== undefined) return flags.checkpoint;
  const { weightsOut } = flags;
  const folder = weightsOut === undefined || weightsOut === "-" ? "." : dirname(weightsOut);
  const name = path === "-" ? "model" : basename(path).replace(/\.(gn|wasm)$/, "");
  return join(folder, `${name}.checkpoint.safetensors`);
}

/** All epochs, or as many as there were before Ctrl-C: then a checkpoint is written and the command ends with 130. */
async function allEpochs(
  trainer: Trainer,
  data: Data,
  flags: TrainFlags,
  checkpoint: string,
): Promise<void> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.once("SIGINT", interrupt);
  const progress = progressFor({ epochs: flags.epochs, log: flags.log === true });
  const options = {
    epochs: flags.epochs,
    batchSize: flags.batchSize,
    signal: stop.signal,
    onStep: progress.step,
    ...(data.validation && { validation: data.validation }),
  };
  try {
    for await (const epoch of trainer.fit(data.training, options)) progress.epoch(epoch);
    progress.done();
  } catch (error) {
    progress.done();
    if (!stop.signal.aborted) throw error;
    writeWhole(checkpoint, trainer.checkpoint());
    process.stderr.write(
      `stopped after ${trainer.epochs} epochs; go on with --resume ${checkpoint}\n`,
    );
    throw new Exit(exitCode.interrupted);
  } finally {
    process.removeListener("SIGINT", interrupt);
  }
}

/** The final scores on standard output (with `--log` as the last JSON line), the weights, the checkpoint. */
function finish(model: Model, trainer: Trainer, data: Data, flags: TrainFlags): void {
  const { batchSize, checkpoint, log, weightsOut } = flags;
  const held = trainer.evaluate(data.validation ?? data.training, { batchSize });
  const words = `${model.signature.model} after ${trainer.epochs} epochs: ${scores(held)}`;
  const line = log ? JSON.stringify({ done: true, epochs: trainer.epochs, ...held }) : words;
  (weightsOut === "-" ? process.stderr : process.stdout).write(`${line}\n`);
  if (weightsOut !== undefined) writeWhole(weightsOut, model.weights.save());
  if (checkpoint !== undefined) writeWhole(checkpoint, trainer.checkpoint());
  for (const path of [weightsOut, checkpoint])
    if (path !== undefined && path !== "-") process.stderr.write(`${path} written\n`);
}
