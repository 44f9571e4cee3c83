/**
 * Fields between the user's arrays and memory. Edges lie in memory in the order of the language; users give and get them in
 * their own, without the self-loops that were added.
 */
import type { DType, SpaceName } from "./artifact.js";
import type { Assembled } from "./assemble.js";
import type { Engine } from "./engine.js";
import { isSparse, originOf } from "./graph.js";
import { volume } from "./safetensors.js";
import { writeStored } from "./structures.js";

/** Numbers as they come out: f32, integers, and booleans as 0 and 1. */
export type OutputArray = Float32Array | Int32Array | Uint8Array;

/** What is read and written: values of one type, `width` of them a row. */
export interface Field {
  readonly space: SpaceName;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Writes an input of all graphs; where one lacks it, memory stays as it is. */
export function writeInput(engine: Engine, batch: Assembled, index: number): void {
  const input = engine.manifest.inputs[index];
  if (!input || input.buffer === null) return;
  const at = engine.wordOf(input.buffer);
  if (input.sparse)
    writeStored("values", input.space, index, batch, engine.memory.f32.subarray(at));
  else
    batch.graphs.forEach(({ fields }, g) => {
      const field = fields[index];
      if (field && !isSparse(field)) writeField(engine, batch, g, input, at, field);
    });
}

/** Writes the values of graph `g`; the field begins at word `at`. */
export function writeField(
  { memory }: Engine,
  batch: Assembled,
  g: number,
  { space, dtype, shape }: Field,
  at: number,
  values: ArrayLike<number>,
): void {
  const view = dtype === "f32" ? memory.f32 : memory.i32;
  const width = volume(shape);
  const first = at + (batch.starts[space]?.[g] ?? 0) * width;
  const origin = originOf(batch.graphs[g], space);
  if (!origin) view.set(values, first);
  origin?.forEach((from, e) => {
    for (let j = 0; j < width; j++)
      view[first + e * width + j] = from < 0 ? 0 : (values[from * width + j] as number);
  });
}

/** The values of graph `g`: in `into`, where that is an array of their type and number, else in a new one. */
export function readField(
  { memory }: Engine,
  batch: Assembled,
  g: number,
  { space, dtype, shape }: Field,
  at: number,
  into?: unknown,
): OutputArray {
  const width = volume(shape);
  const start = batch.starts[space] ?? [];
  const [from, to] = [at + (start[g] ?? 0) * width, at + (start[g + 1] ?? 1) * width];
  const view = (dtype === "f32" ? memory.f32 : memory.i32).subarray(from, to);
  const Values = { f32: Float32Array, i32: Int32Array, bool: Uint8Array }[dtype];
  const graph = batch.graphs[g];
  const origin = originOf(graph, space);
  const length = origin ? (graph?.edges[space]?.given ?? origin.length) * width : view.length;
  const given = into instanceof Values && into.length === length ? into : null;
  if (!origin) {
    given?.set(view);
    // made of the view: an array made by its length would be set to zero first
    return given ?? new Values(view);
  }
  const ordered = given ?? new Values(length);
  origin.forEach((place, e) => {
    if (place >= 0)
      for (let j = 0; j < width; j++) ordered[place * width + j] = view[e * width + j] as number;
  });
  return ordered;
}

/** Values by space, then by name. */
export function group<Value>(
  values: readonly (readonly [space: string, name: string, Value])[],
): Record<string, Record<string, Value>> {
  const fields: Record<string, Record<string, Value>> = {};
  for (const [space, name, value] of values) {
    const of = fields[space] ?? {};
    of[name] = value;
    fields[space] = of;
  }
  return fields;
}
