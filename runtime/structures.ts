/**
 * Structures: the i32 arrays by which kernels walk a batch (`ManifestStructure`). Each is the concatenation of arrays of
 * the graphs, shifted by the rows before; only the transpose of sparse features is counted over the batch, because its
 * columns belong to all graphs.
 */
import type { Manifest, ManifestStructure, SpaceName, StructureKind } from "./artifact.js";
import { type Assembled, parseOrder } from "./assemble.js";
import { countingOrder, type Edges, starts } from "./edges.js";
import { type CheckedGraph, isSparse, nonzerosOf, type Sparse } from "./graph.js";
import { volume } from "./safetensors.js";

type Rows = Readonly<Record<SpaceName, number>>;

/** Which array of a graph, at the rows of which end it goes, and by the rows of which end its entries are shifted. */
type EdgePart = readonly [
  (edges: Edges) => Int32Array,
  "senders" | "receivers" | "edges",
  "senders" | "receivers" | "edges" | null,
];

const edgeParts: Partial<Record<StructureKind, EdgePart>> = {
  receiver_start: [(e) => e.start, "receivers", "edges"],
  senders: [(e) => e.senders, "edges", "senders"],
  receivers: [(e) => e.receivers, "edges", "receivers"],
  sender_start: [(e) => e.transpose.start, "senders", "edges"],
  edge_of: [(e) => e.transpose.edges, "edges", "edges"],
  receiver_of: [(e) => e.transpose.receivers, "edges", "receivers"],
  offset: [(e) => e.offsets ?? new Int32Array(e.count), "edges", null],
};

/** Under which name `capacityOf` counts the levels of a recurrence order. */
export const levelsOf = (order: string): string => `levels:${order}`;

/** Rows of all spaces, with levels counted as `levels:<order>`. */
export function capacityOf({ rows, orders }: Assembled): Record<string, number> {
  const capacity: Record<string, number> = { ...rows };
  for (const [name, { start }] of Object.entries(orders))
    capacity[levelsOf(name)] = start.length - 1;
  return capacity;
}

const inputOf = (manifest: Manifest, of: string) => {
  const index = manifest.inputs.findIndex((input) => input.sparse && nonzerosOf(input) === of);
  return { index, input: manifest.inputs[index] };
};

/** Words a structure takes when spaces have `rows` rows. */
export function structureWords(
  manifest: Manifest,
  { kind, of }: ManifestStructure,
  rows: Rows,
): number {
  const count = (space: string) => rows[space] ?? 0;
  const relation = manifest.relations.find(({ name }) => name === of);
  const { input } = inputOf(manifest, of);
  switch (kind) {
    case "receiver_start":
      return count(relation?.receivers ?? "") + 1;
    case "sender_start":
      return count(relation?.senders ?? "") + 1;
    case "graph_start":
      return count("global") + 1;
    case "row_start":
      return count(input?.space ?? "") + 1;
    case "column_start":
      return volume(input?.shape ?? []) + 1;
    case "order":
      return count(parseOrder(manifest, of).set);
    case "level_start":
      return count(levelsOf(of)) + 1;
    default:
      return count(of);
  }
}

/** Writes one structure of the batch to the beginning of `out`. */
export function writeStructure(
  manifest: Manifest,
  { kind, of }: ManifestStructure,
  batch: Assembled,
  out: Int32Array,
): void {
  const part = edgeParts[kind];
  if (part) writeEdges(manifest, part, of, batch, out);
  else if (kind === "order") out.set(batch.orders[of]?.order ?? []);
  else if (kind === "level_start") out.set(batch.orders[of]?.start ?? []);
  else if (kind === "graph_start") out.set(batch.starts[of] ?? []);
  else if (kind === "graph_of" || kind === "index") {
    const start = batch.starts[of] as Int32Array;
    batch.graphs.forEach((_, g) => {
      const [from, to] = [start[g] as number, start[g + 1] as number];
      if (kind === "graph_of") out.fill(g, from, to);
      else for (let i = from; i < to; i++) out[i] = i - from;
    });
  } else writeNonzeros(manifest, kind, of, batch, out);
}

function writeEdges(
  manifest: Manifest,
  [arrayOf, at, by]: EdgePart,
  of: string,
  batch: Assembled,
  out: Int32Array,
): void {
  const relation = manifest.relations.find(({ name }) => name === of);
  if (!relation) return;
  const first = {
    senders: batch.starts[relation.senders],
    receivers: batch.starts[relation.receivers],
    edges: batch.starts[of],
  };
  batch.graphs.forEach((graph, g) => {
    const shift = by ? (first[by]?.[g] as number) : 0;
    const from = first[at]?.[g] as number;
    const array = arrayOf(graph.edges[of] as Edges);
    if (shift === 0) out.set(array, from);
    else for (let i = 0; i < array.length; i++) out[from + i] = (array[i] as number) + shift;
  });
  // The last entry of an array of starts; in an empty batch there is no other.
  if (at !== "edges" && by === "edges" && !batch.graphs.length) out[0] = 0;
}

/** Calls `visit` with each stored value: the row in the batch, and the place in the user's arrays. */
function eachNonzero(
  graph: CheckedGraph,
  sparse: Sparse,
  space: SpaceName,
  visit: (row: number, place: number) => void,
): void {
  const origin = graph.edges[space]?.origin;
  for (let row = 0; row < (graph.rows[space] as number); row++) {
    const from = origin ? (origin[row] as number) : row;
    if (from < 0) continue;
    const end = sparse.indptr[from + 1] as number;
    for (let k = sparse.indptr[from] as number; k < end; k++) visit(row, k);
  }
}

/** The stored values of a sparse input in the order of the batch, one array after another. */
export function writeSparseValues(
  space: SpaceName,
  index: number,
  batch: Assembled,
  out: Float32Array,
): void {
  let at = 0;
  for (const graph of batch.graphs) {
    const field = graph.fields[index];
    if (!field || !isSparse(field)) continue;
    eachNonzero(graph, field, space, (_, k) => {
      out[at++] = field.values[k] as number;
    });
  }
}

/** The reverse, for gradients: those of graph `g`, which `from` begins with, in the user's order. */
export function readSparseValues(
  space: SpaceName,
  index: number,
  batch: Assembled,
  g: number,
  from: Float32Array,
): Float32Array {
  const graph = batch.graphs[g];
  const field = graph?.fields[index];
  if (!graph || !field || !isSparse(field)) return new Float32Array();
  const values = new Float32Array(field.values.length);
  let at = 0;
  eachNonzero(graph, field, space, (_, k) => {
    values[k] = from[at++] as number;
  });
  return values;
}

function writeNonzeros(
  manifest: Manifest,
  kind: StructureKind,
  of: string,
  batch: Assembled,
  out: Int32Array,
): void {
  const { input, index } = inputOf(manifest, of);
  if (!input) return;
  const rows: number[] | Int32Array = new Int32Array(batch.rows[of] as number);
  const columns = new Int32Array(rows.length);
  let at = 0;
  batch.graphs.forEach((graph, g) => {
    const field = graph.fields[index];
    const first = batch.starts[input.space]?.[g] ?? 0;
    if (field && isSparse(field))
      eachNonzero(graph, field, input.space, (row, k) => {
        rows[at] = first + row;
        columns[at++] = field.indices[k] as number;
      });
  });
  const columnStart = () => starts(columns, volume(input.shape));
  if (kind === "rows") out.set(rows);
  else if (kind === "columns") out.set(columns);
  else if (kind === "row_start") out.set(starts(rows, batch.rows[input.space] as number));
  else if (kind === "column_start") out.set(columnStart());
  else out.set(countingOrder(columns, columnStart()));
}
