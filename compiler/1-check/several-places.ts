/**
 * Blocks with named relations, `over (buys: user -> item, knows: user -> user)`: relations given in order or picked
 * by their ends; the records of bound places.
 */
import type * as ast from "../../grammar/ast.js";
import type { Span } from "../../grammar/source.js";
import {
  endsDisagree,
  notArriving,
  severalRelations,
  topologyArguments,
} from "../diagnostics/topology.js";
import type { Reading } from "./frame.js";
import {
  batchPlace,
  describe,
  type EdgePlace,
  edgePlace,
  globalPlace,
  isEdge,
  nodePlace,
  type Place,
  type Places,
  setOf,
} from "./places.js";
import { relationOver } from "./topology.js";

/** The places inside a block, and what each of its words is for the caller. */
export interface BoundPlaces {
  readonly inside: Places;
  readonly outside: ReadonlyMap<string, Place>;
  /** Some arguments are not known yet. */
  readonly partly: boolean;
}

/** An argument that says what a word is. */
export interface Bound {
  readonly place: Place;
  readonly span: Span;
}

/** `over (buys: user -> item, knows: user -> user)`: named relations, given in order or picked by their ends. */
export function severalPlaces(
  reading: Reading,
  call: ast.CallExpression,
  node: ast.BlockDeclaration,
  bound: ReadonlyMap<string, Bound>,
  over: ast.OverExpression | null,
  partly: boolean,
): BoundPlaces {
  const { frame } = reading;
  const outside = new Map<string, Place>([
    ["global", globalPlace],
    ["batch", batchPlace],
  ]);
  for (const [word, { place }] of bound) outside.set(word, place);
  if (over && over.relations.length !== node.relations.length)
    frame.fail(
      topologyArguments(
        over.span,
        "over",
        [],
        `${node.name.text} has ${node.relations.length} relations`,
      ),
    );
  const chosen = node.relations.map((wanted, i): EdgePlace => {
    const senders = outside.get(wanted.senders.text);
    const receivers = outside.get(wanted.receivers.text);
    const fits = (p: EdgePlace): boolean =>
      (!senders || p.edges.senders === senders) && (!receivers || p.edges.receivers === receivers);
    const edge = outside.get(wanted.name.text);
    const candidates = frame.places.declared.filter(fits);
    const relation = isEdge(edge)
      ? edge
      : over
        ? relationOver(reading, over, senders, receivers, i)
        : candidates.length === 1
          ? candidates[0]
          : undefined;
    if (!relation && candidates.length > 1)
      return frame.fail(
        severalRelations(
          call.span,
          wanted.name.text,
          candidates.map((p) => p.word),
        ),
      );
    if (!relation)
      return frame.fail(
        notArriving(
          call.span,
          wanted.name.text,
          null,
          frame.places.declared.map((p) => p.word),
        ),
      );
    if (!fits(relation))
      return frame.fail(
        endsDisagree(call.span, relation.word, describe(relation), wanted.name.text),
      );
    outside.set(wanted.senders.text, relation.edges.senders);
    outside.set(wanted.receivers.text, relation.edges.receivers);
    outside.set(wanted.name.text, relation);
    return relation;
  });
  const words = new Map<string, Place>([
    ["global", globalPlace],
    ["batch", batchPlace],
  ]);
  const inside = (word: string): Place => {
    const set = setOf(outside.get(word) ?? globalPlace);
    const known = words.get(word);
    const made = known ?? (set ? nodePlace(word, set) : globalPlace);
    words.set(word, made);
    return made;
  };
  const declared = node.relations.flatMap((wanted, i): readonly EdgePlace[] => {
    const relation = chosen[i];
    if (!relation) return [];
    const made = edgePlace(
      wanted.name.text,
      relation.edges.relation,
      inside(wanted.senders.text),
      inside(wanted.receivers.text),
    );
    words.set(wanted.name.text, made);
    return [made];
  });
  return { inside: { words, declared, own: null, made: new Map() }, outside, partly };
}
