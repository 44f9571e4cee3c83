/** Whole programs: gradients by parameter, pullbacks, and loops that export what the backward pass reads. */
import { describe, expect, it } from "vitest";
import { differentiate } from "../../compiler/4-differentiate/differentiate.js";
import { evaluate } from "../../compiler/ir/evaluate.js";
import type { Model, Parameter } from "../../compiler/ir/model.js";
import type { Forward, Program, Root } from "../../compiler/ir/program.js";
import { allOf } from "../../compiler/ir/space.js";
import { postorder, type Tensor } from "../../compiler/ir/tensor.js";
import { verify } from "../../compiler/ir/tensor.verify.js";
import { bahdanau, lstm, treeLstm } from "../support/cases/recurrent.js";
import { weighted } from "../support/central-difference.js";
import { type Case, Notation, nodes } from "../support/notation.js";
import { fillLeaves, randomBatch, randomFrom } from "../support/random-graph.js";

const span = { source: { name: "test", text: "" }, start: 0, end: 0 };

function parameter(path: string, ...shape: readonly number[]): Parameter {
  const init = { kind: "constant", value: 0 } as const;
  const origin = { declaration: "test", instance: "" };
  return { kind: "parameter", path, shape, families: 0, init, origin, span };
}

function modelOf(parameters: readonly Parameter[]): Model {
  const none = { sets: [], relations: [], inputs: [], states: [], fields: [], recurrences: [] };
  const goals = { applications: [], outputs: [], losses: [], metrics: [], optimizers: [] };
  return { name: "test", doc: null, span, ...none, ...goals, parameters };
}

const forward = (outputs: readonly Root[], loss: Tensor | null): Forward => ({
  outputs,
  loss,
  metrics: [],
  states: [],
});

const rootOf = (name: string, value: Tensor): Root => ({ name, value, layout: value.axes });

/** A case as a program whose loss is Σ y². */
function programOf({ table, results }: Case): Program {
  const outputs = results.map((y, i) => rootOf(`y${i}`, y));
  const loss = results.map((y) => weighted(table, y, y)).reduce((a, b) => table.map("add", [a, b]));
  const paths = postorder(results).flatMap((t) => (t.op === "param" ? [t.attrs.path] : []));
  return {
    model: modelOf(paths.map((p) => parameter(p))),
    table,
    inference: forward(outputs, loss),
    training: forward(outputs, loss),
    optimizers: [],
  };
}

const recurs = (roots: readonly Tensor[]) => postorder(roots).filter((t) => t.op === "recur");

describe("differentiate", () => {
  it("adds up the gradients of all leaves of one parameter in one layout", () => {
    const n = new Notation();
    const atom = nodes("atom");
    const [i, j, k] = [n.axis("i", 2), n.axis("j", 2), n.axis("k", 2)];
    const x = n.input("x", atom, i);
    // x W, then W read as its own transpose: same axes, other places
    const once = n.dot(x, n.on(atom, n.table.param("W", [i, j])), i);
    const again = n.dot(once, n.on(atom, n.table.param("W", [j, i])), j);
    const third = n.dot(again, n.on(atom, n.table.param("W", [i, k])), i);
    const loss = n.table.product({ factors: [third], over: [k], map: allOf(atom) });
    const training = forward([], loss);
    const inference = forward([rootOf("y", third)], null);
    const program = { model: modelOf([parameter("W", 2, 2)]), table: n.table, inference, training };
    const done = differentiate({ ...program, optimizers: [] }, { pullback: false });
    const [gradient] = done.gradients;
    expect(done.gradients.map((g) => g.parameter.path)).toEqual(["W"]);
    expect(gradient?.root.layout).toHaveLength(2);
    expect(gradient?.root.value.axes).toHaveLength(2);
    verify([gradient?.root.value ?? loss]);

    const batch = randomBatch(randomFrom(1), { sets: [atom] });
    fillLeaves(batch, [loss], randomFrom(2));
    const W = Array.from(batch.params.get("W") ?? []);
    const at = (w: readonly number[]) => {
      batch.params.set("W", w);
      return evaluate([loss], batch)[0]?.[0] ?? Number.NaN;
    };
    const measured = W.map((_, p) => {
      const moved = (h: number) => at(W.map((v, q) => (p === q ? v + h : v)));
      return (moved(1e-5) - moved(-1e-5)) / 2e-5;
    });
    at(W);
    // the layout of the root says how the values lie
    const turned = gradient?.root.layout[0] !== gradient?.root.value.axes[0];
    const [found] = evaluate([gradient?.root.value ?? loss], batch);
    const [a, b, c, d] = found ?? [];
    const inLayout = turned ? [a, c, b, d] : [a, b, c, d];
    for (const [p, v] of measured.entries()) expect(inLayout[p]).toBeCloseTo(v, 7);
  });

  it("leaves out parameters that the loss does not reach", () => {
    const n = new Notation();
    const [p, q] = [n.table.param("p", []), n.table.param("q", [])];
    const program: Program = {
      model: modelOf([parameter("p"), parameter("q")]),
      table: n.table,
      inference: forward([], null),
      training: forward([], n.add(n.mul(p, p), n.table.stop(q))),
      optimizers: [],
    };
    const { gradients } = differentiate(program, { pullback: false });
    expect(gradients.map((g) => g.root.name)).toEqual(["p"]);
  });

  it("pulls cotangents of outputs back to parameters and inputs", () => {
    const n = new Notation();
    const atom = nodes("atom");
    const i = n.axis("i", 2);
    const x = n.input("x", atom, i);
    const y = n.mul(x, n.param("p", atom, i));
    const whole = n.map("floor", y);
    const outputs = [rootOf("y", y), rootOf("whole", whole)];
    const program: Program = {
      model: modelOf([parameter("p", 2)]),
      table: n.table,
      inference: forward(outputs, null),
      training: null,
      optimizers: [],
    };
    const { pullback, gradients } = differentiate(program, { pullback: true });
    expect(gradients).toEqual([]);
    expect(pullback?.cotangents.map((r) => r.name)).toEqual(["cotangent.y"]);
    expect(pullback?.parameters.map((g) => g.root.name)).toEqual(["p"]);
    expect(pullback?.inputs.map((r) => r.name)).toEqual(["x"]);
    const batch = randomBatch(randomFrom(1), { sets: [atom] });
    const values = pullback?.inputs.map((r) => r.value) ?? [];
    fillLeaves(batch, [...values, y], randomFrom(3));
    const [bar] = evaluate(values, batch);
    const [p, g] = [batch.params.get("p"), batch.inputs.get("cotangent.y")];
    bar?.forEach((v, at) => {
      expect(v).toBeCloseTo(Number(p?.[at % 2]) * Number(g?.[at]), 12);
    });
  });
});

describe("a loop and its adjoint", () => {
  it.each([
    ["LSTM", lstm, 4 + 2],
    ["Tree-LSTM", treeLstm, 4 + 2],
    ["Bahdanau decoder", bahdanau, 7 + 1],
  ] as const)(
    "of the %s run once each, and export what the other side reads",
    (_, make, bodies) => {
      const program = programOf(make());
      const done = differentiate(program, { pullback: false });
      const roots = [
        ...(done.training?.outputs.map((o) => o.value) ?? []),
        ...(done.training?.loss ? [done.training.loss] : []),
        ...done.gradients.map((g) => g.root.value),
      ];
      verify(roots);
      const loops = recurs(roots);
      expect(loops).toHaveLength(2);
      expect(loops[0]?.inputs).toHaveLength(bodies);
      // the weights are differentiated after the loop, over all rows
      const sums = loops.flatMap((l) => postorder(l.inputs)).filter((t) => t.space.kind === "unit");
      expect(sums.filter((t) => t.op === "product")).toEqual([]);
    },
  );

  it("keep the values of the outputs", () => {
    const c = lstm();
    const program = programOf(c);
    const done = differentiate(program, { pullback: true });
    const batch = randomBatch(randomFrom(4), c.batch);
    fillLeaves(batch, c.results, randomFrom(4));
    const before = evaluate(c.results, batch);
    for (const { outputs } of [done.inference, done.training ?? done.inference]) {
      expect(
        evaluate(
          outputs.map((o) => o.value),
          batch,
        ),
      ).toEqual(before);
    }
  });
});
