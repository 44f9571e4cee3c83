/** The pass rule of the vectors, and what is left of it in one number. */
import type { Vector } from "./case.js";
import type { Tensor } from "./view.js";

/** Below this all of a tensor is rounding of float64: it is a zero, like the gradient of a bias under a softmax. */
const nothing = 1e-9;
/** What float32 may leave of a zero that is a sum of numbers near 1. */
const leftOfZero = 1e-5;

/** The worst of |a - b| over its allowance: rtol |b| and a part of max|b|, or a constant: up to 1 passes. */
export function errorOf(
  found: ArrayLike<number>,
  wanted: Tensor,
  { rtol, atol_times_max_abs: relative = 0, atol = 0 }: Vector["tolerance"],
): number {
  if (found.length !== wanted.data.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < found.length; i++) {
    const size = Math.abs(wanted.data[i] as number);
    if (size < Number.POSITIVE_INFINITY) largest = Math.max(largest, size);
  }
  const zero = largest > 0 && largest < nothing;
  let worst = 0;
  for (let i = 0; i < found.length; i++) {
    const [a, b] = [found[i] as number, wanted.data[i] as number];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const allowed = zero ? leftOfZero : rtol * Math.abs(b) + atol + relative * largest;
    const error = Math.abs(a - b) / allowed;
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  return worst;
}
