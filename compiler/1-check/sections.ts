/** The place that the head of a section means: `edge buys`, `node`, `receiver`. */
import type { Section } from "../../grammar/ast.js";
import { textOf } from "../../grammar/source.js";
import { noSuchSection } from "../diagnostics/spaces.js";
import type { Frame } from "./frame.js";
import { isEdge, isNodes, type Place } from "./places.js";
import { Failed } from "./stop.js";
import { nearest } from "./walk.js";

export function sectionPlace(frame: Frame, section: Section): Place {
  const { words } = frame.places;
  const wanted = (place: Place): boolean =>
    section.space === "edge" ? isEdge(place) : isNodes(place);
  const known = [...words].flatMap(([word, place]) => (wanted(place) ? [word] : []));
  if (frame.context.spacesFailed && !words.has(section.name?.text ?? section.space))
    throw new Failed();
  const wrong = (near: string | null): never =>
    frame.fail(noSuchSection(section.head, textOf(section.head), near, known));
  if (section.name) {
    const place = words.get(section.name.text);
    return place && wanted(place) ? place : wrong(nearest(section.name.text, known));
  }
  const own = words.get(section.space);
  if (own) return own;
  const [only] = known;
  const place = known.length === 1 && only !== undefined ? words.get(only) : undefined;
  if (place && (section.space === "edge" || section.space === "node")) return place;
  return wrong(null);
}
