/** Small batches of graphs and the float64 values of a lowered model on them. */
import { lower } from "../../../compiler/2-lower/lower.js";
import { type Evaluation, evaluate } from "../../../compiler/ir/evaluate.js";
import type { Model } from "../../../compiler/ir/model.js";
import type { Forward, Program, Root } from "../../../compiler/ir/program.js";
import type { Relation, RowMap, Space } from "../../../compiler/ir/space.js";
import { type Axis, postorder, type Tensor, volume } from "../../../compiler/ir/tensor.js";
import { verify } from "../../../compiler/ir/tensor.verify.js";

type Numbers = readonly number[];

export interface Edges {
  readonly senders: Numbers;
  readonly receivers: Numbers;
  readonly offsets?: Numbers;
}

/** What the tests say of a batch: sizes of sets in every graph, edges with absolute ends, values by path. */
export interface Batch {
  readonly sets?: Readonly<Record<string, Numbers>>;
  readonly edges?: Readonly<Record<string, Edges>>;
  /** Of sparse inputs, by path: the row and the column of every stored value. */
  readonly nonzeros?: Readonly<
    Record<string, { readonly rows: Numbers; readonly columns: Numbers }>
  >;
  readonly inputs?: Readonly<Record<string, Numbers>>;
  readonly params?: Readonly<Record<string, Numbers>>;
  readonly states?: Readonly<Record<string, Numbers>>;
  readonly step?: number;
}

const add = (a: number, b: number): number => a + b;
const entries = (record: Readonly<Record<string, Numbers>> | undefined) =>
  new Map(Object.entries(record ?? {}));

/** For every row of a set its graph, and its place there. */
function placesOf(sizes: Numbers): readonly { readonly graph: number; readonly place: number }[] {
  return sizes.flatMap((n, graph) => Array.from({ length: n }, (_, place) => ({ graph, place })));
}

/** A batch as the evaluator wants it. */
export function evaluation(batch: Batch): Evaluation {
  const edgesOf = (r: Relation): Edges => batch.edges?.[r.name] ?? { senders: [], receivers: [] };
  const sizesOf = (name: string): Numbers => batch.sets?.[name] ?? [];
  const graphs = Object.values(batch.sets ?? {})[0]?.length ?? 1;
  const rows = (space: Space): number => {
    if (space.kind === "nodes") return sizesOf(space.name).reduce(add, 0);
    if (space.kind === "edges") return edgesOf(space).senders.length;
    if (space.kind === "nonzeros") return batch.nonzeros?.[space.name]?.rows.length ?? 0;
    return space.kind === "graph" ? graphs : 1;
  };
  const graphOfRows = (space: Space): Numbers => {
    if (space.kind === "nodes") return placesOf(sizesOf(space.name)).map((p) => p.graph);
    if (space.kind !== "edges") return Array.from({ length: graphs }, (_, i) => i);
    const of = placesOf(sizesOf(space.receivers.name));
    return edgesOf(space).receivers.map((r) => of[r]?.graph ?? 0);
  };
  const mapIndex = (map: RowMap): Int32Array => {
    if (map.kind === "sender") return Int32Array.from(edgesOf(map.relation).senders);
    if (map.kind === "receiver") return Int32Array.from(edgesOf(map.relation).receivers);
    if (map.kind === "row") return Int32Array.from(batch.nonzeros?.[map.from.name]?.rows ?? []);
    return map.kind === "graph"
      ? Int32Array.from(graphOfRows(map.from))
      : new Int32Array(rows(map.from));
  };
  const fact = (name: string, space: Space): Numbers => {
    if (name === "column") return batch.nonzeros?.[space.name]?.columns ?? [];
    if (name === "offset") return space.kind === "edges" ? (edgesOf(space).offsets ?? []) : [];
    return placesOf(sizesOf(space.name)).map((p) => p.place);
  };
  return {
    rows,
    mapIndex,
    fact,
    inputs: entries(batch.inputs),
    params: entries(batch.params),
    states: entries(batch.states),
    seed: 7,
    step: batch.step ?? 0,
  };
}

/** The values of a tensor with its axes in the order of `layout`. */
export function valuesIn(t: Tensor, layout: readonly Axis[], data: Evaluation): number[] {
  const values = evaluate([t], data)[0] ?? new Float64Array();
  const width = volume(layout);
  const stride = (axes: readonly Axis[], axis: Axis) => volume(axes.slice(axes.indexOf(axis) + 1));
  return Array.from(values, (_, i) => {
    const row = Math.floor(i / width);
    const place = layout
      .map((a) => (Math.floor((i % width) / stride(layout, a)) % a.size) * stride(t.axes, a))
      .reduce(add, 0);
    return values[row * width + place] ?? Number.NaN;
  });
}

const numbers = (root: Root, data: Evaluation): number[] => valuesIn(root.value, root.layout, data);

export interface Result {
  readonly program: Program;
  readonly outputs: Readonly<Record<string, number[]>>;
  readonly loss: number | null;
  readonly metrics: Readonly<Record<string, readonly [total: number, rows: number]>>;
  readonly states: Readonly<Record<string, number[]>>;
}

/** Lowers a model and evaluates it in one mode. */
export function run(
  model: Model,
  batch: Batch,
  mode: "inference" | "training" = "inference",
): Result {
  const program = lower(model);
  verify([...allOf(program.inference), ...(program.training ? allOf(program.training) : [])]);
  const forward: Forward = program[mode] ?? program.inference;
  const data = evaluation(batch);
  const scalar = (t: Tensor): number => valuesIn(t, [], data)[0] ?? Number.NaN;
  return {
    program,
    outputs: Object.fromEntries(forward.outputs.map((o) => [o.name, numbers(o, data)])),
    loss: forward.loss && scalar(forward.loss),
    metrics: Object.fromEntries(
      forward.metrics.map((m) => [m.name, [scalar(m.total), scalar(m.rows)] as const]),
    ),
    states: Object.fromEntries(forward.states.map((s) => [s.state.path, numbers(s.next, data)])),
  };
}

/** Everything that a mode gives. */
export const allOf = (forward: Forward): readonly Tensor[] => [
  ...forward.outputs.map((o) => o.value),
  ...(forward.loss ? [forward.loss] : []),
  ...forward.metrics.flatMap((m) => [m.total, m.rows]),
  ...forward.states.map((s) => s.next.value),
];

/** All tensors that a mode computes. */
export const tensorsOf = (forward: Forward): readonly Tensor[] => postorder(allOf(forward));

/** The renames that are left. */
export const renamesOf = (forward: Forward): readonly Tensor[] =>
  tensorsOf(forward).filter((t) => t.op === "view" && t.attrs.view.kind === "rename");
