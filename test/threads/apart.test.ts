/** Parts of a range neither read nor write what other parts write: in every kernel of the library, in all its programs. */
import { afterAll, describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import type { Model } from "../../compiler/ir/model.js";
import type { Manifest } from "../../runtime/artifact.js";
import { graphInput } from "../generated/support/module.js";
import { modelsOf } from "../generated/support/sources.js";
import { randomWorld, type Sizes } from "../generated/support/world.js";
import { library } from "../library/models.js";
import { Apart } from "./support/apart.js";
import { opened } from "./support/open.js";

/** So many nodes that sums to the batch take several chunks; fewer where every pair of nodes is an edge. */
const sizesOf = ({ sets, relations }: Model): Sizes =>
  Array.from({ length: relations.some((r) => r.topology.kind === "complete") ? 12 : 40 }, (_, g) =>
    sets.map((_, i) => 5 + ((g + i) % 7)),
  );

let [kernels, recurrences] = [0, 0];
afterAll(() => console.log(`${kernels} kernels, ${recurrences} runs of recurrences`));

describe.each(library)("$file", ({ file, text }) => {
  it.each(modelsOf(file, text).map((model) => [model.name, model] as const))(
    "parts of kernels of %s have nothing to do with each other",
    async (_, checked) => {
      const artifact = await compileModel(checked, { gradients: "all" });
      const world = randomWorld(checked, sizesOf(checked), 3);
      const module = await WebAssembly.compile(new Uint8Array(artifact));
      let apart: Apart | null = null;
      const model = opened(module, (manifest) => (apart = new Apart(manifest)), world.weights);
      const held = apart as unknown as Apart;
      const batch = model.batch(world.graphs.map(graphInput));
      model.run(batch);
      model.pullback(
        batch,
        world.graphs.map(() => ({})),
      );
      if (model.signature.optimizers.length > 0) model.trainer({ lr: 1e-3 }).step(batch);
      expect(held.faults.slice(0, 10)).toEqual([]);
      kernels += held.checked.size;
      recurrences += held.recurrences;
    },
    300_000,
  );
});

describe("the check", () => {
  const words = 8;
  /** What it says of a kernel that does this to each row of a range, on memory that holds the numbers from 1. */
  function faultsOf(row: (memory: Int32Array, i: number) => void): readonly string[] {
    const apart = new Apart({ scratchBytes: 0 } as Manifest);
    const memory = new Int32Array(apart.share(1).buffer, 0, words);
    memory.set(memory.map((_, i) => i + 1));
    const kernel = apart.spread("k", (_, begin, end) => {
      for (let i = begin; i < end; i++) row(memory, i);
    });
    kernel(0, 0, words - 1, 4 * words);
    return apart.faults;
  }

  it("finds nothing in rows that have nothing to do with each other", () => {
    expect(faultsOf((memory, i) => memory.fill(i * i, i, i + 1))).toEqual([]);
  });

  it("finds a row that reads what the row before it writes", () => {
    expect(
      faultsOf((memory, i) => memory.fill((memory[i] as number) + 3, i + 1, i + 2)),
    ).not.toEqual([]);
  });

  it("finds a sum over all rows in one word", () => {
    expect(faultsOf((memory, i) => memory.fill((memory[7] as number) + i, 7, 8))).not.toEqual([]);
  });

  it("finds a store that runs into the next row, though its value is there already", () => {
    expect(faultsOf((memory, i) => memory.fill(9, i, i + 2))).not.toEqual([]);
  });
});
