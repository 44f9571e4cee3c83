/** What goes into the program `pullback` and comes out of it: cotangents of outputs, gradients of parameters and inputs. */
import type { Manifest, ManifestOutput } from "./artifact.js";
import type { Assembled } from "./assemble.js";
import type { Engine } from "./engine.js";
import { fail, suggest } from "./errors.js";
import { group, readField, writeField } from "./fields.js";
import { type CheckedGraph, nonzerosOf } from "./graph.js";
import type { Check, Used } from "./model.js";
import { readSparseValues } from "./more-structures.js";
import { volume } from "./safetensors.js";
import { type Numbers, numbers } from "./values.js";
import { runOnZeros } from "./zeros.js";

type Fields = Readonly<Record<string, Readonly<Record<string, Numbers>>>>;
type Values = readonly [space: string, name: string, Float32Array];

const pathOf = ({ space, name }: { readonly space: string; readonly name: string }) =>
  `${space}.${name}`;

/** A cotangent of graph `g`, checked; zeros when none is given. */
interface Cotangent {
  readonly g: number;
  readonly output: ManifestOutput;
  readonly buffer: number;
  readonly values: ArrayLike<number>;
}

/**
 * Checks the cotangents of all graphs; those not given are 0.
 * @throws GN5011 for a name that is no f32 output; GN5012, GN5013 for values that do not fit it.
 */
function readCotangents(
  manifest: Manifest,
  { graphs }: Assembled,
  given: readonly Fields[],
): Cotangent[] {
  if (given.length !== graphs.length)
    fail("GN5013", `there are ${given.length} cotangents for ${graphs.length} graphs`);
  const buffers = new Map(manifest.pullback?.cotangents.map((c) => [c.output, c.buffer]));
  const targets = manifest.outputs
    .filter(({ dtype }) => dtype === "f32")
    .map((output) => ({ output, buffer: buffers.get(output.name) ?? buffers.get(pathOf(output)) }));
  const known = targets.map(({ output }) => pathOf(output));
  return given.flatMap((fields, g) => {
    for (const [space, names] of Object.entries(fields))
      for (const name of Object.keys(names)) {
        const path = `${space}.${name}`;
        if (!known.includes(path))
          fail("GN5011", `${path} is no f32 output${suggest(path, known)}`);
      }
    return targets.flatMap(({ output, buffer }) => {
      const rows = graphs[g]?.edges[output.space]?.given ?? graphs[g]?.rows[output.space] ?? 0;
      const length = rows * volume(output.shape);
      const value = fields[output.space]?.[output.name];
      const values =
        value === undefined ? new Float32Array(length) : numbers(value, pathOf(output));
      if (values.length !== length)
        fail(
          "GN5013",
          `the cotangent of ${pathOf(output)} has ${values.length} values, but needs ${length}`,
        );
      // No gradient depends on the cotangent of an output that depends on nothing.
      return buffer === undefined ? [] : [{ g, output, buffer, values }];
    });
  });
}

/** What `model.pullback` gives: gradients of all parameters by path, and those of the f32 inputs of each graph. */
export function pullBack(
  use: (check: Check) => Used,
  given: unknown,
  seed: number,
): {
  parameters: Record<string, Float32Array>;
  inputs: unknown;
} {
  const fields = (Array.isArray(given) ? given : [given]) as readonly Fields[];
  let cotangents: readonly Cotangent[] = [];
  const { engine, batch, contents } = use((graphs, engine) => {
    cotangents = readCotangents(engine.manifest, graphs, fields);
    engine.reserve(["gradients"]);
  });
  engine.control(seed, 0);
  for (const { g, output, buffer, values } of cotangents)
    writeField(engine, contents, g, output, engine.wordOf(buffer), values);
  runOnZeros(engine, "pullback");
  const all = engine.arena("gradients");
  const parameters = engine.manifest.parameters.map(({ path, offset, shape }) => [
    path,
    all.slice(offset, offset + volume(shape)),
  ]);
  const inputs = contents.graphs.map((_, g) => group(readInputs(engine, contents, g)));
  return {
    parameters: Object.fromEntries(parameters),
    inputs: batch.single ? inputs[0] : inputs,
  };
}

/** Gradients of the f32 inputs of graph `g`; those of a sparse input belong to its stored values. */
function readInputs(engine: Engine, batch: Assembled, g: number): Values[] {
  const { inputs, pullback } = engine.manifest;
  return inputs.flatMap((input, index): Values[] => {
    const gradient = pullback?.inputs.find(({ path }) => path === pathOf(input));
    if (!gradient) return [];
    const at = engine.wordOf(gradient.buffer);
    const first = batch.starts[nonzerosOf(input)]?.[g];
    const values =
      first === undefined
        ? readField(engine, batch, g, input, at)
        : readSparseValues(
            input.space,
            index,
            batch.graphs[g] as CheckedGraph,
            engine.memory.f32.subarray(at + first),
          );
    return [[input.space, input.name, values as Float32Array]];
  });
}
