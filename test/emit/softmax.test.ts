/** Softmax by receiver and the sums weighted by it, in the forms that models and their derivatives take. */
import { describe, expect, it } from "vitest";
import type { Stage } from "../../compiler/ir/kernel.js";
import { receiverOf, senderOf } from "../../compiler/ir/space.js";
import { type Axis, type Tensor, TensorTable } from "../../compiler/ir/tensor.js";
import { Machine } from "./support/machine.js";
import { generator, nodeSet, relation, World } from "./support/world.js";

const nodes = nodeSet("node");
const others = nodeSet("other");
const edges = relation("edge", others, nodes);
const [map, from] = [receiverOf(edges), senderOf(edges)];
const senders = 23;

/** A receiver for each of these numbers of edges. */
function world(degrees: readonly number[]): World {
  const next = generator(5);
  const receivers = degrees.flatMap((n, r) => new Array<number>(n).fill(r));
  return new World({
    sets: [
      { set: nodes, counts: [degrees.length] },
      { set: others, counts: [senders] },
    ],
    edges: [
      {
        relation: edges,
        senders: receivers.map(() => Math.floor(next() * senders)),
        receivers,
      },
    ],
  });
}

const short = Array.from({ length: 18 }, (_, i) => i);

/** What a form of logits is made from. */
interface Parts {
  readonly table: TensorTable;
  readonly m: Machine;
  readonly h: Axis;
}

type Form = (parts: Parts) => { readonly logits: Tensor; readonly mask?: Tensor };

const leaf = ({ table, m }: Parts, name: string, space: Tensor["space"], axes: readonly Axis[]) => {
  const t = table.input(name, space, axes, "f32");
  m.store(t);
  return t;
};

function leaky(table: TensorTable, x: Tensor): Tensor {
  const zero = table.constant(0, x.space);
  const less = table.product({ factors: [x], scale: 0.2 });
  return table.map("select", [table.map("gt", [x, zero]), x, less]);
}

/** Velickovic et al. 2018, eq. 3. */
const gat: Form = (p) => {
  const { table, h } = p;
  const [s, r] = [leaf(p, "s", others, [h]), leaf(p, "r", nodes, [h])];
  return { logits: leaky(table, table.map("add", [table.pull(s, from), table.pull(r, map)])) };
};

/** Brody et al. 2022, eq. 7, with a feature of the edge. */
const gatv2: Form = (p) => {
  const { table, h } = p;
  const k = table.axis("k", 5);
  const [s, r] = [leaf(p, "s", others, [h, k]), leaf(p, "r", nodes, [h, k])];
  const [e, v] = [leaf(p, "e", edges, [h]), leaf(p, "v", edges, [k])];
  const inner = leaky(table, table.map("add", [table.pull(s, from), table.pull(r, map)]));
  const score = table.product({ factors: [v, inner], over: [k] });
  return { logits: table.map("add", [score, e]) };
};

/** Edges that take no part: rows may have none that does. */
const masked: Form = (p) => {
  const { table, m } = p;
  const mask = table.input("mask", edges, [], "bool");
  const degrees = m.world.rows(edges);
  m.store(mask, { value: (i) => (i < degrees / 3 || i % 3 === 0 ? 0 : 1) });
  const none = table.constant(Number.NEGATIVE_INFINITY, edges);
  return { logits: table.map("select", [mask, gat(p).logits, none]), mask };
};

interface Case {
  readonly heads: number;
  readonly width: number;
  readonly form: Form;
  readonly dropout?: boolean;
  /** Whether the difference is written as a sum with a product by -1. */
  readonly rewritten?: boolean;
  readonly degrees?: readonly number[];
}

interface Made {
  readonly m: Machine;
  readonly lse: Tensor;
  readonly sum: Tensor;
  readonly stage: Stage;
}

function make({ heads, width, form, dropout, rewritten, degrees = short }: Case): Made {
  const table = new TensorTable();
  const [h, d] = [table.axis("h", heads), table.axis("d", width)];
  const m = new Machine(world(degrees));
  const parts = { table, m, h };
  const { logits, mask } = form(parts);
  const z = leaf(parts, "z", others, [h, d]);
  const lse = table.lse(logits, [], map);
  const pulled = table.pull(lse, map);
  const minus = table.product({ factors: [pulled], scale: -1 });
  const difference = rewritten
    ? table.map("add", [logits, minus])
    : table.map("sub", [logits, pulled]);
  const zero = table.constant(0, edges);
  let weight = table.map("exp", [difference]);
  if (mask) weight = table.map("select", [mask, weight, zero]);
  if (dropout) {
    const drawn = table.random(3, edges, [h]);
    const keep = table.map("ge", [drawn, table.constant(0.6, edges)]);
    const more = table.product({ factors: [weight], scale: 2.5 });
    weight = table.map("select", [keep, more, zero]);
  }
  const sum = table.product({ factors: [weight, table.pull(z, from)], map });
  for (const t of [lse, sum]) m.store(t);
  return { m, lse, sum, stage: { kind: "softmax", map, lse, sums: [sum] } };
}

/** A sum of n numbers of one sign, one after another in f32, is off by up to about sqrt(n) roundings. */
const tolerance = (n: number): number => Math.max(4e-6, Math.sqrt(n) * 2 ** -23);

async function agrees(parts: Case): Promise<void> {
  const { m, lse, sum, stage } = make(parts);
  m.pages = 1024;
  const kernel = m.kernel({ domain: { over: "rows", space: nodes }, stages: [stage] });
  await m.run([kernel], "whole");
  m.check([lse, sum], tolerance(Math.max(...(parts.degrees ?? short))));
  const whole = [lse, sum].map((t) => m.bits(t));
  await m.run([kernel], "single");
  expect([lse, sum].map((t) => m.bits(t))).toEqual(whole);
}

describe("softmax by receiver", () => {
  for (const heads of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    for (const [name, form] of Object.entries({ gat, gatv2, masked })) {
      const width = (3 * heads) % 11;
      it(`weighs ${heads} heads of ${width}, logits as ${name}`, () =>
        agrees({ heads, width, form, rewritten: heads % 2 === 0 }));
    }
    it(`drops weights of ${heads} heads`, () =>
      agrees({ heads, width: 7, form: gat, dropout: true, rewritten: heads % 2 === 1 }));
  }

  it("drops weights that a mask leaves", () =>
    agrees({ heads: 8, width: 8, form: masked, dropout: true }));

  for (const heads of [1, 8]) {
    it(`does without scratch where a row has too many elements for ${heads} heads`, () =>
      agrees({ heads, width: 3, form: gat, dropout: true, degrees: [2, 40000, 0, 5] }));
  }

  it("takes rows that together are more than a block", () =>
    agrees({ heads: 8, width: 8, form: gat, degrees: new Array<number>(9).fill(300) }));

  it("has nothing to weigh without edges", () =>
    agrees({ heads: 8, width: 8, form: gat, degrees: [0, 0, 0] }));
});
