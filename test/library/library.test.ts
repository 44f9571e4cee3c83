/** Every model of the library compiles, runs, and trains as the evaluator says, on ragged batches with an empty graph. */
import { afterAll, describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import type { Model } from "../../compiler/ir/model.js";
import { stdlib } from "../../stdlib/index.js";
import { compare, printFindings, worst } from "../generated/support/agreement.js";
import { blame } from "../generated/support/blame.js";
import { graphInput, opened } from "../generated/support/module.js";
import { derive } from "../generated/support/oracle.js";
import { modelsOf } from "../generated/support/sources.js";
import { randomWorld, type Sizes, type World } from "../generated/support/world.js";
import { library } from "./models.js";

/** Several nodes, none, a few, and one or none by set. */
const sizesOf = ({ sets }: Model): Sizes => [
  sets.map((_, i) => 4 + i),
  sets.map(() => 0),
  sets.map(() => 3),
  sets.map((_, i) => (i + 1) % 2),
];

const table: string[] = [];
afterAll(() => console.log(["model: bytes, compile ms, worst error", ...table].join("\n")));

describe.each(library)("$file", ({ file, text }) => {
  it.each(modelsOf(file, text).map((model) => [model.name, model] as const))(
    "%s says in its module what it means",
    async (name, model) => {
      const started = performance.now();
      const artifact = await compileModel(model, { gradients: "all" });
      const took = performance.now() - started;
      const world = randomWorld(model, sizesOf(model), 3);
      const { findings, faults } = await compare(derive(model), artifact, world);
      table.push(
        `${name}: ${artifact.length}, ${took.toFixed(0)}, ${worst(findings)?.error.toExponential(1)}`,
      );
      if (faults.length > 0)
        expect.fail([printFindings(faults), ...blame(model, world)].join("\n"));
      await expectToTrain(artifact, world);
    },
    300_000,
  );
});

/** A few steps leave numbers behind, and none that is no number. */
async function expectToTrain(artifact: Uint8Array, world: World): Promise<void> {
  using model = await opened(artifact, world, 1);
  if (model.signature.optimizers.length === 0) return;
  const before = [...model.weights.entries()].map(([, values]) => values);
  const trainer = model.trainer({ lr: 1e-3 });
  const graphs = model.batch(world.graphs.map(graphInput));
  for (let step = 0; step < 3; step++) expect(trainer.step(graphs).loss).toBeTypeOf("number");
  const after = [...model.weights.entries()];
  expect(after.some(([, values], i) => values.some((v, k) => v !== before[i]?.[k]))).toBe(true);
  for (const [path, values] of after)
    expect(values.every(Number.isFinite), `${path} is finite`).toBe(true);
  expect(trainer.evaluate(graphs).loss).toSatisfy(Number.isFinite);
}

describe("the library", () => {
  it("is instantiated as a whole by these models", () => {
    const texts = Object.values(stdlib).flatMap((text) => text.split(/^(?=fn |block )/m).slice(1));
    const bodies = new Map(texts.map((t) => [/^(?:fn|block) (\w+)/.exec(t)?.[1] ?? "", t]));
    const reached = new Set<string>();
    const follow = (text: string): void => {
      const said = text.replace(/^import .*$/gm, "").replace(/\/\/.*$/gm, "");
      for (const [name] of said.matchAll(/[A-Za-z_]\w*/g)) {
        const body = bodies.get(name);
        if (body === undefined || reached.has(name)) continue;
        reached.add(name);
        follow(body);
      }
    };
    for (const { text } of library) follow(text);
    expect([...bodies.keys()].filter((name) => !reached.has(name))).toEqual([]);
  });
});
