/** Random equations mean the same as tensors and as text. */
import { describe, it } from "vitest";
import { expectAgreement } from "./support/agreement.js";
import { field, model } from "./support/model.js";
import { randomBatch, randomFrom } from "./support/random-batch.js";
import { edges, inputs, nodes, parameters, shapes, spaces, Writer } from "./support/random-text.js";

const seeds = Array.from({ length: 200 }, (_, i) => i + 1);

describe("a random model", () => {
  it.each(seeds)("means what its text says (%i)", (seed) => {
    const writer = new Writer(randomFrom(seed));
    const outputs = ["a", "b"].map((name) => {
      const space = writer.pick(spaces);
      return field(name, space, writer.write(writer.pick(shapes), { space, bound: [], depth: 4 }));
    });
    const fields = [...writer.fields, ...outputs];
    const parts = { sets: [nodes], relations: [edges], inputs, parameters };
    const made = model({ ...parts, fields, outputs });
    expectAgreement(made, randomBatch(made, seed));
  });
});
