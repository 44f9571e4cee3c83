/** Random draws: every place in the text has a number, and `normal` is two uniform draws by Box and Muller (1958). */
import { bug } from "../bug.js";
import type { Expr } from "../ir/model.js";
import type { Tensor } from "../ir/tensor.js";
import { allPartsOf, type ExprOf } from "./expression-table.js";
import { difference, multiply, scaled } from "./products.js";
import type { Scope } from "./scope.js";
import type { Value } from "./values.js";

/** The number of the first draw of every site, in the order of the text; a `normal` takes two numbers. */
export function numberSites(texts: readonly Expr[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  let next = 0;
  for (const text of texts)
    for (const e of allPartsOf(text)) {
      if (e.kind !== "draw" || numbers.has(e.site)) continue;
      numbers.set(e.site, next);
      next += e.distribution === "normal" ? 2 : 1;
    }
  return numbers;
}

export function draw(expr: ExprOf<"draw">, scope: Scope): Value {
  const { table, space } = scope;
  const site = scope.mode.sites.get(expr.site) ?? bug(`site ${expr.site} has no number`);
  const layout = expr.over.map((b) => scope.axisOf(b));
  const first = table.random(site, space, layout);
  if (expr.distribution === "uniform") return { tensor: first, axes: [] };
  return { tensor: normal(first, table.random(site + 1, space, layout), expr, scope), axes: [] };
}

/** sqrt(-2 log(1 - u)) cos(2 pi v) */
function normal(u: Tensor, v: Tensor, { span }: Expr, { table, space }: Scope): Tensor {
  const log = table.map("log", [difference(table, table.constant(1, space), u, span)], span);
  const radius = table.map("sqrt", [scaled(table, log, -2)], span);
  const angle = table.map("cos", [scaled(table, v, 2 * Math.PI)], span);
  return multiply(table, { factors: [radius, angle] }, span);
}
