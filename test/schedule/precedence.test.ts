/** What comes before what, against a search through all links. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { Precedence } from "../../compiler/5-schedule/precedence.js";

const count = 70;
/** Links from a smaller number to a larger one, in any order. */
const anyLinks = fc.array(
  fc
    .tuple(fc.nat(count - 1), fc.nat(count - 1))
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
  { maxLength: 120 },
);

function searched(links: readonly (readonly [number, number])[], of: readonly number[]) {
  const found = new Set<number>();
  const open = [...of];
  for (let n = open.pop(); n !== undefined; n = open.pop())
    for (const [a, b] of links)
      if (b === n && !found.has(a)) {
        found.add(a);
        open.push(a);
      }
  return [...found].sort((a, b) => a - b);
}

it("knows what comes before some things by any number of steps", () => {
  fc.assert(
    fc.property(anyLinks, fc.array(fc.nat(count - 1), { maxLength: 3 }), (links, of) => {
      const precedence = new Precedence();
      for (const [a, b] of links) precedence.link(a, b);
      const isBefore = precedence.beforeAny(of);
      const all = Array.from({ length: count }, (_, n) => n);
      expect(all.filter(isBefore)).toEqual(searched(links, of));
    }),
  );
});
