/**
 * Index spaces and the maps between them (ARCHITECTURE, idea 1), shared by the model and the tensor IR.
 *
 * A space is an object compared by identity; its number of rows is a run-time number. Rows of different spaces are
 * tied by a closed list of maps, each from the finer to the coarser space: edge to sender, edge to receiver, row to
 * graph, row to the whole batch, stored non-zero to its row.
 */
import type { Span } from "../../grammar/source.js";

/** How the elements of a node set are laid out within each graph. */
export type Layout =
  /** No order that a program may use. `size` is the exact count per graph of `set(100)`, else null. */
  | { readonly kind: "set"; readonly size: number | null }
  /** A sequence; `max` is the bound of `seq(max: 256)`, else null. */
  | { readonly kind: "seq"; readonly max: number | null }
  /** A row-major grid of fixed extents. */
  | { readonly kind: "grid"; readonly extents: readonly number[] };

export interface NodeSet {
  readonly kind: "nodes";
  readonly name: string;
  readonly layout: Layout;
  readonly span: Span;
}

/** Which edges a relation has, and so how they are walked. */
export type Topology =
  | { readonly kind: "sparse"; readonly symmetric: boolean; readonly selfLoops: boolean }
  | { readonly kind: "tree" }
  | { readonly kind: "dag" }
  | { readonly kind: "complete"; readonly strict: boolean }
  | { readonly kind: "causal"; readonly strict: boolean }
  | { readonly kind: "chain"; readonly reverse: boolean }
  | { readonly kind: "self" }
  /** Receiver i sees sender i*stride + tap*dilation - pad on each axis; taps row-major. */
  | {
      readonly kind: "window";
      readonly taps: readonly number[];
      readonly stride: readonly number[];
      readonly dilation: readonly number[];
      readonly pad: readonly number[];
    };

export interface Relation {
  readonly kind: "edges";
  /** Its declared name; a relation that a topology word made is named `chain(word)`, `causal(char)`, ... */
  readonly name: string;
  /** Whether the edges come with the data (sparse, tree, dag). */
  readonly given: boolean;
  readonly topology: Topology;
  readonly senders: NodeSet;
  readonly receivers: NodeSet;
  readonly span: Span;
}

/** The stored non-zeros of a sparse input: a weighted relation from its rows to its feature axis. */
export interface Nonzeros {
  readonly kind: "nonzeros";
  /** The path of the input, `paper.x`. */
  readonly name: string;
  readonly of: NodeSet | Relation | GraphSpace;
}

/** One row per graph: `global` in the language. */
export interface GraphSpace {
  readonly kind: "graph";
  readonly name: "global";
}

/** One row: parameters, and what the language calls `batch`. */
export interface UnitSpace {
  readonly kind: "unit";
  readonly name: "batch";
}

export type Space = NodeSet | Relation | Nonzeros | GraphSpace | UnitSpace;

export const graphSpace: GraphSpace = { kind: "graph", name: "global" };
export const unitSpace: UnitSpace = { kind: "unit", name: "batch" };

/** A map of rows, interned: the same arguments give the same object. */
export type RowMap =
  | {
      readonly kind: "sender";
      readonly relation: Relation;
      readonly from: Relation;
      readonly to: NodeSet;
    }
  | {
      readonly kind: "receiver";
      readonly relation: Relation;
      readonly from: Relation;
      readonly to: NodeSet;
    }
  | { readonly kind: "graph"; readonly from: Space; readonly to: GraphSpace }
  | { readonly kind: "all"; readonly from: Space; readonly to: UnitSpace }
  | {
      readonly kind: "row";
      readonly nonzeros: Nonzeros;
      readonly from: Nonzeros;
      readonly to: Space;
    };

const interned = {
  sender: new WeakMap<Relation, RowMap>(),
  receiver: new WeakMap<Relation, RowMap>(),
  graph: new WeakMap<Space, RowMap>(),
  all: new WeakMap<Space, RowMap>(),
  row: new WeakMap<Nonzeros, RowMap>(),
};

function once<K extends object>(table: WeakMap<K, RowMap>, key: K, make: () => RowMap): RowMap {
  const known = table.get(key);
  if (known) return known;
  const made = make();
  table.set(key, made);
  return made;
}

/** Edge to its sender. */
export const senderOf = (relation: Relation): RowMap =>
  once(interned.sender, relation, () => ({
    kind: "sender",
    relation,
    from: relation,
    to: relation.senders,
  }));

/** Edge to its receiver. */
export const receiverOf = (relation: Relation): RowMap =>
  once(interned.receiver, relation, () => ({
    kind: "receiver",
    relation,
    from: relation,
    to: relation.receivers,
  }));

/** Row of a node set or relation to its graph. */
export const graphOf = (from: Space): RowMap =>
  once(interned.graph, from, () => ({ kind: "graph", from, to: graphSpace }));

/** Any row to the one row of the batch; pulled along, it lifts a parameter. */
export const allOf = (from: Space): RowMap =>
  once(interned.all, from, () => ({ kind: "all", from, to: unitSpace }));

/** Stored non-zero to the row it belongs to. */
export const rowOf = (nonzeros: Nonzeros): RowMap =>
  once(interned.row, nonzeros, () => ({ kind: "row", nonzeros, from: nonzeros, to: nonzeros.of }));

/** `receiver(cites)`, `all(paper)`: for listings. */
export function printMap(map: RowMap): string {
  return `${map.kind}(${map.from.name})`;
}
