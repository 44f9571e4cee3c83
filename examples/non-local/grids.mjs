/** Grids of places with ten symbols of sixteen kinds at random, and for each whether it has a twin. */
import { randomInt, randomLcg } from "d3-random";

const marks = 10;
const kinds = 16;

/**
 * @param {number} seed In [0, 1).
 * @param {number} side Places along either edge.
 */
export function grids(count, seed, side) {
  const source = randomLcg(seed);
  const place = randomInt.source(source)(side * side);
  const kindOf = randomInt.source(source)(1, kinds + 1);
  return Array.from({ length: count }, () => {
    const kind = new Int32Array(side * side);
    for (let left = marks; left > 0; ) {
      const at = place();
      if (kind[at]) continue;
      kind[at] = kindOf();
      left--;
    }
    const times = new Map();
    for (const k of kind) times.set(k, (times.get(k) ?? 0) + 1);
    return {
      place: { kind, twin: Float32Array.from(kind, (k) => Number(k > 0 && times.get(k) > 1)) },
    };
  });
}
