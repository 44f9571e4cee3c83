/** The kernel lists of every model of the library, in short: what a change does to a block, it does in sight. */
import { describe, expect, it } from "vitest";
import { toKernels } from "../../compiler/compile.js";
import { verifySchedule } from "../../compiler/ir/kernel.verify.js";
import { modelsOf } from "../generated/support/sources.js";
import { library } from "../library/models.js";
import { printShapes, shapesOf } from "./support/kernel-shape.js";

describe.each(library)("$file", ({ file, text }) => {
  it.each(modelsOf(file, text).map((model) => [model.name, model] as const))(
    "%s has the kernels that it had",
    async (name, model) => {
      const { schedule } = toKernels(model);
      verifySchedule(schedule);
      const folder = file.startsWith("examples/") ? "examples-" : "";
      const golden = `golden/library/${folder}${name}.txt`;
      await expect(printShapes([{ name, shapes: shapesOf(schedule) }])).toMatchFileSnapshot(golden);
    },
    60_000,
  );
});
