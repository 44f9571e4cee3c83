/**
 * Where `return` stands: once, last, and not in a loop; a model has none.
 */
import type { Body, Declaration, Item, ReturnItem } from "../ast.js";
import type { SyntaxProblem } from "../syntax-problem.js";

/** What is wrong with the `return`s of a declaration; one thing at most. */
export function returnRules(declaration: Declaration): readonly SyntaxProblem[] {
  if (declaration.kind === "const") return [];
  const { body, name } = declaration;
  const inside = returnsInLoops(body)[0];
  if (inside !== undefined) return [{ kind: "returnInside", span: inside.span }];
  const [first, second] = body.items.filter(isReturn);
  if (declaration.kind === "model") {
    return first === undefined ? [] : [{ kind: "returnInModel", span: first.span }];
  }
  if (first === undefined) return [{ kind: "returnMissing", span: name.span, name: name.text }];
  if (second !== undefined) return [{ kind: "returnTwice", span: second.span, first: first.span }];
  const next = body.items[body.items.indexOf(first) + 1];
  return next === undefined ? [] : [{ kind: "returnNotLast", span: first.span, next: next.span }];
}

function isReturn(item: Item): item is ReturnItem {
  return item.kind === "return";
}

function returnsInLoops(body: Body): readonly ReturnItem[] {
  return body.items.flatMap((item) =>
    item.kind === "for" ? [...item.body.items.filter(isReturn), ...returnsInLoops(item.body)] : [],
  );
}
