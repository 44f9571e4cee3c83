/**
 * What a model means, read straight off its expressions: one row, one binder value at a time, with no tensor IR.
 *
 * A field is computed for a row when it is asked for, so that a recurrence needs no care.
 */
import { applyTo, type ForEachExpr } from "../../../compiler/2-lower/expression-table.js";
import { bug } from "../../../compiler/bug.js";
import type { Evaluation } from "../../../compiler/ir/evaluate.js";
import type { Binder, Expr, Field, Input, Model, Objective } from "../../../compiler/ir/model.js";
import { uniformAt } from "../../../compiler/ir/philox.js";
import type { RowMap, Space } from "../../../compiler/ir/space.js";
import {
  alongLast,
  contraction,
  type Dense,
  first,
  over,
  rowwise,
  scalar,
  sum,
  upTo,
  volume,
  zip,
} from "./dense.js";
import { pointwiseMeaning } from "./pointwise-meaning.js";

type Bound = ReadonlyMap<Binder, number>;
interface Here {
  readonly space: Space;
  readonly row: number;
  readonly bound: Bound;
}

export class Interpreter {
  readonly data: Evaluation;
  readonly training: boolean;
  readonly #fields = new Map<Field, Map<number, Dense>>();
  readonly #groups = new Map<RowMap, readonly number[][]>();
  readonly #sites: ReadonlyMap<string, number>;

  constructor(data: Evaluation, training: boolean, sites: ReadonlyMap<string, number>) {
    this.data = data;
    this.training = training;
    this.#sites = sites;
  }

  outputs(model: Model): Readonly<Record<string, number[]>> {
    return Object.fromEntries(
      model.outputs.map((o) => [
        o.name,
        upTo(this.data.rows(o.field.space)).flatMap((row) => this.field(o.field, row).data),
      ]),
    );
  }

  /** Sum and number of rows kept. */
  totals({ space, value, where }: Objective): readonly [total: number, rows: number] {
    const kept = upTo(this.data.rows(space)).filter(
      (row) => where === null || first(this.at(where, space, row)) !== 0,
    );
    return [sum(kept.map((row) => first(this.at(value, space, row)))), kept.length];
  }

  at(e: Expr, space: Space, row: number): Dense {
    return this.read(e, { space, row, bound: new Map() });
  }

  field(field: Field, row: number): Dense {
    const rows = this.#fields.get(field) ?? new Map<number, Dense>();
    this.#fields.set(field, rows);
    const value = rows.get(row) ?? this.at(field.value, field.space, row);
    rows.set(row, value);
    return value;
  }

  read(e: Expr, here: Here): Dense {
    return applyTo(meaning, e, here, this);
  }

  input({ space, name, type, sparse }: Input, row: number): Dense {
    const path = `${space.name}.${name}`;
    const values = this.data.inputs.get(path) ?? bug(`no ${path}`);
    const width = volume(type.shape);
    if (!sparse)
      return { shape: type.shape, data: upTo(width).map((i) => Number(values[row * width + i])) };
    if (space.kind === "unit" || space.kind === "nonzeros") return bug("sparse on the batch");
    const nonzeros: Extract<Space, { kind: "nonzeros" }> = {
      kind: "nonzeros",
      name: path,
      of: space,
    };
    const rows = this.data.mapIndex({ kind: "row", nonzeros, from: nonzeros, to: space });
    const columns = this.data.fact("column", nonzeros);
    const data = upTo(width).map((c) =>
      sum(
        upTo(rows.length).map((i) => (rows[i] === row && columns[i] === c ? Number(values[i]) : 0)),
      ),
    );
    return { shape: type.shape, data };
  }

  /** The rows of `map.from` that `map` sends to a row. */
  members(map: RowMap, row: number): readonly number[] {
    const known = this.#groups.get(map);
    if (known) return known[row] ?? [];
    const groups: number[][] = upTo(this.data.rows(map.to)).map(() => []);
    this.data.mapIndex(map).forEach((to, from) => {
      groups[to]?.push(from);
    });
    this.#groups.set(map, groups);
    return groups[row] ?? [];
  }

  draw(site: string, more: number, row: number, column: number): number {
    const number = (this.#sites.get(site) ?? bug(`no site ${site}`)) + more;
    return uniformAt({ seed: this.data.seed, step: this.data.step, site: number }, row, column);
  }
}

/** Every combination of values of the binders, added to those bound. */
function combinations(binders: readonly Binder[], bound: Bound): readonly Bound[] {
  const [binder, ...rest] = binders;
  if (!binder) return [bound];
  return upTo(binder.size).flatMap((i) => combinations(rest, new Map([...bound, [binder, i]])));
}

function kept(
  e: { readonly map: RowMap; readonly where: Expr | null },
  row: number,
  here: Here,
  all: Interpreter,
) {
  const rows = all.members(e.map, row);
  const inside = (r: number): Here => ({ ...here, space: e.map.from, row: r });
  return rows
    .filter((r) => e.where === null || first(all.read(e.where, inside(r))) !== 0)
    .map(inside);
}

const meaning: ForEachExpr<[here: Here, all: Interpreter], Dense> = {
  literal: ({ value }) => scalar(Number(value)),
  binder: ({ binder }, { bound }) =>
    scalar(bound.get(binder) ?? bug(`${binder.name} is not bound`)),
  field: ({ field }, { row }, all) =>
    field.kind === "input" ? all.input(field, row) : all.field(field, row),
  parameter: ({ parameter: p }, _, all) => ({
    shape: p.shape,
    data: Array.from(
      (p.kind === "state" ? all.data.states : all.data.params).get(p.path) ?? bug(p.path),
      Number,
    ),
  }),
  pull: ({ map, value }, here, all) =>
    all.read(value, { ...here, space: map.to, row: all.data.mapIndex(map)[here.row] ?? 0 }),
  index: (_, { space, row }, all) => scalar(Number(all.data.fact("index", space)[row])),
  offset: (_, { space, row }, all) => scalar(Number(all.data.fact("offset", space)[row])),
  count: ({ map }, { row }, all) => scalar(all.members(map, row).length),
  pointwise: ({ f, args }, here, all) =>
    zip(
      args.map((a) => all.read(a, here)),
      pointwiseMeaning[f],
    ),
  contract: ({ left, right }, here, all) =>
    contraction(all.read(left, here), all.read(right, here)),
  at: ({ value, indices }, here, all) => {
    const d = all.read(value, here);
    const place = indices.reduce(
      (n, i, axis) => n * (d.shape[axis] ?? 0) + first(all.read(i, here)),
      0,
    );
    const shape = d.shape.slice(indices.length);
    return { shape, data: d.data.slice(place * volume(shape), (place + 1) * volume(shape)) };
  },
  each: ({ binders, body, type }, here, all) => ({
    shape: type.shape,
    data: combinations(binders, here.bound).flatMap(
      (bound) => all.read(body, { ...here, bound }).data,
    ),
  }),
  reduce: ({ reducer, binders, body }, here, all) =>
    over(
      reducer,
      combinations(binders, here.bound).map((bound) => all.read(body, { ...here, bound })),
    ),
  aggregate: (e, here, all) => {
    const rows = kept(e, here.row, here, all);
    const { shape } = e.type;
    if (rows.length > 0)
      return over(
        e.reducer,
        rows.map((r) => all.read(e.body, r)),
      );
    const empty = e.empty ? all.read(e.empty, here) : scalar(0);
    return empty.shape.length === shape.length
      ? empty
      : { shape, data: upTo(volume(shape)).map(() => first(empty)) };
  },
  group_softmax: (e, here, all) => {
    const rows = kept(e, all.data.mapIndex(e.map)[here.row] ?? 0, here, all);
    if (!rows.some((r) => r.row === here.row))
      return { shape: e.type.shape, data: upTo(volume(e.type.shape)).map(() => 0) };
    const scores = rows.map((r) => all.read(e.body, r));
    return zip(
      [all.read(e.body, here), ...scores],
      (own, ...s) => 1 / sum(s.map((v) => Math.exp(v - own))),
    );
  },
  rowwise: (e, here, all) => ({
    shape: e.type.shape,
    data: rowwise[e.f](all.read(e.value, here), e),
  }),
  concat: ({ parts, type }, here, all) => {
    const values = parts.map((p) => all.read(p, here));
    const rows = volume(type.shape.slice(0, -1));
    const part = (d: Dense, i: number) => {
      const width = d.shape.at(-1) ?? 1;
      return d.data.slice(i * width, (i + 1) * width);
    };
    return {
      shape: type.shape,
      data: upTo(rows).flatMap((i) => values.flatMap((d) => part(d, i))),
    };
  },
  slice: ({ value, start, length, type }, here, all) => ({
    shape: type.shape,
    data: alongLast(all.read(value, here), (row) => row.slice(start, start + length)),
  }),
  stack: ({ rows, type }, here, all) => ({
    shape: type.shape,
    data: rows.flatMap((r) => all.read(r, here).data),
  }),
  draw: ({ distribution, site, over: binders }, { row, bound }, all) => {
    const column = binders.reduce(
      (n, b) => n * b.size + (bound.get(b) ?? bug(`${b.name} is not bound`)),
      0,
    );
    const u = all.draw(site, 0, row, column);
    if (distribution === "uniform") return scalar(u);
    return scalar(
      Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * all.draw(site, 1, row, column)),
    );
  },
  fill: ({ value, type }, here, all) => {
    const v = first(all.read(value, here));
    return { shape: type.shape, data: upTo(volume(type.shape)).map(() => v) };
  },
  training: (_, __, all) => scalar(all.training ? 1 : 0),
  step: (_, __, all) => scalar(all.data.step),
};
