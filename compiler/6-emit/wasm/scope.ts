/**
 * Scopes: the bodies of loops and conditions while they are being written.
 *
 * A scope that encloses the one being written is still open, just before the statement that will hold the inner one;
 * so what is added to it runs before the inner scope and is computed once for all its turns. That is how everything
 * that does not depend on a loop ends up outside of it.
 */
import type { Node } from "./module/node.js";

export class Scope {
  readonly parent: Scope | null;
  readonly depth: number;
  readonly statements: Node[] = [];

  constructor(parent: Scope | null) {
    this.parent = parent;
    this.depth = parent ? parent.depth + 1 : 0;
  }
}

/** The innermost of scopes that enclose one another. */
export function innermost(scopes: Iterable<Scope>, root: Scope): Scope {
  let deepest = root;
  for (const s of scopes) if (s.depth > deepest.depth) deepest = s;
  return deepest;
}

/** What is already known in a scope, by name. */
export class Memo<T> {
  readonly #known = new Map<Scope, Map<string, T>>();

  once(scope: Scope, key: string, make: () => T): T {
    let here = this.#known.get(scope);
    if (!here) {
      here = new Map();
      this.#known.set(scope, here);
    }
    const known = here.get(key);
    if (known !== undefined) return known;
    const made = make();
    here.set(key, made);
    return made;
  }
}
