/** `gnc run MODEL --data D`: outputs of a model, as a safetensors file or a summary. */
import { type Tensor, tensorsFrom, writeSafetensors } from "../../../runtime/index.js";
import { writeWhole } from "../files.js";
import { openModel, readGraphs } from "../models.js";

export interface RunFlags {
  readonly data: string;
  readonly weights?: string;
  readonly out?: string;
  readonly seed: number;
  readonly model?: string;
}

export async function runCommand(path: string, flags: RunFlags): Promise<void> {
  const model = await openModel(path, { ...flags, gradients: "none" });
  const tensors = tensorsFrom(model.run(readGraphs(flags.data, model)), model.signature);
  if (flags.out !== undefined) writeWhole(flags.out, writeSafetensors(tensors));
  else for (const [name, tensor] of tensors) process.stdout.write(`${summary(name, tensor)}\n`);
  model.dispose();
}

/** `paper.logits  f32[2708, 7]  -4.1 .. 3.9  0.12 -0.3 ...` */
function summary(name: string, { shape, data }: Tensor): string {
  const values = Array.from(data as ArrayLike<number | bigint>, Number);
  const short = (x: number): string => (Number.isInteger(x) ? String(x) : x.toPrecision(4));
  const range =
    values.length === 0
      ? "empty"
      : `${short(min(values))} .. ${short(-min(values.map((v) => -v)))}`;
  const first = values.slice(0, 6).map(short).join(" ");
  return `${name}  [${shape.join(", ")}]  ${range}  ${first}${values.length > 6 ? " ..." : ""}`;
}

const min = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
