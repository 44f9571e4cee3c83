/** Unrolled steps of one network: stacks of matrices on the edges, and kernels that all steps share. */
import { describe, expect, it } from "vitest";
import { schedule } from "../../compiler/5-schedule/schedule.js";
import { fingerprint } from "../../compiler/6-emit/wasm/fingerprint.js";
import { kernelsOf } from "../../compiler/compile.js";
import type { Kernel, Stage } from "../../compiler/ir/kernel.js";
import { decoder } from "../support/cases/feed-forward.js";
import { derived } from "../support/schedule-case.js";

const kernels = (steps: number): readonly Kernel[] =>
  kernelsOf(schedule(derived(decoder(steps), true)));
const distinct = (all: readonly Kernel[]): number =>
  new Set(all.map((k) => fingerprint(k).text)).size;
const names = (axes: readonly { readonly name: string }[]): string =>
  axes.map((a) => a.name).join();

describe("a network for each type, on the chunks of every edge", () => {
  const stages = kernels(3).flatMap((k) =>
    k.stages.map((stage): readonly [Kernel, Stage] => [k, stage]),
  );
  const onEdges = stages.filter(
    ([{ domain }]) => "space" in domain && domain.space.kind === "edges",
  );

  it("is a product with a stack of matrices, forward and backward", () => {
    const found = onEdges.flatMap(([, s]) => (s.kind === "product" ? [s] : []));
    expect(found.map((s) => `${names(s.stack)}: ${names(s.over)}`)).toEqual(
      expect.arrayContaining(["k: d", "k: j"]),
    );
  });

  it("has weight gradients that sum over edges and chunks, matrix by matrix", () => {
    const found = onEdges.flatMap(([, s]) => (s.kind === "outer" ? [s] : []));
    expect(found).toHaveLength(3);
    for (const s of found) expect(`${names(s.over)}: ${names(s.stack)}`).toBe("c: k");
  });

  it("takes few kernels more for each further step, and none of them is large", () => {
    const [few, more, most] = [4, 8, 16].map((steps) => kernels(steps));
    if (!few || !more || !most) throw new Error("no kernels");
    expect(distinct(most) - distinct(more)).toBeLessThanOrEqual(distinct(more) - distinct(few));
    expect(distinct(most)).toBeLessThan(most.length / 2);
    const largest = (all: readonly Kernel[]): number =>
      Math.max(...all.filter((k) => k.domain.over !== "count").map((k) => k.stages.length));
    expect(largest(most)).toBe(largest(few));
  });
});
