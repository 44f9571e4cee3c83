/** How the rows of a sum are cut: the same for any number of threads. */
import { expect, it } from "vitest";
import { chunkRows } from "../../runtime/artifact.js";

const chunksOf = (rows: number): number => Math.ceil(rows / chunkRows(rows));
const counts = Array.from({ length: 9000 }, (_, rows) => rows + 1);

it("cuts nothing that has 256 rows or fewer", () => {
  expect(counts.filter((rows) => chunksOf(rows) === 1)).toEqual(counts.slice(0, 256));
});

it("gives two threads as many chunks each, and none more than 16", () => {
  const more = counts.slice(256).map(chunksOf);
  expect(more.filter((chunks) => chunks % 2 || chunks > 16)).toEqual([]);
  expect(chunksOf(10_000_000)).toBe(16);
});

it("gives a chunk at least half of 256 rows, in eights", () => {
  const sizes = counts.map(chunkRows);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(128);
  expect(sizes.filter((size) => size % 8)).toEqual([]);
});
