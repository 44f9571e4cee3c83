/**
 * Sparse fields stay sparse. x has the stored values v at its non-zeros n, each with its row and its column:
 *
 *     Σᵢ xᵢ Wᵢ  =  Σ_{row(n)} v_n W[column_n]        f(x) stored as f(v) where f(0) = 0
 *
 * A row holds a column once, as a CSR matrix does.
 */
import type { RowMap } from "../../ir/space.js";
import {
  type MapFunction,
  slotsOf,
  type Tensor,
  type TensorTable,
  without,
} from "../../ir/tensor.js";
import { dropOne, isEntangled, isRowProduct, type Parts, partsOf } from "../factors.js";
import { compose } from "../maps.js";
import { onMap, onProduct, onPull, type Rule } from "../rule.js";
import { type Sparse, sparseOf } from "../sparse.js";
import { unfold } from "../unfold.js";

/** A dense tensor at the stored places. */
const atNonzeros = (table: TensorTable, t: Tensor, { row, axis, column }: Sparse): Tensor =>
  table.pull(t, row, t.axes.includes(axis) ? [{ axis, index: column }] : [], t.span);

/** The stored values as one tensor. */
const stored = (table: TensorTable, { factors, scale }: Sparse): Tensor =>
  factors.length === 1 && scale === 1 && factors[0]
    ? factors[0]
    : table.product({ factors, scale });

/** A factor at the stored places of `x`; one stored at the same places is its values. */
function beside(table: TensorTable, f: Tensor, x: Sparse): Tensor {
  const other = sparseOf(f);
  return other && other.row === x.row && other.axis === x.axis
    ? stored(table, other)
    : atNonzeros(table, f, x);
}

function onStored(
  parts: Parts,
  x: Sparse,
  others: readonly Tensor[],
  table: TensorTable,
): Tensor | null {
  const map: RowMap | null = parts.map ? compose(parts.map, x.row) : x.row;
  if (!map) return null;
  const bound = parts.over.includes(x.axis);
  // on its own rows and columns a product of a sparse field is one only if nothing else is wider
  const wider = others.some((f) => f.axes.some((a) => a !== x.axis));
  if (!bound && !parts.map && wider) return null;
  const own = bound ? [] : [{ axis: x.axis, index: x.column }];
  const slots = parts.slots.map((s) => ({ ...s, index: table.pull(s.index, x.row) }));
  return table.product({
    factors: [...x.factors, ...others.map((f) => beside(table, f, x))],
    over: without(parts.over, [x.axis]),
    map,
    slots: [...slots, ...own],
    scale: parts.scale * x.scale,
  });
}

const contract = onProduct(
  {
    name: "sparse",
    law: "Σᵢ xᵢ Wᵢ = Σ_{row(n)} v_n W[column_n]",
    why: "only what is stored is multiplied",
  },
  (t, { table }) => {
    const parts = partsOf(t);
    if (isEntangled(parts)) return null;
    for (const f of parts.factors) {
      const x = sparseOf(f);
      if (!x) continue;
      const made = onStored(parts, x, dropOne(parts.factors, f), table);
      if (made) return made;
    }
    return null;
  },
);

const zeroStays: readonly MapFunction[] = ["relu", "abs", "sqrt", "sin", "tanh", "erf"];

function again(table: TensorTable, x: Sparse, values: Tensor): Tensor {
  return table.product({
    factors: [values],
    map: x.row,
    slots: [{ axis: x.axis, index: x.column }],
  });
}

const pointwise = onMap(
  zeroStays,
  {
    name: "sparse stays sparse",
    law: "f(x) = f(v), f(0) = 0",
    why: "only what is stored is computed",
  },
  (t, { table }) => {
    const x = t.inputs[0] && sparseOf(t.inputs[0]);
    return x ? again(table, x, table.map(t.attrs.f, [stored(table, x)], t.span)) : null;
  },
);

const isZero = (t: Tensor | undefined): boolean => t?.op === "const" && t.attrs.value === 0;

const dropped = onMap(
  ["select"],
  {
    name: "dropout stays sparse",
    law: "select(c, x, 0) = select(c[n], v, 0)",
    why: "draws only where something is stored",
  },
  (t, { table }) => {
    const [condition, a, b] = t.inputs;
    const field = isZero(b) ? a : isZero(a) ? b : undefined;
    const x = field && sparseOf(field);
    if (!x || !condition || !a || !b || t.axes.some((axis) => axis !== x.axis)) return null;
    const value = stored(table, x);
    const zero = table.constant(0, value.space);
    const branches = field === a ? [value, zero] : [zero, value];
    return again(
      table,
      x,
      table.map("select", [atNonzeros(table, condition, x), ...branches], t.span),
    );
  },
);

/** What is read at stored places is computed there: draws and comparisons are not made for the zeros. */
const readInside = onPull(
  {
    name: "compute at the non-zeros",
    law: "f(c)[row, column] = f(c[row, column])",
    why: "nothing is computed for the zeros",
  },
  (t, { table }) => {
    const [x] = t.inputs;
    const [slot, ...more] = slotsOf(t);
    if (!x || t.attrs.map?.kind !== "row" || more.length > 0) return null;
    if (slot?.index.op !== "fact" || slot.index.attrs.fact !== "column") return null;
    const { axis, index } = slot;
    const read = (y: Tensor): Tensor =>
      table.pull(y, t.attrs.map, y.axes.includes(axis) ? [slot] : [], t.span);
    if (x.op === "iota") return index;
    if (x.op === "map") return table.map(x.attrs.f, x.inputs.map(read), t.span);
    if (x.op !== "product" || !isRowProduct(x) || x.attrs.over.length > 0) return null;
    const inner = unfold(table, t);
    return inner && table.product(inner, t.span);
  },
);

export const sparses: readonly Rule[] = [contract, pointwise, dropped, readInside];
