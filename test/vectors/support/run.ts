/** Runs one case and compares every tensor of its vector. */
import { type FlatBatch, flatten } from "./batch.js";
import type { CallCase, Vector, VectorCase } from "./case.js";
import { errorOf } from "./compare.js";
import { modelOf, runModule, spacesOf } from "./module.js";
import { derive, type Found, oracle } from "./oracle.js";
import { runStep, runTraining } from "./train.js";
import { dataSet, packed, type Source, type Tensor, type View } from "./view.js";

/** Which tensor, and how far it is off: up to 1 passes. */
export interface Finding {
  readonly tensor: string;
  readonly part: "output" | "gradient" | "trajectory";
  readonly error: number;
}

export type Engine = "module" | "oracle";

/** The tensors of a vector, and a note of which have been read. */
export interface File {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly read: Set<string>;
}

export const openVector = ({ id, file }: Vector): File => ({
  tensors: file ? packed(id, file) : dataSet(id),
  read: new Set(),
});

/** Reads values, the gradients of leaves, or the cotangents of outputs. */
export function source({ tensors, read }: File, of: "values" | "gradients" | "cotangents"): Source {
  return {
    of: of === "values" ? "values" : "gradients",
    get(name) {
      const key =
        of === "values"
          ? name
          : of === "gradients"
            ? `grad/${name}`
            : name.replace(/^out\//, "cot/");
      read.add(key);
      const found = tensors.get(key);
      if (!found && of === "values") throw new Error(`the vector has no ${key}`);
      return found ?? null;
    },
  };
}

export async function runCase(
  vector: Vector,
  file: File,
  given: VectorCase,
  engine: Engine,
): Promise<readonly Finding[]> {
  const findings = await runAs(vector, file, given, engine);
  const unread = [...file.tensors.keys()].filter(
    (name) =>
      /^(out|grad|loss|traj|w_final|buf_after)\b/.test(name) &&
      !file.read.has(name) &&
      !given.unread?.[name],
  );
  if (unread.length > 0) throw new Error(`nothing was compared with ${unread.join(", ")}`);
  return findings;
}

function runAs(
  vector: Vector,
  file: File,
  given: VectorCase,
  engine: Engine,
): Promise<readonly Finding[]> {
  switch (given.kind) {
    case "call":
      return runCall(vector, file, given, engine);
    case "training":
      return runTraining(vector, file, given);
    case "step":
      return runStep(vector, file, given);
  }
}

async function runCall(
  vector: Vector,
  file: File,
  given: CallCase,
  engine: Engine,
): Promise<readonly Finding[]> {
  const [values, gradients] = [source(file, "values"), source(file, "gradients")];
  const model = modelOf(given.model);
  const batch = flatten(given, spacesOf(model), values);
  const weights = new Map(read({ ...given.weights, ...given.states }, values));
  const twins = Object.entries(given.twins ?? {});
  for (const [second, first] of twins) weights.set(second, weights.get(first) as Tensor);
  const cotangents = read(given.outputs, source(file, "cotangents"));
  const found =
    engine === "module"
      ? await runModule(given.model, batch, weights, cotangents)
      : oracle(derive(model), batch, weights, cotangents);
  const wantedInputs = Object.fromEntries(
    Object.entries(given.graph).flatMap(([space, fields]) =>
      Object.entries(fields).map(([name, view]) => [`${space}.${name}`, view] as const),
    ),
  );
  return [
    ...compared(vector, "output", found.outputs, read(given.outputs, values)),
    ...compared(vector, "gradient", found.inputs, read(wantedInputs, gradients)),
    ...compared(
      vector,
      "gradient",
      merged(found.parameters, twins),
      read(given.weights ?? {}, gradients),
    ),
  ];
}

/** Gradients with those of twins put together: a parameter that is used twice has the sum. */
function merged(
  found: Found["parameters"],
  twins: readonly (readonly [second: string, first: string])[],
): Found["parameters"] {
  const out = new Map(found);
  for (const [second, first] of twins) {
    const [a, b] = [out.get(first), out.get(second)];
    if (a && b)
      out.set(
        first,
        Float64Array.from(a, (v, i) => v + Number(b[i])),
      );
    else if (b) out.set(first, b);
  }
  return out;
}

/** The views that have a value in `from`. */
export function read(
  views: Readonly<Record<string, View>>,
  from: Source,
): ReadonlyMap<string, Tensor> {
  return new Map(
    Object.entries(views).flatMap(([name, view]) => {
      const t = view.read(from);
      return t ? [[name, t] as const] : [];
    }),
  );
}

/** Every wanted tensor against the found one. What is not found has no influence: it is 0. */
export function compared(
  { tolerance }: Vector,
  part: Finding["part"],
  found: Found["outputs"],
  wanted: ReadonlyMap<string, Tensor>,
): Finding[] {
  return Array.from(wanted, ([name, t]) => {
    const own = found.get(name);
    if (!own && part === "output") throw new Error(`the model has no output ${name}`);
    return {
      tensor: name,
      part,
      error: errorOf(own ?? new Float64Array(t.data.length), t, tolerance),
    };
  });
}

export type { FlatBatch };
