/** Kernels share a function where the code cannot tell them apart, and nowhere else; what they compute is tested with every model. */
import { describe, expect, it } from "vitest";
import { emit } from "../../compiler/6-emit/wasm/emit.js";
import { checkSource, kernelsOf, toKernels } from "../../compiler/compile.js";
import type { KernelDomain } from "../../compiler/ir/kernel.js";

/** How many kernels over such a domain have each function. */
async function shares(
  text: string,
  over: KernelDomain["over"] = "rows",
): Promise<readonly number[]> {
  const { models, diagnostics } = checkSource({ name: "test.gn", text });
  const [model] = models;
  if (!model) throw new Error(diagnostics.map((d) => d.message).join());
  const { schedule } = toKernels(model, { gradients: "none" });
  const { kernels } = await emit(kernelsOf(schedule));
  const uses = new Map<string, number>();
  for (const { function: name, kernel } of kernels)
    if (kernel.domain.over === over) uses.set(name, (uses.get(name) ?? 0) + 1);
  return [...uses.values()];
}

const onGrids = (fields: string): string => `
  import { Linear } from "std/core"
  import { Conv } from "std/conv"
  model M {
    nodes large: grid(8, 8)
    nodes small: grid(4, 4)
    input a: large f32[16]
    input b: small f32[16]
    ${fields}
    output c
    output d
  }`;

const alongChains = `
  import { GRU } from "std/recurrent"
  model M {
    nodes word: seq(max: 8)
    input x: word f32[16]
    y = GRU<16>(x) over chain
    z = GRU<16>(x) over chain(reverse)
    output y
    output z
  }`;

describe("equal code", () => {
  it("has rows of grids of any extents", async () => {
    expect(await shares(onGrids("c = Linear<16>(a); d = Linear<16>(b)"))).toEqual([2]);
  });

  it("has no windows on grids of other extents", async () => {
    const fields = "c = Conv<16>(a) over window(3, 3); d = Conv<16>(b) over window(3, 3)";
    expect(Math.max(...(await shares(onGrids(fields))))).toBe(1);
  });

  it("has a chain both ways", async () => {
    expect(await shares(alongChains, "level")).toEqual([2]);
  });
});
