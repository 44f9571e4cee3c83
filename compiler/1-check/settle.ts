/** The end of waiting: what is still not known where it must be is an error, unless something was reported already. */
import type { Span } from "../../grammar/source.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { typeNeeded } from "../diagnostics/shapes.js";
import { dimensionNeverBound, genericsNeeded } from "../diagnostics/sizes.js";
import type { Frame, Use, Variable } from "./frame.js";
import { Blocked, Failed } from "./stop.js";

/** The variables that a use assigns. */
export const targetsOf = (use: Use): readonly Variable[] =>
  use.kind === "equation" ? use.targets : [use.target];

/** Whether something in a body was reported already. */
export const anyFailed = (frame: Frame): boolean =>
  frame.uses.some((use) => targetsOf(use).some((t) => t.failed));

/** Whether a name was said to mean nothing, from the text or at its import; if so its model is not whole. */
export function saidUnknown(frame: Frame, name: string): boolean {
  const { context, declared } = frame;
  const said =
    declared.scope.missing.has(name) ||
    (context.program.unknown.get(declared.node)?.has(name) ?? false);
  if (said) context.failed = true;
  return said;
}

/** Says that a size is not known; silently if its name was said to mean nothing. */
export function reportNeverBound(frame: Frame, name: string, span: Span): void {
  if (!saidUnknown(frame, name)) frame.context.report(neverBound(frame, name, span));
}

/** A generic that the call should have given, or a dimension that the body should have bound. */
function neverBound(frame: Frame, name: string, span: Span): Diagnostic {
  const { declared, caller } = frame;
  const { generics } = declared.node;
  if (!caller || !generics.some((g) => g.name.text === name))
    return frame.related(dimensionNeverBound(span, declared.node, name));
  const wanted = generics.map((g) => `${g.name.text}${g.list ? "..." : ""}`);
  return caller.frame.related(genericsNeeded(caller.span, declared.node.name.text, wanted, span));
}

/** Runs what may no longer wait. */
export function settle<T>(frame: Frame, attempt: () => T): T {
  try {
    return attempt();
  } catch (stop) {
    if (!(stop instanceof Blocked)) throw stop;
    if (anyFailed(frame)) throw new Failed();
    const { on } = stop;
    if (on.kind === "name") return frame.fail(typeNeeded(on.variable.span, [on.variable.name]));
    reportNeverBound(frame, on.name, on.span);
    throw new Failed();
  }
}
