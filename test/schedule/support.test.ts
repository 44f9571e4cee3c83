/** Where values are 0: which functions keep a zero, and how masks go through sums and along edges. */
import { describe, expect, it } from "vitest";
import { Masks } from "../../compiler/5-schedule/masks.js";
import { Supports } from "../../compiler/5-schedule/support.js";
import { receiverOf, senderOf } from "../../compiler/ir/space.js";
import { type MapFunction, TensorTable } from "../../compiler/ir/tensor.js";
import { nodeSet, relation } from "../emit/support/world.js";

const nodes = nodeSet("node");
const edges = relation("edge", nodes, nodes);

function scene() {
  const table = new TensorTable();
  const masks = new Masks(table);
  const mask = table.input("train", nodes, [], "bool");
  const x = table.input("x", nodes, [], "f32");
  const kept = table.map("select", [mask, x, table.constant(0, nodes)]);
  return { table, masks, mask, x, kept, of: new Supports(masks) };
}

/** Of one number; whether 0 goes to 0. */
const functions: Readonly<Partial<Record<MapFunction, boolean>>> = {
  relu: true,
  abs: true,
  tanh: true,
  sin: true,
  erf: true,
  sqrt: true,
  exp: false,
  cos: false,
  log: false,
  rsqrt: false,
  sigmoid: false,
};

describe("a function of a value that is 0 outside of a mask", () => {
  it.each(Object.entries(functions))("%s: %s", (f, keeps) => {
    const { table, mask, kept, of } = scene();
    expect([...of.of(table.map(f as MapFunction, [kept]))]).toEqual(keeps ? [mask] : []);
  });

  it("is 0 as a factor, and in a sum only where all terms are", () => {
    const { table, mask, x, kept, of } = scene();
    expect([...of.of(table.product({ factors: [x, kept] }))]).toEqual([mask]);
    expect([...of.of(table.map("add", [kept, table.map("relu", [kept])]))]).toEqual([mask]);
    expect([...of.of(table.map("add", [kept, x]))]).toEqual([]);
    expect([...of.of(x)]).toEqual([]);
  });

  it("is carried to those that edges take it to", () => {
    const { table, masks, mask, kept, of } = scene();
    const sent = table.pull(kept, senderOf(edges));
    const sum = table.product({ factors: [sent], map: receiverOf(edges) });
    const [found, ...more] = of.of(sum);
    expect(more).toEqual([]);
    expect(found).not.toBe(mask);
    expect(found && masks.hopsOf(found)).toBe(1);
  });
});
