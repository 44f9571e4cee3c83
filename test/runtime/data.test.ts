import { describe, expect, it } from "vitest";
import type { ManifestInput } from "../../runtime/artifact.js";
import {
  dataFrom,
  graphsFrom,
  load,
  readSafetensors,
  type Tensor,
  type TensorData,
  tensorsFrom,
  writeSafetensors,
} from "../../runtime/index.js";
import { shell, toy, toyManifest } from "./toy.js";

const tensor = (shape: number[], data: TensorData): Tensor => ({ shape, data });
const i32 = (...values: number[]) => tensor([values.length], Int32Array.from(values));
const f32 = (...values: number[]) => tensor([values.length], Float32Array.from(values));
const input = (space: string, name: string, shape: number[], sparse = false): ManifestInput => ({
  name,
  space,
  dtype: "f32",
  shape,
  range: null,
  sparse,
  neededToRun: true,
  buffer: null,
});

const signature = {
  ...toyManifest,
  sets: [
    { name: "paper", layout: { kind: "set", size: null } },
    { name: "pixel", layout: { kind: "grid", extents: [1, 2] } },
  ],
  relations: [{ ...toyManifest.relations[0], name: "cites", senders: "paper", receivers: "paper" }],
  inputs: [
    input("paper", "x", [2]),
    input("paper", "s", [4], true),
    input("global", "u", []),
    input("pixel", "v", []),
    input("batch", "t", []),
  ],
} as typeof toyManifest;

describe("data files", () => {
  it("hold one graph when nothing says otherwise", () => {
    const tensors = new Map([
      ["paper.x", tensor([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))],
      ["cites.senders", i32(0)],
      ["cites.receivers", i32(2)],
    ]);
    expect(graphsFrom(tensors, signature)).toEqual([
      {
        paper: { x: Float32Array.of(1, 2, 3, 4, 5, 6) },
        cites: { senders: Int32Array.of(0), receivers: Int32Array.of(2) },
      },
    ]);
  });

  it("deal rows out to graphs by their counts, sparse ones too", () => {
    const tensors = new Map([
      ["paper.count", i32(1, 0, 2)],
      ["paper.x", tensor([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))],
      ["paper.s.indptr", i32(0, 1, 1, 3)],
      ["paper.s.indices", i32(3, 0, 1)],
      ["paper.s.values", f32(7, 8, 9)],
      ["cites.count", i32(1, 0, 1)],
      ["cites.senders", i32(0, 1)],
      ["cites.receivers", i32(0, 0)],
      ["global.u", f32(10, 20, 30)],
      ["pixel.v", f32(1, 2, 3, 4, 5, 6)],
      ["batch.t", f32(0.5)],
    ]);
    const graphs = graphsFrom(tensors, signature);
    expect(graphs).toHaveLength(3);
    const written = dataFrom(graphs, signature);
    expect(graphsFrom(readSafetensors(writeSafetensors(written)).tensors, signature)).toEqual(
      graphs,
    );
    for (const [key, { data }] of tensors) expect(written.get(key)?.data, key).toEqual(data);
    expect(graphs[2]).toEqual({
      paper: {
        x: Float32Array.of(3, 4, 5, 6),
        s: {
          indptr: Int32Array.of(0, 0, 2),
          indices: Int32Array.of(0, 1),
          values: Float32Array.of(8, 9),
        },
      },
      cites: { senders: Int32Array.of(1), receivers: Int32Array.of(0) },
      global: { u: Float32Array.of(30) },
      pixel: { v: Float32Array.of(5, 6) },
      batch: { t: Float32Array.of(0.5) },
    });
  });

  it("count graphs by sets of a fixed size", () => {
    expect(graphsFrom(new Map([["pixel.v", f32(1, 2, 3, 4)]]), signature)).toHaveLength(2);
  });

  it("say what cannot be dealt out", () => {
    const from = (entries: [string, Tensor][]) => () => graphsFrom(new Map(entries), signature);
    expect(
      from([
        ["global.u", f32(1, 2)],
        ["paper.x", tensor([2, 2], new Float32Array(4))],
      ]),
    ).toThrow("GN5036: the file holds 2 graphs: paper.count must say how many rows each has");
    expect(
      from([
        ["paper.count", i32(1, 1)],
        ["paper.x", tensor([3, 2], new Float32Array(6))],
      ]),
    ).toThrow("GN5036: paper has 3 rows, but 2 graphs make 2");
    expect(
      from([
        ["cites.count", i32(1)],
        ["paper.count", i32(1, 1)],
      ]),
    ).toThrow("GN5036");
    expect(from([["paper.z", f32(1)]])).toThrow("GN5011: paper.z is no input of paper");
    expect(from([["paper.s.indptr", i32(0)]])).toThrow(
      "GN5036: paper.s needs .indptr, .indices and .values",
    );
  });

  it("make graphs that run, and take their outputs", async () => {
    const model = await load(toy());
    const file = writeSafetensors([
      ["node.count", i32(2, 1)],
      ["node.x", f32(1, 2, 3)],
      ["link.count", i32(1, 0)],
      ["link.senders", i32(0)],
      ["link.receivers", i32(1)],
      ["link.w", f32(10)],
    ]);
    const outputs = model.run(graphsFrom(readSafetensors(file).tensors, model.signature));
    expect(tensorsFrom(outputs, model.signature)).toEqual(
      new Map([
        ["node.out", f32(2, 24, 6)],
        ["node.count", i32(2, 1)],
        ["link.m", f32(10)],
        ["link.count", i32(1, 0)],
      ]),
    );
    expect([...tensorsFrom(outputs[0] ?? {}, model.signature).keys()]).toEqual([
      "node.out",
      "link.m",
    ]);
  });

  it("give nodes without fields their count", async () => {
    const model = await load(shell({ sets: [{ name: "a", layout: { kind: "set", size: null } }] }));
    const graphs = graphsFrom(new Map([["a.count", i32(4, 5)]]), model.signature);
    expect(model.batch(graphs).rows.a).toBe(9);
  });
});
