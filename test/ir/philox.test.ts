import { describe, expect, it } from "vitest";
import { philox4x32, uniformAt } from "../../compiler/ir/philox.js";

const hex = (words: readonly number[]): string =>
  words.map((w) => w.toString(16).padStart(8, "0")).join(" ");

describe("philox4x32-10", () => {
  // the known answers that come with Random123 (kat_vectors, philox4x32 10)
  it("answers as Random123 does", () => {
    expect(hex(philox4x32([0, 0, 0, 0], [0, 0]))).toBe("6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    const ones = 0xffffffff;
    expect(hex(philox4x32([ones, ones, ones, ones], [ones, ones]))).toBe(
      "408f276d 41c83b0e a20bc7c6 6d5451fd",
    );
    const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;
    expect(hex(philox4x32(pi, [0xa4093822, 0x299f31d0]))).toBe(
      "d16cfe09 94fdcceb 5001e420 24126ea1",
    );
  });

  it("draws fractions of 24 bits, four columns to a block", () => {
    const source = { seed: 3 + 7 * 2 ** 32, site: 11, step: 13 };
    for (let column = 0; column < 12; column++) {
      const words = philox4x32([5, Math.floor(column / 4), 11, 13], [3, 7]);
      const draw = uniformAt(source, 5, column);
      expect(draw).toBe(Math.floor(Number(words[column % 4]) / 256) / 2 ** 24);
      expect(Math.fround(draw)).toBe(draw);
    }
  });

  it("is even and independent of its neighbours, roughly", () => {
    const draws = Array.from({ length: 4000 }, (_, i) =>
      uniformAt({ seed: 5, step: 1, site: 2 }, i >> 3, i & 7),
    );
    const mean = draws.reduce((a, b) => a + b) / draws.length;
    const products = draws.slice(1).map((d, i) => (d - 0.5) * (Number(draws[i]) - 0.5));
    expect(mean).toBeCloseTo(0.5, 1);
    expect(Math.abs(products.reduce((a, b) => a + b) / products.length)).toBeLessThan(0.01);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
  });
});
