/**
 * Slots within the row, spelt out: y[i = index] = x means y[i] = select(i = index, x, 0).
 *
 * So a product without a map has no slots any more, and is computed in place like any pointwise value.
 */
import { bug } from "../bug.js";
import type { DifferentiatedProgram, Forward, Root } from "../ir/program.js";
import { rebuild } from "../ir/rebuild.js";
import {
  factorsOf,
  postorder,
  slotsOf,
  type Tensor,
  type TensorOf,
  type TensorTable,
  union,
} from "../ir/tensor.js";

/** The program without slots of products that have no map. */
export function spellSlots(program: DifferentiatedProgram): DifferentiatedProgram {
  const { table, inference, training, gradients, pullback, optimizers } = program;
  const roots = [
    ...tensorsOf(inference),
    ...(training ? tensorsOf(training) : []),
    ...gradients.map((g) => g.root.value),
    ...(pullback?.parameters ?? []).map((g) => g.root.value),
    ...(pullback?.inputs ?? []).map((r) => r.value),
    ...optimizers.flatMap((o) => Object.values(o.settings)),
  ];
  const now = respelt(roots, table);
  const root = (r: Root): Root => ({ ...r, value: now(r.value) });
  const forward = (f: Forward): Forward => ({
    outputs: f.outputs.map(root),
    loss: f.loss && now(f.loss),
    metrics: f.metrics.map((m) => ({ ...m, total: now(m.total), rows: now(m.rows) })),
    states: f.states.map((s) => ({ ...s, next: root(s.next) })),
  });
  return {
    ...program,
    inference: forward(inference),
    training: training && forward(training),
    gradients: gradients.map((g) => ({ ...g, root: root(g.root) })),
    pullback: pullback && {
      ...pullback,
      parameters: pullback.parameters.map((g) => ({ ...g, root: root(g.root) })),
      inputs: pullback.inputs.map(root),
    },
  };
}

const tensorsOf = ({ outputs, loss, metrics, states }: Forward): readonly Tensor[] => [
  ...outputs.map((o) => o.value),
  ...(loss ? [loss] : []),
  ...metrics.flatMap((m) => [m.total, m.rows]),
  ...states.map((s) => s.next.value),
];

function respelt(roots: readonly Tensor[], table: TensorTable): (t: Tensor) => Tensor {
  const done = new Map<Tensor, Tensor>();
  const now = (t: Tensor): Tensor => done.get(t) ?? bug("an input after its user");
  for (const t of postorder(roots)) {
    const made = rebuild(table, t, t.inputs.map(now));
    done.set(t, hasRowSlots(made) ? spell(made, table) : made);
  }
  return now;
}

const hasRowSlots = (t: Tensor): t is TensorOf<"product"> =>
  t.op === "product" && t.attrs.map === null && t.attrs.slots.length > 0;

// y[i] = k Σ_over select(i = index, Π x, 0)
function spell(t: TensorOf<"product">, table: TensorTable): Tensor {
  const { over, scale } = t.attrs;
  const factors = factorsOf(t);
  const [only] = factors;
  const value =
    only && factors.length === 1 && scale === 1 ? only : table.product({ factors, scale });
  const hits = slotsOf(t).map(({ axis, index }) =>
    table.map("eq", [table.iota(axis, value.space), index]),
  );
  const hit = hits.reduce((a, b) => table.map("and", [a, b]));
  const zero = table.constant(0, value.space);
  const placed = table.map("select", [hit, value, zero]);
  const summed = over.filter((a) => union(placed.axes).includes(a));
  return summed.length === 0 && over.length === 0
    ? placed
    : table.product({ factors: [placed], over });
}
