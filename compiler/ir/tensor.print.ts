/**
 * Tensors as a listing of formulas, for `gnc compile --emit tensor` and golden files.
 *
 *     axes in 1433, d 16
 *     z{paper; d} = Σ in (x · W)
 *     y{paper; d} = Σ receiver(cites) (z[sender])
 *
 * One line per tensor, inputs before users, numbered by first use: equal programs give equal text. Constants and pulls
 * without slots stand where they are used; a lifted parameter is written as itself.
 */
import { insideOf, outerPostorder } from "./recur.js";
import { printMap, type RowMap } from "./space.js";
import {
  type Axis,
  apply,
  type ForEachOp,
  factorsOf,
  type MapFunction,
  slotsOf,
  type Tensor,
  type TensorOf,
  type View,
} from "./tensor.js";

/** The listing of everything that the roots depend on. */
export function printTensors(roots: readonly Tensor[]): string {
  const names = new Names(roots);
  const lines = outerPostorder(roots).flatMap((t) => statement(t, names));
  return `${[names.axesLine(), ...lines].filter((line) => line !== "").join("\n")}\n`;
}

/** Names given out in the order of first use; a second use of a label is `h~2`. */
class Names {
  readonly #roots: ReadonlySet<Tensor>;
  readonly #given = new Map<Tensor | Axis, string>();
  readonly #uses = new Map<string, number>();
  readonly #axes: Axis[] = [];
  #next = 1;

  constructor(roots: readonly Tensor[]) {
    this.#roots = new Set(roots);
  }

  axis(axis: Axis): string {
    const known = this.#given.get(axis);
    if (known !== undefined) return known;
    this.#axes.push(axis);
    return this.#name(axis, `axis ${axis.name}`).slice("axis ".length);
  }

  axes(axes: readonly Axis[]): string {
    return axes.map((a) => this.axis(a)).join(", ");
  }

  tensor(t: Tensor): string {
    if (!this.isInlined(t))
      return this.#given.get(t) ?? this.#name(t, t.label ?? `t${this.#next++}`);
    return apply(formulas, t, this);
  }

  list(tensors: readonly Tensor[]): string {
    return tensors.map((t) => this.tensor(t)).join(", ");
  }

  isInlined(t: Tensor): boolean {
    if (this.#roots.has(t) || t.label !== null) return false;
    return t.op === "const" || (t.op === "pull" && t.attrs.slots.length === 0);
  }

  axesLine(): string {
    const sizes = this.#axes.map((a) => `${this.axis(a)} ${a.size}`);
    return sizes.length === 0 ? "" : `axes ${sizes.join(", ")}`;
  }

  #name(of: Tensor | Axis, wish: string): string {
    const use = (this.#uses.get(wish) ?? 0) + 1;
    this.#uses.set(wish, use);
    const name = use === 1 ? wish : `${wish}~${use}`;
    this.#given.set(of, name.replace(/^axis /, ""));
    return name;
  }
}

/** `z{paper; h, d}: i32 = ...`, or the block of a recurrence; nothing for what is inlined. */
function statement(t: Tensor, names: Names): readonly string[] {
  if (names.isInlined(t)) return [];
  if (t.op === "recur") return recurrence(t, names);
  const formula = apply(formulas, t, names);
  return [`${declared(t, names)} = ${formula}`];
}

function declared(t: Tensor, names: Names): string {
  const axes = t.axes.length === 0 ? "" : `; ${names.axes(t.axes)}`;
  const type = t.dtype === "f32" ? "" : `: ${t.dtype}`;
  return `${names.tensor(t)}{${t.space.name}${axes}}${type}`;
}

function recurrence(t: TensorOf<"recur">, names: Names): readonly string[] {
  const { unknowns, order } = t.attrs;
  const of = order.kind === "index" ? `index(${order.set.name})` : `levels(${order.relation.name})`;
  const head = unknowns.map((u) => declared(u, names)).join(", ");
  const body = insideOf(t).flatMap((x) => statement(x, names));
  const solved = unknowns.map(
    (u, i) => `${names.tensor(u)} ← ${names.list(t.inputs.slice(i, i + 1))}`,
  );
  const exports = t.inputs.slice(unknowns.length).map((x) => `export ${names.tensor(x)}`);
  const last = [...solved, ...exports].join(", ");
  return [
    `${names.tensor(t)} = recur ${head} by ${of}${order.reverse ? " reversed" : ""} {`,
    ...[...body, last].map((line) => `  ${line}`),
    "}",
  ];
}

/** Functions that stand between their arguments. */
export const infix: Partial<Record<MapFunction, string>> = {
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

/** `Σ in, receiver(cites) (...)`: what a reduction runs over. */
function reduced(
  word: string,
  over: readonly Axis[],
  map: RowMap | null,
  what: string,
  names: Names,
): string {
  const ranges = [...over.map((a) => names.axis(a)), ...(map ? [printMap(map)] : [])];
  return ranges.length === 0 ? what : `${word} ${ranges.join(", ")} (${what})`;
}

const slots = (t: TensorOf<"product"> | TensorOf<"pull">, names: Names): string =>
  slotsOf(t)
    .map(({ axis, index }) => `${names.axis(axis)} = ${names.tensor(index)}`)
    .join(", ");

function product(t: TensorOf<"product">, names: Names): string {
  const { scale, over, map } = t.attrs;
  const k = scale === 1 ? "" : scale === -1 ? "-" : `${scale} `;
  const factors = factorsOf(t)
    .map((x) => names.tensor(x))
    .join(" · ");
  const at = t.attrs.slots.length === 0 ? "" : ` at ${slots(t, names)}`;
  return `${k}${reduced("Σ", over, map, factors, names)}${at}`;
}

function pull(t: TensorOf<"pull">, names: Names): string {
  const [x] = t.inputs;
  const { map } = t.attrs;
  const places = [map && map.kind !== "all" ? map.kind : "", slots(t, names)].filter(
    (s) => s !== "",
  );
  const name = x ? names.tensor(x) : "";
  return places.length === 0 ? name : `${name}[${places.join("; ")}]`;
}

/** `2 + 3 i` */
function run(start: number, step: number, axis: string): string {
  const steps = step === 1 ? axis : `${step} ${axis}`;
  return start === 0 ? steps : `${start} + ${steps}`;
}

function view(x: string, v: View, names: Names): string {
  switch (v.kind) {
    case "rename":
      return `${x}[${names.axis(v.from)} → ${names.axis(v.to)}]`;
    case "slice":
      return `${x}[${names.axis(v.from)} = ${run(v.start, v.step, names.axis(v.to))}]`;
    case "pad":
      return `pad ${x} at ${names.axis(v.to)} = ${run(v.start, v.step, names.axis(v.from))}`;
    case "pick":
      return `${x}[${names.axis(v.from)} = ${v.at}]`;
    case "place":
      return `place ${x} at ${names.axis(v.to)} = ${v.at}`;
    case "merge":
      return `${x}[${names.axes(v.from)} → ${names.axis(v.to)}]`;
    case "split":
      return `${x}[${names.axis(v.from)} → ${names.axes(v.to)}]`;
  }
}

const leaf = (t: TensorOf<"input"> | TensorOf<"param"> | TensorOf<"state">, names: Names): string =>
  `${t.op} ${t.attrs.path}${t.attrs.layout.length === 0 ? "" : `[${names.axes(t.attrs.layout)}]`}`;

const formulas: ForEachOp<[names: Names], string> = {
  input: leaf,
  param: leaf,
  state: leaf,
  const: ({ attrs, axes, dtype }, names) => {
    const value = dtype === "bool" ? String(attrs.value !== 0) : String(attrs.value);
    return axes.length === 0 ? value : `${value}{${names.axes(axes)}}`;
  },
  iota: ({ attrs }, names) => `iota(${names.axis(attrs.axis)})`,
  fact: ({ attrs }) => (attrs.map ? `${attrs.fact}(${printMap(attrs.map)})` : attrs.fact),
  random: ({ attrs }, names) => `random #${attrs.site}[${names.axes(attrs.layout)}]`,
  map: ({ attrs, inputs }, names) => {
    const sign = infix[attrs.f];
    const args = inputs.map((x) => names.tensor(x));
    return sign ? args.join(` ${sign} `) : `${attrs.f}(${args.join(", ")})`;
  },
  product,
  pull,
  extreme: ({ attrs: { which, over, map }, inputs }, names) =>
    reduced(which, over, map, names.tensor(inputs[0]), names),
  winner: ({ inputs }, names) => `winner(${names.tensor(inputs[0])})`,
  lse: ({ attrs: { over, map }, inputs }, names) =>
    reduced("lse", over, map, names.tensor(inputs[0]), names),
  argmax: ({ attrs, inputs }, names) =>
    reduced("argmax", [attrs.axis], null, names.tensor(inputs[0]), names),
  view: ({ attrs, inputs }, names) => view(names.tensor(inputs[0]), attrs.view, names),
  stop: ({ inputs }, names) => `stop(${names.tensor(inputs[0])})`,
  unknown: ({ attrs }) => `unknown ${attrs.name}`,
  recur: (_, names) => names.list([]),
  result: ({ inputs, attrs }, names) => `${names.tensor(inputs[0])}.${attrs.index}`,
};
