/** The end of waiting: what is still not known where it must be is an error, unless something was reported already. */
import { dimensionNeverBound, typeNeeded } from "../diagnostics/shapes.js";
import type { Frame, Use, Variable } from "./frame.js";
import { Blocked, Failed } from "./stop.js";

/** The variables that a use assigns. */
export const targetsOf = (use: Use): readonly Variable[] =>
  use.kind === "equation" ? use.targets : [use.target];

/** Whether something in a body was reported already. */
export const anyFailed = (frame: Frame): boolean =>
  frame.uses.some((use) => targetsOf(use).some((t) => t.failed));

/** Runs what may no longer wait. */
export function settle<T>(frame: Frame, attempt: () => T): T {
  try {
    return attempt();
  } catch (stop) {
    if (!(stop instanceof Blocked)) throw stop;
    if (anyFailed(frame)) throw new Failed();
    const { on } = stop;
    if (on.kind === "name") return frame.fail(typeNeeded(on.variable.span, [on.variable.name]));
    return frame.fail(dimensionNeverBound(on.span, frame.declared.node.name.text, on.name));
  }
}
