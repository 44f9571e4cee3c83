/** Axes that meet are one: GCN and GAT have no renames, and where one is needed it is right. */
import { describe, expect, it } from "vitest";
import { lower } from "../../compiler/2-lower/lower.js";
import { receiverOf, senderOf } from "../../compiler/ir/space.js";
import {
  add,
  aggregate,
  at,
  binder,
  contract,
  count,
  dot,
  each,
  f32,
  field,
  get,
  groupSoftmax,
  input,
  lit,
  map,
  model,
  mul,
  param,
  pull,
  reduce,
  relation,
  set,
} from "./support/model.js";
import { renamesOf, run, tensorsOf } from "./support/run.js";
import { matmul, numbers } from "./support/values.js";

const nodes = set("paper");
const cites = relation("cites", nodes);
const x = input("x", nodes, f32(4));
const [sender, receiver] = [senderOf(cites), receiverOf(cites)];
const base = { sets: [nodes], relations: [cites], inputs: [x] };

describe("a graph convolution", () => {
  const layer = (name: string, from: ReturnType<typeof get>, W: ReturnType<typeof param>) => {
    const d = field(`${name}/d`, nodes, map("rsqrt", map("to_f32", count(receiver))));
    const body = mul(mul(pull(sender, get(d)), pull(receiver, get(d))), pull(sender, from));
    return [d, field(name, nodes, contract(aggregate("sum", receiver, body), get(W)))];
  };
  it("of two square layers needs no rename", () => {
    const [W1, W2] = [param("h.W", 4, 4), param("y.W", 4, 4)];
    const [d, h] = layer("h", get(x), W1);
    if (!d || !h) return;
    const [e, y] = layer("y", map("relu", get(h)), W2);
    if (!e || !y) return;
    const made = model({ ...base, parameters: [W1, W2], fields: [d, h, e, y], outputs: [y] });
    const { inference } = lower(made);
    expect(renamesOf(inference)).toEqual([]);
    expect(tensorsOf(inference).filter((t) => t.op === "fact")).toHaveLength(1);
  });
});

describe("graph attention", () => {
  const [W, s, r] = [param("W", 2, 4, 3), param("a_s", 2, 3), param("a_r", 2, 3)];
  const h = () => binder("h", 2);
  const [h1, h2, h3, h4] = [h(), h(), h(), h()];
  const z = field("z", nodes, each([h1], contract(get(x), at(get(W), h1))));
  const score = field(
    "score",
    cites,
    each(
      [h2],
      add(
        dot(at(get(s), h2), at(pull(sender, get(z)), h2)),
        dot(at(pull(receiver, get(z)), h2), at(get(r), h2)),
      ),
    ),
  );
  const alpha = field("alpha", cites, each([h3], groupSoftmax(receiver, at(get(score), h3))));
  const y = field(
    "y",
    nodes,
    each([h4], aggregate("sum", receiver, mul(at(get(alpha), h4), at(pull(sender, get(z)), h4)))),
  );
  const made = model({
    ...base,
    parameters: [W, s, r],
    fields: [z, score, alpha, y],
    outputs: [y],
  });
  it("needs no rename", () => {
    expect(renamesOf(lower(made).inference)).toEqual([]);
  });
  it("names its axes as the text does", () => {
    expect(lower(made).inference.outputs[0]?.layout.map((a) => a.name)[0]).toBe("h");
  });
});

describe("an axis that is needed twice", () => {
  const batch = {
    sets: { paper: [2] },
    inputs: { "paper.x": numbers(8) },
    params: { W: numbers(16, 2), V: numbers(16, 3) },
  };
  const [W, V] = [param("W", 4, 4), param("V", 4, 4)];
  const expectClose = (got: readonly number[] | undefined, want: readonly number[]) => {
    expect(got?.length).toBe(want.length);
    got?.forEach((v, i) => {
      expect(v).toBeCloseTo(want[i] ?? Number.NaN, 10);
    });
  };
  const output = (value: ReturnType<typeof get>) => {
    const out = field("out", nodes, value);
    return model({ ...base, parameters: [W, V], fields: [out], outputs: [out] });
  };
  it("is renamed once in an outer product", () => {
    const [i, j] = [binder("i", 4), binder("j", 4)];
    const made = output(each([i, j], mul(at(get(x), i), at(get(x), j))));
    expect(renamesOf(lower(made).inference)).toHaveLength(1);
    const xs = batch.inputs["paper.x"];
    const want = [0, 4].flatMap((s) =>
      xs.slice(s, s + 4).flatMap((a) => xs.slice(s, s + 4).map((b) => a * b)),
    );
    expectClose(run(made, batch).outputs.out, want);
  });
  it("is renamed in the parameter when that is enough", () => {
    const made = output(contract(contract(contract(get(x), get(W)), get(W)), get(W)));
    expect(renamesOf(lower(made).inference)).toEqual([]);
    const w = batch.params.W;
    expectClose(
      run(made, batch).outputs.out,
      matmul(matmul(matmul(batch.inputs["paper.x"], w, 4), w, 4), w, 4),
    );
  });
  it("is renamed once round a square residual layer", () => {
    const made = output(add(get(x), map("relu", contract(get(x), get(V)))));
    expect(renamesOf(lower(made).inference)).toHaveLength(1);
    const v = matmul(batch.inputs["paper.x"], batch.params.V, 4);
    expectClose(
      run(made, batch).outputs.out,
      v.map((a, i) => Math.max(a, 0) + (batch.inputs["paper.x"][i] ?? 0)),
    );
  });
  it("multiplies a parameter with itself and with its transpose", () => {
    const [i, j, k] = [binder("i", 4), binder("j", 4), binder("k", 4)];
    const gram = each([i, j], reduce("sum", [k], mul(at(get(W), i, k), at(get(W), j, k))));
    const w = batch.params.W;
    const transposed = w.map((_, n) => w[4 * (n % 4) + Math.floor(n / 4)] ?? 0);
    const want = [...matmul(w, transposed, 4), ...matmul(w, transposed, 4)];
    expectClose(run(output(gram), batch).outputs.out, want);
    const square = contract(get(W), get(W));
    const both = [...matmul(w, w, 4), ...matmul(w, w, 4)];
    expectClose(run(output(add(square, lit(0))), batch).outputs.out, both);
  });
});
