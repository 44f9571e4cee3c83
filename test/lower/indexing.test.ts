/** Reading leading axes at binders, numbers and data, against plain loops. */
import { describe, expect, it } from "vitest";
import { lower } from "../../compiler/2-lower/lower.js";
import type { Expr } from "../../compiler/ir/model.js";
import { senderOf } from "../../compiler/ir/space.js";
import {
  add,
  at,
  binder,
  each,
  f32,
  field,
  get,
  index,
  input,
  int,
  map,
  model,
  mul,
  of,
  offset,
  param,
  pull,
  reduce,
  relation,
  set,
} from "./support/model.js";
import { run, tensorsOf } from "./support/run.js";
import { numbers, rowsOf } from "./support/values.js";

const nodes = set("word");
const near = relation("near", nodes);
const x = input("x", nodes, f32(6));
const M = input("m", nodes, f32(3, 3));
const w = input("w", nodes, index(5));
const r = input("r", nodes, index(3));
const E = param("E", 5, 2);
const T = param("T", 3, 5, 2);
const inputs = {
  "word.x": numbers(18),
  "word.m": numbers(27, 2),
  "word.w": [4, 0, 2],
  "word.r": [1, 2, 2],
};
const params = { E: numbers(10, 3), T: numbers(30, 4) };
const edges = { near: { senders: [0, 1, 2, 2], receivers: [1, 2, 0, 2], offsets: [2, 0, 1, 2] } };
const xs = rowsOf(inputs["word.x"], 6);
const ms = rowsOf(inputs["word.m"], 9);

function modelOf(value: Expr, space = nodes as typeof nodes | typeof near) {
  const out = field("out", space, value);
  return model({
    sets: [nodes],
    relations: [near],
    inputs: [x, M, w, r],
    parameters: [E, T],
    fields: [out],
    outputs: [out],
  });
}

function expectClose(
  value: Expr,
  want: readonly number[],
  space = nodes as typeof nodes | typeof near,
) {
  const got =
    run(modelOf(value, space), { sets: { word: [3] }, edges, inputs, params }).outputs.out ?? [];
  expect(got.length).toBe(want.length);
  got.forEach((v, i) => {
    expect(v).toBeCloseTo(want[i] ?? Number.NaN, 10);
  });
}

const opsOf = (value: Expr) => tensorsOf(lower(modelOf(value)).inference).map((t) => t.op);

describe("affine indices are views", () => {
  const i = binder("i", 3);
  const j = binder("j", 2);
  it("at a number, shifted and strided", () => {
    expectClose(
      at(get(x), 4),
      xs.map((v) => v[4] ?? 0),
    );
    expectClose(
      each([i], add(at(get(x), of(i)), at(get(x), add(of(i), int(3))))),
      xs.flatMap((v) => [0, 1, 2].map((a) => (v[a] ?? 0) + (v[a + 3] ?? 0))),
    );
    expectClose(
      each([j], at(get(x), add(mul(int(2), of(j)), int(1)))),
      xs.flatMap((v) => [v[1] ?? 0, v[3] ?? 0]),
    );
  });
  it("of two binders that cover the axis is a split", () => {
    const p = each([i, j], at(get(x), add(mul(of(i), int(2)), of(j))));
    expectClose(p, xs.flat());
    expect(opsOf(p)).toEqual(["input", "view"]);
  });
  it("of two binders that cover a part of it is a slice and a split", () => {
    const k = binder("k", 2);
    const p = each([k, j], at(get(x), add(map("add", mul(of(k), int(2)), int(1)), of(j))));
    expectClose(
      p,
      xs.flatMap((v) => v.slice(1, 5)),
    );
    expect(opsOf(p)).not.toContain("pull");
  });
});

describe("indices that no view gives", () => {
  const i = binder("i", 3);
  it("runs backwards", () => {
    const back = each([i], at(get(x), map("sub", int(5), of(i))));
    expectClose(
      back,
      xs.flatMap((v) => [v[5] ?? 0, v[4] ?? 0, v[3] ?? 0]),
    );
  });
  it("takes a diagonal", () => {
    expectClose(
      each([i], at(get(M), i, i)),
      ms.flatMap((v) => [v[0] ?? 0, v[4] ?? 0, v[8] ?? 0]),
    );
    expectClose(
      reduce("sum", [i], at(get(M), i, i)),
      ms.map((v) => (v[0] ?? 0) + (v[4] ?? 0) + (v[8] ?? 0)),
    );
  });
  it("overlaps binders", () => {
    const j = binder("j", 3);
    const p = each([i, j], at(get(x), add(of(i), of(j))));
    expectClose(
      p,
      xs.flatMap((v) => [0, 1, 2].flatMap((a) => [0, 1, 2].map((c) => v[a + c] ?? 0))),
    );
  });
  it("transposes", () => {
    const j = binder("j", 3);
    const sum = each([i, j], add(at(get(M), i, j), at(get(M), j, i)));
    expectClose(
      sum,
      ms.flatMap((v) => v.map((a, n) => a + (v[3 * (n % 3) + Math.floor(n / 3)] ?? 0))),
    );
    expectClose(
      add(get(M), each([i, j], at(get(M), j, i))),
      ms.flatMap((v) => v.map((a, n) => a + (v[3 * (n % 3) + Math.floor(n / 3)] ?? 0))),
    );
  });
});

describe("indices from data are lookups", () => {
  it("of a parameter in one pull from the unit space", () => {
    const row = at(get(E), get(w));
    expectClose(
      row,
      inputs["word.w"].flatMap((v) => params.E.slice(2 * v, 2 * v + 2)),
    );
    expect(opsOf(row)).toEqual(["param", "input", "pull"]);
  });
  it("with several indices in one pull", () => {
    const row = at(get(T), get(r), get(w));
    expectClose(
      row,
      inputs["word.w"].flatMap((v, n) => {
        const start = 10 * (inputs["word.r"][n] ?? 0) + 2 * v;
        return params.T.slice(start, start + 2);
      }),
    );
    expect(opsOf(row).filter((op) => op === "pull")).toHaveLength(1);
  });
  it("with a binder beside, and index after index", () => {
    const k = binder("k", 3);
    const row = each([k], at(at(get(T), k), get(w)));
    expectClose(
      row,
      inputs["word.w"].flatMap((v) =>
        [0, 1, 2].flatMap((a) => params.T.slice(10 * a + 2 * v, 10 * a + 2 * v + 2)),
      ),
    );
    expect(opsOf(row).filter((op) => op === "pull")).toHaveLength(1);
  });
  it("of an own field and of a sender's, along the map", () => {
    expectClose(
      at(get(x), get(w)),
      xs.map((v, n) => v[inputs["word.w"][n] ?? 0] ?? 0),
    );
    const tap = at(pull(senderOf(near), get(x)), offset);
    const { senders, offsets } = edges.near;
    expectClose(
      tap,
      senders.map((s, e) => xs[s]?.[offsets[e] ?? 0] ?? 0),
      near,
    );
    const ops = tensorsOf(lower(modelOf(tap, near)).inference).map((t) => t.op);
    expect(ops.filter((op) => op === "pull")).toHaveLength(1);
  });
});
