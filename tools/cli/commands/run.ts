/** `gnc run MODEL --data D`: outputs of a model, as a safetensors file or a summary. */
import { type Tensor, tensorsFrom, writeSafetensors } from "../../../runtime/index.js";
import { about, usage } from "../exit.js";
import { writeWhole } from "../files.js";
import { isFresh, openModel, readGraphs } from "../models.js";

export interface RunFlags {
  readonly data?: string;
  readonly weights?: string;
  readonly out?: string;
  readonly seed: number;
  readonly threads: number;
  readonly model?: string;
}

export async function runCommand(path: string, flags: RunFlags): Promise<void> {
  const data = given(flags.data, path, "run");
  onlyOnce(path, data, flags.weights);
  const model = await openModel(path, { ...flags, gradients: "none" });
  const graphs = await readGraphs(data, model);
  const outputs = await about(data, () => model.run(graphs));
  const tensors = tensorsFrom(outputs, model.signature);
  if (flags.out !== undefined) writeWhole(flags.out, writeSafetensors(tensors));
  else for (const [name, tensor] of tensors) process.stdout.write(`${summary(name, tensor)}\n`);
  if (flags.weights === undefined && (await isFresh(path, model)))
    process.stderr.write(
      `note: nothing is trained; weights are drawn with seed ${flags.seed} (see --weights)\n`,
    );
  model.dispose();
}

/** The value of --data, which `run` and `train` cannot do without. */
export function given(data: string | undefined, path: string, command: string): string {
  if (data !== undefined) return data;
  throw usage("no data is given", `gnc ${command} ${path} --data FILE.safetensors`);
}

/** Standard input can be read once. */
export function onlyOnce(...paths: readonly (string | undefined)[]): void {
  if (paths.filter((path) => path === "-").length > 1)
    throw usage("standard input can be read only once", "give a file for all but one `-`");
}

/** `paper.logits  [2708, 7]  -4.1 .. 3.9  0.12 -0.3 ..` */
function summary(name: string, { shape, data }: Tensor): string {
  const values = data as ArrayLike<number>;
  const first = Array.from({ length: Math.min(6, values.length) }, (_, i) => short(values[i]));
  return `${name}  [${shape.join(", ")}]  ${range(values)}  ${first.join(" ")}${values.length > 6 ? " .." : ""}`;
}

const short = (value: number | undefined): string =>
  value === undefined || Number.isInteger(value) ? String(value) : value.toPrecision(4);

function range(values: ArrayLike<number>): string {
  if (values.length === 0) return "empty";
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i] ?? low);
    high = Math.max(high, values[i] ?? high);
  }
  return `${short(low)} .. ${short(high)}`;
}
