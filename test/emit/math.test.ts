/** Functions without an instruction of their own: error in units of the last place, and values at the edges. */
import { describe, expect, it } from "vitest";
import { functions } from "../../compiler/ir/evaluate.functions.js";
import { type MapFunction, TensorTable } from "../../compiler/ir/tensor.js";
import { Machine } from "./support/machine.js";
import { found, generator, nodeSet, World } from "./support/world.js";

const nodes = nodeSet("node");

/** f at all points (and at second arguments), in four lanes, and in one as well. */
async function computed(
  f: MapFunction,
  points: readonly (readonly number[])[],
): Promise<readonly Float64Array[]> {
  const table = new TensorTable();
  const axis = table.axis("f", points.length);
  const m = new Machine(new World({ sets: [{ set: nodes, counts: [1] }] }));
  const args = found(points[0]).map((_, k) => {
    const x = table.input(`x${k}`, nodes, [axis], "f32");
    m.store(x, { value: (i) => found(points[i])[k] ?? 0 });
    return x;
  });
  const y = table.map(f, args);
  const one = table.map(
    f,
    args.map((x) => table.view(x, { kind: "pick", from: axis, at: 1 })),
  );
  for (const t of [y, one]) m.store(t);
  const stages = [y, one].map((target) => ({ kind: "map", target }) as const);
  await m.run([m.kernel({ domain: { over: "rows", space: nodes }, stages })]);
  return [m.read(y), m.read(one)];
}

const exponent = (x: number): number => Math.max(-126, Math.floor(Math.log2(Math.abs(x))));

/** Distance in units of the last place of f32. */
function ulps(got: number, want: number): number {
  if (Object.is(got, want) || got === want) return 0;
  if (Number.isNaN(want)) return Number.isNaN(got) ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(got - want) / 2 ** (exponent(want) - 23);
}

function spread(low: number, high: number, count = 20000): readonly (readonly number[])[] {
  const next = generator(11);
  return Array.from({ length: count }, () => [Math.fround(low + (high - low) * next())]);
}

const bounds: readonly (readonly [MapFunction, number, number, number])[] = [
  ["exp", -87.3, 88.72, 2],
  ["sigmoid", -80, 80, 4],
  ["tanh", -10, 10, 8],
  ["log", 1e-3, 20, 2],
  ["log", 1e-38, 3e38, 2],
  ["erf", -5, 5, 8],
  ["sin", -100, 100, 4],
  ["cos", -100, 100, 4],
  ["sin", -1e5, 1e5, 8],
  ["sqrt", 0, 1e6, 0.51],
];

describe("a function", () => {
  for (const [f, low, high, most] of bounds) {
    it(`${f} is right to ${most} units on ${low} to ${high}`, async () => {
      const points = spread(low, high);
      const [got, one] = await computed(f, points);
      const errors = points.map(([x = 0], i) => {
        const want = functions[f](x, 0, 0);
        // near a zero of the function what counts is the distance
        const near = Math.abs(want) < 1e-3 && (f === "sin" || f === "cos");
        return near ? Math.abs(Number(got?.[i]) - want) / 2 ** -33 : ulps(Number(got?.[i]), want);
      });
      expect(Math.max(...errors)).toBeLessThanOrEqual(most);
      expect(one?.[0]).toBe(got?.[1]);
    });
  }

  const infinity = Number.POSITIVE_INFINITY;
  const edges: readonly (readonly [MapFunction, readonly number[], number])[] = [
    ["exp", [-infinity], 0],
    ["exp", [infinity], infinity],
    ["exp", [0], 1],
    ["exp", [-200], 0],
    ["exp", [89], infinity],
    ["exp", [Number.NaN], Number.NaN],
    ["sigmoid", [-infinity], 0],
    ["sigmoid", [infinity], 1],
    ["sigmoid", [-500], 0],
    ["sigmoid", [88], 1],
    ["sigmoid", [500], 1],
    ["sigmoid", [Number.NaN], Number.NaN],
    ["log", [0], -infinity],
    ["log", [infinity], infinity],
    ["log", [-1], Number.NaN],
    ["log", [1], 0],
    ["log", [1e-40], Math.log(Math.fround(1e-40))],
    ["tanh", [0], 0],
    ["erf", [0], 0],
    ["sin", [0], 0],
    ["cos", [0], 1],
    ["pow", [0, 0], 1],
    ["pow", [2, 0.5], Math.SQRT2],
    ["pow", [-2, 3], -8],
    ["pow", [-2, 2], 4],
    ["pow", [-2, 0.5], Number.NaN],
    ["pow", [0, 3], 0],
    ["pow", [0, -1], infinity],
    ["pow", [10, 38], 1e38],
    ["pow", [10, 39], infinity],
    ["pow", [10, -50], 0],
    ["pow", [infinity, 2], infinity],
    ["pow", [1, 1e20], 1],
    ["round", [2.5], 2],
    ["round", [-1.5], -2],
    ["floor", [-0.5], -1],
    ["to_i32", [-1.7], -1],
    ["mod", [-1, 3], 2],
  ];
  for (const [f, args, want] of edges) {
    it(`${f} of ${args.join(", ")} is ${want}`, async () => {
      const [four, one] = await computed(
        f,
        Array.from({ length: 5 }, () => args),
      );
      for (const got of [four?.[0], four?.[4], one?.[0]])
        expect(ulps(Number(got), want)).toBeLessThanOrEqual(1);
    });
  }

  it("pow is right to 1 unit", async () => {
    const next = generator(5);
    const points = Array.from({ length: 5000 }, () => [
      Math.fround(next() * 20),
      Math.fround(next() * 20 - 10),
    ]);
    const [got] = await computed("pow", points);
    const errors = points.map(([x = 0, y = 0], i) => ulps(Number(got?.[i]), x ** y));
    expect(Math.max(...errors)).toBeLessThanOrEqual(1);
  });
});
