/** A sparse input is a push of its stored values. */
import { describe, expect, it } from "vitest";
import { lower } from "../../compiler/2-lower/lower.js";
import { contract, f32, field, get, input, map, model, param, set } from "./support/model.js";
import { run, tensorsOf } from "./support/run.js";
import { matmul } from "./support/values.js";

const nodes = set("paper");
const x = input("x", nodes, f32(4), true);
const n = input("n", nodes, f32());
const W = param("W", 4, 2);
const params = { W: [1, 2, 3, 4, 5, 6, 7, 8] };
const batch = {
  sets: { paper: [3] },
  nonzeros: { "paper.x": { rows: [0, 0, 2], columns: [1, 3, 0] } },
  inputs: { "paper.x": [2, 3, 5], "paper.n": [1, 2, 4] },
  params,
};
const dense = [0, 2, 0, 3, 0, 0, 0, 0, 5, 0, 0, 0];

describe("a sparse input", () => {
  const same = field("same", nodes, get(x));
  const out = field("out", nodes, contract(map("div", get(x), get(n)), get(W)));
  const other = field("other", nodes, contract(get(x), get(W)));
  const made = model({
    sets: [nodes],
    inputs: [x, n],
    parameters: [W],
    fields: [same, out, other],
    outputs: [same, out, other],
  });
  it("means the dense field", () => {
    const { outputs } = run(made, batch);
    expect(outputs.same).toEqual(dense);
    expect(outputs.other).toEqual(matmul(dense, params.W, 4));
    const scaled = dense.map((v, i) => v / ([1, 2, 4][Math.floor(i / 4)] ?? 1));
    expect(outputs.out).toEqual(matmul(scaled, params.W, 4));
  });
  it("is one space of non-zeros however often it is read", () => {
    const spaces = new Set(
      tensorsOf(lower(made).inference).flatMap((t) =>
        t.op === "input" && t.attrs.path === "paper.x" ? [t.space] : [],
      ),
    );
    expect([...spaces].map((s) => s.kind)).toEqual(["nonzeros"]);
  });
});
