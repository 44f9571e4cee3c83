/**
 * Where an aggregation runs and how its rows are grouped: the relation it walks, `by`, and every way to get that
 * wrong (LANGUAGE 2, "An aggregation"; LANGUAGE 9, 22 and 29-40).
 */
import type { CallExpression } from "../../grammar/ast.js";
import { type Span, textOf } from "../../grammar/source.js";
import {
  aggregateFeatures, byNeedsEdges, mixedAggregation, nestedAggregation, noGroupHere, nothingToRunOver, ownFieldInside, ownWithoutBy,
} from "../diagnostics/spaces.js"; // biome-ignore format: one line reads better
import { notArriving, severalRelations } from "../diagnostics/topology.js";
import type { RowMap } from "../ir/space.js";
import { allOf, graphOf, receiverOf, senderOf } from "../ir/space.js";
import type { Modifiers, Reads } from "./aggregation-form.js";
import { isFn, type Reading } from "./frame.js";
import {
  batchPlace,
  describe,
  type EdgePlace,
  globalPlace,
  isEdge,
  isNodes,
  type Place,
} from "./places.js";
import { Failed } from "./stop.js";
import { relationOver } from "./topology.js";

/** The space that the inside of an aggregation stands on. */
export function innerPlace(
  reading: Reading,
  call: CallExpression,
  reads: Reads,
  modifiers: Modifiers,
): Place {
  const { frame, at } = reading;
  if (isFn(frame)) return innerOfFn(reading, call, modifiers);
  if (modifiers.over) {
    const over = relationOver(reading, modifiers.over, at, at);
    ownFieldCheck(reading, reads, over);
    return over;
  }
  const edges = [...new Set(reads.fields.map((f) => f.place).filter(isEdge))];
  if (reads.ends.size > 0) {
    const relation = edges[0] ?? (isEdge(at) ? at : defaultRelation(reading, call.span, modifiers));
    ownFieldCheck(reading, reads, relation);
    return relation;
  }
  const places = [...new Set(reads.fields.map((f) => f.place))];
  const [only] = places;
  if (places.length > 1) return mixed(reading, call, reads);
  if (only) return only;
  if (modifiers.by && at) return at;
  return frame.fail(nothingToRunOver(call.span, textOf(call.span)));
}

function innerOfFn(reading: Reading, call: CallExpression, modifiers: Modifiers): Place {
  const { frame } = reading;
  if (!modifiers.by) return frame.fail(aggregateFeatures(call.span, textOf(call.span)));
  return frame.here ?? frame.fail(nothingToRunOver(call.span, textOf(call.span)));
}

function mixed(reading: Reading, call: CallExpression, reads: Reads): Place {
  const [a, b] = distinctPlaces(reads);
  if (a && b && (isEdge(a.place) || isEdge(b.place))) {
    const own = isEdge(a.place) ? b : a;
    const edge = isEdge(a.place) ? a.place : b.place;
    if (isNodes(own.place) && isEdge(edge)) {
      ownFieldCheck(reading, reads, edge);
      return edge;
    }
  }
  const text = (x: typeof a): string =>
    x ? `\`${x.variable.name}\` lives on ${describe(x.place)}` : "";
  return reading.frame.fail(mixedAggregation(call.span, textOf(call.span), text(a), text(b)));
}

function distinctPlaces(reads: Reads): readonly Reads["fields"][number][] {
  const seen = new Set<Place>();
  return reads.fields.filter((f) => !seen.has(f.place) && seen.add(f.place));
}

/** Inside the parentheses one is on the edge: a node field needs `sender.` or `receiver.`. Reported, each name once. */
function ownFieldCheck(reading: Reading, reads: Reads, relation: EdgePlace): void {
  const { senders, receivers } = relation.edges;
  if (reading.misplaced) return;
  for (const own of ownFields(reads)) {
    const words = [receivers === own.place && "receiver", senders === own.place && "sender"].filter(
      (w) => w !== false,
    );
    reading.frame.report(
      ownFieldInside(own.span, own.variable.name, describe(relation), words, own.variable.span),
    );
  }
}

/** Node fields that are read bare, each name once. */
export function ownFields(reads: Reads): readonly Reads["fields"][number][] {
  const seen = new Set<string>();
  return reads.fields.filter(
    ({ place, variable }) =>
      isNodes(place) && !seen.has(variable.name) && seen.add(variable.name) !== undefined,
  );
}

/** The one declared relation that arrives where one stands (`by sender`: leaves; in `global`: any). */
export function defaultRelation(reading: Reading, span: Span, modifiers: Modifiers): EdgePlace {
  const { frame, at } = reading;
  const { places } = frame;
  if (places.own) return places.own;
  const fit = places.declared.filter((p) => {
    if (at === null || at === globalPlace) return true;
    return (modifiers.by === "sender" ? p.edges.senders : p.edges.receivers) === at;
  });
  const [only] = fit;
  if (fit.length === 1 && only) return only;
  if (frame.context.spacesFailed) throw new Failed();
  const where = at ? describe(at) : "here";
  if (fit.length > 1)
    return frame.fail(
      severalRelations(
        span,
        where,
        fit.map((p) => p.word),
      ),
    );
  return frame.fail(notArriving(span, where, turned(places.declared, at, modifiers), []));
}

/** A relation that touches this set with its other end. */
function turned(
  declared: readonly EdgePlace[],
  at: Place | null,
  { by }: Modifiers,
): { readonly relation: string; readonly end: "sender" | "receiver" } | null {
  const end = by === "sender" ? "receiver" : "sender";
  const found = declared.find(
    (p) => (end === "sender" ? p.edges.senders : p.edges.receivers) === at,
  );
  return found ? { relation: found.word, end } : null;
}

export interface Grouping {
  readonly group: Place;
  readonly map: RowMap;
}

/** Which rows belong together. */
export function groupingOf(
  reading: Reading,
  call: CallExpression,
  inner: Place,
  reads: Reads,
  modifiers: Modifiers,
): Grouping {
  switch (modifiers.by) {
    case "graph":
      return { group: globalPlace, map: graphOf(inner.space) };
    case "batch":
      return { group: batchPlace, map: allOf(inner.space) };
    case "receiver":
    case "sender":
      return byEnd(reading, call, inner, modifiers.by);
    case null:
      return unsaid(reading, call, inner, reads);
    default:
      return modifiers.by satisfies never;
  }
}

function byEnd(
  reading: Reading,
  call: CallExpression,
  inner: Place,
  end: "receiver" | "sender",
): Grouping {
  const { frame, at } = reading;
  if (!isEdge(inner)) return frame.fail(byNeedsEdges(call.span, end, describe(inner)));
  const { relation, senders, receivers } = inner.edges;
  const group = end === "receiver" ? receivers : senders;
  const map = end === "receiver" ? receiverOf(relation) : senderOf(relation);
  if (isFn(frame) || at === null || at === group) return { group, map };
  if (isEdge(at) && (end === "receiver" ? at.edges.receivers : at.edges.senders) === group)
    return { group, map };
  if (isNodes(at))
    return frame.fail(notArriving(call.span, describe(at), { relation: inner.word, end }, []));
  return frame.fail(noGroupHere(call.span, describe(inner), describe(at)));
}

/** Nothing was said: edges go by receiver in a node section, all goes by graph in `global`. */
function unsaid(reading: Reading, call: CallExpression, inner: Place, reads: Reads): Grouping {
  const { frame, at } = reading;
  if (at === globalPlace && inner !== globalPlace)
    return { group: globalPlace, map: graphOf(inner.space) };
  if (at === inner || at === null) {
    if (isEdge(at) && reading.aggregating)
      return frame.fail(nestedAggregation(call.span, textOf(call.span)));
    const field = reads.fields[0]?.variable.name ?? null;
    return frame.fail(
      ownWithoutBy(
        call.span,
        textOf(call.span),
        field,
        describe(inner),
        !isNodes(inner) ? "edges" : at === null ? "outside" : "nodes",
      ),
    );
  }
  if (isEdge(inner) && isNodes(at)) {
    const { relation, senders, receivers } = inner.edges;
    if (receivers === at) return { group: at, map: receiverOf(relation) };
    const leaves = senders === at ? ({ relation: inner.word, end: "sender" } as const) : null;
    return frame.fail(
      notArriving(call.span, describe(at), leaves ?? { relation: inner.word, end: "receiver" }, []),
    );
  }
  if (isEdge(at) && reading.aggregating)
    return frame.fail(nestedAggregation(call.span, textOf(call.span)));
  return frame.fail(noGroupHere(call.span, describe(inner), describe(at)));
}
