/** Random programs under the laws: they end, keep value and gradients, are stable, and do no more than before. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rewrite } from "../../compiler/3-optimize/optimize.js";
import { verify } from "../../compiler/ir/tensor.verify.js";
import { choices, programOf } from "../support/random-program.js";
import { compare, workOf } from "./support/agreement.js";

const runs = { numRuns: 150, seed: 20 };

describe("on random programs the laws", () => {
  it("keep value and gradients", () => {
    fc.assert(
      fc.property(choices, fc.integer({ min: 1, max: 50 }), (list, seed) => {
        const found = compare(programOf(list), seed);
        expect(Math.max(found.value, found.gradient, found.again, found.late)).toBeLessThan(1e-9);
      }),
      runs,
    );
  });

  it("end where nothing more is to be done", () => {
    fc.assert(
      fc.property(choices, (list) => {
        const { table, results } = programOf(list);
        const once = rewrite(table, results);
        verify(once);
        expect(rewrite(table, once)).toEqual(once);
      }),
      runs,
    );
  });

  it("do not add work", () => {
    fc.assert(
      fc.property(choices, (list) => {
        const { table, results } = programOf(list);
        const now = rewrite(table, results);
        expect(workOf(now)).toBeLessThanOrEqual(workOf(results));
      }),
      runs,
    );
  });
});
