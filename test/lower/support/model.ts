/** Models built by hand: one short function for every kind of expression. */
import type {
  Binder,
  Expr,
  Field,
  Input,
  Model,
  Parameter,
  Pointwise,
  Reducer,
  State,
  ValueType,
} from "../../../compiler/ir/model.js";
import type { NodeSet, Relation, RowMap, Space, Topology } from "../../../compiler/ir/space.js";

export const span = { source: { name: "test.gn", text: "" }, start: 0, end: 0 };
const origin = {
  kind: "model",
  declaration: "Test",
  instance: "",
  caller: null,
  text: span,
} as const;

export const f32 = (...shape: number[]): ValueType => ({ dtype: "f32", shape, range: null });
export const bool = (...shape: number[]): ValueType => ({ dtype: "bool", shape, range: null });
export const i32 = (...shape: number[]): ValueType => ({
  dtype: "i32",
  shape,
  range: { low: -Infinity, high: Infinity },
});
export const index = (n: number): ValueType => ({
  dtype: "i32",
  shape: [],
  range: { low: 0, high: n - 1 },
});

export const set = (name: string, kind: "set" | "seq" = "set"): NodeSet => ({
  kind: "nodes",
  name,
  layout: kind === "set" ? { kind, size: null } : { kind, max: null },
  span,
});

export const relation = (
  name: string,
  senders: NodeSet,
  receivers = senders,
  topology: Topology = { kind: "sparse", symmetric: false, selfLoops: false },
): Relation => ({ kind: "edges", name, given: true, topology, senders, receivers, span });

export const input = (name: string, space: Space, type: ValueType, sparse = false): Input => ({
  kind: "input",
  name,
  space,
  type,
  sparse,
  neededToRun: true,
  span,
});

export const param = (path: string, ...shape: number[]): Parameter => ({
  kind: "parameter",
  path,
  shape,
  families: 0,
  init: { kind: "constant", value: 0 },
  origin,
  span,
});

export const state = (path: string, shape: number[], next: Expr | null): State => ({
  kind: "state",
  path,
  shape,
  init: { kind: "constant", value: 0 },
  next,
  origin,
  span,
});

export const field = (name: string, space: Space, value: Expr): Field => ({
  kind: "field",
  name,
  space,
  type: value.type,
  value,
  origin,
  span,
});

/** A field whose equation reads it: `close` gives its value. */
export function openField(
  name: string,
  space: Space,
  type: ValueType,
): Field & { close(value: Expr): void } {
  const made = {
    ...field(name, space, { kind: "literal", value: 0, type, span }),
    close(value: Expr): void {
      made.value = value;
    },
  };
  return made;
}

export const binder = (name: string, size: number): Binder => ({
  kind: "binder",
  name,
  size,
  span,
});

export const lit = (value: number | boolean, dtype: ValueType["dtype"] = "f32"): Expr => ({
  kind: "literal",
  value,
  type: typeof value === "boolean" ? bool() : { ...f32(), dtype },
  span,
});
export const int = (value: number): Expr => lit(value, "i32");

export const at = (value: Expr, ...indices: (Expr | Binder | number)[]): Expr => ({
  kind: "at",
  value,
  indices: indices.map((i) =>
    typeof i === "number" ? int(i) : i.kind === "binder" && "size" in i ? of(i) : (i as Expr),
  ),
  type: { ...value.type, shape: value.type.shape.slice(indices.length) },
  span,
});

/** The value of a binder. */
export const of = (binder: Binder): Expr => ({
  kind: "binder",
  binder,
  type: index(binder.size),
  span,
});

/** A field, input, parameter or state read where one stands. */
export const get = (source: Field | Input | Parameter | State): Expr =>
  source.kind === "field" || source.kind === "input"
    ? { kind: "field", field: source, type: source.type, span }
    : { kind: "parameter", parameter: source, type: f32(...source.shape), span };

export const pull = (map: RowMap, value: Expr): Expr => ({
  kind: "pull",
  map,
  value,
  type: value.type,
  span,
});

const resultType: Partial<Record<Pointwise, ValueType["dtype"]>> = {
  lt: "bool",
  le: "bool",
  gt: "bool",
  ge: "bool",
  eq: "bool",
  ne: "bool",
  and: "bool",
  or: "bool",
  not: "bool",
  floor: "i32",
  round: "i32",
  to_i32: "i32",
  to_f32: "f32",
  div: "f32",
};

/** A pointwise function; an integer among f32 counts as f32. */
export function map(f: Pointwise, ...args: Expr[]): Expr {
  const values = f === "select" ? args.slice(1) : args;
  const widest = args.reduce((a, b) => (b.type.shape.length > a.type.shape.length ? b : a));
  const dtype = resultType[f] ?? values.find((a) => a.type.dtype === "f32")?.type.dtype ?? "i32";
  return {
    kind: "pointwise",
    f,
    args,
    type: { dtype, shape: widest.type.shape, range: null },
    span,
  };
}
export const add = (a: Expr, b: Expr): Expr => map("add", a, b);
export const mul = (a: Expr, b: Expr): Expr => map("mul", a, b);

export const contract = (left: Expr, right: Expr): Expr => ({
  kind: "contract",
  left,
  right,
  type: f32(...left.type.shape.slice(0, -1), ...right.type.shape.slice(1)),
  span,
});

export const each = (binders: Binder[], body: Expr): Expr => ({
  kind: "each",
  binders,
  body,
  type: { ...body.type, shape: [...binders.map((b) => b.size), ...body.type.shape] },
  span,
});

export const reduce = (reducer: Reducer, binders: Binder[], body: Expr): Expr => ({
  kind: "reduce",
  reducer,
  binders,
  body,
  type: reducer === "count" ? i32() : body.type,
  span,
});

export const dot = (a: Expr, b: Expr): Expr => {
  const k = binder("k", a.type.shape[0] ?? 1);
  return reduce("sum", [k], mul(at(a, k), at(b, k)));
};

export const aggregate = (
  reducer: Reducer,
  along: RowMap,
  body: Expr,
  options: { where?: Expr; empty?: Expr } = {},
): Expr => ({
  kind: "aggregate",
  reducer,
  map: along,
  body,
  where: options.where ?? null,
  empty: options.empty ?? null,
  type:
    reducer === "count"
      ? i32()
      : reducer === "mean" || reducer === "var"
        ? f32(...body.type.shape)
        : body.type,
  span,
});

export const groupSoftmax = (along: RowMap, body: Expr, where: Expr | null = null): Expr => ({
  kind: "group_softmax",
  map: along,
  body,
  where,
  type: body.type,
  span,
});

type Rowwise = Extract<Expr, { kind: "rowwise" }>["f"];
export const rowwise = (f: Rowwise, value: Expr, classes = 0): Expr => ({
  kind: "rowwise",
  f,
  value,
  type: rowwiseType(f, value.type, classes),
  span,
});

function rowwiseType(f: Rowwise, type: ValueType, classes: number): ValueType {
  const { shape } = type;
  if (f === "argmax") return { ...i32(...shape.slice(0, -1)) };
  if (f === "norm") return f32(...shape.slice(0, -1));
  if (f === "one_hot") return f32(...shape, classes);
  if (f === "flatten") return { ...type, shape: [shape.reduce((a, b) => a * b, 1)] };
  return type;
}

export const concat = (...parts: Expr[]): Expr => {
  const widest = parts.reduce((a, b) => (b.type.shape.length > a.type.shape.length ? b : a));
  const size = parts.reduce((n, p) => n + (p.type.shape.at(-1) ?? 1), 0);
  return { kind: "concat", parts, type: f32(...widest.type.shape.slice(0, -1), size), span };
};

export const slice = (value: Expr, start: number, length: number, scalar = false): Expr => ({
  kind: "slice",
  value,
  start,
  length,
  scalar,
  type: { ...value.type, shape: [...value.type.shape.slice(0, -1), ...(scalar ? [] : [length])] },
  span,
});

export const stack = (...rows: Expr[]): Expr => ({
  kind: "stack",
  rows,
  type: { ...(rows[0]?.type ?? f32()), shape: [rows.length, ...(rows[0]?.type.shape ?? [])] },
  span,
});

export const draw = (
  distribution: "uniform" | "normal",
  site: string,
  ...over: Binder[]
): Expr => ({ kind: "draw", distribution, site, over, type: f32(), span });

export const fill = (value: number, ...shape: number[]): Expr => ({
  kind: "fill",
  value: lit(value),
  type: f32(...shape),
  span,
});

export const place: Expr = { kind: "index", type: i32(), span };
export const offset: Expr = { kind: "offset", type: i32(), span };
export const training: Expr = { kind: "training", type: bool(), span };
export const step: Expr = { kind: "step", type: i32(), span };
export const count = (along: RowMap): Expr => ({ kind: "count", map: along, type: i32(), span });

export type Parts = { readonly [K in keyof Model]?: Model[K] };

/** A model of these parts; `outputs` are fields by their own names. */
export const model = (
  parts: Omit<Parts, "outputs"> & { readonly outputs: readonly Field[] },
): Model => ({
  name: "Test",
  doc: null,
  span,
  sets: [],
  relations: [],
  inputs: [],
  parameters: [],
  states: [],
  fields: [],
  recurrences: [],
  applications: [origin],
  losses: [],
  metrics: [],
  optimizers: [],
  ...parts,
  outputs: parts.outputs.map((f) => ({ name: f.name, field: f })),
});
