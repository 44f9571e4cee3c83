/**
 * Structures: the i32 arrays by which kernels walk a batch (`ManifestStructure`). Each is the concatenation of arrays of
 * the graphs, shifted by the rows before; of one graph it is that graph's own array. Only the transpose of sparse features
 * is counted over the batch, because its columns belong to all graphs.
 */
import type {
  Manifest,
  ManifestRelation,
  ManifestStructure,
  SpaceName,
  StructureKind,
} from "./artifact.js";
import type { Assembled } from "./assemble.js";
import { countingOrder, type Edges, starts } from "./edges.js";
import { type CheckedGraph, isSparse, nonzerosOf, type Sparse } from "./graph.js";
import { volume } from "./safetensors.js";

type End = "senders" | "receivers" | "edges";

/** Which array of a graph; by the rows of which end it is shifted; whether it begins at 0 and ends with a total. */
type EdgePart = readonly [of: (edges: Edges) => Int32Array, shift: End | null, isStart?: true];

const edgeParts: Partial<Record<StructureKind, EdgePart>> = {
  receiver_start: [(e) => e.start, "edges", true],
  senders: [(e) => e.senders, "senders"],
  receivers: [(e) => e.receivers, "receivers"],
  sender_start: [(e) => e.transpose.start, "edges", true],
  edge_of: [(e) => e.transpose.edges, "edges"],
  receiver_of: [(e) => e.transpose.receivers, "receivers"],
  offset: [(e) => e.offsets as Int32Array, null],
};

/** One structure of a batch. */
export function buildStructure(
  manifest: Manifest,
  { kind, of }: ManifestStructure,
  batch: Assembled,
): Int32Array {
  const part = edgeParts[kind];
  if (part) return buildEdges(manifest, part, of, batch);
  const { orders, starts: first } = batch;
  if (kind === "order" || kind === "level_start") return orders[of]?.[kind] as Int32Array;
  if (kind === "graph_start") return first[of] as Int32Array;
  const all = new Int32Array(batch.rows[of] as number);
  if (kind !== "graph_of" && kind !== "index") return buildNonzeros(manifest, kind, of, batch);
  batch.graphs.forEach((_, g) => {
    const from = first[of]?.[g] as number;
    const own = all.subarray(from, first[of]?.[g + 1]);
    if (kind === "graph_of") own.fill(g);
    else
      own.forEach((_, i) => {
        own[i] = i;
      });
  });
  return all;
}

function buildEdges(
  manifest: Manifest,
  [arrayOf, by, isStart]: EdgePart,
  of: string,
  batch: Assembled,
): Int32Array {
  const arrays = batch.graphs.map(({ edges }) => arrayOf(edges[of] as Edges));
  if (arrays.length === 1) return arrays[0] as Int32Array;
  const relation = manifest.relations.find(({ name }) => name === of) as ManifestRelation;
  const shifts = batch.starts[by === "edges" || !by ? of : relation[by]] as Int32Array;
  const last = isStart ? 1 : 0;
  const all = new Int32Array(arrays.reduce((sum, { length }) => sum + length - last, last));
  let at = 0;
  arrays.forEach((array, g) => {
    const shift = by ? (shifts[g] as number) : 0;
    for (let i = 0; i < array.length; i++) all[at + i] = (array[i] as number) + shift;
    at += array.length - last;
  });
  return all;
}

/** Calls `visit` with each stored value: its row in the graph, and its place in the user's arrays. */
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
    if (field && isSparse(field))
      eachNonzero(graph, field, space, (_, k) => {
        out[at++] = field.values[k] as number;
      });
  }
}

/** The reverse, for gradients: those of one graph, which `from` begins with, in the user's order. */
export function readSparseValues(
  space: SpaceName,
  index: number,
  graph: CheckedGraph,
  from: Float32Array,
): Float32Array {
  const field = graph.fields[index] as Sparse;
  const values = new Float32Array(field.values.length);
  let at = 0;
  eachNonzero(graph, field, space, (_, k) => {
    values[k] = from[at++] as number;
  });
  return values;
}

function buildNonzeros(
  manifest: Manifest,
  kind: StructureKind,
  of: string,
  batch: Assembled,
): Int32Array {
  const index = manifest.inputs.findIndex((input) => nonzerosOf(input) === of);
  const { space, shape } = manifest.inputs[index] as Manifest["inputs"][number];
  const rows = new Int32Array(batch.rows[of] as number);
  const columns = rows.slice();
  let at = 0;
  batch.graphs.forEach((graph, g) => {
    const field = graph.fields[index];
    const first = batch.starts[space]?.[g] ?? 0;
    if (field && isSparse(field))
      eachNonzero(graph, field, space, (row, k) => {
        rows[at] = first + row;
        columns[at++] = field.indices[k] as number;
      });
  });
  if (kind === "rows") return rows;
  if (kind === "columns") return columns;
  if (kind === "row_start") return starts(rows, batch.rows[space] as number);
  const start = starts(columns, volume(shape));
  return kind === "column_start" ? start : countingOrder(columns, start);
}
