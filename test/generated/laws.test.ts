/** What holds for every model, on the module itself, to the bit where the order of sums does not change. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import type { Model } from "../../compiler/ir/model.js";
import type { Space } from "../../compiler/ir/space.js";
import type { Model as Loaded } from "../../runtime/index.js";
import { errorOf } from "./support/agreement.js";
import { infer, opened } from "./support/module.js";
import type { Inferred } from "./support/oracle.js";
import { type Recipe, recipes, settings, sourceOf } from "./support/random-source.js";
import {
  type Retold,
  retoldValues,
  withEdgesShuffled,
  withNodesRenumbered,
  withoutRepeats,
} from "./support/reordered.js";
import { checked } from "./support/sources.js";
import { type Graph, type PerGraph, randomWorld, type World } from "./support/world.js";

interface Subject {
  readonly text: string;
  readonly model: Model;
  readonly loaded: Loaded;
  readonly world: World;
}

/** Outputs and input gradients, the cotangents all 1. */
function said({ loaded, model }: Subject, world: World): Inferred {
  const floats = model.outputs.filter((o) => o.field.type.dtype === "f32");
  const outputs = new Map(
    floats.map(({ name, field }) => [
      `${field.space.name}.${name}`,
      onesLike(loaded, world, field.space.name, name),
    ]),
  );
  return infer(loaded, world, outputs);
}

function onesLike(loaded: Loaded, world: World, space: string, name: string): PerGraph {
  const { outputs } = infer(loaded, world, new Map());
  return (outputs.get(`${space}.${name}`) ?? []).map((part) => Array.from(part, () => 1));
}

const artifacts = new Map<string, Promise<Uint8Array>>();

/** Every law meets the same models: each is compiled once. */
function artifactOf(text: string, model: Model): Promise<Uint8Array> {
  const known = artifacts.get(text) ?? compileModel(model, { gradients: "all" });
  artifacts.set(text, known);
  return known;
}

/** Runs a law for random models and worlds. */
function holds(law: (subject: Subject) => void) {
  return async () => {
    const property = async (recipe: Recipe): Promise<void> => {
      const text = sourceOf(recipe);
      const model = checked(text);
      if (!model) return;
      const world = randomWorld(model, recipe.sizes, recipe.seed);
      using loaded = await opened(await artifactOf(text, model), world, 1);
      law({ text, model, loaded, world });
    };
    await fc.assert(fc.asyncProperty(recipes, property), settings(25));
  };
}

type Values = ReadonlyMap<string, PerGraph>;

function expectSame(got: Values, want: Values, subject: Subject, limit = 0): void {
  for (const [path, parts] of want)
    parts.forEach((part, g) => {
      const error = errorOf(got.get(path)?.[g], part);
      if (!(error <= limit))
        expect.fail(`${path} of graph ${g} is off by ${error}\n${subject.text}`);
    });
}

const empty = (model: Model, { fields }: Graph): Graph => ({
  counts: Object.fromEntries(model.sets.map((s) => [s.name, 0])),
  edges: Object.fromEntries(
    model.relations.filter((r) => r.given).map((r) => [r.name, { senders: [], receivers: [] }]),
  ),
  fields: Object.fromEntries(
    Object.entries(fields).map(([path, values]) => [
      path,
      path.startsWith("global.") ? values : [],
    ]),
  ),
});

const isFree = (model: Model): boolean =>
  model.sets.every(
    ({ layout }) => layout.kind === "seq" || (layout.kind === "set" && layout.size === null),
  );

const retold = (parts: Values, { model }: Subject, how: Retold): Values => {
  const spaces = new Map<string, Space>([
    ...model.outputs.map((o) => [`${o.field.space.name}.${o.name}`, o.field.space] as const),
    ...model.inputs.map((i) => [`${i.space.name}.${i.name}`, i.space] as const),
  ]);
  return new Map(
    [...parts].map(([path, values]) => {
      const space = spaces.get(path);
      return [path, space ? retoldValues(values, space, how) : values];
    }),
  );
};

describe("a random model", () => {
  it(
    "gives the same bits when it runs again",
    holds((subject) => {
      const first = said(subject, subject.world);
      said(subject, { ...subject.world, graphs: subject.world.graphs.slice(0, 1) });
      const again = said(subject, subject.world);
      expectSame(again.outputs, first.outputs, subject);
      expectSame(again.inputs, first.inputs, subject);
      expectSame(wrapped(again.parameters), wrapped(first.parameters), subject);
    }),
    600_000,
  );

  it(
    "gives every graph of a batch the bits that it has alone, also next to empty graphs",
    holds((subject) => {
      const { text, world, model } = subject;
      if (text.includes("by batch")) return;
      const [first] = world.graphs;
      const graphs =
        first && isFree(model) ? [...world.graphs, empty(model, first), first] : world.graphs;
      const together = said(subject, { ...world, graphs });
      graphs.forEach((graph, g) => {
        const alone = said(subject, { ...world, graphs: [graph] });
        const part = (values: Values): Values =>
          new Map([...values].map(([path, parts]) => [path, [parts[g] ?? []]]));
        expectSame(part(together.outputs), alone.outputs, subject);
        expectSame(part(together.inputs), alone.inputs, subject);
      });
    }),
    600_000,
  );

  it(
    "does not see the order in which edges are given",
    holds((subject) => {
      const { model, world } = subject;
      const simple = withoutRepeats(model, world);
      const how = withEdgesShuffled(model, simple, 7);
      const [a, b] = [said(subject, simple), said(subject, how.world)];
      expectSame(b.outputs, retold(a.outputs, subject, how), subject);
      expectSame(b.inputs, retold(a.inputs, subject, how), subject);
      // Between repeated edges the order decides how their sum is rounded.
      const repeated = withEdgesShuffled(model, world, 7);
      const outputs = said(subject, world).outputs;
      expectSame(
        said(subject, repeated.world).outputs,
        retold(outputs, subject, repeated),
        subject,
        1e-4,
      );
    }),
    600_000,
  );

  it(
    "renumbers its outputs when the nodes are renumbered",
    holds((subject) => {
      const how = withNodesRenumbered(subject.model, subject.world, 7);
      const [a, b] = [said(subject, subject.world), said(subject, how.world)];
      expectSame(b.outputs, retold(a.outputs, subject, how), subject, 1e-4);
    }),
    600_000,
  );
});

const wrapped = (values: ReadonlyMap<string, ArrayLike<number>>): Values =>
  new Map([...values].map(([path, list]) => [path, [list]]));
