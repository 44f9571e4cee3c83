/**
 * How work on one equation ends early.
 *
 * Inference tries an equation and gives up in one of two ways: something it reads is not known yet (`Blocked`, it is
 * tried again), or an error was reported, perhaps elsewhere (`Failed`, silent from here on). Both are caught where an
 * equation is solved and never leave this folder.
 */
import type { Span } from "../../grammar/source.js";
import type { Variable } from "./frame.js";

/** What an equation waits for. */
export type Waiting =
  | { readonly kind: "name"; readonly variable: Variable; readonly what: "type" | "space" }
  | { readonly kind: "dimension"; readonly name: string; readonly span: Span };

/** Not known yet: try again when something has moved. */
export class Blocked extends Error {
  readonly on: Waiting;
  constructor(on: Waiting) {
    super("blocked");
    this.on = on;
  }
}

/** Reported already: whatever depends on it stays silent. */
export class Failed extends Error {}

/** The result, or null if it was blocked. Failures pass through. */
export function unlessBlocked<T>(attempt: () => T): T | null {
  try {
    return attempt();
  } catch (stop) {
    if (stop instanceof Blocked) return null;
    throw stop;
  }
}

/** The result, or null if an error was reported on the way. */
export function unlessFailed<T>(attempt: () => T): T | null {
  try {
    return attempt();
  } catch (stop) {
    if (stop instanceof Failed) return null;
    throw stop;
  }
}

/** The results of all, or a failure behind the last: those after one that failed are tried too. */
export function allOrFailed<A, B>(items: readonly A[], attempt: (item: A) => B): readonly B[] {
  let failed: Failed | null = null;
  const results = items.flatMap((item): readonly B[] => {
    try {
      return [attempt(item)];
    } catch (stop) {
      if (!(stop instanceof Failed) && !failed) throw stop;
      if (stop instanceof Failed) failed = stop;
      return [];
    }
  });
  if (failed) throw failed;
  return results;
}
