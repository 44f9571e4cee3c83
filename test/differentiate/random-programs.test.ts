import * as fc from "fast-check";
import { expect, it } from "vitest";
import { compareGradients } from "../support/central-difference.js";
import { fillLeaves, randomBatch, randomFrom } from "../support/random-graph.js";
import { choices, programOf } from "../support/random-program.js";

it("random programs have the gradients that differences show", () => {
  fc.assert(
    fc.property(choices, fc.nat(1000), (list, seed) => {
      const { table, results, batch: spec } = programOf(list);
      const batch = randomBatch(randomFrom(seed), spec);
      fillLeaves(batch, results, randomFrom(seed));
      for (const y of results) {
        for (const { path, error } of compareGradients(table, y, batch, randomFrom(seed))) {
          expect(error, path).toBeLessThan(1e-7);
        }
      }
    }),
    { numRuns: 150, seed: 1 },
  );
});
