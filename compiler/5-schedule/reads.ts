/**
 * What the definition of a tensor reads, and where: on its own row, on the elements it walks over, or elsewhere.
 */
import type { RowMap } from "../ir/space.js";
import type { Tensor } from "../ir/tensor.js";
import { isEarlier } from "./region.js";

/**
 * `row`: the row being computed; `element`: an element of its walk; `other`: some other row; `before`: a row of a
 * recurrence that was finished on an earlier level.
 */
export type Where = "row" | "element" | "other" | "before";

/** How the rows of a definition are reached. */
export interface Frame {
  /** Where the inputs of the target stand. */
  readonly start: Where;
  /** The map of the walk. */
  readonly base: RowMap | null;
  /** Whether the target belongs to a recurrence. */
  readonly levels: boolean;
}

export type Reads = ReadonlyMap<Tensor, ReadonlySet<Where>>;

/** Everything that `target` reads down to what is `known`, with all the places it is read at. */
export function readsOf(target: Tensor, frame: Frame, known: (t: Tensor) => boolean): Reads {
  const found = new Map<Tensor, Set<Where>>();
  visitInPlace(target, frame, (t, where) => {
    if (!known(t)) return true;
    const at = found.get(t);
    if (at) at.add(where);
    else found.set(t, new Set([where]));
    return false;
  });
  return found;
}

/** Visits what is below `target` with its place, once per place; `enter` says whether to go on below. */
export function visitInPlace(
  target: Tensor,
  frame: Frame,
  enter: (t: Tensor, where: Where, user: Tensor) => boolean,
): void {
  const seen = new Map<Where, Set<Tensor>>();
  const visit = (t: Tensor, where: Where, user: Tensor): void => {
    const here = seen.get(where);
    if (here?.has(t)) return;
    if (here) here.add(t);
    else seen.set(where, new Set([t]));
    if (enter(t, where, user)) below(t, where);
  };
  const below = (t: Tensor, where: Where): void => {
    t.inputs.forEach((x, i) => {
      const moved = t.op === "pull" && i === 0 ? moveAlong(t.attrs.map, where, frame) : where;
      visit(x, moved, t);
    });
  };
  // the winner of a reduction is found in the same walk as its extreme
  if (target.op === "winner") {
    const [extreme] = target.inputs;
    visit(extreme, "row", target);
    below(extreme, frame.start);
  } else below(target, frame.start);
}

function moveAlong(map: RowMap | null, from: Where, { base, levels }: Frame): Where {
  if (!map || from === "before") return from;
  if (from === "element" && map === base) return "row";
  return levels && isEarlier(map) ? "before" : "other";
}
