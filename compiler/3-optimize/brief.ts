/**
 * A tensor as one short formula, two levels deep: what `--trace optimize` shows before and after. Names are for the
 * reader alone; no rule sees this text.
 */
import { printMap, type RowMap } from "../ir/space.js";
import { type Axis, apply, type ForEachOp, factorsOf, slotsOf, type Tensor } from "../ir/tensor.js";

const axes = (list: readonly Axis[]): string => list.map((a) => a.name).join(",");
const along = (map: RowMap | null): string => (map ? printMap(map) : "");

function slotText(t: Extract<Tensor, { op: "product" | "pull" }>, depth: number): string {
  return slotsOf(t)
    .map(({ axis, index }) => `${axis.name}=${brief(index, depth - 1)}`)
    .join(",");
}

/** `[receiver(cites); type=kind]` */
function place(map: RowMap | null, slots: string): string {
  return `[${[along(map), slots].filter((s) => s !== "").join("; ")}]`;
}

function viewText(t: Extract<Tensor, { op: "view" }>): string {
  const { view } = t.attrs;
  if (view.kind === "pick") return `pick ${view.from.name}=${view.at}`;
  if (view.kind === "place") return `place ${view.to.name}=${view.at}`;
  const from = axes("length" in view.from ? view.from : [view.from]);
  return `${view.kind} ${from}->${axes("length" in view.to ? view.to : [view.to])}`;
}

/** A parameter on every row reads like the parameter. */
const isPlainLift = (t: Extract<Tensor, { op: "pull" }>): boolean =>
  t.attrs.map?.kind === "all" && t.attrs.slots.length === 0;

const formulas: ForEachOp<[depth: number], string> = {
  input: (t) => t.attrs.path,
  param: (t) => t.attrs.path,
  state: (t) => t.attrs.path,
  const: (t) => String(t.attrs.value),
  iota: (t) => `iota ${t.attrs.axis.name}`,
  fact: (t) => t.attrs.fact + (t.attrs.map ? `(${along(t.attrs.map)})` : ""),
  random: (t) => `random(${t.attrs.site})`,
  map: (t, d) => `${t.attrs.f}(${t.inputs.map((i) => brief(i, d - 1)).join(", ")})`,
  product: (t, d) => {
    const { map, over, scale } = t.attrs;
    const sum = map ? `Σ${place(map, slotText(t, d))} ` : "";
    const inner = over.length > 0 ? `Σ${axes(over)} ` : "";
    const factors = factorsOf(t).map((f) => brief(f, d - 1));
    const k = scale === 1 ? [] : [String(scale)];
    return `${sum}${inner}(${[...k, ...factors].join(" · ")})`;
  },
  pull: (t, d) =>
    t.inputs[0] && isPlainLift(t)
      ? brief(t.inputs[0], d)
      : `${t.inputs[0] ? brief(t.inputs[0], d) : ""}${place(t.attrs.map, slotText(t, d))}`,
  extreme: (t, d) =>
    `${t.attrs.which}[${along(t.attrs.map)}${axes(t.attrs.over)}](${brief(t.inputs[0], d - 1)})`,
  winner: (t, d) => `winner(${brief(t.inputs[0], d - 1)})`,
  lse: (t, d) => `lse[${along(t.attrs.map)}${axes(t.attrs.over)}](${brief(t.inputs[0], d - 1)})`,
  argmax: (t, d) => `argmax[${t.attrs.axis.name}](${brief(t.inputs[0], d - 1)})`,
  view: (t, d) => `${viewText(t)}(${brief(t.inputs[0], d - 1)})`,
  stop: (t, d) => `stop(${brief(t.inputs[0], d - 1)})`,
  unknown: (t) => t.attrs.name,
  recur: (t) => `recur of ${t.attrs.unknowns.map((u) => u.label).join()}`,
  result: (t, d) => `result ${t.attrs.index} of ${brief(t.inputs[0], d - 1)}`,
};

/** `t` in short: below `depth` levels an inner tensor is its name or its number. */
export function brief(t: Tensor, depth = 3): string {
  if (depth <= 0 && t.inputs.length > 0) return t.label ?? `%${t.id}`;
  return apply(formulas, t, depth);
}
