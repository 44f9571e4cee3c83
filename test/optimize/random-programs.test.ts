/** Random programs under the laws: they end, keep value and gradients, are stable, and do no more than before. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rewrite } from "../../compiler/3-optimize/optimize.js";
import { verify } from "../../compiler/ir/tensor.verify.js";
import { choices, programOf } from "../support/random-program.js";
import { compare, workOf } from "./support/agreement.js";
import { productChoices, productsOf } from "./support/random-products.js";

const runs = { numRuns: Number(process.env.RUNS ?? 150), seed: 20 };

/** What a program is made of, and a check of one program as a property of its choices. */
const kinds = {
  "all ops": (check: (c: ReturnType<typeof programOf>, seed: number) => void): void =>
    fc.assert(
      fc.property(choices, fc.nat(50), (list, seed) => check(programOf(list), seed)),
      runs,
    ),
  products: (check: (c: ReturnType<typeof programOf>, seed: number) => void): void =>
    fc.assert(
      fc.property(productChoices, fc.nat(50), (list, seed) => check(productsOf(list), seed)),
      runs,
    ),
};

describe.each(Object.entries(kinds))("on random programs of %s the laws", (_, onEach) => {
  it("keep value and gradients", () => {
    onEach((c, seed) => {
      const found = compare(c, seed);
      expect(Math.max(found.value, found.gradient, found.again, found.late)).toBeLessThan(1e-9);
    });
  });

  it("end where nothing more is to be done", () => {
    onEach(({ table, results }) => {
      const once = rewrite(table, results);
      verify(once);
      expect(rewrite(table, once).every((t, i) => t === once[i])).toBe(true);
    });
  });

  // what several products read is multiplied out in each: a factor more, never a sum more
  it("do no work twice", () => {
    onEach(({ table, results }) => {
      expect(workOf(rewrite(table, results))).toBeLessThanOrEqual(1.3 * workOf(results));
    });
  });
});
