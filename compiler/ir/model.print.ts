/** A checked model as text, one equation a line: what `gnc compile --emit model` shows and what goldens hold. */
import type { Expr, Initializer, Model, Objective, Pointwise, ValueType } from "./model.js";
import { type Layout, printMap, type Relation, type Space } from "./space.js";

const operators: Partial<Record<Pointwise, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
  eq: "==",
  ne: "!=",
  and: "and",
  or: "or",
};

/** `f32[16]`, `index[7]`, `bool`. */
export function printValueType({ dtype, shape, range }: ValueType): string {
  const axes = shape.length > 0 ? `[${shape.join(", ")}]` : "";
  if (dtype === "i32" && range && range.low === 0 && Number.isFinite(range.high))
    return `index[${range.high + 1}]${axes}`;
  return `${dtype}${axes}`;
}

function printNumber(value: number | boolean, type: ValueType): string {
  const text = String(value);
  return type.dtype === "f32" && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

const args = (parts: readonly Expr[]): string => parts.map(printExpr).join(", ");

/** An expression on one line, every pull and cast in the open. */
export function printExpr(e: Expr): string {
  switch (e.kind) {
    case "literal":
      return printNumber(e.value, e.type);
    case "binder":
      return e.binder.name;
    case "field":
      return e.field.name;
    case "parameter":
      return `%${e.parameter.path}`;
    case "pull":
      return `${e.map.kind}(${e.map.from.name}).${printExpr(e.value)}`;
    case "index":
    case "offset":
    case "training":
    case "step":
      return e.kind;
    case "count":
      return `count ${printMap(e.map)}`;
    case "pointwise":
      return printPointwise(e.f, e.args);
    case "contract":
      return `(${printExpr(e.left)} @ ${printExpr(e.right)})`;
    case "at":
      return `${printExpr(e.value)}[${args(e.indices)}]`;
    case "each":
      return `[${e.binders.map((b) => `${b.name} < ${b.size}`).join(", ")}] ${printExpr(e.body)}`;
    case "reduce":
      return `${e.reducer}[${e.binders.map((b) => `${b.name} < ${b.size}`).join(", ")}](${printExpr(e.body)})`;
    case "aggregate":
      return `${e.reducer} ${printMap(e.map)} (${inside(e.body, e.where)}${e.empty ? `, empty: ${printExpr(e.empty)}` : ""})`;
    case "group_softmax":
      return `softmax ${printMap(e.map)} (${inside(e.body, e.where)})`;
    case "rowwise":
      return `${e.f}(${printExpr(e.value)})`;
    case "concat":
      return `[${args(e.parts)}]`;
    case "slice":
      return `${printExpr(e.value)}[${e.start} .. ${e.start + e.length}${e.scalar ? " as scalar" : ""}]`;
    case "stack":
      return `stack(${args(e.rows)})`;
    case "draw":
      return `${e.distribution}("${e.site}"${e.over.map((b) => `, ${b.name}`).join("")})`;
    case "fill":
      return `fill ${printValueType(e.type)} (${printExpr(e.value)})`;
    default:
      return e satisfies never;
  }
}

const inside = (body: Expr, where: Expr | null): string =>
  where ? `${printExpr(body)} where ${printExpr(where)}` : printExpr(body);

function printPointwise(f: Pointwise, parts: readonly Expr[]): string {
  const operator = operators[f];
  const [a, b] = parts;
  return operator && a && b
    ? `(${printExpr(a)} ${operator} ${printExpr(b)})`
    : `${f}(${args(parts)})`;
}

function printInit(init: Initializer): string {
  switch (init.kind) {
    case "glorot":
    case "he":
      return `${init.kind}(in: ${init.fanIn}, out: ${init.fanOut})`;
    case "normal":
      return `normal(${init.std})`;
    case "uniform":
      return `uniform(${init.low}, ${init.high})`;
    case "orthogonal":
      return "orthogonal";
    case "constant":
      return `${init.value}`;
    default:
      return init satisfies never;
  }
}

function printLayout(layout: Layout): string {
  if (layout.kind === "grid") return `grid(${layout.extents.join(", ")})`;
  if (layout.kind === "seq") return layout.max === null ? "seq" : `seq(max: ${layout.max})`;
  return layout.size === null ? "set" : `set(${layout.size})`;
}

function printRelation({ name, topology, senders, receivers }: Relation): string {
  const { kind, ...rest } = topology;
  const facts = Object.entries(rest).flatMap(([key, value]) =>
    value === false
      ? []
      : [value === true ? key : `${key} ${Array.isArray(value) ? value.join("x") : value}`],
  );
  return `edges ${name}: ${senders.name} -> ${receivers.name} ${[kind, ...facts].join(" ")}`;
}

const objective = (word: string, o: Objective): string =>
  `${word} ${o.name} on ${o.space.name} = ${printExpr(o.value)}${o.where ? ` where ${printExpr(o.where)}` : ""}`;

const onSpace = (space: Space, type: ValueType): string => `${space.name} ${printValueType(type)}`;

/** The whole model. */
export function printModel(model: Model): string {
  const lines = [
    `model ${model.name}`,
    ...model.sets.map((s) => `nodes ${s.name}: ${printLayout(s.layout)}`),
    ...model.relations.map(printRelation),
    ...model.inputs.map(
      (i) =>
        `input ${i.name}: ${onSpace(i.space, i.type)}${i.sparse ? " sparse" : ""}${i.neededToRun ? "" : " (training only)"}`,
    ),
    ...model.parameters.map(
      (p) =>
        `param %${p.path}: f32${p.shape.length > 0 ? `[${p.shape.join(", ")}]` : ""}${p.families > 0 ? ` families ${p.families}` : ""} = ${printInit(p.init)}`,
    ),
    ...model.states.map(
      (s) =>
        `state %${s.path}: f32${s.shape.length > 0 ? `[${s.shape.join(", ")}]` : ""} = ${printInit(s.init)}${s.next ? `, next ${printExpr(s.next)}` : ""}`,
    ),
    ...model.fields.map((f) => `${f.name}: ${onSpace(f.space, f.type)} = ${printExpr(f.value)}`),
    ...model.recurrences.map(
      (r) =>
        `recurrence ${r.order.kind === "index" ? `index of ${r.order.set.name}` : `levels of ${r.order.relation.name}`}${r.order.reverse ? " reversed" : ""}: ${r.fields.map((f) => f.name).join(", ")}`,
    ),
    ...model.outputs.map((o) => `output ${o.name} = ${o.field.name}`),
    ...model.losses.map((o) => objective("loss", o)),
    ...model.metrics.map((o) => objective("metric", o)),
    ...model.optimizers.map(
      (o) =>
        `optimizer ${o.kind}(${Object.entries(o.settings)
          .map(([k, v]) => `${k}: ${printExpr(v)}`)
          .join(", ")}) for ${o.parameters.map((p) => `%${p.path}`).join(", ")}`,
    ),
  ];
  return `${lines.map((line, i) => (i === 0 ? line : `  ${line}`)).join("\n")}\n`;
}
