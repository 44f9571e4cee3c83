/** A case in the compiled module: float32, kernels, through the public runtime. */
import { checkSource, compileModel } from "../../../compiler/compile.js";
import type { Model } from "../../../compiler/ir/model.js";
import { load } from "../../../runtime/index.js";
import { cut, type FlatBatch, gathered, joined, rowsByGraph, type Spaces } from "./batch.js";
import type { Found } from "./oracle.js";
import type { Tensor } from "./view.js";

const models = new Map<string, Model>();
const artifacts = new Map<string, Promise<Uint8Array>>();

/** The model of a text; each text is checked once. */
export function modelOf(text: string): Model {
  const known = models.get(text);
  if (known) return known;
  const checked = checkSource({ name: "vector.gn", text });
  const model = checked.models.at(-1);
  if (!checked.ok || !model) {
    const said = checked.diagnostics.map(
      ({ code, message, primary }) =>
        `${code}: ${message} at \`${text.slice(primary.span.start, primary.span.end)}\``,
    );
    throw new Error(`the model does not check:\n${said.join("\n")}\n${text}`);
  }
  models.set(text, model);
  return model;
}

/** The compiled module of a text; each text is compiled once. */
export function artifactOf(text: string, gradients: "all" | "none" = "all"): Promise<Uint8Array> {
  const key = `${gradients} ${text}`;
  const known = artifacts.get(key);
  if (known) return known;
  const artifact = compileModel(modelOf(text), { gradients });
  artifacts.set(key, artifact);
  return artifact;
}

export const spacesOf = (model: Model): Spaces => ({
  sets: model.sets.map((set) => set.name),
  relations: model.relations.map(({ name, given, senders, receivers }) => ({
    name,
    given,
    senders: senders.name,
    receivers: receivers.name,
  })),
});

/** Outputs, and gradients of sum(output * cotangent). */
export async function runModule(
  text: string,
  batch: FlatBatch,
  weights: ReadonlyMap<string, Tensor>,
  cotangents: ReadonlyMap<string, Tensor>,
): Promise<Found> {
  const spaces = spacesOf(modelOf(text));
  const plain = Object.fromEntries(Array.from(weights, ([path, t]) => [path, asTensor(t)]));
  const derived = cotangents.size > 0;
  using model = await load(await artifactOf(text, derived ? "all" : "none"), { weights: plain });
  const graphs = model.batch(cut(batch, spaces));
  const outputs = model.run(graphs);
  if (!derived)
    return { outputs: joinedFields(outputs, batch), inputs: new Map(), parameters: new Map() };
  const pulled = model.pullback(graphs, cutCotangents(cotangents, batch, outputs));
  return {
    outputs: joinedFields(outputs, batch),
    inputs: joinedFields(pulled.inputs, batch),
    parameters: new Map(Object.entries(pulled.parameters)),
  };
}

export const asTensor = ({ shape, data }: Tensor) => ({ shape, data: Float32Array.from(data) });

type PerGraph = readonly Readonly<Record<string, Readonly<Record<string, ArrayLike<number>>>>>[];

/** Values per graph as values of the whole batch, by `space.name`. */
export function joinedFields(parts: PerGraph, batch: FlatBatch): Map<string, Float64Array> {
  const out = new Map<string, Float64Array>();
  for (const [space, fields] of Object.entries(parts[0] ?? {}))
    for (const name of Object.keys(fields)) {
      const values = parts.map((part) => part[space]?.[name] ?? []);
      const ids = batch.graphOf.get(space);
      out.set(
        `${space}.${name}`,
        ids ? joined(values, ids) : Float64Array.from(values.flatMap((v) => [...Array.from(v)])),
      );
    }
  return out;
}

/** Cotangents per graph, each as long as the output it belongs to. */
function cutCotangents(
  cotangents: ReadonlyMap<string, Tensor>,
  batch: FlatBatch,
  outputs: PerGraph,
): Record<string, Record<string, Float32Array>>[] {
  const cotangentsOf = outputs.map((): Record<string, Record<string, Float32Array>> => ({}));
  for (const [path, t] of cotangents) {
    const [space, name] = path.split(".") as [string, string];
    const ids = batch.graphOf.get(space);
    let from = 0;
    outputs.forEach((of, g) => {
      const length = of[space]?.[name]?.length ?? 0;
      const own = ids ? rowsByGraph(ids, batch.graphs)[g] : undefined;
      const values =
        own && ids ? gathered(t, own, ids.length) : Array.from(t.data).slice(from, from + length);
      if (values.length !== length)
        throw new Error(`${path} has ${length} values, but the vector ${values.length}`);
      from += length;
      Object.assign(cotangentsOf, {
        [g]: {
          ...cotangentsOf[g],
          [space]: { ...cotangentsOf[g]?.[space], [name]: Float32Array.from(values) },
        },
      });
    });
  }
  return cotangentsOf;
}
