/** Gradients of random models are the slopes of their outputs, in float64. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DifferentiatedProgram } from "../../compiler/ir/program.js";
import { slope } from "../support/central-difference.js";
import { type Random, randomFrom } from "../support/random-graph.js";
import { moved, randomCotangents } from "./support/agreement.js";
import { derive, infer } from "./support/oracle.js";
import { type Recipe, recipes, settings, sourceOf } from "./support/random-source.js";
import { checked } from "./support/sources.js";
import { type PerGraph, randomWorld, type World } from "./support/world.js";

const flat = (values: ReadonlyMap<string, PerGraph>): number[] =>
  [...values.values()].flatMap((parts) => parts.flatMap((p) => Array.from(p)));

const seed = 5;

interface Slopes {
  /** Gradient times direction, and the size of its terms. */
  readonly gradient: number;
  readonly size: number;
  /** By finite differences, the second a hundred times finer. */
  readonly measured: readonly [number, number];
}

/** d/dt sum(output * cotangent) when every f32 moves along a random direction. */
function along(program: DifferentiatedProgram, world: World, random: Random): Slopes {
  const cotangents = randomCotangents(program, world);
  const weights = flat(cotangents);
  const paths = [...cotangents.keys()];
  const value = (at: World): number => {
    const { outputs } = infer(program, at, seed);
    const values = flat(new Map(paths.map((path) => [path, outputs.get(path) ?? []])));
    return values.reduce((sum, v, i) => sum + v * (weights[i] ?? 0), 0);
  };
  const direction: number[] = [];
  const ahead = moved(
    program,
    world,
    (v) => v + (direction[direction.push(2 * random() - 1) - 1] ?? 0),
  );
  const step = (t: number): World => {
    let i = 0;
    return moved(program, world, (v) => v + t * (direction[i++] ?? 0));
  };
  const { parameters, inputs } = infer(program, world, seed, cotangents);
  const terms = [
    ...[...parameters].flatMap(([path, bar]) =>
      products(bar, world.weights[path] ?? [], ahead.weights[path] ?? []),
    ),
    ...[...inputs].flatMap(([path, parts]) =>
      parts.flatMap((bar, g) => products(bar, valuesOf(world, g, path), valuesOf(ahead, g, path))),
    ),
  ];
  return {
    gradient: terms.reduce((a, b) => a + b, 0),
    size: terms.reduce((a, b) => a + Math.abs(b), 1e-3),
    measured: [slope((t) => value(step(t)), 1e-3), slope((t) => value(step(t)), 1e-5)],
  };
}

function valuesOf(world: World, g: number, path: string): readonly number[] {
  const field = world.graphs[g]?.fields[path] ?? [];
  return "indptr" in field ? field.values : field;
}

const products = (
  bar: ArrayLike<number>,
  from: readonly number[],
  to: readonly number[],
): number[] => Array.from(bar, (b, i) => b * ((to[i] ?? 0) - (from[i] ?? 0)));

/** Where the two measurements disagree there is a kink: another direction is tried. */
function check(recipe: Recipe): void {
  const text = sourceOf(recipe);
  const model = checked(text);
  if (!model) return;
  const program = derive(model);
  const random = randomFrom(recipe.seed);
  for (let attempt = 0; attempt < 4; attempt++) {
    const world = randomWorld(model, recipe.sizes, recipe.seed + attempt);
    const { gradient, size, measured } = along(program, world, random);
    if (Math.abs(measured[0] - gradient) < 1e-6 * size) return;
    if (Math.abs(measured[1] - gradient) < 1e-6 * size) return;
    if (Math.abs(measured[0] - measured[1]) < 1e-6 * size)
      expect.fail(`the gradient is ${gradient}, but the slope ${measured[0]}\n${text}`);
  }
}

describe("a random model", () => {
  it("has the slopes of its outputs for gradients", () => {
    fc.assert(fc.property(recipes, check), settings(150));
  }, 600_000);
});
