/**
 * Spaces of a call (LANGUAGE 4): `node`, `sender`, `receiver` and `edge` of a block are bound by its arguments, then
 * by its relation: an edge argument's, the one after `over`, the block's own, the only declared one that fits.
 */
import type * as ast from "../../grammar/ast.js";
import { bug } from "../bug.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { argumentSpaces, argumentWantsSpace, placelessParameter } from "../diagnostics/spaces.js";
import {
  endsDisagree,
  needsOneSet,
  noRelationFits,
  severalRelations,
  topologyArguments,
} from "../diagnostics/topology.js";
import type { Given } from "./arguments.js";
import type { Declared, Reading } from "./frame.js";
import {
  batchPlace,
  describe,
  type EdgePlace,
  edgePlace,
  globalPlace,
  isEdge,
  isNodes,
  nodePlace,
  type Place,
  setOf,
} from "./places.js";
import { type Bound, type BoundPlaces, severalPlaces } from "./several-places.js";
import { Failed } from "./stop.js";
import { relationOver } from "./topology.js";
import { expressionsOf, itemsIn, visit } from "./walk.js";

export function bindPlaces(
  reading: Reading,
  call: ast.CallExpression,
  declared: Declared,
  given: readonly Given[],
  over: ast.OverExpression | null,
): BoundPlaces {
  const { node } = declared;
  if (node.kind !== "block") return bug("only blocks have places");
  const bound = argumentPlaces(reading, given);
  const partly =
    given.some((g) => g.kind === "blocked") ||
    given.some((g) => g.kind === "value" && g.value.place === undefined);
  if (node.relations.length > 0) return severalPlaces(reading, call, node, bound, over, partly);
  const relation = chooseRelation(reading, call, declared, bound, over, partly);
  return onePlace(reading, declared, bound, relation, partly, call);
}

/** What the arguments say of each word. */
function argumentPlaces(reading: Reading, given: readonly Given[]): Map<string, Bound> {
  const { frame } = reading;
  const bound = new Map<string, Bound>();
  for (const g of given) {
    const place = g.kind === "value" ? g.value.place : g.kind === "blocked" ? g.place : null;
    const word = g.param.type?.space?.text;
    if (!place) continue;
    if (!word) return frame.fail(placelessParameter(g.span, g.param.name.text, describe(place)));
    checkKind(reading, g, word, place);
    const known = bound.get(word);
    if (known && known.place !== place)
      frame.fail(argumentSpaces(g.span, word, describe(place), describe(known.place), known.span));
    bound.set(word, { place, span: g.span });
  }
  return bound;
}

function checkKind(reading: Reading, g: Given, word: string, place: Place): void {
  const fits =
    word === "global"
      ? place === globalPlace
      : word === "batch"
        ? place === batchPlace
        : word === "edge"
          ? isEdge(place)
          : place !== globalPlace && place !== batchPlace;
  if (!fits || (["node", "sender", "receiver"].includes(word) && !isNodes(place)))
    reading.frame.fail(
      argumentWantsSpace(g.span, g.param.name.text, word, describe(place), g.param.span),
    );
}

/** The relation of the call, or null if the block can do without. */
function chooseRelation(
  reading: Reading,
  call: ast.CallExpression,
  declared: Declared,
  bound: ReadonlyMap<string, Bound>,
  over: ast.OverExpression | null,
  partly: boolean,
): EdgePlace | null {
  const { frame } = reading;
  const senders = (bound.get("sender") ?? bound.get("node"))?.place ?? null;
  const receivers = (bound.get("receiver") ?? bound.get("node"))?.place ?? null;
  const needed = frame.context.program.needsRelation(declared);
  const edge = bound.get("edge")?.place;
  const fits = (p: EdgePlace): boolean =>
    (!senders || p.edges.senders === senders) && (!receivers || p.edges.receivers === receivers);
  if (over && over.relations.length !== 1) frame.fail(topologyArguments(over.span, "over", []));
  if (partly && !senders && !receivers && !isEdge(edge)) return null;
  const said = over
    ? relationOver(reading, over, senders ?? receivers, receivers ?? senders)
    : null;
  if (isEdge(edge)) {
    if (said && said.edges.relation !== edge.edges.relation)
      frame.fail(
        endsDisagree(over?.span ?? call.span, said.word, describe(edge), "the edge argument"),
      );
    return agreeing(reading, call, declared, edge, fits, needed, senders, receivers);
  }
  const own = said ?? frame.places.own;
  if (own)
    return agreeing(
      reading,
      call,
      declared,
      own,
      fits,
      needed || said !== null,
      senders,
      receivers,
    );
  if (!needed) return null;
  const candidates = frame.places.declared.filter(fits);
  const [only] = candidates;
  if (candidates.length === 1 && only) return only;
  if (partly) return null;
  if (frame.context.spacesFailed) throw new Failed();
  const where = senders ? describe(senders) : "here";
  if (candidates.length > 1)
    return frame.fail(
      severalRelations(
        call.span,
        where,
        candidates.map((p) => p.word),
      ),
    );
  return frame.fail(noneFits(reading, call, declared, senders, receivers));
}

/** What a call without a relation that fits should have said. */
function noneFits(
  { frame }: Reading,
  call: ast.CallExpression,
  declared: Declared,
  senders: Place | null,
  receivers: Place | null,
): Diagnostic {
  const { name } = declared.node;
  const [from, to] = [senders, receivers].map((p) => (p ? describe(p) : "some set"));
  const ends = from === to ? `among ${from}` : `from ${from} to ${to}`;
  const known = frame.places.declared.map(
    ({ word, edges }) =>
      `\`${word}\` runs from ${describe(edges.senders)} to ${describe(edges.receivers)}`,
  );
  const back = frame.places.declared.find(
    ({ edges }) => from !== to && edges.senders === receivers && edges.receivers === senders,
  );
  const hint = frame.context.program.readsOffset(declared)
    ? "say which neighbours: `over window(5)`, on a grid `over window(3, 3)`"
    : back
      ? `\`${back.word}\` runs the other way: swap the arguments, or declare edges that run back`
      : from === to
        ? "declare `edges e: a -> a` within that set, or write `over complete`, `over chain`, .."
        : "declare `edges` between these sets, or write `over complete`";
  return noRelationFits(call.span, name.text, ends, known, hint);
}

function agreeing(
  reading: Reading,
  call: ast.CallExpression,
  declared: Declared,
  relation: EdgePlace,
  fits: (p: EdgePlace) => boolean,
  needed: boolean,
  senders: Place | null,
  receivers: Place | null,
): EdgePlace | null {
  if (fits(relation)) return relation;
  if (!needed) return null;
  if (usesNode(declared.node) && relation.edges.senders !== relation.edges.receivers)
    return reading.frame.fail(
      needsOneSet(
        call.span,
        declared.node.name.text,
        relation.word,
        describe(relation.edges.senders),
        describe(relation.edges.receivers),
        declared.node.name.span,
      ),
    );
  const wrong =
    senders && relation.edges.senders !== senders
      ? { place: senders, end: "starts" }
      : { place: receivers, end: "ends" };
  const real = wrong.end === "starts" ? relation.edges.senders : relation.edges.receivers;
  return reading.frame.fail(
    endsDisagree(
      call.span,
      relation.word,
      `${wrong.end} at ${describe(real)}`,
      wrong.place ? describe(wrong.place) : "",
    ),
  );
}

/** Whether a block speaks of `node`: then both ends of its relation are one set. */
function usesNode(node: Declared["node"]): boolean {
  if (node.kind !== "block") return false;
  const types = [...node.params.flatMap((p) => (p.type ? [p.type] : [])), ...node.results];
  if (types.some((t) => t.space?.text === "node")) return true;
  let found = false;
  for (const item of itemsIn(node.body)) {
    if (item.kind === "section" && item.space === "node") return true;
    for (const { e } of expressionsOf(item))
      visit(e, (part) => {
        if (part.kind === "space" && part.space === "node") found = true;
      });
  }
  return found;
}

function onePlace(
  reading: Reading,
  declared: Declared,
  bound: ReadonlyMap<string, Bound>,
  relation: EdgePlace | null,
  partly: boolean,
  call: ast.CallExpression,
): BoundPlaces {
  const words = new Map<string, Place>([
    ["global", globalPlace],
    ["batch", batchPlace],
  ]);
  const outside = new Map<string, Place>(words);
  const from = bound.get("sender")?.place ?? bound.get("node")?.place ?? relation?.edges.senders;
  const to = bound.get("receiver")?.place ?? bound.get("node")?.place ?? relation?.edges.receivers;
  const node = usesNode(declared.node);
  if (node && relation && relation.edges.senders !== relation.edges.receivers)
    reading.frame.fail(
      needsOneSet(
        call.span,
        declared.node.name.text,
        relation.word,
        describe(relation.edges.senders),
        describe(relation.edges.receivers),
        declared.node.name.span,
      ),
    );
  const place = (word: string, of: Place | undefined): Place | null => {
    const set = of && setOf(of);
    return set ? nodePlace(word, set) : null;
  };
  const both = node ? place("node", from ?? to) : null;
  const senders = both ?? place("sender", from);
  const receivers = both ?? place("receiver", to);
  const put = (word: string, inside: Place | null, of: Place | undefined): void => {
    if (inside) words.set(word, inside);
    if (of) outside.set(word, of);
  };
  put("node", both, node ? (from ?? to) : undefined);
  put("sender", senders, from);
  put("receiver", receivers, to);
  const own =
    relation && senders && receivers
      ? edgePlace("edge", relation.edges.relation, senders, receivers)
      : null;
  put("edge", own, relation ?? undefined);
  return { inside: { words, declared: own ? [own] : [], own, made: new Map() }, outside, partly };
}
