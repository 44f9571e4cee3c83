/**
 * Interval arithmetic for integers (LANGUAGE 1): what `+ - * abs min max clip mod select` make of the ranges of
 * their operands. Ends may be infinite.
 */
import type { Interval } from "./types.js";

const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

const span = (ends: readonly number[]): Interval => ({
  low: Math.min(...ends),
  high: Math.max(...ends),
});

export const add = (a: Interval, b: Interval): Interval => ({
  low: a.low + b.low,
  high: a.high + b.high,
});
export const subtract = (a: Interval, b: Interval): Interval => ({
  low: a.low - b.high,
  high: a.high - b.low,
});
export const multiply = (a: Interval, b: Interval): Interval =>
  span([times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)]);
export const negate = (a: Interval): Interval => ({ low: -a.high, high: -a.low });

export const absolute = (a: Interval): Interval => ({
  low: a.low > 0 ? a.low : a.high < 0 ? -a.high : 0,
  high: Math.max(Math.abs(a.low), Math.abs(a.high)),
});

export const minimum = (a: Interval, b: Interval): Interval => ({
  low: Math.min(a.low, b.low),
  high: Math.min(a.high, b.high),
});
export const maximum = (a: Interval, b: Interval): Interval => ({
  low: Math.max(a.low, b.low),
  high: Math.max(a.high, b.high),
});

/** `clip(x, low, high)` is `min(max(x, low), high)`. */
export const clipped = (x: Interval, low: Interval, high: Interval): Interval =>
  minimum(maximum(x, low), high);

/** Euclidean: never negative, less than the divisor. */
export const remainder = (b: Interval): Interval => ({ low: 0, high: Math.max(0, b.high - 1) });

export const hull = (a: Interval, b: Interval): Interval => span([a.low, a.high, b.low, b.high]);
