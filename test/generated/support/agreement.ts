/** How far the module is from the evaluator in every number that it gives, and how far it may be. */
import type { DifferentiatedProgram } from "../../../compiler/ir/program.js";
import { between, randomFrom } from "../../support/random-graph.js";
import * as module from "./module.js";
import * as oracle from "./oracle.js";
import type { Graph, PerGraph, World } from "./world.js";

/** All that a model says of a world: outputs, their pullback, and the first training step. */
export interface Said {
  readonly inferred: oracle.Inferred;
  readonly trained: oracle.Trained | null;
}

export interface Finding {
  readonly part: "output" | "parameter" | "input" | "loss" | "gradient" | "state";
  /** By space and name, or the path of a parameter. */
  readonly path: string;
  /** |got - wanted| by the largest wanted; infinite where shapes or non-numbers differ. */
  readonly error: number;
}

const seed = 5;

export function saidByEvaluator(
  program: DifferentiatedProgram,
  world: World,
  cotangents: oracle.Cotangents,
): Said {
  const inferred = oracle.infer(program, world, seed, cotangents);
  return { inferred, trained: oracle.train(program, world, seed) };
}

export async function saidByModule(
  program: DifferentiatedProgram,
  artifact: Uint8Array,
  world: World,
  cotangents: oracle.Cotangents,
): Promise<Said> {
  using model = await module.opened(artifact, world, seed);
  const inferred = module.infer(model, world, cotangents);
  return { inferred, trained: program.training?.loss ? module.train(model, world) : null };
}

/** Random cotangents for every f32 output, each an f32. */
export function randomCotangents(
  program: DifferentiatedProgram,
  world: World,
  from = seed,
): oracle.Cotangents {
  const random = randomFrom(from);
  const floats = program.model.outputs.filter((o) => o.field.type.dtype === "f32");
  const { outputs } = oracle.infer(program, world, seed);
  return new Map(
    floats.map(({ name, field }) => {
      const path = `${field.space.name}.${name}`;
      const parts = (outputs.get(path) ?? []).map((part) =>
        Array.from(part, () => between(random, -64, 64) / 64),
      );
      // What stands on the batch has one value for all graphs, and so has its cotangent.
      return [path, field.space.kind === "unit" ? parts.map(() => parts[0] ?? []) : parts];
    }),
  );
}

/** Each number of `want` next to that of `got`. */
export function differences(got: Said, want: Said): readonly Finding[] {
  const perGraph = (
    part: "output" | "input",
    from: ReadonlyMap<string, PerGraph>,
    to: ReadonlyMap<string, PerGraph>,
  ): readonly Finding[] => {
    const least = scaleOf([...to.values()].map(flat));
    return [...to].map(([path, parts]) => {
      return { part, path, error: errorOfGraphs(from.get(path), parts, least) };
    });
  };
  const byPath = (
    part: Finding["part"],
    from: ReadonlyMap<string, ArrayLike<number>> | undefined,
    to: ReadonlyMap<string, ArrayLike<number>>,
  ): readonly Finding[] => {
    const least = scaleOf([...to.values()]);
    return [...to].map(([path, values]) => {
      return { part, path, error: errorOf(from?.get(path), values, least) };
    });
  };
  const [a, b] = [got.trained, want.trained];
  return [
    ...perGraph("output", got.inferred.outputs, want.inferred.outputs),
    ...byPath("parameter", got.inferred.parameters, want.inferred.parameters),
    ...perGraph("input", got.inferred.inputs, want.inferred.inputs),
    ...(b ? byPath("loss", a?.scores, b.scores) : []),
    ...(b ? byPath("gradient", a?.gradients, b.gradients) : []),
    ...(b ? byPath("state", a?.states, b.states) : []),
  ];
}

/**
 * What should be 0 is a sum of things as large as its neighbours, or as the cotangents: below a hundredth of that, errors
 * are taken by that.
 */
function scaleOf(lists: readonly ArrayLike<number>[]): number {
  let largest = 1;
  for (const list of lists)
    for (let i = 0; i < list.length; i++) {
      const size = Math.abs(Number(list[i]));
      if (Number.isFinite(size)) largest = Math.max(largest, size);
    }
  return largest / 100;
}

/** The largest difference by the largest wanted value, or `least`; what is the same non-number is equal. */
export function errorOf(
  got: ArrayLike<number> | undefined,
  want: ArrayLike<number>,
  least = 1e-3,
): number {
  if (got?.length !== want.length) return Number.POSITIVE_INFINITY;
  let [worst, largest] = [0, least];
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [Number(got[i]), Number(want[i])];
    if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
    if (Object.is(a, b) || a === b) continue;
    if (!Number.isFinite(a) || !Number.isFinite(b)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, Math.abs(a - b));
  }
  return worst / largest;
}

const flat = (parts: PerGraph): number[] => parts.flatMap((p) => Array.from(p));

/** Values of each graph: their lengths must agree one by one. */
const errorOfGraphs = (got: PerGraph | undefined, want: PerGraph, least: number): number =>
  got && want.every((part, g) => got[g]?.length === part.length)
    ? errorOf(flat(got), flat(want), least)
    : Number.POSITIVE_INFINITY;

export interface Comparison {
  readonly findings: readonly Finding[];
  /** Those that are further off than rounding explains. */
  readonly faults: readonly Finding[];
}

/** The error that needs no excuse. */
export const tolerance = 1e-4;

/**
 * Compares everything. A larger error than `tolerance` is excused where the evaluator itself changes nearly as much when
 * its inputs are moved by a rounding of f32: near a kink, or where large terms cancel.
 */
export async function compare(
  program: DifferentiatedProgram,
  artifact: Uint8Array,
  world: World,
): Promise<Comparison> {
  const cotangents = randomCotangents(program, world);
  const want = saidByEvaluator(program, world, cotangents);
  const findings = differences(await saidByModule(program, artifact, world, cotangents), want);
  const suspects = findings.filter((f) => !(f.error < tolerance));
  if (suspects.length === 0) return { findings, faults: [] };
  const shaken = [1, 2, 3, 4, 5, 6].map((s) =>
    differences(saidByEvaluator(program, shake(program, world, s), cotangents), want),
  );
  const faults = findings.filter((f, i) => {
    const moved = Math.max(...shaken.map((list) => list[i]?.error ?? 0));
    return !(f.error < tolerance + 64 * moved);
  });
  return { findings, faults };
}

/** Every f32 moved by about one rounding. */
function shake(program: DifferentiatedProgram, world: World, from: number): World {
  const random = randomFrom(from);
  const near = (v: number): number => v * (1 + 2 ** -23 * (2 * random() - 1));
  return moved(program, world, near);
}

/** The world with another value for every f32 in it. */
export function moved(
  { model }: DifferentiatedProgram,
  world: World,
  to: (v: number) => number,
): World {
  const floats = new Set(
    model.inputs.filter((i) => i.type.dtype === "f32").map((i) => `${i.space.name}.${i.name}`),
  );
  const field = (path: string, f: Graph["fields"][string]) => {
    if (!floats.has(path)) return f;
    return "indptr" in f ? { ...f, values: f.values.map(to) } : f.map(to);
  };
  return {
    graphs: world.graphs.map((g) => ({ ...g, fields: mapped(g.fields, field) })),
    weights: mapped(world.weights, (_, values) => values.map(to)),
  };
}

const mapped = <T>(record: Readonly<Record<string, T>>, f: (key: string, value: T) => T) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(key, value)]));

export const worst = (findings: readonly Finding[]): Finding | undefined =>
  findings.reduce<Finding | undefined>((a, b) => (a && a.error >= b.error ? a : b), undefined);

export const printFindings = (findings: readonly Finding[]): string =>
  findings.map((f) => `${f.part} ${f.path} is off by ${f.error.toExponential(1)}`).join("\n");
