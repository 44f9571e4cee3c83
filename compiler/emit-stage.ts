/** What `gnc compile --emit STAGE` prints: every noun of the pipeline as text. */
import { emitText } from "./6-emit/wasm/emit.js";
import { type CompileOptions, kernelsOf, toKernels } from "./compile.js";
import { printSchedule } from "./ir/kernel.print.js";
import type { Model } from "./ir/model.js";
import { printModel } from "./ir/model.print.js";
import type { DifferentiatedProgram, Forward } from "./ir/program.js";
import type { Tensor } from "./ir/tensor.js";
import { printTensors } from "./ir/tensor.print.js";
import type { StageName } from "./stage-names.js";

/** One stage of one model as text. */
export async function emitStage(
  stage: Exclude<StageName, "ast">,
  model: Model,
  options: CompileOptions,
): Promise<string> {
  if (stage === "model") return printModel(model);
  const made = toKernels(model, options);
  if (stage === "tensor") return printTensors(forwardRoots(made.forward.inference));
  if (stage === "gradient") return printTensors(gradientRoots(made.joint));
  if (stage === "kernel") return printSchedule(made.schedule);
  return emitText(kernelsOf(made.schedule));
}

function forwardRoots(forward: Forward): readonly Tensor[] {
  const metrics = forward.metrics.flatMap((m) => [m.total, m.rows]);
  return [
    ...forward.outputs.map((o) => o.value),
    ...(forward.loss ? [forward.loss] : []),
    ...metrics,
  ];
}

function gradientRoots(program: DifferentiatedProgram): readonly Tensor[] {
  const roots = program.gradients.map((g) => g.root.value);
  if (program.pullback === null) return roots;
  const { parameters, inputs } = program.pullback;
  return [...roots, ...parameters.map((g) => g.root.value), ...inputs.map((i) => i.value)];
}
