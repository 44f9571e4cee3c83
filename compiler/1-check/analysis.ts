/**
 * What the text of one declaration says by itself, found once: how instances made in it are called, how often names
 * are read, whether it needs a relation, and whether a scalar function can work on whole tensors at once.
 */
import type { Expression, NameExpression } from "../../grammar/ast.js";
import type { Declared } from "./frame.js";
import { pointwiseNames } from "./vocabulary.js";
import { expressionsOf, itemsIn, visit } from "./walk.js";

export interface Analysis {
  /** Names of the instances made at each place, loops not yet added. */
  readonly instanceNames: ReadonlyMap<NameExpression, string>;
  /** How often each name is read. */
  readonly reads: ReadonlyMap<string, number>;
  /** Names that are read at an index. */
  readonly indexed: ReadonlySet<string>;
  /** Names of functions it may call. */
  readonly callees: ReadonlySet<string>;
  /** Blocks it calls without `over`: they pass its own relation on. */
  readonly passesOn: ReadonlySet<string>;
  readonly draws: boolean;
  /** It speaks of edges or of their ends. */
  readonly needsRelation: boolean;
  readonly needsOffset: boolean;
  /** One `return` of operators on scalars: the same text works on tensors. */
  readonly pointwise: boolean;
}

export function analyse(declared: Declared): Analysis {
  const { node } = declared;
  const expressions = itemsIn(node.body).flatMap(expressionsOf);
  const reads = new Map<string, number>();
  const indexed = new Set<string>();
  const callees = new Set<string>();
  const under = new Set<Expression>();
  const passesOn = new Set<string>();
  const words = new Set<string>();
  const defaults =
    node.kind === "model" ? [] : node.params.flatMap((p) => (p.default ? [p.default] : []));
  for (const e of [...expressions.map((x) => x.e), ...defaults])
    visit(e, (part) => {
      if (part.kind === "index" && part.base.kind === "name") indexed.add(part.base.name.text);
      if (part.kind === "over") under.add(part.base);
      if (part.kind === "space") words.add(part.space);
      if (part.kind === "by") words.add(part.group);
      const name = part.kind === "name" || part.kind === "member" ? part.name.text : null;
      if (name !== null) reads.set(name, (reads.get(name) ?? 0) + 1);
      if (part.kind === "name") callees.add(part.name.text);
      if (part.kind === "call" && !under.has(part) && part.callee.kind === "name")
        passesOn.add(part.callee.name.text);
    });
  return {
    instanceNames: instanceNames(expressions),
    reads,
    indexed,
    callees,
    passesOn,
    draws: callees.has("uniform") || callees.has("normal"),
    needsRelation: needsRelation(declared, words, callees),
    needsOffset: callees.has("offset"),
    pointwise: isPointwise(declared),
  };
}

/** `h`, the second such `h.2`: in the order of the text. */
function instanceNames(
  expressions: readonly { title: string; e: Expression }[],
): ReadonlyMap<NameExpression, string> {
  const names = new Map<NameExpression, string>();
  const counts = new Map<string, number>();
  const give = (callee: NameExpression, title: string): void => {
    const count = (counts.get(title) ?? 0) + 1;
    counts.set(title, count);
    names.set(callee, count === 1 ? title : `${title}.${count}`);
  };
  for (const { title, e } of expressions) {
    if (e.kind === "name" && /^[A-Z]/.test(e.name.text)) give(e, title);
    visit(e, (part) => {
      if (
        part.kind === "call" &&
        part.callee.kind === "name" &&
        /^[A-Z]/.test(part.callee.name.text)
      )
        give(part.callee, title);
    });
  }
  return names;
}

function needsRelation(
  declared: Declared,
  words: ReadonlySet<string>,
  callees: ReadonlySet<string>,
): boolean {
  const { node } = declared;
  if (node.kind !== "block") return false;
  const spaces = ["edge", "sender", "receiver"];
  return (
    node.relations.length > 0 ||
    callees.has("offset") ||
    spaces.some((s) => words.has(s)) ||
    node.params.some((p) => p.type?.space && spaces.includes(p.type.space.text)) ||
    itemsIn(node.body).some((i) => i.kind === "section" && spaces.includes(i.space))
  );
}

function isPointwise(declared: Declared): boolean {
  const { node } = declared;
  if (node.kind !== "fn" || node.body.items.length !== 1) return false;
  const [only] = node.body.items;
  return only?.kind === "return" && only.values.every((e) => pointwiseText(e));
}

function pointwiseText(e: Expression): boolean {
  switch (e.kind) {
    case "number":
    case "bool":
    case "name":
      return true;
    case "unary":
      return pointwiseText(e.operand);
    case "binary":
      return e.operator !== "@" && pointwiseText(e.left) && pointwiseText(e.right);
    case "call":
      return (
        e.callee.kind === "name" &&
        pointwiseNames.has(e.callee.name.text) &&
        e.args.every((a) => !a.where && pointwiseText(a.value))
      );
    default:
      return false;
  }
}
