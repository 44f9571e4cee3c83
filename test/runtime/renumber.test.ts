/** Large graphs renumbered when they are loaded: nothing but the last bits tells. */
import { describe, expect, it } from "vitest";
import { checkSource, compileModel } from "../../compiler/index.js";
import { type GraphInput, load, type Model } from "../../runtime/index.js";

const text = `
import { leaky_relu } from "std/core"
model Mesh {
  nodes point, part
  edges near: point -> point sparse(self_loops)
  edges holds: part -> point
  input x: point f32[6] sparse
  input p: part f32[2]
  input w: near f32
  input y: point f32[4]
  param A: f32[6, 4]
  param B: f32[2, 4]
  node point { z = x @ A; s = z[0] }
  node part { q = p @ B }
  edge near { a = softmax(leaky_relu(sender.s + receiver.s + w, 0.2)) by receiver; both = sender.s - receiver.s }
  node point { h = tanh(sum(a * sender.z) + sum(sender.q) over holds + z) }
  node part { back = sum(receiver.h) by sender over holds }
  global { total = sum(h) }
  node point { out = h * h + global.total / 1e4 }
  output out, both, back, total
  loss sum[i]((out[i] - y[i]) * (out[i] - y[i]))
  optimizer sgd(lr: 0.1)
}
model Order {
  nodes point
  edges up: point -> point dag
  input x: point f32
  node point { h: f32 = tanh(x + 0.1 * sum(sender.h)) }
  output h
}
model Placed {
  nodes point: set(19600)
  edges near: point -> point
  input x: point f32
  node point { y = sum(sender.x) + index }
  output y
}
`;

const side = 140;
const nodes = side * side;

/** A mesh whose points were numbered at random, its edges both ways or one way, which makes no circle. */
function mesh(bothWays = true): { readonly senders: Int32Array; readonly receivers: Int32Array } {
  let seed = 7;
  const below = (n: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed % n;
  };
  const name = Int32Array.from({ length: nodes }, (_, i) => i);
  for (let i = nodes - 1; i > 0; i--) {
    const j = below(i + 1);
    [name[i], name[j]] = [name[j] as number, name[i] as number];
  }
  const [senders, receivers]: [number[], number[]] = [[], []];
  for (let i = 0; i + 1 < side; i++)
    for (let j = 1; j + 1 < side; j++)
      for (const [a, b] of [
        [0, 1],
        [1, 0],
        [1, 1],
        [1, -1],
      ] as const) {
        const [u, v] = [name[i * side + j] as number, name[(i + a) * side + j + b] as number];
        senders.push(...(bothWays ? [u, v] : [u]));
        receivers.push(...(bothWays ? [v, u] : [v]));
      }
  return { senders: Int32Array.from(senders), receivers: Int32Array.from(receivers) };
}

const wave = (n: number, k: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(i * k));

function graphOf({ senders, receivers }: ReturnType<typeof mesh>): GraphInput {
  const indptr = Int32Array.from({ length: nodes + 1 }, (_, i) => 2 * i);
  return {
    point: {
      x: {
        indptr,
        indices: Int32Array.from({ length: 2 * nodes }, (_, i) => (i % 2) + (i % 4) + (i % 2)),
        values: wave(2 * nodes, 0.7),
      },
      y: wave(4 * nodes, 0.3),
    },
    part: { p: wave(2 * 50, 1.1) },
    near: { senders, receivers, w: wave(senders.length, 0.9) },
    holds: {
      senders: Int32Array.from({ length: nodes }, (_, i) => i % 50),
      receivers: Int32Array.from({ length: nodes }, (_, i) => i),
    },
  };
}

const edges = mesh();
async function modelOf(name: string, renumber: boolean, all = false): Promise<Model> {
  const { models } = checkSource({ name: "mesh.gn", text });
  const model = models.find((m) => m.name === name);
  if (!model) throw new Error("the program does not compile");
  return load(await compileModel(model, all ? { gradients: "all" } : {}), { seed: 1, renumber });
}

/** The largest difference over the largest magnitude. */
function deviation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let [most, size] = [0, 1e-30];
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs((a[i] as number) - (b[i] as number)));
    size = Math.max(size, Math.abs(b[i] as number));
  }
  return most / size;
}

describe("a renumbered graph", () => {
  it("gives every output in the order of the user, and other last bits", async () => {
    const graph = graphOf(edges);
    const [plain, moved] = [await modelOf("Mesh", false), await modelOf("Mesh", true)];
    const [a, b] = [plain.run(graph), moved.run(graph)];
    for (const [space, name] of [
      ["point", "out"],
      ["near", "both"],
      ["part", "back"],
      ["global", "total"],
    ] as const)
      expect(
        deviation(b[space]?.[name] ?? [], a[space]?.[name] ?? []),
        `${space}.${name}`,
      ).toBeLessThan(1e-5);
    expect(b.point?.out).not.toEqual(a.point?.out);
    expect(moved.run(graph)).toEqual(b);
  });

  it("trains as the other does, beside a small graph as well", async () => {
    const small = graphOf({ senders: Int32Array.of(3, 9), receivers: Int32Array.of(9, 3) });
    const graphs = [small, graphOf(edges)];
    const [plain, moved] = [await modelOf("Mesh", false), await modelOf("Mesh", true)];
    const [first, second] = [plain.trainer(), moved.trainer()];
    for (let step = 0; step < 3; step++)
      expect(second.step(graphs).loss).toBeCloseTo(first.step(graphs).loss, 5);
    for (const [path, data] of plain.weights.entries())
      expect(deviation(moved.weights.get(path), data), path).toBeLessThan(1e-5);
  });

  it("gives gradients of inputs in the order of the user", async () => {
    const graph = graphOf(edges);
    const cotangents = {
      point: { out: wave(4 * nodes, 0.2) },
      near: { both: wave(edges.senders.length, 0.4) },
    };
    const [plain, moved] = [await modelOf("Mesh", false, true), await modelOf("Mesh", true, true)];
    const [a, b] = [plain.pullback(graph, cotangents), moved.pullback(graph, cotangents)];
    for (const [space, name] of [
      ["point", "x"],
      ["near", "w"],
      ["part", "p"],
    ] as const)
      expect(
        deviation(b.inputs[space]?.[name] ?? [], a.inputs[space]?.[name] ?? []),
        `${space}.${name}`,
      ).toBeLessThan(1e-5);
  });

  it("is read level by level in the order of the user", async () => {
    const graph = { point: { x: wave(nodes, 0.5) }, up: mesh(false) };
    const [plain, moved] = [await modelOf("Order", false), await modelOf("Order", true)];
    expect(moved.signature.sets.map(({ free }) => free)).toEqual([true]);
    const levels = [...moved.stream(graph)];
    for (const { level, nodes: own, outputs } of plain.stream(graph)) {
      expect(levels[level]?.nodes).toEqual(own);
      const h = levels[level]?.outputs.point?.h ?? [];
      expect(deviation(h, outputs.point?.h ?? [])).toBeLessThan(1e-5);
    }
    expect(
      deviation(moved.run(graph).point?.h ?? [], plain.run(graph).point?.h ?? []),
    ).toBeLessThan(1e-5);
  });

  it("stays as it is where a model reads places", async () => {
    const graph = { point: { x: wave(nodes, 0.5) }, near: edges };
    const [plain, moved] = [await modelOf("Placed", false), await modelOf("Placed", true)];
    expect(moved.signature.sets.some(({ free }) => free)).toBe(false);
    expect(moved.run(graph)).toEqual(plain.run(graph));
  });
});
