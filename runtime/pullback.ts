/** What goes into the program `pullback` and comes out of it: cotangents of outputs, gradients of parameters and inputs. */
import type { Manifest, ManifestOutput } from "./artifact.js";
import type { Assembled } from "./assemble.js";
import type { Engine } from "./engine.js";
import { fail, suggest } from "./errors.js";
import { nonzerosOf } from "./graph.js";
import { volume } from "./safetensors.js";
import { readSparseValues } from "./structures.js";
import { type Numbers, numbers } from "./values.js";

type Fields = Readonly<Record<string, Readonly<Record<string, Numbers>>>>;

/** Outputs that have a cotangent, each with the buffer it is written to. */
function targetsOf({
  outputs,
  pullback,
}: Manifest): (ManifestOutput & { readonly path: string })[] {
  return (pullback?.cotangents ?? []).map(({ output, buffer }) => {
    const of = outputs.find(({ name, space }) => name === output || `${space}.${name}` === output);
    if (!of) return fail("GN5001", `the artifact has no output ${output}`);
    return { ...of, buffer, path: `${of.space}.${of.name}` };
  });
}

/** Numbers that an output of graph `g` has in the user's order. */
const lengthOf = ({ space, shape }: ManifestOutput, { graphs }: Assembled, g: number): number =>
  (graphs[g]?.edges[space]?.given ?? graphs[g]?.rows[space] ?? 0) * volume(shape);

/** @throws GN5011 for a name that is no f32 output, GN5012 and GN5013 for values that do not fit it. */
export function checkCotangents(
  manifest: Manifest,
  batch: Assembled,
  given: readonly Fields[],
): void {
  const targets = targetsOf(manifest);
  given.forEach((fields, g) => {
    for (const [space, names] of Object.entries(fields))
      for (const [name, value] of Object.entries(names)) {
        const path = `${space}.${name}`;
        const target = targets.find((output) => output.path === path);
        if (!target)
          fail(
            "GN5011",
            `${path} is no f32 output${suggest(
              path,
              targets.map((output) => output.path),
            )}`,
          );
        const { length } = numbers(value, path);
        const want = lengthOf(target, batch, g);
        if (length !== want)
          fail("GN5013", `the cotangent of ${path} has ${length} values, but needs ${want}`);
      }
  });
}

/** Writes the cotangents of all outputs; those not given are 0. */
export function writeCotangents(engine: Engine, batch: Assembled, given: readonly Fields[]): void {
  for (const target of targetsOf(engine.manifest)) {
    const { space, name, shape, buffer, path } = target;
    const values = given.map((fields, g) => {
      const value = fields[space]?.[name];
      return value === undefined
        ? new Float32Array(lengthOf(target, batch, g))
        : numbers(value, path);
    });
    engine.write(batch, space, "f32", volume(shape), buffer, values);
  }
}

/** Gradients of all parameters by path. */
export function readParameterGradients(engine: Engine): Record<string, Float32Array> {
  const gradients = engine.arena("gradients");
  return Object.fromEntries(
    engine.manifest.parameters.map(({ path, offset, shape }) => [
      path,
      gradients.slice(offset, offset + volume(shape)),
    ]),
  );
}

/** Gradients of the f32 inputs of graph `g`; those of a sparse input belong to its stored values. */
export function readInputGradients(
  engine: Engine,
  batch: Assembled,
  g: number,
): [space: string, name: string, Float32Array][] {
  const { inputs, pullback } = engine.manifest;
  return inputs.flatMap((input, index) => {
    const { space, name, shape, sparse } = input;
    const buffer = pullback?.inputs.find(({ path }) => path === `${space}.${name}`)?.buffer;
    if (buffer === undefined) return [];
    const stored = () => {
      const at = engine.address(buffer) / 4 + (batch.starts[nonzerosOf(input)]?.[g] ?? 0);
      return readSparseValues(space, index, batch, g, engine.f32.subarray(at));
    };
    const values = sparse ? stored() : engine.read(batch, g, space, "f32", volume(shape), buffer);
    return [[space, name, values as Float32Array]];
  });
}
