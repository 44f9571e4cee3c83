/** Pointwise functions, contractions, binders, joins and rowwise functions against plain loops. */
import { describe, expect, it } from "vitest";
import type { Expr } from "../../compiler/ir/model.js";
import { graphOf, graphSpace } from "../../compiler/ir/space.js";
import {
  add,
  at,
  binder,
  bool,
  concat,
  contract,
  dot,
  each,
  f32,
  field,
  fill,
  get,
  i32,
  index,
  input,
  int,
  lit,
  map,
  model,
  mul,
  of,
  param,
  place,
  pull,
  reduce,
  rowwise,
  set,
  slice,
  stack,
} from "./support/model.js";
import { run } from "./support/run.js";
import { matmul, numbers, rowsOf } from "./support/values.js";

const nodes = set("atom", "seq");
const sets = { atom: [2, 0, 3] };
const rows = 5;
const x = input("x", nodes, f32(4));
const y = input("y", nodes, f32(4));
const s = input("s", nodes, f32());
const k = input("k", nodes, index(3));
const on = input("on", nodes, bool());
const u = input("u", graphSpace, f32(4));
const W = param("W", 4, 3);
const b = param("b", 3);

const data = {
  "atom.x": numbers(rows * 4, 1),
  "atom.y": numbers(rows * 4, 2),
  "atom.s": numbers(rows, 3),
  "atom.k": [0, 2, 1, 2, 0],
  "atom.on": [1, 0, 1, 1, 0],
  "global.u": numbers(12, 4),
};
const params = { W: numbers(12, 5), b: numbers(3, 6) };

/** The value of an expression on `atom`. */
function computed(value: Expr): number[] {
  const out = field("out", nodes, value);
  const parts = { sets: [nodes], inputs: [x, y, s, k, on, u], parameters: [W, b] };
  const made = model({ ...parts, fields: [out], outputs: [out] });
  return run(made, { sets, inputs: data, params }).outputs.out ?? [];
}

function expectClose(value: Expr, want: readonly number[]): void {
  const got = computed(value);
  expect(got.length).toBe(want.length);
  got.forEach((v, i) => {
    expect(v).toBeCloseTo(want[i] ?? Number.NaN, 10);
  });
}

const [xs, ys, ss, ks] = [data["atom.x"], data["atom.y"], data["atom.s"], data["atom.k"]];
const each4 = (f: (x: number, y: number, s: number, row: number, c: number) => number) =>
  xs.map((v, i) => f(v, ys[i] ?? 0, ss[Math.floor(i / 4)] ?? 0, Math.floor(i / 4), i % 4));

describe("pointwise functions", () => {
  it("spreads scalars over shapes", () => {
    expectClose(
      map("sub", mul(get(x), get(s)), get(y)),
      each4((a, c, t) => a * t - c),
    );
  });
  it("scales by literals and divides by fields", () => {
    expectClose(
      map("div", map("neg", map("div", get(x), lit(4))), map("exp", get(y))),
      each4((a, c) => -(a / 4) / Math.exp(c)),
    );
  });
  it("casts integers that meet f32", () => {
    expectClose(
      mul(get(x), get(k)),
      each4((a, _, __, r) => a * (ks[r] ?? 0)),
    );
  });
  it("does integer arithmetic with Euclidean mod", () => {
    expectClose(
      map("mod", map("sub", map("mul", get(k), int(2)), int(3)), int(3)),
      ks.map((v) => (((2 * v - 3) % 3) + 3) % 3),
    );
  });
  it("clips, selects and compares", () => {
    expectClose(
      map("clip", get(x), lit(-0.3), lit(0.2)),
      each4((a) => Math.min(Math.max(a, -0.3), 0.2)),
    );
    expectClose(
      map("select", map("and", get(on), map("lt", get(s), lit(0.5))), get(s), lit(9)),
      ss.map((v, i) => (data["atom.on"][i] && v < 0.5 ? v : 9)),
    );
  });
  it("folds a condition that is known", () => {
    expectClose(map("select", map("or", lit(true), get(on)), get(x), get(y)), xs);
    expectClose(map("select", map("not", lit(true)), get(x), get(y)), ys);
    expectClose(map("select", map("and", lit(true), get(on)), lit(1), lit(0)), data["atom.on"]);
  });
  it("reads the place in the own graph and a value of the graph", () => {
    expectClose(place, [0, 1, 0, 1, 2]);
    const graphs = [0, 0, 2, 2, 2];
    expectClose(
      pull(graphOf(nodes), get(u)),
      graphs.flatMap((g) => data["global.u"].slice(4 * g, 4 * g + 4)),
    );
  });
});

describe("contraction", () => {
  it("is a matrix product with a parameter", () => {
    expectClose(
      add(contract(get(x), get(W)), get(b)),
      matmul(xs, params.W, 4).map((v, i) => v + (params.b[i % 3] ?? 0)),
    );
  });
  it("multiplies a value with itself, and by its own rows", () => {
    const [i, j] = [binder("i", 4), binder("j", 4)];
    const outer = each([i, j], mul(at(get(x), i), at(get(x), j)));
    expectClose(
      contract(outer, get(x)),
      rowsOf(xs, 4).flatMap((r) => r.map((v) => v * r.reduce((n, w) => n + w * w, 0))),
    );
    expectClose(
      contract(outer, outer),
      rowsOf(xs, 4).flatMap((r) => {
        const square = r.reduce((n, w) => n + w * w, 0);
        return r.flatMap((v) => r.map((w) => v * w * square));
      }),
    );
  });
  it("contracts a constant", () => {
    expectClose(
      contract(fill(2, 4), get(W)),
      [0, 1, 2, 3, 4].flatMap(() => matmul([2, 2, 2, 2], params.W, 4)),
    );
  });
});

describe("binders", () => {
  it("reduce over bound axes", () => {
    const h = binder("h", 4);
    const sums = rowsOf(xs, 4);
    expectClose(
      dot(get(x), get(y)),
      sums.map((r, i) => r.reduce((n, v, c) => n + v * (ys[4 * i + c] ?? 0), 0)),
    );
    expectClose(
      reduce("mean", [h], at(get(x), h)),
      sums.map((r) => r.reduce((n, v) => n + v, 0) / 4),
    );
    expectClose(
      reduce("max", [h], at(get(x), h)),
      sums.map((r) => Math.max(...r)),
    );
    expectClose(
      reduce("min", [h], at(get(x), h)),
      sums.map((r) => Math.min(...r)),
    );
    expectClose(
      reduce("var", [h], at(get(x), h)),
      sums.map((r) => {
        const m = r.reduce((n, v) => n + v, 0) / 4;
        return r.reduce((n, v) => n + (v - m) ** 2, 0) / 4;
      }),
    );
  });
  it("count what does not depend on them", () => {
    const h = binder("h", 4);
    expectClose(
      reduce("sum", [h], get(s)),
      ss.map((v) => 4 * v),
    );
    expectClose(reduce("sum", [h], of(h)), [6, 6, 6, 6, 6]);
    expectClose(reduce("max", [h], get(s)), ss);
    expectClose(reduce("count", [h], lit(1)), [4, 4, 4, 4, 4]);
  });
  it("take their own value", () => {
    const h = binder("h", 4);
    expectClose(
      each([h], mul(at(get(x), h), of(h))),
      each4((a, _, __, ___, c) => a * c),
    );
  });
});

describe("along the last axis", () => {
  const soft = rowsOf(xs, 4).flatMap((r) => {
    const n = r.reduce((sum, v) => sum + Math.exp(v), 0);
    return r.map((v) => Math.exp(v) / n);
  });
  it("softmax and its logarithm", () => {
    expectClose(rowwise("softmax", get(x)), soft);
    expectClose(rowwise("log_softmax", get(x)), soft.map(Math.log));
    expectClose(
      rowwise("softmax", fill(3, 4)),
      xs.map(() => 0.25),
    );
  });
  it("argmax, norm, one_hot and stop", () => {
    expectClose(
      rowwise("argmax", get(x)),
      rowsOf(xs, 4).map((r) => r.indexOf(Math.max(...r))),
    );
    expectClose(
      rowwise("norm", get(x)),
      rowsOf(xs, 4).map((r) => Math.hypot(...r)),
    );
    expectClose(
      rowwise("one_hot", get(k), 3),
      ks.flatMap((v) => [0, 1, 2].map((c) => Number(c === v))),
    );
    expectClose(rowwise("stop", get(x)), xs);
  });
  it("looks a row up by one_hot", () => {
    expectClose(
      contract(get(W), rowwise("one_hot", get(k), 3)),
      ks.flatMap((v) => [0, 1, 2, 3].map((r) => params.W[3 * r + v] ?? 0)),
    );
  });
});

describe("joins and parts", () => {
  it("concatenates vectors, scalars and parameters", () => {
    expectClose(
      concat(get(s), get(x), get(b), get(k)),
      rowsOf(xs, 4).flatMap((r, i) => [ss[i] ?? 0, ...r, ...params.b, ks[i] ?? 0]),
    );
  });
  it("concatenates along the last of two axes", () => {
    const h = binder("h", 4);
    const two = each([h], concat(at(get(x), h), at(get(y), h)));
    expectClose(
      two,
      each4((a) => a).flatMap((v, i) => [v, ys[i] ?? 0]),
    );
    expectClose(
      concat(two, two),
      xs.flatMap((v, i) => [v, ys[i] ?? 0, v, ys[i] ?? 0]),
    );
  });
  it("concatenates a value and its transpose", () => {
    const [i, j] = [binder("i", 4), binder("j", 4)];
    const outer = each([i, j], mul(at(get(x), i), at(get(y), j)));
    const transposed = each([j, i], mul(at(get(x), i), at(get(y), j)));
    const want = rowsOf(xs, 4).flatMap((a, r) => {
      const b = ys.slice(4 * r, 4 * r + 4);
      return a.flatMap((v, n) => [...b.map((w) => v * w), ...a.map((w) => w * (b[n] ?? 0))]);
    });
    expectClose(concat(outer, transposed), want);
  });
  it("takes parts", () => {
    expectClose(
      slice(get(x), 1, 2),
      rowsOf(xs, 4).flatMap((r) => r.slice(1, 3)),
    );
    expectClose(
      slice(get(x), 3, 1, true),
      rowsOf(xs, 4).flatMap((r) => r.slice(3)),
    );
    expectClose(slice(get(x), 0, 4), xs);
    expectClose(
      slice(fill(2, 4), 1, 2),
      xs.slice(0, 10).map(() => 2),
    );
  });
  it("stacks rows and flattens them", () => {
    const rows = stack(get(x), get(y), get(x));
    const want = rowsOf(xs, 4).flatMap((r, i) => [...r, ...ys.slice(4 * i, 4 * i + 4), ...r]);
    expectClose(rows, want);
    expectClose(rowwise("flatten", rows), want);
    expectClose(
      stack(get(s), lit(2)),
      ss.flatMap((v) => [v, 2]),
    );
  });
  it("fills shapes and keeps integers", () => {
    expectClose(
      fill(2, 3),
      [0, 1, 2, 3, 4].flatMap(() => [2, 2, 2]),
    );
    expectClose(
      { ...stack(get(k), int(7)), type: i32(2) },
      ks.flatMap((v) => [v, 7]),
    );
  });
});
