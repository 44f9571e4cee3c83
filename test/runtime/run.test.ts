import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { artifactVersion } from "../../runtime/artifact.js";
import { GnError, load, type Numbers } from "../../runtime/index.js";
import { reference, shell, type ToyGraph, toy } from "./toy.js";

/** Small graphs of small whole numbers, so that every order of summation gives the same bits. */
const toyGraph: fc.Arbitrary<ToyGraph> = fc.nat(6).chain((n) => {
  const edge = fc.record({ from: fc.nat(5), to: fc.nat(5), w: fc.integer({ min: -4, max: 4 }) });
  return fc
    .record({
      x: fc.array(fc.integer({ min: -8, max: 8 }), { minLength: n, maxLength: n }),
      edges: fc.array(edge, { maxLength: n ? 12 : 0 }),
    })
    .map(({ x, edges }) => ({
      node: { x, y: x.map((v) => v + 1) },
      link: {
        senders: edges.map(({ from }) => from % n),
        receivers: edges.map(({ to }) => to % n),
        w: edges.map(({ w }) => w),
      },
    }));
});

const plain = (fields: Readonly<Record<string, Readonly<Record<string, ArrayLike<number>>>>>) => ({
  out: Array.from(fields.node?.out ?? [], (v) => v + 0),
  m: Array.from(fields.link?.m ?? [], (v) => v + 0),
});
const want = (graph: ToyGraph, a: number) => {
  const { out, m } = reference(graph, a);
  return { out: out.map((v) => v + 0), m: m.map((v) => v + 0) };
};

describe("run", () => {
  it("computes one graph, with edge outputs in the order the edges were given", async () => {
    const model = await load(toy());
    const graph = {
      node: { x: [1, 2, 3] },
      link: { senders: [2, 0, 1], receivers: [1, 1, 0], w: [10, 100, 1000] },
    };
    expect(plain(model.run(graph))).toEqual({ out: [2 * 2001, 2 * 132, 6], m: [30, 100, 2000] });
  });

  it("computes a ragged batch as it computes each graph", async () => {
    const model = await load(toy());
    fc.assert(
      fc.property(fc.array(toyGraph, { maxLength: 5 }), (graphs) => {
        expect(model.run(graphs).map(plain)).toEqual(graphs.map((graph) => want(graph, 2)));
      }),
    );
  });

  it("gives the same when batches of many sizes follow one another", async () => {
    const model = await load(toy());
    const batches = fc
      .sample(fc.array(toyGraph, { maxLength: 4 }), { numRuns: 30, seed: 1 })
      .map((graphs) => model.batch(graphs));
    const first = batches.map((batch) => model.run(batch));
    const again = batches.toReversed().map((batch) => model.run(batch));
    expect(again.reverse()).toEqual(first);
  });

  it("writes into outputs of an earlier run, whatever their graphs were", async () => {
    const model = await load(toy());
    fc.assert(
      fc.property(fc.array(toyGraph, { maxLength: 5 }), fc.array(toyGraph), (before, graphs) => {
        const into = model.run(before);
        const [first] = [into[0]?.node?.out];
        const given = model.run(graphs, { into });
        expect(given.map(plain)).toEqual(graphs.map((graph) => want(graph, 2)));
        const fits = before[0]?.node.x.length === graphs[0]?.node.x.length;
        if (before.length > 0 && graphs.length > 0)
          expect(given[0]?.node?.out === first).toBe(fits);
      }),
    );
    const graph = {
      node: { x: [1, 2, 3] },
      link: { senders: [2, 0], receivers: [1, 1], w: [10, 1] },
    };
    const outputs = model.run(graph);
    const [out, m] = [outputs.node?.out, outputs.link?.m];
    const again = model.run({ ...graph, node: { x: [3, 2, 1] } }, { into: outputs });
    expect([again.node?.out === out, again.link?.m === m]).toEqual([true, true]);
    expect(plain(again)).toEqual(want({ node: { x: [3, 2, 1], y: [] }, link: graph.link }, 2));
  });

  it("replaces what does not fit into outputs, and leaves it as it was", async () => {
    const model = await load(toy());
    const graph = { node: { x: [1, 2, 3] }, link: { senders: [2], receivers: [1], w: [10] } };
    const fresh = model.run(graph);
    for (const out of [new Float32Array(4), new Int32Array(3), [0, 0, 0], undefined, null]) {
      const kept = structuredClone(out);
      const given = model.run(graph, { into: { node: { out } } as never });
      expect(given).toEqual(fresh);
      expect(given.node?.out).not.toBe(out);
      expect(out).toEqual(kept);
    }
  });

  it("runs an empty batch and an empty graph", async () => {
    const model = await load(toy());
    expect(model.run([])).toEqual([]);
    const empty = { node: { x: [] }, link: { senders: [], receivers: [], w: [] } };
    expect(plain(model.run(empty))).toEqual({ out: [], m: [] });
  });

  it("allocates no memory and keeps its views when a batch runs again", async () => {
    const model = await load(toy());
    const batch = model.batch({
      node: { x: new Float32Array(50_000) },
      link: { senders: [], receivers: [], w: [] },
    });
    model.run(batch);
    const before = model.memory;
    for (let k = 0; k < 20; k++) model.run(batch);
    expect(model.memory).toEqual(before);
  });

  it("says when a batch does not fit into memory, and runs the next one that does", async () => {
    const words = [{ times: 4, spaces: ["node"] }];
    const buffer = { words, name: "x", space: "node", width: 4, life: "kept", lives: {} } as const;
    const model = await load(shell({ buffers: [buffer] }));
    model.run({ node: { count: 10 } });
    expect(() => model.run({ node: { count: 2 ** 31 } })).toThrow(
      /GN5043: this needs \d+ MiB, more than there is/,
    );
    expect(model.run({ node: { count: 10 } })).toEqual({});
    expect(model.batch({ node: { count: 11 } }).rows.node).toBe(11);
    expect(model.memory.buffers).toBeLessThan(1000);
  });

  it("uses an equal batch laid out before when the edges are the very same", async () => {
    const model = await load(toy());
    const link = { senders: [0], receivers: [1], w: [1] };
    for (const x of [
      [1, 2],
      [3, 4],
      [5, 6],
    ])
      expect(plain(model.run({ node: { x }, link })).out).toEqual([
        2 * (x[0] as number),
        2 * ((x[0] as number) + (x[1] as number)),
      ]);
  });

  it("takes plain arrays, typed arrays and big integers", async () => {
    const model = await load(toy());
    const link = {
      senders: BigInt64Array.of(0n),
      receivers: new Uint8Array([1]),
      w: new Float64Array([3]),
    };
    expect(plain(model.run({ node: { x: new Int16Array([1, 2]) }, link }))).toEqual({
      out: [2, 10],
      m: [3],
    });
  });
});

describe("pullback", () => {
  it("gives gradients of parameters and inputs", async () => {
    const model = await load(toy());
    const graph = {
      node: { x: [1, 2, 3] },
      link: { senders: [0, 0], receivers: [1, 2], w: [5, 7] },
    };
    const { parameters, inputs } = model.pullback(graph, { node: { out: [1, 10, 100] } });
    expect(parameters).toEqual({ a: Float32Array.of(1 * 1 + 10 * 7 + 100 * 10) });
    expect(inputs.node?.x).toEqual(Float32Array.of(2 * (1 + 5 * 10 + 7 * 100), 20, 200));
  });

  it("takes cotangents that are left out as zero, and gives one object per graph", async () => {
    const model = await load(toy());
    const graph = { node: { x: [1, 2] }, link: { senders: [], receivers: [], w: [] } };
    const { parameters, inputs } = model.pullback([graph, graph], [{}, { node: { out: [1, 1] } }]);
    expect(parameters.a).toEqual(Float32Array.of(3));
    expect(inputs.map((fields) => [...(fields.node?.x ?? [])])).toEqual([
      [0, 0],
      [2, 2],
    ]);
  });

  it("rejects cotangents that do not fit", async () => {
    const model = await load(toy());
    const graph = { node: { x: [1, 2] }, link: { senders: [], receivers: [], w: [] } };
    expect(() => model.pullback(graph, { node: { out: [1] } })).toThrow(
      "GN5013: the cotangent of node.out has 1 values, but needs 2",
    );
    expect(() => model.pullback(graph, { node: { uot: [1, 2] } })).toThrow(
      "did you mean node.out?",
    );
    expect(() => model.pullback([graph], [])).toThrow("GN5013");
  });
});

describe("load and dispose", () => {
  it("says what to do with an artifact of another version", async () => {
    await expect(load(toy({ version: 99 as typeof artifactVersion }))).rejects.toThrow(
      "recompile with gnc",
    );
  });

  it("says when the bytes are no module, or no model", async () => {
    await expect(load(Uint8Array.of(1, 2, 3))).rejects.toThrow("GN5001");
    await expect(load(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))).rejects.toThrow(
      "no model compiled by gnc",
    );
  });

  it("loads from a response of any type, telling the progress", async () => {
    const bytes = toy() as Uint8Array<ArrayBuffer>;
    const seen: number[] = [];
    const response = new Response(bytes, {
      headers: { "content-type": "text/plain", "content-length": String(bytes.length) },
    });
    const model = await load(response, {
      onProgress: ({ loaded, total }) => seen.push(loaded / (total ?? 0)),
    });
    expect(seen.at(-1)).toBe(1);
    expect(model.signature.model).toBe("Toy");
    await expect(load(new Response("gone", { status: 404 }))).rejects.toThrow("GN5003");
    await expect(load("/nowhere.wasm")).rejects.toThrow("GN5003: cannot read /nowhere.wasm");
  });

  it("stops when aborted", async () => {
    await expect(load(toy(), { signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
  });

  it("gives its memory back when disposed of", async () => {
    const bytes = toy();
    const graph = {
      node: { x: new Float32Array(100_000) },
      link: { senders: [], receivers: [], w: [] },
    };
    for (let k = 0; k < 300; k++) {
      using model = await load(bytes);
      model.run(graph);
    }
  });

  it("checks names and types of a model that has them", async () => {
    interface ToyTypes {
      graph: { node: { x: Numbers }; link: { senders: Numbers; receivers: Numbers; w: Numbers } };
      labelled: ToyTypes["graph"] & { node: { y: Numbers } };
      outputs: { node: { out: Float32Array }; link: { m: Float32Array } };
      cotangents: { node?: { out?: Numbers } };
      gradients: { node: { x: Float32Array } };
      parameters: "a" | "s";
      metrics: "error";
    }
    const model = await load<ToyTypes>(toy());
    const link = { senders: [], receivers: [], w: [] };
    const batch = model.batch([{ node: { x: [1] }, link }]);
    const one: Float32Array = model.run({ node: { x: [1] }, link }).node.out;
    const many: Float32Array | undefined = model.run(batch)[0]?.node.out;
    expect(many).toEqual(one);
    const { error } = model.trainer().evaluate({ node: { x: [1], y: [2] }, link }).metrics;
    expect(error).toBe(0);
    // @ts-expect-error The model has no parameter of this name.
    expect(() => model.weights.get("b")).toThrow("GN5033");
    // @ts-expect-error The graph lacks its edges.
    expect(() => model.run({ node: { x: [1] } })).toThrow("GN5010");
  });

  it("is of no use after dispose, and says so", async () => {
    const model = await load(toy());
    const trainer = model.trainer();
    model.dispose();
    for (const use of [
      () => model.run([]),
      () => model.memory,
      () => model.weights.get("a"),
      () => trainer.step([]),
    ])
      expect(use).toThrow(GnError);
    expect(() => model.run([])).toThrow("GN5005: this Toy has been disposed of; load it again");
  });

  it("names the program that an artifact lacks", async () => {
    const { infer } = JSON.parse(JSON.stringify({ infer: [] }));
    const model = await load(toy({ programs: { infer } }));
    expect(() => model.trainer()).toThrow("GN5004: Toy has no program `train`");
    expect(() => model.pullback([], [])).toThrow("GN5004");
  });

  it("rejects a batch of another model", async () => {
    const [one, other] = [await load(toy()), await load(toy())];
    const batch = one.batch([]);
    expect(() => other.run(batch)).toThrow("GN5042");
  });
});
