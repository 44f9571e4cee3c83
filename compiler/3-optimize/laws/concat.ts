/**
 * Split the product of a concatenation. A concatenation is a sum of parts, each padded with zeros:
 *
 *     [a, b] W  =  a W₁ + b W₂          W₁, W₂ the rows of W that meet a and b
 *
 * so that every part is projected where it lives.
 */
import type { Axis, Tensor, TensorOf, TensorTable, View } from "../../ir/tensor.js";
import { axesOf, dropOne, isEntangled, meet, type Parts, partsOf, rename } from "../factors.js";
import { isLifted } from "../maps.js";
import { onProduct, type Rule } from "../rule.js";

/** Beyond that many parts, one product of the whole is better. */
const mostParts = 8;

type Widening = Extract<View, { kind: "pad" | "place" }>;

const widening = (t: Tensor): Widening | null =>
  t.op === "view" && (t.attrs.view.kind === "pad" || t.attrs.view.kind === "place")
    ? t.attrs.view
    : null;

/** The padded parts that `t` is the sum of, if they all make the axis `to`; else null. */
function partsMaking(t: Tensor, to: Axis): readonly Tensor[] | null {
  if (t.op !== "map" || t.attrs.f !== "add") return widening(t)?.to === to ? [t] : null;
  const all: Tensor[] = [];
  for (const x of t.inputs) {
    const parts = partsMaking(x, to);
    if (parts === null) return null;
    all.push(...parts);
  }
  return all;
}

const split = onProduct(
  {
    name: "split a concatenation",
    law: "[a, b] W = a W₁ + b W₂",
    why: "every part is projected where it lives",
  },
  (t, { table }) => {
    const parts = partsOf(t);
    if (isEntangled(parts)) return null;
    for (const f of parts.factors) {
      if (f.op !== "map" || f.attrs.f !== "add") continue;
      const bound = parts.over.find((a) => f.axes.includes(a) && partsMaking(f, a) !== null);
      const terms = bound ? (partsMaking(f, bound) ?? []) : [];
      if (terms.length < 2 || terms.length > mostParts) continue;
      const others = dropOne(parts.factors, f);
      // only a weight has rows that need not be read
      if (!bound || !others.every((g) => isLifted(g) || !g.axes.includes(bound))) continue;
      const products = terms.map((x) =>
        table.product({ ...parts, factors: [...others, x] }, t.span),
      );
      return products.reduce((a, b) => table.map("add", [a, b], t.span));
    }
    return null;
  },
);

/** Only the part of the others that meets what is not zero. */
function narrowed(table: TensorTable, f: Tensor, view: Widening): Tensor {
  if (!f.axes.includes(view.to)) return f;
  const { to } = view;
  const how: View =
    view.kind === "place"
      ? { kind: "pick", from: to, at: view.at }
      : { kind: "slice", from: to, to: view.from, start: view.start, step: view.step };
  return table.view(f, how, f.span);
}

function withoutPad(
  t: TensorOf<"product">,
  parts: Parts,
  f: TensorOf<"view">,
  view: Widening,
  table: TensorTable,
) {
  const rest = dropOne(parts.factors, f);
  const known = [...axesOf(rest), ...parts.over, ...parts.slots.map((s) => s.axis)];
  const bound = parts.over.includes(view.to);
  const clash = view.kind === "pad" && known.includes(view.from);
  const own = clash && bound ? { ...view, from: table.twin(view.from) } : view;
  const made = own.kind === "pad" ? [own.from] : [];
  if (meet(made, [...known, ...f.axes])) return null;
  const x =
    clash && own.kind === "pad" ? rename(table, f.inputs[0], view.from, own.from) : f.inputs[0];
  const factors = [x, ...rest.map((g) => narrowed(table, g, own))];
  const over = bound ? [...parts.over.filter((a) => a !== view.to), ...made] : parts.over;
  const inner = table.product({ ...parts, factors, over }, t.span);
  return bound ? inner : table.view(inner, view, t.span);
}

const skipZeros = onProduct(
  {
    name: "zeros of a pad",
    law: "Σᵢ (a padded)ᵢ wᵢ = Σⱼ aⱼ w[start + j]",
    why: "what is multiplied by zero is not read",
  },
  (t, { table }) => {
    const parts = partsOf(t);
    if (isEntangled(parts)) return null;
    for (const f of parts.factors) {
      const view = widening(f);
      const made = view && f.op === "view" ? withoutPad(t, parts, f, view, table) : null;
      if (made) return made;
    }
    return null;
  },
);

export const concatenations: readonly Rule[] = [split, skipZeros];
