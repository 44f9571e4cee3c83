/**
 * Places: the spaces of one body under the words that body uses for them.
 *
 * A block called with the same set at both ends still keeps `sender` and `receiver` apart: each word is a place of
 * its own, compared by identity, over a space of the model.
 */
import type { NodeSet, Relation, Space } from "../ir/space.js";
import { graphSpace, unitSpace } from "../ir/space.js";

export interface Place {
  /** The word of this body: `node`, `sender`, `paper`, `cites`. */
  readonly word: string;
  readonly space: Space;
  /** Of edges: the relation and the places of its ends. */
  readonly edges: {
    readonly relation: Relation;
    readonly senders: Place;
    readonly receivers: Place;
  } | null;
}

/** A place of edges. */
export type EdgePlace = Place & { readonly edges: NonNullable<Place["edges"]> };

export const globalPlace: Place = { word: "global", space: graphSpace, edges: null };
export const batchPlace: Place = { word: "batch", space: unitSpace, edges: null };

export const nodePlace = (word: string, set: NodeSet): Place => ({ word, space: set, edges: null });

export const edgePlace = (
  word: string,
  relation: Relation,
  senders: Place,
  receivers: Place,
): EdgePlace => ({
  word,
  space: relation,
  edges: { relation, senders, receivers },
});

export const isEdge = (place: Place | null | undefined): place is EdgePlace => place?.edges != null;
export const isNodes = (place: Place | null | undefined): place is Place =>
  place?.space.kind === "nodes";

/** The set a node place stands for. */
export const setOf = (place: Place): NodeSet | null =>
  place.space.kind === "nodes" ? place.space : null;

/** The greatest number of nodes in a graph, if the set declares one. */
export function maximumOf(set: NodeSet): number | null {
  const { layout } = set;
  if (layout.kind === "set") return layout.size;
  if (layout.kind === "seq") return layout.max;
  return layout.extents.reduce((product, extent) => product * extent, 1);
}

/** `the nodes of paper`, `the edges of cites`, `the graph`: for messages. */
export function describe(place: Place): string {
  const { space } = place;
  if (space.kind === "graph") return "the graph";
  if (space.kind === "unit") return "the batch";
  const named =
    place.word === space.name ? `\`${place.word}\`` : `\`${place.word}\` (\`${space.name}\`)`;
  return space.kind === "edges" ? `the edges of ${named}` : `the nodes of ${named}`;
}

/** The words of a body and their places. Relations made by topology words are kept by what they say. */
export interface Places {
  readonly words: Map<string, Place>;
  /** Relations that are declared here, in order: those a call may pick from. */
  readonly declared: readonly EdgePlace[];
  /** A block's own relation: passed on by calls that name none. */
  readonly own: EdgePlace | null;
  readonly made: Map<string, EdgePlace>;
}

export const noPlaces = (): Places => ({
  words: new Map([
    ["global", globalPlace],
    ["batch", batchPlace],
  ]),
  declared: [],
  own: null,
  made: new Map(),
});
