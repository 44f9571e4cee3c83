/**
 * Structures: the i32 arrays by which kernels walk a batch (`ManifestStructure`). Each is the concatenation of arrays of
 * the graphs, shifted by the rows before; of one graph it is that graph's own array. Here are those that walk a relation
 * from its receivers, and sparse features row by row; `more-structures.ts` has all others.
 */
import type {
  Manifest,
  ManifestInput,
  ManifestRelation,
  SpaceName,
  StructureKind,
} from "./artifact.js";
import type { Assembled } from "./assemble.js";
import type { Edges } from "./edges.js";
import { isSparse, nonzerosOf, originOf } from "./graph.js";

/** How many words a structure of a batch has, and what writes them. */
export type Made = readonly [words: number, write: (out: Int32Array) => void];

/** Makes the structures of one kind; `of` says of what. */
export type Maker = (manifest: Manifest, of: string, batch: Assembled) => Made;
export type Makers = { readonly [Kind in StructureKind]?: Maker };

export const relationOf = (manifest: Manifest, of: string) =>
  manifest.relations.find(({ name }) => name === of) as ManifestRelation;

/**
 * An array of the edges of each graph.
 * @param by By the rows of which end it is shifted.
 * @param startOf For what rows it tells the first edge, and the total behind the last.
 */
export const fromEdges =
  (
    arrayOf: (edges: Edges) => Int32Array,
    by: "senders" | "receivers" | "edges" | null,
    startOf?: "senders" | "receivers",
  ): Maker =>
  (manifest, of, { rows, starts, graphs }) => {
    const spaces = { ...relationOf(manifest, of), edges: of };
    const write = (out: Int32Array) => {
      if (startOf) out[0] = 0;
      let at = 0;
      graphs.forEach(({ edges }, g) => {
        const array = arrayOf(edges[of] as Edges);
        const shift = by && starts[spaces[by]]?.[g];
        if (shift)
          for (let i = 0; i < array.length; i++) out[at + i] = (array[i] as number) + shift;
        else out.set(array, at);
        at += array.length - (startOf ? 1 : 0);
      });
    };
    return [startOf ? (rows[spaces[startOf]] as number) + 1 : (rows[of] as number), write];
  };

/** The sparse input whose non-zeros are a space, and its number. */
export function sparseInput({ inputs }: Manifest, of: SpaceName): [ManifestInput, index: number] {
  const index = inputs.findIndex((input) => nonzerosOf(input) === of);
  return [inputs[index] as ManifestInput, index];
}

export const makers: Makers = {
  receiver_start: fromEdges((e) => e.start, "edges", "receivers"),
  senders: fromEdges((e) => e.senders, "senders"),
  row_start(manifest, of, batch) {
    const [{ space }, index] = sparseInput(manifest, of);
    return [(batch.rows[space] as number) + 1, (out) => writeRowStart(space, index, batch, out)];
  },
  columns(manifest, of, batch) {
    const [{ space }, index] = sparseInput(manifest, of);
    return [batch.rows[of] as number, (out) => writeStored("indices", space, index, batch, out)];
  },
};

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

/** [rows + 1] where the non-zeros of each row begin. */
export function writeRowStart(
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
