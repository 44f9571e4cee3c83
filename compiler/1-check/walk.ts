/** Walks over the syntax tree: the parts of an expression, all expressions of a body, names by nearness. */
import type { Body, Equation, Expression, Item } from "../../grammar/ast.js";

/** The direct parts of an expression, in the order of the text. */
export function partsOf(e: Expression): readonly Expression[] {
  switch (e.kind) {
    case "unary":
      return [e.operand];
    case "binary":
      return [e.left, e.right];
    case "call":
      return [e.callee, ...e.args.flatMap((a) => (a.where ? [a.value, a.where] : [a.value]))];
    case "index":
      return [e.base, ...e.indices.flatMap((i) => (i.range ? [i.value, i.range] : [i.value]))];
    case "member":
    case "over":
    case "by":
      return [e.base];
    case "list":
      return e.parts;
    default:
      return [];
  }
}

/** Every expression inside `e`, itself first. */
export function visit(e: Expression, see: (e: Expression) => void): void {
  see(e);
  for (const part of partsOf(e)) visit(part, see);
}

/** The equations of a body's items at this level: not those inside loops. */
export function equationsAt(items: readonly Item[]): readonly Equation[] {
  return items.flatMap((item) =>
    item.kind === "equation" ? [item] : item.kind === "section" ? item.equations : [],
  );
}

/** All equations of a body, loops included, in the order of the text. */
export function equationsIn(body: Body): readonly Equation[] {
  return body.items.flatMap((item) =>
    item.kind === "for" ? equationsIn(item.body) : equationsAt([item]),
  );
}

/** All items of a body, those of loops behind their loop. */
export function itemsIn(body: Body): readonly Item[] {
  return body.items.flatMap((item) =>
    item.kind === "for" ? [item, ...itemsIn(item.body)] : [item],
  );
}

/** The expressions an item evaluates, with the title of what they make. */
export function expressionsOf(
  item: Item,
): readonly { readonly title: string; readonly e: Expression }[] {
  switch (item.kind) {
    case "equation":
      return [{ title: titleOf(item), e: item.value }];
    case "section":
      return item.equations.map((equation) => ({ title: titleOf(equation), e: equation.value }));
    case "let":
      return [{ title: item.name.text, e: item.value }];
    case "return":
      return item.values.map((e) => ({ title: "out", e }));
    case "loss":
    case "metric":
      return [item.value, ...item.where].map((e) => ({ title: item.kind, e }));
    case "optimizer":
      return [{ title: "optimizer", e: item.value }];
    default:
      return [];
  }
}

/** What instances made in an equation are called: its first name, without primes. */
export function titleOf(equation: Equation): string {
  const first = equation.targets.find((t) => t.name.text !== "_") ?? equation.targets[0];
  return (first?.name.text ?? "_").replaceAll("'", "");
}

/** The name nearest to `wanted`, if it is near: for "did you mean". Among equals one of the same length. */
export function nearest(wanted: string, known: Iterable<string>): string | null {
  const limit = wanted.length <= 2 ? 1 : wanted.length <= 5 ? 2 : 3;
  let best: { readonly name: string; readonly far: number } | null = null;
  for (const name of known) {
    const longer = Math.abs(name.length - wanted.length);
    if (name === wanted || longer > limit) continue;
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase());
    const far = distance + (longer > 0 ? 0.5 : 0);
    if (distance <= limit && distance < Math.max(wanted.length, 2) && (!best || far < best.far))
      best = { name, far };
  }
  return best?.name ?? null;
}

/** Damerau 1964, one row at a time: letters that are missing, too many, others, or in each other's place. */
function editDistance(a: string, b: string): number {
  let earlier: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchange = swapped ? (earlier[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(change, exchange, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    earlier = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
