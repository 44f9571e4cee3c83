/** A case in the evaluator: float64, no kernels. What differs here is a fault of checking, lowering or differentiating. */
import { lower } from "../../../compiler/2-lower/lower.js";
import { differentiate } from "../../../compiler/4-differentiate/differentiate.js";
import { type Evaluation, evaluate } from "../../../compiler/ir/evaluate.js";
import type { Model } from "../../../compiler/ir/model.js";
import type { DifferentiatedProgram, Root } from "../../../compiler/ir/program.js";
import { edgesOf, receiverMajor } from "../../../compiler/ir/relation/edges.js";
import type { Relation, RowMap, Space } from "../../../compiler/ir/space.js";
import { type Axis, volume } from "../../../compiler/ir/tensor.js";
import { type FlatBatch, rowsByGraph } from "./batch.js";
import type { Tensor } from "./view.js";

/** Values by `space.name`, or by path of a parameter. */
export interface Found {
  readonly outputs: ReadonlyMap<string, ArrayLike<number>>;
  readonly inputs: ReadonlyMap<string, ArrayLike<number>>;
  readonly parameters: ReadonlyMap<string, ArrayLike<number>>;
}

/** The edges of one relation over the whole batch, and for each the row it was given in (-1: an added loop). */
interface Edges {
  readonly senders: Int32Array;
  readonly receivers: Int32Array;
  readonly offsets: Int32Array;
  readonly origin: Int32Array;
  readonly graph: Int32Array;
}

export const derive = (model: Model): DifferentiatedProgram =>
  differentiate(lower(model), { pullback: true });

/** Outputs, and gradients of sum(output * cotangent), in float64. */
export function oracle(
  program: DifferentiatedProgram,
  batch: FlatBatch,
  weights: ReadonlyMap<string, Tensor>,
  cotangents: ReadonlyMap<string, Tensor>,
): Found {
  const edges = new Map(program.model.relations.map((r) => [r, relationEdges(r, batch)]));
  const data = evaluation(program, batch, edges, weights, cotangents);
  const { pullback } = program;
  const outputs = program.inference.outputs;
  const roots = [
    ...outputs,
    ...(pullback?.parameters ?? []).map((g) => g.root),
    ...(pullback?.inputs ?? []),
  ];
  const values = evaluate(
    roots.map((r) => r.value),
    data,
  );
  const read = (root: Root) =>
    givenOrder(
      inLayout(root, values[roots.indexOf(root)] as Float64Array),
      root.value.space,
      edges,
    );
  return {
    outputs: new Map(outputs.map((o) => [`${o.value.space.name}.${o.name}`, read(o)])),
    parameters: new Map((pullback?.parameters ?? []).map((g) => [g.parameter.path, read(g.root)])),
    inputs: new Map((pullback?.inputs ?? []).map((i) => [i.name, read(i)])),
  };
}

function evaluation(
  { model }: DifferentiatedProgram,
  batch: FlatBatch,
  edges: ReadonlyMap<Relation, Edges>,
  weights: ReadonlyMap<string, Tensor>,
  cotangents: ReadonlyMap<string, Tensor>,
): Evaluation {
  const graphOf = (space: Space): Int32Array => {
    if (space.kind === "edges") return (edges.get(space) as Edges).graph;
    if (space.kind === "unit") return new Int32Array(1);
    return batch.graphOf.get(space.name) as Int32Array;
  };
  const inputs = new Map<string, ArrayLike<number>>();
  for (const { space, name } of model.inputs) {
    const t = batch.fields.get(space.name)?.get(name);
    if (t) inputs.set(`${space.name}.${name}`, languageOrder(t, space, edges));
  }
  for (const { name, field } of model.outputs) {
    const t = cotangents.get(`${field.space.name}.${name}`);
    const length =
      graphOf(field.space).length * volume(field.type.shape.map((size) => ({ size }) as Axis));
    const given = t ? languageOrder(t, field.space, edges) : new Float64Array(length);
    inputs.set(`cotangent.${name}`, given);
    inputs.set(`cotangent.${field.space.name}.${name}`, given);
  }
  const numbers = new Map(Array.from(weights, ([path, t]) => [path, t.data]));
  return {
    rows: (space) => graphOf(space).length,
    mapIndex: (map) => mapped(map, edges, graphOf),
    fact: (fact, space) =>
      fact === "offset"
        ? (edges.get(space as Relation) as Edges).offsets
        : places(graphOf(space), batch.graphs),
    inputs,
    params: numbers,
    states: numbers,
    seed: 1,
    step: 0,
  };
}

function mapped(
  map: RowMap,
  edges: ReadonlyMap<Relation, Edges>,
  graphOf: (space: Space) => Int32Array,
): Int32Array {
  if (map.kind === "sender") return (edges.get(map.relation) as Edges).senders;
  if (map.kind === "receiver") return (edges.get(map.relation) as Edges).receivers;
  if (map.kind === "row") throw new Error("the oracle of the vectors has no sparse inputs");
  return map.kind === "graph" ? graphOf(map.from) : new Int32Array(graphOf(map.from).length);
}

/** The place of every row in its graph. */
function places(graphOf: Int32Array, graphs: number): Int32Array {
  const out = new Int32Array(graphOf.length);
  for (const rows of rowsByGraph(graphOf, graphs))
    for (const [place, row] of rows.entries()) out[row] = place;
  return out;
}

function relationEdges(relation: Relation, batch: FlatBatch): Edges {
  const { topology } = relation;
  const list = relation.given ? givenEdges(relation, batch) : madeEdges(relation, batch);
  if (topology.kind === "sparse" && topology.selfLoops) {
    const has = new Set(list.filter((e) => e.sender === e.receiver).map((e) => e.sender));
    const nodes = batch.graphOf.get(relation.receivers.name)?.keys() ?? [];
    for (const node of nodes)
      if (!has.has(node)) list.push({ sender: node, receiver: node, offset: 0, origin: -1 });
  }
  const order = receiverMajor(
    list.map((e) => e.sender),
    list.map((e) => e.receiver),
  );
  const column = (key: keyof Edge) => Int32Array.from(order, (e) => (list[e] as Edge)[key]);
  const receivers = column("receiver");
  const graphs = batch.graphOf.get(relation.receivers.name);
  return {
    senders: column("sender"),
    receivers,
    offsets: column("offset"),
    origin: column("origin"),
    graph: receivers.map((r) => graphs?.[r] ?? 0),
  };
}

interface Edge {
  readonly sender: number;
  readonly receiver: number;
  readonly offset: number;
  readonly origin: number;
}

function givenEdges(relation: Relation, batch: FlatBatch): Edge[] {
  const ends = batch.ends.get(relation.name);
  return Array.from(ends?.senders ?? [], (sender, e) => ({
    sender,
    receiver: ends?.receivers[e] as number,
    offset: 0,
    origin: e,
  }));
}

function madeEdges({ topology, senders, receivers }: Relation, batch: FlatBatch): Edge[] {
  const rowsOf = (set: string) => rowsByGraph(batch.graphOf.get(set) as Int32Array, batch.graphs);
  const [from, to] = [rowsOf(senders.name), rowsOf(receivers.name)];
  let edges = 0;
  return from.flatMap((s, g) => {
    const r = to[g] as number[];
    const own = edgesOf(
      topology,
      { count: s.length, layout: senders.layout },
      { count: r.length, layout: receivers.layout },
    );
    return Array.from(own.senders, (sender, e) => ({
      sender: s[sender] as number,
      receiver: r[own.receivers[e] as number] as number,
      offset: own.offset[e] as number,
      origin: edges++,
    }));
  });
}

/** Values of edges from the order they were given in to that of the language; 0 for an added loop. */
function languageOrder(
  t: Tensor,
  space: Space,
  edges: ReadonlyMap<Relation, Edges>,
): ArrayLike<number> {
  const own = space.kind === "edges" ? edges.get(space) : undefined;
  if (!own) return t.data;
  const width = volume(t.shape.slice(1).map((size) => ({ size }) as Axis));
  const out = new Float64Array(own.origin.length * width);
  own.origin.forEach((from, e) => {
    for (let k = 0; from >= 0 && k < width; k++)
      out[e * width + k] = t.data[from * width + k] as number;
  });
  return out;
}

function givenOrder(
  values: Float64Array,
  space: Space,
  edges: ReadonlyMap<Relation, Edges>,
): Float64Array {
  const own = space.kind === "edges" ? edges.get(space) : undefined;
  if (!own) return values;
  const width = own.origin.length > 0 ? values.length / own.origin.length : 0;
  const out = new Float64Array(own.origin.filter((from) => from >= 0).length * width);
  own.origin.forEach((to, e) => {
    for (let k = 0; to >= 0 && k < width; k++)
      out[to * width + k] = values[e * width + k] as number;
  });
  return out;
}

/** Values with their axes in the order of the root's layout. */
function inLayout({ value, layout }: Root, values: Float64Array): Float64Array {
  const width = volume(layout);
  const stride = (axes: readonly Axis[], axis: Axis) => volume(axes.slice(axes.indexOf(axis) + 1));
  return values.map((_, i) => {
    const place = layout.reduce(
      (at, a) =>
        at + (Math.floor((i % width) / stride(layout, a)) % a.size) * stride(value.axes, a),
      0,
    );
    return values[i - (i % width) + place] as number;
  });
}
