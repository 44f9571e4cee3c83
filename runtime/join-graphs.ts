/** Graphs as one data file: what `graphsFrom` reads back, field by field, one graph's rows behind another's. */
import type { DType, ManifestInput } from "./artifact.js";
import { fail } from "./errors.js";
import type { GraphInput } from "./graph.js";
import { type Tensor, type TensorData, volume } from "./safetensors.js";
import type { Signature } from "./types.js";
import { type Numbers, numbers, type SparseRows } from "./values.js";

type Given = Numbers | SparseRows | number;
type Tensors = Map<string, Tensor>;

const arrays = { f32: Float32Array, i32: Int32Array, bool: Uint8Array } as const;

/**
 * The tensors of a data file, for `writeSafetensors`; `gnc train --data` and `gnc run --data` read such files.
 *
 * @param graphs As `model.run` and `trainer.fit` take them. A field that no graph gives is left out; one of `batch` is the first graph's.
 * @param signature `model.signature`.
 * @returns Fields under `<space>.<field>`, and the rows of each graph under `<space>.count`.
 * @throws GN5011 when only some graphs give a field; GN5012 when one is no array; GN5013 when its length is no whole number of rows.
 */
export function dataFrom(graphs: readonly GraphInput[], signature: Signature): Tensors {
  const tensors: Tensors = new Map();
  /** Rows of each graph by space, as far as fields say. */
  const rows = new Map<string, readonly number[]>();
  for (const input of signature.inputs) {
    const { space, name } = input;
    const parts = partsOf(graphs, space, name);
    if (!parts) continue;
    const counts = input.sparse
      ? addSparse(tensors, `${space}.${name}`, parts as readonly SparseRows[])
      : addDense(tensors, `${space}.${name}`, parts as readonly Numbers[], input);
    rows.set(space, counts);
  }
  for (const relation of signature.relations)
    for (const end of relation.given ? ["senders", "receivers"] : []) {
      const parts = partsOf(graphs, relation.name, end);
      if (!parts) continue;
      const ends = { dtype: "i32", shape: [] } as const;
      const key = `${relation.name}.${end}`;
      rows.set(relation.name, addDense(tensors, key, parts as readonly Numbers[], ends));
    }
  for (const { name } of signature.sets) {
    const told = partsOf(graphs, name, "count");
    if (told) rows.set(name, told.map(Number));
  }
  for (const [space, counts] of rows)
    if (space !== "global" && space !== "batch") tensors.set(`${space}.count`, integers(counts));
  return tensors;
}

/** A field of every graph; null if none has it. */
function partsOf(
  graphs: readonly GraphInput[],
  space: string,
  field: string,
): readonly Given[] | null {
  const parts = graphs.map((graph) => graph[space]?.[field]);
  const found = parts.filter((part) => part !== undefined);
  if (found.length === 0) return null;
  if (space === "batch") return found.slice(0, 1);
  if (found.length < parts.length)
    fail("GN5011", `graph ${parts.indexOf(undefined)} has no ${space}.${field}, but others have`);
  return found;
}

const integers = (all: ArrayLike<number>): Tensor => ({
  shape: [all.length],
  data: Int32Array.from(all),
});

/** Arrays one after another, as numbers of one type. */
function joined(parts: readonly ArrayLike<number>[], dtype: DType): TensorData {
  const all = new arrays[dtype](parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Adds a field, row-major; gives the rows of each graph. */
function addDense(
  tensors: Tensors,
  key: string,
  parts: readonly Numbers[],
  { dtype, shape }: Pick<ManifestInput, "dtype" | "shape">,
): readonly number[] {
  const given = parts.map((part, g) => numbers(part, `graphs[${g}].${key}`));
  const counts = given.map(({ length }) => (volume(shape) ? length / volume(shape) : 0));
  const wrong = counts.findIndex((count) => !Number.isInteger(count));
  if (wrong >= 0)
    fail(
      "GN5013",
      `graphs[${wrong}].${key} has ${given[wrong]?.length} numbers, not whole rows of [${shape}]`,
    );
  const total = counts.reduce((a, b) => a + b, 0);
  tensors.set(key, { shape: [total, ...shape], data: joined(given, dtype) });
  return counts;
}

/** The same by non-zeros: offsets go on from graph to graph. */
function addSparse(tensors: Tensors, key: string, parts: readonly SparseRows[]): readonly number[] {
  const part = (field: keyof SparseRows): readonly ArrayLike<number>[] =>
    parts.map((rows, g) => numbers(rows[field], `graphs[${g}].${key}.${field}`));
  const offsets = [0];
  for (const own of part("indptr")) {
    const before = offsets.at(-1) ?? 0;
    for (let i = 1; i < own.length; i++) offsets.push(before + (own[i] ?? 0));
  }
  const [indices, values] = [joined(part("indices"), "i32"), joined(part("values"), "f32")];
  tensors.set(`${key}.indptr`, integers(offsets));
  tensors.set(`${key}.indices`, { shape: [indices.length], data: indices });
  tensors.set(`${key}.values`, { shape: [values.length], data: values });
  return part("indptr").map(({ length }) => length - 1);
}
