/**
 * What a kernel costs, as formulas of the sizes of the batch: operations, and words that come from memory or go there.
 *
 * A definition is followed from what a stage computes down to what is stored; each value counts once for each row that it
 * is computed at, however many targets of the stage read it. Of what is looked up only the places that are.
 */
import { flopsOf, overOf } from "../../../compiler/5-schedule/cost.js";
import type { Kernel, Stage } from "../../../compiler/ir/kernel.js";
import { targetsOf } from "../../../compiler/ir/kernel.verify.js";
import { type RowMap, type Space, unitSpace } from "../../../compiler/ir/space.js";
import { type Axis, type Tensor, volume, without } from "../../../compiler/ir/tensor.js";

/** So many for each row of a space. */
export type Formula = ReadonlyMap<Space, number>;

export interface Cost {
  readonly flops: Formula;
  /** Those of `flops` that run in register tiles: products with panels, and outer products. */
  readonly tiled: Formula;
  readonly words: Formula;
}

export const sumOf = (formulas: readonly Formula[]): Formula => {
  const sum = new Map<Space, number>();
  for (const formula of formulas)
    for (const [space, n] of formula) sum.set(space, (sum.get(space) ?? 0) + n);
  return new Map([...sum].filter(([, n]) => n !== 0));
};

export const formulaText = (formula: Formula): string =>
  [...formula].map(([s, n]) => (s.kind === "unit" ? `${n}` : `${n} ${s.name}`)).join(" + ") || "0";

/** A product of two numbers is one operation; summed, it is two. */
function operationsOf(t: Tensor): number {
  if (t.op !== "product") return flopsOf(t);
  const { factors, over, map, scale } = t.attrs;
  return factors - 1 + Number(scale !== 1) + Number(over.length > 0 || map !== null);
}

/** Where a definition is evaluated: on the row of the kernel, on an element that it walks over, or elsewhere. */
interface Place {
  readonly rows: Space;
  readonly base: RowMap | null;
}

/** The cost of a kernel. */
export function costOf(kernel: Kernel): Cost {
  const count = new Count(kernel);
  for (const stage of kernel.stages) count.stage(stage);
  return { flops: sumOf(count.flops), tiled: sumOf(count.tiled), words: sumOf(count.words) };
}

class Count {
  readonly flops: Formula[] = [];
  readonly tiled: Formula[] = [];
  readonly words: Formula[] = [];
  readonly #kernel: Kernel;
  readonly #written = new Set<Tensor>();
  readonly #loaded = new Set<string>();
  #seen = new Set<string>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  stage(stage: Stage): void {
    this.#seen = new Set();
    if (stage.kind === "pack" || stage.kind === "optimizer" || stage.kind === "norm") return;
    const targets = targetsOf(stage);
    if (stage.kind === "combine") for (const t of targets) this.#write(t);
    else for (const t of targets) this.#target(t, stage);
  }

  #target(t: Tensor, stage: Stage): void {
    const place = placeOf(t, stage);
    this.#operations(t, place, new Set());
    if (stage.kind === "product" || stage.kind === "outer")
      this.tiled.push(this.flops.at(-1) ?? new Map());
    const inputs = stage.kind === "product" ? [stage.left] : t.inputs;
    if (stage.kind === "product") {
      const weights = volume(stage.over) * volume(stage.columns) * volume(stage.stack);
      this.words.push(new Map([[unitSpace, weights]]));
    }
    const within = t.op === "winner" ? t.inputs[0].inputs : inputs;
    for (const x of within) this.#visit(x, place, new Set());
    this.#write(t);
  }

  #write(t: Tensor): void {
    this.#written.add(t);
    const buffer = this.#kernel.stored.get(t);
    if (buffer && buffer.place.kind !== "scratch") this.#move(t.space, volume(t.axes));
  }

  #operations(t: Tensor, { rows }: Place, known: ReadonlySet<Axis>): void {
    const slots = t.op === "product" ? t.attrs.slots : [];
    const over = overOf(t);
    const turns = [...without(t.axes, slots), ...over].filter((axis) => !known.has(axis));
    this.flops.push(new Map([[rows, operationsOf(t) * volume(turns)]]));
  }

  #visit(t: Tensor, place: Place, known: ReadonlySet<Axis>): void {
    const key = `${t.id} ${place.rows.name} ${place.base?.kind} ${[...known].map((a) => a.id)}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    if (this.#kernel.stored.has(t)) this.#load(t, place, known, key);
    else this.#below(t, place, known);
  }

  #below(t: Tensor, place: Place, known: ReadonlySet<Axis>): void {
    this.#operations(t, place, known);
    const [x, ...indices] = t.inputs;
    if (t.op !== "pull" || !x) {
      for (const input of t.inputs) this.#visit(input, place, known);
      return;
    }
    for (const index of indices) this.#visit(index, place, known);
    const along = t.attrs.map;
    const there =
      along && along !== place.base ? { rows: farRows(along, place), base: null } : null;
    const home = along && along === place.base ? { rows: along.to, base: null } : place;
    this.#visit(x, there ?? home, new Set([...known, ...t.attrs.slots]));
  }

  #load(t: Tensor, place: Place, known: ReadonlySet<Axis>, key: string): void {
    const buffer = this.#kernel.stored.get(t);
    if (!buffer || buffer.place.kind === "scratch" || this.#written.has(t)) return;
    if (this.#loaded.has(key)) return;
    this.#loaded.add(key);
    this.#move(place.rows, volume(t.axes.filter((axis) => !known.has(axis))));
  }

  #move(rows: Space, words: number): void {
    this.words.push(new Map([[rows, words]]));
  }
}

function placeOf(t: Tensor, stage: Stage): Place {
  const inOrder = stage.kind === "walk" && stage.map.kind === "all";
  if (inOrder) return { rows: stage.map.from, base: null };
  if (stage.kind === "walk" || stage.kind === "softmax" || stage.kind === "collect")
    return { rows: stage.map.from, base: stage.map };
  if (stage.kind === "outer") return { rows: stage.left.space, base: null };
  return { rows: t.space, base: null };
}

/** A parameter is read once; of other rows as many are read as there are readers. */
const farRows = (along: RowMap, { rows }: Place): Space => (along.kind === "all" ? along.to : rows);
