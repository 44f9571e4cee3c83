/** The library's convolution in one, two and three dimensions against sums over the places that a window sees. */
import { expect, it } from "vitest";
import { numbers, openText } from "./open.js";

interface Case {
  readonly extents: readonly number[];
  readonly window: readonly number[];
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

const [inner, outer] = [2, 3];
const volume = (extents: readonly number[]): number => extents.reduce((a, b) => a * b, 1);
const placeOf = (at: number, extents: readonly number[]): readonly number[] =>
  extents.map((size, axis) => Math.floor(at / volume(extents.slice(axis + 1))) % size);
const indexOf = (place: readonly number[], extents: readonly number[]): number =>
  place.reduce((at, x, axis) => at * (extents[axis] ?? 0) + x, 0);

const outExtents = ({ extents, window, stride, dilation, pad }: Case): readonly number[] =>
  extents.map(
    (size, axis) =>
      Math.floor((size + 2 * pad - dilation * ((window[axis] ?? 0) - 1) - 1) / stride) + 1,
  );

/** y[r] = b + sum over taps of x[r * stride + tap * dilation - pad] W[tap], with nothing outside. */
function convolved(of: Case, x: Float32Array, w: Float32Array, b: Float32Array): readonly number[] {
  const { extents, window, stride, dilation, pad } = of;
  const out = outExtents(of);
  return Array.from({ length: volume(out) * outer }, (_, n) => {
    const [row, o] = [placeOf(Math.floor(n / outer), out), n % outer];
    let sum = b[o] ?? 0;
    for (let tap = 0; tap < volume(window); tap++) {
      const seen = placeOf(tap, window).map(
        (t, axis) => (row[axis] ?? 0) * stride + t * dilation - pad,
      );
      if (seen.some((at, axis) => at < 0 || at >= (extents[axis] ?? 0))) continue;
      for (let i = 0; i < inner; i++)
        sum +=
          (x[indexOf(seen, extents) * inner + i] ?? 0) * (w[(tap * inner + i) * outer + o] ?? 0);
    }
    return sum;
  });
}

it.each<Case>([
  { extents: [9], window: [3], stride: 1, dilation: 1, pad: 1 },
  { extents: [11], window: [4], stride: 2, dilation: 2, pad: 0 },
  { extents: [5, 6], window: [3, 3], stride: 1, dilation: 1, pad: 1 },
  { extents: [7, 6], window: [2, 3], stride: 2, dilation: 1, pad: 1 },
  { extents: [3, 4, 5], window: [3, 3, 3], stride: 1, dilation: 1, pad: 1 },
  { extents: [4, 5, 3], window: [2, 3, 1], stride: 1, dilation: 2, pad: 2 },
  { extents: [6, 5, 4], window: [2, 2, 2], stride: 2, dilation: 1, pad: 0 },
])("convolves $extents by $window, stride $stride, dilation $dilation, pad $pad", async (of) => {
  const { extents, window, stride, dilation, pad } = of;
  using model = await openText(`import { Conv } from "std/conv"
model M {
  nodes fine: grid(${extents.join(", ")})
  nodes coarse: grid(${outExtents(of).join(", ")})
  edges see: fine -> coarse window(${window.join(", ")}, stride: ${stride}, dilation: ${dilation}, pad: ${pad})
  input x: fine f32[${inner}]
  y = Conv<${outer}>(x) over see
  output y
}`);
  const x = numbers(volume(extents) * inner, 3);
  const { "y.W": w, "y.b": b } = Object.fromEntries(model.weights.entries());
  if (!w || !b) throw new Error("no weights");
  b.set(numbers(outer, 5));
  model.weights.set("y.b", b);
  const { y } = model.run({ fine: { x } }).coarse as { y: Float32Array };
  const truth = convolved(of, x, w, b);
  expect(y.length).toBe(truth.length);
  truth.forEach((value, n) => {
    expect(y[n]).toBeCloseTo(value, 4);
  });
});
