/** Whole programs: what goes in and comes out of `optimize`, and what a trace tells. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lower } from "../../compiler/2-lower/lower.js";
import { optimize, type RuleFired, rewrite } from "../../compiler/3-optimize/optimize.js";
import { differentiate } from "../../compiler/4-differentiate/differentiate.js";
import { checkSource } from "../../compiler/check-source.js";
import type { Program, Root } from "../../compiler/ir/program.js";
import { TensorTable } from "../../compiler/ir/tensor.js";
import * as programs from "./support/programs.js";

const text = `
import { GCN } from "std/graph"
import { dropout, cross_entropy, accuracy } from "std/core"
model Small {
  nodes paper
  edges cites: paper -> paper sparse(symmetric, self_loops)
  input x: paper f32[30] sparse
  input y: paper index[3]
  h = relu(GCN<4>(dropout(x, 0.5)))
  logits = GCN<3>(h)
  output logits
  loss cross_entropy(logits, y)
  metric accuracy(logits, y)
  optimizer adam(lr: 0.01 * pow(0.5, floor(step / 10)))
}`;

function small(): Program {
  const { models, diagnostics } = checkSource({ name: "small.gn", text });
  const [model] = models;
  if (!model) throw new Error(JSON.stringify(diagnostics));
  return lower(model);
}

const typeOf = ({ name, value, layout }: Root): unknown => [
  name,
  value.space,
  value.axes,
  value.dtype,
  layout,
];

describe("optimize", () => {
  it("keeps every root's name, space, axes and layout", () => {
    const before = small();
    const after = optimize(before);
    expect(after.inference.outputs.map(typeOf)).toEqual(before.inference.outputs.map(typeOf));
    expect(after.training?.loss?.space).toBe(before.training?.loss?.space);
    expect(after.inference.metrics).toHaveLength(before.inference.metrics.length);
    const derived = differentiate(after, { pullback: true });
    const joint = optimize(derived);
    expect(joint.gradients.map((g) => typeOf(g.root))).toEqual(
      derived.gradients.map((g) => typeOf(g.root)),
    );
    expect(joint.pullback?.inputs.map(typeOf)).toEqual(derived.pullback?.inputs.map(typeOf));
  });

  it("is done after once", () => {
    const once = optimize(small());
    const trace: RuleFired[] = [];
    const twice = optimize(once, (line) => trace.push(line));
    expect(twice.inference.outputs[0]?.value).toBe(once.inference.outputs[0]?.value);
    expect(twice.training?.loss).toBe(once.training?.loss);
  });

  it("tells each firing with its law, both formulas and the place in the text", () => {
    const trace: RuleFired[] = [];
    optimize(small(), (line) => trace.push(line));
    const line = trace.find((l) => l.rule === "sparse" && l.before.includes("h.W"));
    expect(line?.law).toBe("Σᵢ xᵢ Wᵢ = Σ_{row(n)} v_n W[column_n]");
    expect(line?.after).toContain("row(paper.x)");
    expect(line?.span).not.toBeNull();
  });
});

describe("a rule", () => {
  it("never reads a label or a path", () => {
    const folder = join(import.meta.dirname, "../../compiler/3-optimize/laws");
    for (const file of readdirSync(folder))
      expect(readFileSync(join(folder, file), "utf8"), file).not.toMatch(/\.(label|path)\b/);
  });
});

describe("rewriting", () => {
  it("takes time in proportion to the depth of a program", () => {
    const time = (layers: number): number => {
      const n = new programs.Graph();
      const axes = Array.from({ length: layers + 1 }, (_, i) => n.axis(`a${i}`, 3));
      let x = n.input("x", n.atom, ...axes.slice(0, 1));
      for (let i = 0; i < layers; i++) {
        const [from, to] = axes.slice(i);
        if (!from || !to) break;
        const W = n.param(`W${i}`, n.bond, from, to);
        x = n.map("tanh", n.sum(n.dot(n.sent(x), W, from)));
      }
      const start = performance.now();
      rewrite(n.table, [x]);
      return performance.now() - start;
    };
    time(50);
    expect(time(800)).toBeLessThan(60 * (time(100) + 5));
  });

  it("leaves a lone leaf alone", () => {
    const table = new TensorTable();
    const W = table.param("W", [table.axis("i", 2)]);
    expect(rewrite(table, [W])).toEqual([W]);
  });
});
