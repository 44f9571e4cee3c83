/**
 * Definitions as they are evaluated in a kernel: formulas down to what it has stored, everything else in place.
 */
import type { Kernel } from "./kernel.js";
import { printMap, type RowMap } from "./space.js";
import {
  type Axis,
  apply,
  type ForEachOp,
  factorsOf,
  slotsOf,
  type Tensor,
  type TensorOf,
  type View,
} from "./tensor.js";
import { infix } from "./tensor.print.js";

/** Formulas longer than this end in dots. */
const longest = 160;

/** Writes formulas, and gives names to what has none: `t1`, `t2`, .. by first use. */
export class Formulas {
  readonly #names = new Map<Tensor, string>();
  readonly #uses = new Map<string, number>();
  #next = 1;

  name(t: Tensor): string {
    const known = this.#names.get(t);
    if (known !== undefined) return known;
    const wish = t.label ?? `t${this.#next++}`;
    const use = (this.#uses.get(wish) ?? 0) + 1;
    this.#uses.set(wish, use);
    const name = use === 1 ? wish : `${wish}~${use}`;
    this.#names.set(t, name);
    return name;
  }

  /** A tensor as it is read: by name when it is stored. */
  text(t: Tensor, kernel: Kernel): string {
    return kernel.stored.has(t) ? this.name(t) : apply(table, t, (x) => this.text(x, kernel));
  }

  /** What a target is computed as. */
  definition(t: Tensor, kernel: Kernel): string {
    const text = apply(table, t, (x) => this.text(x, kernel));
    return text.length > longest ? `${text.slice(0, longest)}...` : text;
  }
}

type Write = (t: Tensor) => string;

/** `Σ in, receiver(cites) (...)` */
function over(word: string, axes: readonly Axis[], map: RowMap | null, what: string): string {
  const ranges = [...axes.map((a) => a.name), ...(map ? [printMap(map)] : [])];
  return ranges.length === 0 ? what : `${word} ${ranges.join(", ")} (${what})`;
}

const at = (t: TensorOf<"product"> | TensorOf<"pull">, write: Write): string =>
  slotsOf(t)
    .map(({ axis, index }) => `${axis.name} = ${write(index)}`)
    .join(", ");

function product(t: TensorOf<"product">, write: Write): string {
  const { scale, over: axes, map, slots } = t.attrs;
  const factors = factorsOf(t).map(write).join(" · ");
  const k = scale === 1 ? "" : scale === -1 ? "-" : `${scale} `;
  const places = slots.length === 0 ? "" : ` at ${at(t, write)}`;
  return `${k}${over("Σ", axes, map, factors)}${places}`;
}

function pull(t: TensorOf<"pull">, write: Write): string {
  const { map } = t.attrs;
  const places = [map && map.kind !== "all" ? map.kind : "", at(t, write)].filter((s) => s !== "");
  const x = t.inputs[0] ? write(t.inputs[0]) : "";
  return places.length === 0 ? x : `${x}[${places.join("; ")}]`;
}

function view(x: string, v: View): string {
  const names = (axes: readonly Axis[]): string => axes.map((a) => a.name).join(" ");
  switch (v.kind) {
    case "rename":
      return x;
    case "slice":
      return `${x}[${v.start}:${v.start + v.step * v.to.size}:${v.step}]`;
    case "pad":
      return `pad(${x}, ${v.start})`;
    case "pick":
      return `${x}[${v.from.name} = ${v.at}]`;
    case "place":
      return `place(${x}, ${v.to.name} = ${v.at})`;
    case "merge":
      return `${x}[${names(v.from)} → ${v.to.name}]`;
    case "split":
      return `${x}[${v.from.name} → ${names(v.to)}]`;
  }
}

const table: ForEachOp<[write: Write], string> = {
  input: ({ attrs }) => attrs.path,
  param: ({ attrs }) => attrs.path,
  state: ({ attrs }) => attrs.path,
  const: ({ attrs }) => String(attrs.value),
  iota: ({ attrs }) => `iota(${attrs.axis.name})`,
  fact: ({ attrs }) => (attrs.map ? `${attrs.fact}(${printMap(attrs.map)})` : attrs.fact),
  random: ({ attrs }) => `random #${attrs.site}`,
  map: ({ attrs, inputs }, write) => {
    const sign = infix[attrs.f];
    const args = inputs.map(write);
    return sign ? `(${args.join(` ${sign} `)})` : `${attrs.f}(${args.join(", ")})`;
  },
  product,
  pull,
  extreme: ({ attrs, inputs }, write) => over(attrs.which, attrs.over, attrs.map, write(inputs[0])),
  winner: ({ inputs }, write) => `winner(${write(inputs[0])})`,
  lse: ({ attrs, inputs }, write) => over("lse", attrs.over, attrs.map, write(inputs[0])),
  argmax: ({ attrs, inputs }, write) => over("argmax", [attrs.axis], null, write(inputs[0])),
  view: ({ attrs, inputs }, write) => view(write(inputs[0]), attrs.view),
  stop: ({ inputs }, write) => write(inputs[0]),
  unknown: ({ attrs }) => attrs.name,
  recur: () => "recur",
  result: ({ attrs }) => `result ${attrs.index}`,
};
