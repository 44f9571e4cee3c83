/**
 * Other spellings of the library's blocks: each file of `spellings/` has a model on the library's block, and others that say
 * the same in other words. All are to become kernels that cost no more, and most of them the same kernels. The kernel list of each is a golden: what a change does to a block, it does in sight.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { toKernels } from "../../compiler/compile.js";
import { verifySchedule } from "../../compiler/ir/kernel.verify.js";
import { modelsOf } from "../generated/support/sources.js";
import { printShapes, type Shape, shapesOf } from "./support/kernel-shape.js";

const folder = new URL("spellings/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".gn"));

interface Spelling {
  readonly name: string;
  readonly shapes: ReadonlyMap<string, Shape>;
}

function spellingsOf(file: string): readonly Spelling[] {
  const text = readFileSync(new URL(file, folder), "utf8");
  return modelsOf(file, text).map((model) => {
    const { schedule } = toKernels(model, { gradients: "all" });
    verifySchedule(schedule);
    return { name: model.name, shapes: shapesOf(schedule) };
  });
}

/** Which sum over rows runs with which depends on how the parameters are cut, and so does what is read twice. */
const regrouped = 1.05;

describe.each(files)("%s", (file) => {
  const [library, ...others] = spellingsOf(file);

  it("has the kernels that it had", async () => {
    const golden = `golden/spellings/${file.replace(/\.gn$/, "")}.txt`;
    await expect(printShapes([...(library ? [library] : []), ...others])).toMatchFileSnapshot(
      golden,
    );
  });

  it.each(others)("$name costs no more than the library's own", ({ shapes }) => {
    expect([...shapes.keys()]).toEqual([...(library?.shapes.keys() ?? [])]);
    for (const [program, own] of library?.shapes ?? []) {
      const other = shapes.get(program);
      if (!other) return expect.fail(`no ${program}`);
      expect(other.ns, program).toBeLessThanOrEqual(regrouped * own.ns);
    }
  });
});

it("has at least two other spellings for each", () => {
  for (const file of files) expect(spellingsOf(file).length, file).toBeGreaterThan(2);
});
