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
import type { Assembled, LevelOrder } from "./assemble.js";
import { countingOrder, type Edges, groupOf, starts } from "./edges.js";
import { type CheckedGraph, isSparse, nonzerosOf, originOf, type Sparse } from "./graph.js";
import { volume } from "./safetensors.js";

type End = "senders" | "receivers" | "edges";

/** Which array of a graph; by the rows of which end it is shifted; for what rows it tells the first, and the total. */
type EdgePart = readonly [
  of: (edges: Edges) => Int32Array,
  shift: End | null,
  startOf?: "senders" | "receivers",
];

const edgeParts: Partial<Record<StructureKind, EdgePart>> = {
  receiver_start: [(e) => e.start, "edges", "receivers"],
  senders: [(e) => e.senders, "senders"],
  receivers: [(e) => e.receivers, "receivers"],
  sender_start: [(e) => e.transpose.start, "edges", "senders"],
  edge_of: [(e) => e.transpose.edges, "edges"],
  receiver_of: [(e) => e.transpose.receivers, "receivers"],
  first_sender: [(e) => e.firstSender as Int32Array, "senders"],
  first_receiver: [(e) => e.firstReceiver as Int32Array, "receivers"],
  offset: [(e) => e.offsets as Int32Array, null],
};

const relationOf = (manifest: Manifest, of: string) =>
  manifest.relations.find(({ name }) => name === of) as ManifestRelation;

/** What a batch comes with. */
const readyMade = (kind: StructureKind, of: string, { orders, starts }: Assembled) =>
  kind === "graph_start" ? starts[of] : orders[of]?.[kind as keyof LevelOrder];

/** How many words a structure of a batch has. */
export function structureWords(manifest: Manifest, index: number, batch: Assembled): number {
  const { rows } = batch;
  const { kind, of } = manifest.structures[index] as ManifestStructure;
  const groups = edgeParts[kind]?.[2];
  if (groups) return (rows[relationOf(manifest, of)[groups]] as number) + 1;
  const made = readyMade(kind, of, batch);
  if (made) return made.length;
  if (kind === "first_sender") return rows[relationOf(manifest, of).receivers] as number;
  if (kind === "first_receiver") return rows[relationOf(manifest, of).senders] as number;
  const { space, shape } = manifest.inputs.find((input) => nonzerosOf(input) === of) ?? {};
  if (kind === "row_start") return (rows[space as string] as number) + 1;
  return kind === "column_start" ? volume(shape as number[]) + 1 : (rows[of] as number);
}

/** Writes one structure of a batch. */
export function writeStructure(
  manifest: Manifest,
  index: number,
  batch: Assembled,
  out: Int32Array,
): void {
  const { kind, of } = manifest.structures[index] as ManifestStructure;
  const first = batch.starts;
  const part = edgeParts[kind];
  const made = readyMade(kind, of, batch);
  if (part) writeEdges(manifest, part, of, batch, out);
  else if (made) out.set(made);
  else if (kind === "graph_of") out.set(groupOf(first[of] as Int32Array));
  else if (kind === "index")
    for (let g = 0; g < batch.graphs.length; g++) {
      const [begin, end] = [first[of]?.[g] as number, first[of]?.[g + 1] as number];
      for (let row = begin; row < end; row++) out[row] = row - begin;
    }
  else writeNonzeros(manifest, kind, of, batch, out);
}

function writeEdges(
  manifest: Manifest,
  [arrayOf, by, startOf]: EdgePart,
  of: string,
  batch: Assembled,
  out: Int32Array,
): void {
  const shifts = batch.starts[
    by === "edges" || !by ? of : relationOf(manifest, of)[by]
  ] as Int32Array;
  if (startOf) out[0] = 0;
  let at = 0;
  batch.graphs.forEach(({ edges }, g) => {
    const array = arrayOf(edges[of] as Edges);
    const shift = by ? (shifts[g] as number) : 0;
    if (shift) for (let i = 0; i < array.length; i++) out[at + i] = (array[i] as number) + shift;
    else out.set(array, at);
    at += array.length - (startOf ? 1 : 0);
  });
}

/** One of the arrays of a sparse input in the order of the batch, graph after graph. */
export function writeStored(
  part: "indices" | "values",
  space: SpaceName,
  index: number,
  { graphs }: Assembled,
  out: Int32Array | Float32Array,
): void {
  let at = 0;
  for (const graph of graphs) {
    const field = graph.fields[index];
    if (!field || !isSparse(field)) continue;
    const { indptr, [part]: stored } = field;
    const origin = originOf(graph, space);
    if (!origin) {
      out.set(stored, at);
      at += stored.length;
      continue;
    }
    for (const row of origin) {
      if (row < 0) continue;
      const end = indptr[row + 1] as number;
      for (let k = indptr[row] as number; k < end; k++) out[at++] = stored[k] as number;
    }
  }
}

/** The reverse, for gradients: those of one graph, which `from` begins with, in the user's order. */
export function readSparseValues(
  space: SpaceName,
  index: number,
  graph: CheckedGraph,
  from: Float32Array,
): Float32Array {
  const { indptr, values } = graph.fields[index] as Sparse;
  const origin = originOf(graph, space);
  const own = from.slice(0, values.length);
  const ordered = origin ? new Float32Array(values.length) : own;
  let at = 0;
  origin?.forEach((row) => {
    if (row < 0) return;
    const [begin, end] = [indptr[row] as number, indptr[row + 1] as number];
    ordered.set(own.subarray(at, at + end - begin), begin);
    at += end - begin;
  });
  return ordered;
}

function writeRowStart(
  space: SpaceName,
  index: number,
  { graphs }: Assembled,
  out: Int32Array,
): void {
  let [end, next] = [0, 1];
  out[0] = 0;
  for (const graph of graphs) {
    const field = graph.fields[index];
    const indptr = field && isSparse(field) ? field.indptr : null;
    const origin = originOf(graph, space);
    const count = graph.rows[space] as number;
    for (let row = 0; row < count; row++) {
      const from = origin ? (origin[row] as number) : row;
      if (indptr && from >= 0) end += (indptr[from + 1] as number) - (indptr[from] as number);
      out[next++] = end;
    }
  }
}

function writeNonzeros(
  manifest: Manifest,
  kind: StructureKind,
  of: string,
  batch: Assembled,
  out: Int32Array,
): void {
  const index = manifest.inputs.findIndex((input) => nonzerosOf(input) === of);
  const { space, shape } = manifest.inputs[index] as Manifest["inputs"][number];
  if (kind === "columns") writeStored("indices", space, index, batch, out);
  else if (kind === "row_start") writeRowStart(space, index, batch, out);
  else if (kind === "rows") {
    const start = new Int32Array((batch.rows[space] as number) + 1);
    writeRowStart(space, index, batch, start);
    out.set(groupOf(start));
  } else {
    const stored = new Int32Array(batch.rows[of] as number);
    writeStored("indices", space, index, batch, stored);
    const start = starts(stored, volume(shape));
    const order = countingOrder(stored, start);
    if (kind === "column_start") out.set(start);
    else if (kind === "nonzero_of") out.set(order);
    else {
      if (kind === "row_of") writeNonzeros(manifest, "rows", of, batch, stored);
      else writeStored("values", space, index, batch, new Float32Array(stored.buffer));
      out.set(order.map((k) => stored[k] as number));
    }
  }
}
