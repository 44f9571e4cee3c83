/**
 * One axis where two met: takes the renames out of a lowered program.
 *
 * A rename says that two axes should be one. They become one unless some tensor has both (`x[i] * x[j]`); then the
 * rename stays, or, of a parameter, makes another leaf with its own axes. The program is made again in a new table.
 */
import { type Forward, type Program, type Root, rootsOf } from "../ir/program.js";
import { type Axis, postorder, type Tensor, TensorTable, union } from "../ir/tensor.js";
import { AxisMap, Rebuilder } from "./rebuild-axes.js";

export function unifyAxes(program: Program): Program {
  const tensors = postorder(allRoots(program));
  const classes = new AxisClasses(tensors);
  for (const [from, to] of wishes(tensors)) classes.join(from, to);
  const table = new TensorTable();
  const axes = new AxisMap(table, (axis) => classes.of(axis));
  const rebuilder = new Rebuilder(table, axes);
  for (const t of tensors) rebuilder.add(t);
  return mapProgram({ ...program, table }, rebuilder, axes);
}

/** The pairs that renames would join: those of computed values first, as leaves can be renamed for nothing. */
function wishes(tensors: readonly Tensor[]): readonly (readonly [Axis, Axis])[] {
  const renames = tensors.flatMap((t) =>
    t.op === "view" && t.attrs.view.kind === "rename"
      ? [{ pair: [t.attrs.view.from, t.attrs.view.to] as const, leaf: isFree(t.inputs[0]) }]
      : [],
  );
  return [...renames.filter((r) => !r.leaf), ...renames.filter((r) => r.leaf)].map((r) => r.pair);
}

/** Whether a rename of it is another leaf. */
const isFree = (t: Tensor | undefined): boolean =>
  t !== undefined && (t.op === "param" || t.op === "state" || t.op === "const" || t.op === "iota");

/** All axes that a tensor must tell apart. */
function axesAt(t: Tensor): readonly Axis[] {
  if (t.op === "view" && t.attrs.view.kind === "rename") return t.axes;
  return union(t.axes, ...t.inputs.map((x) => (t.op === "recur" ? [] : x.axes)));
}

/** Classes of axes that may be one, with where each class occurs. */
class AxisClasses {
  readonly #next = new Map<Axis, Axis>();
  readonly #places = new Map<Axis, Set<number>>();

  constructor(tensors: readonly Tensor[]) {
    for (const t of tensors)
      for (const axis of axesAt(t)) {
        const places = this.#places.get(axis) ?? new Set();
        this.#places.set(axis, places.add(t.id));
      }
  }

  /** The axis that stands for its class. */
  of(axis: Axis): Axis {
    let found = axis;
    for (let next = this.#next.get(found); next; next = this.#next.get(found)) found = next;
    return found;
  }

  /** Makes one class of two, unless some tensor must tell them apart. */
  join(a: Axis, b: Axis): void {
    const [keep, drop] = preferred(this.of(a), this.of(b));
    if (keep === drop) return;
    const [kept, dropped] = [this.#placesOf(keep), this.#placesOf(drop)];
    const [small, large] = kept.size < dropped.size ? [kept, dropped] : [dropped, kept];
    for (const place of small) if (large.has(place)) return;
    for (const place of small) large.add(place);
    this.#places.set(keep, large);
    this.#next.set(drop, keep);
  }

  #placesOf(axis: Axis): Set<number> {
    return this.#places.get(axis) ?? new Set();
  }
}

/** A user's own name for an axis wins, then the one made first. */
function preferred(a: Axis, b: Axis): readonly [keep: Axis, drop: Axis] {
  const derived = (axis: Axis): number => (axis.span === null ? 1 : 0);
  return (derived(a) - derived(b) || a.id - b.id) < 0 ? [a, b] : [b, a];
}

const allRoots = (p: Program): readonly Tensor[] => [
  ...rootsOf(p.inference),
  ...(p.training ? rootsOf(p.training) : []),
  ...p.optimizers.flatMap((o) => Object.values(o.settings)),
];

function mapProgram(program: Program, tensors: Rebuilder, axes: AxisMap): Program {
  const now = (t: Tensor): Tensor => tensors.now(t);
  const root = (r: Root): Root => ({ ...r, value: now(r.value), layout: axes.all(r.layout) });
  const forward = (f: Forward): Forward => ({
    outputs: f.outputs.map(root),
    loss: f.loss && now(f.loss),
    metrics: f.metrics.map((m) => ({ ...m, total: now(m.total), rows: now(m.rows) })),
    states: f.states.map((s) => ({ ...s, next: root(s.next) })),
  });
  return {
    ...program,
    inference: forward(program.inference),
    training: program.training && forward(program.training),
    optimizers: program.optimizers.map((o) => ({
      ...o,
      settings: Object.fromEntries(Object.entries(o.settings).map(([k, t]) => [k, now(t)])),
    })),
  };
}
