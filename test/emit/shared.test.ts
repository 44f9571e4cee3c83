/** Kernels share a function where the code cannot tell them apart, and nowhere else; what they compute is tested with every model. */
import { describe, expect, it } from "vitest";
import { emit } from "../../compiler/6-emit/wasm/emit.js";
import { checkSource, kernelsOf, toKernels } from "../../compiler/compile.js";
import type { KernelDomain } from "../../compiler/ir/kernel.js";
import { numbers, openText } from "../library/open.js";

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

const steps = 6;
const each = <T>(make: (t: number) => T): readonly T[] =>
  Array.from({ length: steps }, (_, t) => make(t));

/** A network that is fed what is given for each step, in one input or in as many as there are steps. */
const unrolled = (joint: boolean): string => `
  import { sq } from "std/core"
  import { GCN } from "std/graph"
  model M {
    nodes body
    edges e: body -> body
    ${joint ? `input x: body f32[${steps}, 5]` : each((t) => `input x${t}: body f32[5]`).join("\n    ")}
    let cell = GCN<5>
    node body { h0: f32[5] = 0 }
    ${each((t) => `h${t + 1} = tanh(cell([${joint ? `x[${t}]` : `x${t}`}, h${t}]))`).join("\n    ")}
    output h${steps}
    loss sum[i](sq(h${steps}[i]))
    optimizer sgd(lr: 0.01)
  }`;

async function trained(joint: boolean) {
  const model = await openText(unrolled(joint));
  const all = numbers(7 * steps * 5, 3);
  const rows = (t: number): number[] => [...all].filter((_, i) => Math.floor(i / 5) % steps === t);
  const parts = Object.fromEntries(each((t) => [`x${t}`, rows(t)] as const));
  const e = { senders: [0, 1, 1, 2, 3, 5], receivers: [1, 0, 3, 3, 6, 6] };
  const graph = { body: joint ? { x: all } : parts, e };
  const trainer = model.trainer();
  const losses = [1, 2, 3].map(() => trainer.step(graph).loss);
  return { losses, outputs: model.run(graph).body?.[`h${steps}`] };
}

describe("equal code", () => {
  it("has steps that pick from different places of an input", async () => {
    const uses = await shares(unrolled(true));
    expect(Math.max(...uses)).toBeGreaterThanOrEqual(steps - 2);
    expect(uses.length).toBeLessThanOrEqual((await shares(unrolled(false))).length);
  });

  it("picks in each step what belongs to it", async () => {
    const [joint, apart] = [await trained(true), await trained(false)];
    expect(joint.losses.every((l) => Number.isFinite(l) && l > 0)).toBe(true);
    expect(joint).toEqual(apart);
  });

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
