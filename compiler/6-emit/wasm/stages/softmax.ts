/** softmax by a map and the sums weighted by it: the logarithm of the sum first, then one walk with it. */

import type { StageContext, StageOf } from "./context.js";
import { eachBase, reduceTarget } from "./walk.js";

export function softmax({ map, lse, sums }: StageOf<"softmax">, c: StageContext): void {
  eachBase(map, c, (row, elements) => {
    for (const target of [lse, ...sums]) reduceTarget(target, row, elements, c);
  });
}
