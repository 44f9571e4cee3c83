/** Random numbers for inputs and weights: rows that fit a type, and orders. All follow from a seed. */
import type { Model, ValueType } from "../../compiler/ir/model.js";
import { uniforms } from "../../runtime/random.js";

/** One row of a field; of a sparse one the stored values with their columns. */
export interface Row {
  readonly values: readonly number[];
  readonly columns?: readonly number[];
}

export interface Random {
  /** In [0, 1). */
  unit(): number;
  /** 0 .. n - 1; 0 for no n. */
  below(n: number): number;
  /** 0 .. n - 1 in some order. */
  shuffled(n: number): readonly number[];
}

export function randomFrom(seed: number, name: string): Random {
  const unit = uniforms(seed, name);
  return {
    unit,
    below: (n) => Math.floor(unit() * n),
    shuffled: (n) => {
      const keys = Array.from({ length: n }, (_, i) => ({ i, key: unit() }));
      return keys.sort((a, b) => a.key - b.key || a.i - b.i).map(({ i }) => i);
    },
  };
}

const volume = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** An f32 in [-1, 1). */
const real = (random: Random): number => Math.fround(2 * random.unit() - 1);

export const drawRow = (type: ValueType, random: Random): Row => ({
  values: Array.from({ length: volume(type.shape) }, () => element(type, random)),
});

function element({ dtype, range }: ValueType, random: Random): number {
  if (dtype === "f32") return real(random);
  if (dtype === "bool") return Number(random.unit() < 0.6);
  const low = Number.isFinite(range?.low) ? Number(range?.low) : -3;
  const high = Number.isFinite(range?.high) ? Number(range?.high) : low + 6;
  return low + random.below(high - low + 1);
}

/** A few columns of a row, or so many. */
export function drawStored({ shape }: ValueType, random: Random, count?: number): Row {
  const width = volume(shape);
  const drawn = new Set(Array.from({ length: count ?? 4 }, () => random.below(width)));
  while (count !== undefined && drawn.size < Math.min(count, width)) drawn.add(random.below(width));
  const columns = [...drawn];
  return { columns, values: columns.map(() => real(random)) };
}

/**
 * Weights that leave nothing out: initial ones are often 0 (biases, the last layer of a residual block) and would hide what
 * they multiply. The more terms a sum has, the smaller they are; states are near 1, since some are variances.
 */
export function randomWeights(model: Model, random: Random): Record<string, readonly number[]> {
  const weights: Record<string, readonly number[]> = {};
  for (const { path, shape, kind } of [...model.parameters, ...model.states]) {
    const fan = shape.length > 1 ? (shape.at(-2) ?? 1) : 1;
    const [middle, scale] = kind === "state" ? [1, 0.3] : [0, 1 / Math.sqrt(Math.max(1, fan))];
    weights[path] = Array.from({ length: volume(shape) }, () =>
      Math.fround(middle + scale * real(random)),
    );
  }
  return weights;
}
