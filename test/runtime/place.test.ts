import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aligned } from "../../runtime/frames.js";
import { overlap, place } from "../../runtime/place.js";

const lives = fc.dictionary(
  fc.constantFrom("infer", "train"),
  fc.tuple(fc.nat(10), fc.nat(6)).map(([from, length]): [number, number] => [from, from + length]),
);
const buffers = fc.array(fc.record({ size: fc.nat(400), lives }), { maxLength: 20 });

describe("layouts", () => {
  it("never let two buffers overlap that live at once, and are aligned", () => {
    fc.assert(
      fc.property(buffers, (all) => {
        const { offsets, bytes } = place(
          all.map(({ size }) => size),
          all.map((b) => b.lives),
        );
        all.forEach((a, i) => {
          const [from, to] = [offsets[i] as number, (offsets[i] as number) + a.size];
          expect(from % 64).toBe(0);
          expect(to).toBeLessThanOrEqual(bytes);
          for (let j = 0; j < i; j++) {
            const other = all[j] as typeof a;
            const start = offsets[j] as number;
            if (overlap(a.lives, other.lives))
              expect(to <= start || start + other.size <= from || !a.size || !other.size).toBe(
                true,
              );
          }
        });
        expect(bytes).toBeLessThanOrEqual(all.reduce((sum, { size }) => sum + aligned(size), 0));
      }),
    );
  });

  it("let buffers share what is free", () => {
    const { offsets, bytes } = place(
      [64, 64, 64],
      [{ infer: [0, 1] }, { infer: [1, 2] }, { infer: [2, 3] }],
    );
    expect([offsets[0], offsets[2], bytes]).toEqual([0, 0, 128]);
  });
});
