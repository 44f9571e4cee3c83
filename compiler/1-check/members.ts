/** What is read from another row: `sender.x`, `receiver.x` on an edge, `global.u` and `batch.t` anywhere. */
import type { MemberExpression } from "../../grammar/ast.js";
import { endOutsideEdge, memberOfNothing, otherEnd } from "../diagnostics/spaces.js";
import { receiverOf, senderOf } from "../ir/space.js";
import { lift, pull } from "./expr.js";
import type { Reading, Value, Variable } from "./frame.js";
import { failUnknown, indexType, misplaced, typeOf } from "./names.js";
import { batchPlace, describe, globalPlace, isEdge, type Place } from "./places.js";
import { Failed } from "./stop.js";
import { settled, valueType } from "./types.js";

/** `sender.x`, `receiver.x`, `global.u`, `batch.t`. */
export function inferMember(reading: Reading, e: MemberExpression): Value {
  const { frame, at } = reading;
  if (e.base.kind === "name" && !reading.scope.env.has(e.base.name.text))
    return failUnknown(reading, e.base.name, ["sender", "receiver", "global", "batch"]);
  if (e.base.kind !== "space" || e.base.space === "node" || e.base.space === "edge")
    return frame.fail(memberOfNothing(e.span, e.name.text, e.base.kind === "space"));
  const word = e.base.space;
  if (word === "sender" || word === "receiver") return inferEnd(reading, e, word);
  const own = word === "global" ? globalPlace : batchPlace;
  const variable = memberVariable(reading, e);
  if (variable.place && variable.place !== own) {
    if (!reading.misplaced)
      frame.report(otherEnd(e.span, word, e.name.text, describe(variable.place), null));
    return misplaced(reading, settled(typeOf(variable)), e.span);
  }
  const build = (place: Place) => lift(variable.read(own), own.space, place.space, e.span);
  return { type: typeOf(variable), place: at, span: e.span, build };
}

function inferEnd(reading: Reading, e: MemberExpression, word: "sender" | "receiver"): Value {
  const { frame, at } = reading;
  if (!isEdge(at)) return outsideEdge(reading, e, word);
  const { relation } = at.edges;
  const end = word === "sender" ? at.edges.senders : at.edges.receivers;
  const map = word === "sender" ? senderOf(relation) : receiverOf(relation);
  if (e.name.text === "index" && !reading.scope.env.has("index")) {
    const type = indexType(reading, end, e.span);
    const value = { kind: "index", type: valueType(type), span: e.span } as const;
    return { type, place: at, span: e.span, build: () => pull(map, value, e.span) };
  }
  const variable = memberVariable(reading, e);
  if (variable.place !== undefined && variable.place !== end) {
    const where = variable.place ? describe(variable.place) : null;
    const right = placeWord(at, variable.place);
    if (!reading.misplaced) frame.report(otherEnd(e.span, word, e.name.text, where, right));
    return misplaced(reading, settled(typeOf(variable)), e.span);
  }
  return {
    type: settled(typeOf(variable)),
    place: at,
    span: e.span,
    build: () => pull(map, { ...variable.read(end), span: e.span }, e.span),
  };
}

/** `sender.x` in a node section: reported, and typed as the field it names. */
function outsideEdge(reading: Reading, e: MemberExpression, word: "sender" | "receiver"): Value {
  const { frame, at } = reading;
  if (!reading.misplaced)
    frame.report(endOutsideEdge(e.span, word, e.name.text, at ? describe(at) : "no space"));
  const entry = reading.scope.env.get(e.name.text);
  if (entry?.kind !== "variable") throw new Failed();
  return misplaced(reading, settled(typeOf(entry)), e.span);
}

/** How a field of this place would be read from the edge. */
function placeWord(at: Place, place: Place | null): string | null {
  if (!isEdge(at) || !place) return null;
  if (place === at.edges.senders) return "sender";
  if (place === at.edges.receivers) return "receiver";
  return place === globalPlace || place === batchPlace ? place.word : null;
}

function memberVariable(reading: Reading, e: MemberExpression): Variable {
  const entry = reading.scope.env.get(e.name.text);
  if (entry?.kind === "variable") {
    if (entry.failed) throw new Failed();
    return entry;
  }
  if (entry) return reading.frame.fail(otherEnd(e.span, spaceWord(e), e.name.text, null, null));
  const fields = [...reading.scope.env].flatMap(([name, x]) =>
    x.kind === "variable" ? [name] : [],
  );
  return failUnknown(reading, e.name, fields);
}

const spaceWord = (e: MemberExpression): string => (e.base.kind === "space" ? e.base.space : "");
