/** How far the module is from the evaluator, in every number that it gives. */
import type { DifferentiatedProgram } from "../../../compiler/ir/program.js";
import { between, randomFrom } from "../../support/random-graph.js";
import * as module from "./module.js";
import * as oracle from "./oracle.js";
import type { PerGraph, World } from "./world.js";

export interface Finding {
  readonly part: "output" | "parameter" | "input" | "loss" | "metric" | "gradient" | "state";
  readonly path: string;
  /** |module - evaluator| by the largest of the evaluator; infinite when shapes or non-numbers differ. */
  readonly error: number;
}

/** The largest difference by the largest wanted value. What is no number in both is equal. */
export function errorOf(got: ArrayLike<number>, want: ArrayLike<number>, least = 1e-3): number {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  let [worst, largest] = [0, least];
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [Number(got[i]), Number(want[i])];
    if (Object.is(a, b) || a === b) continue;
    if (!Number.isFinite(a) || !Number.isFinite(b)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, Math.abs(a - b));
  }
  for (const b of Array.from(want)) if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
  return worst / largest;
}

const flat = (parts: PerGraph): number[] => parts.flatMap((p) => Array.from(p));

/** Values of each graph: lengths must agree one by one. */
const errorOfGraphs = (got: PerGraph | undefined, want: PerGraph): number =>
  want.every((part, g) => got?.[g]?.length === part.length)
    ? errorOf(flat(got ?? []), flat(want))
    : Number.POSITIVE_INFINITY;

/** Random cotangents for every f32 output, each an f32. */
export function randomCotangents(
  program: DifferentiatedProgram,
  outputs: ReadonlyMap<string, PerGraph>,
  seed: number,
): Map<string, PerGraph> {
  const random = randomFrom(seed);
  const floats = program.model.outputs.filter((o) => o.field.type.dtype === "f32");
  return new Map(
    floats.map(({ name, field }) => {
      const path = `${field.space.name}.${name}`;
      // What stands on the batch has one value for all graphs, whose cotangent must be one as well.
      const shared = field.space.kind === "unit";
      const parts = (outputs.get(path) ?? []).map((part) =>
        Array.from(part, () => between(random, -64, 64) / 64),
      );
      return [path, shared ? parts.map(() => parts[0] ?? []) : parts];
    }),
  );
}

const seed = 5;

/** Outputs and pullbacks, and where there is a loss the first training step. */
export async function compare(
  program: DifferentiatedProgram,
  artifact: Uint8Array,
  world: World,
): Promise<readonly Finding[]> {
  using model = await module.opened(artifact, world, seed);
  const plain = oracle.infer(program, world, seed);
  const cotangents = randomCotangents(program, plain.outputs, seed);
  const want = oracle.infer(program, world, seed, cotangents);
  const got = module.infer(model, world, cotangents);
  const findings: Finding[] = [];
  for (const [path, parts] of want.outputs)
    findings.push({ part: "output", path, error: errorOfGraphs(got.outputs.get(path), parts) });
  for (const [path, values] of want.parameters)
    findings.push({ part: "parameter", path, error: errorOf(got.parameters.get(path) ?? [], values) });
  for (const [path, parts] of want.inputs)
    findings.push({ part: "input", path, error: errorOfGraphs(got.inputs.get(path), parts) });
  return [...findings, ...compareTraining(program, model, world)];
}

function compareTraining(
  program: DifferentiatedProgram,
  model: Parameters<typeof module.train>[0],
  world: World,
): readonly Finding[] {
  const want = oracle.train(program, world, seed);
  if (!want) return [];
  const got = module.train(model, world);
  const findings: Finding[] = [{ part: "loss", path: "loss", error: errorOf([got.loss], [want.loss]) }];
  const add = (part: Finding["part"], path: string, a: ArrayLike<number> | number | undefined, b: ArrayLike<number> | number) =>
    findings.push({ part, path, error: errorOf(listOf(a), listOf(b)) });
  for (const [path, value] of want.metrics) add("metric", path, got.metrics.get(path), value);
  for (const [path, values] of want.gradients) add("gradient", path, got.gradients.get(path), values);
  for (const [path, values] of want.states) add("state", path, got.states.get(path), values);
  return findings;
}

const listOf = (x: ArrayLike<number> | number | undefined): ArrayLike<number> =>
  typeof x === "number" ? [x] : (x ?? []);

export const worst = (findings: readonly Finding[]): Finding =>
  findings.reduce((a, b) => (b.error > a.error || Number.isNaN(b.error) ? b : a));
