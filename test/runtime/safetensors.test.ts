import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  readSafetensors,
  type Tensor,
  type TensorData,
  writeSafetensors,
} from "../../runtime/index.js";

const makers: readonly ((length: number) => TensorData)[] = [
  (n) => Float32Array.from({ length: n }, (_, i) => i / 3),
  (n) => Float64Array.from({ length: n }, (_, i) => i / 7),
  (n) => BigInt64Array.from({ length: n }, (_, i) => BigInt(-i)),
  (n) => Int32Array.from({ length: n }, (_, i) => -i),
  (n) => Uint16Array.from({ length: n }, (_, i) => i),
  (n) => Uint8Array.from({ length: n }, (_, i) => i),
];

const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.array(fc.nat(3), { maxLength: 3 }), fc.constantFrom(...makers))
  .map(([shape, make]) => ({ shape, data: make(shape.reduce((a, b) => a * b, 1)) }));

/** A file with a header of our own. */
function file(header: unknown, data = 0, length?: bigint): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

describe("safetensors", () => {
  it("come back as they were written, aligned, wherever the file lies", () => {
    const names = fc
      .string({ minLength: 1 })
      .filter((name) => name !== "__metadata__" && name !== "__proto__");
    fc.assert(
      fc.property(fc.dictionary(names, anyTensor), fc.nat(8), (given, shift) => {
        const bytes = writeSafetensors(Object.entries(given), { a: "b" });
        const moved = new Uint8Array(bytes.length + shift).subarray(shift);
        moved.set(bytes);
        const { tensors, metadata } = readSafetensors(moved);
        expect(metadata).toEqual({ a: "b" });
        expect(new Map([...tensors].sort())).toEqual(new Map(Object.entries(given).sort()));
      }),
    );
  });

  it("have the same bytes whatever the order", () => {
    const [a, b]: [[string, Tensor], [string, Tensor]] = [
      ["a", { shape: [1], data: Uint8Array.of(1) }],
      ["b", { shape: [1], data: Float32Array.of(2) }],
    ];
    expect(writeSafetensors([a, b])).toEqual(writeSafetensors([b, a]));
    expect(new TextDecoder().decode(writeSafetensors([a, b]).subarray(8, 120)).trim()).toContain(
      '{"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}',
    );
  });

  it("widen half floats", () => {
    const half = file(
      {
        h: { dtype: "F16", shape: [9], data_offsets: [0, 18] },
        b: { dtype: "BF16", shape: [1], data_offsets: [18, 20] },
      },
      20,
    );
    const bits = [0x3c00, 0xc000, 0x0001, 0x7c00, 0xfbff, 0x3555, 0x83ff, 0xfc00, 0x7e01, 0x40a0];
    bits.forEach((value, k) => {
      half[half.length - 20 + 2 * k] = value & 255;
      half[half.length - 19 + 2 * k] = value >> 8;
    });
    const { tensors } = readSafetensors(half);
    expect([...(tensors.get("h")?.data ?? [])]).toEqual([
      1,
      -2,
      2 ** -24,
      Infinity,
      -65504,
      0.333251953125,
      -1023 * 2 ** -24,
      -Infinity,
      NaN,
    ]);
    expect([...(tensors.get("b")?.data ?? [])]).toEqual([5]);
  });

  it.each<[string, Uint8Array, string]>([
    ["too short", Uint8Array.of(1, 2), "2 bytes"],
    ["a header longer than the file", file({}, 0, 99n), "its header wants 99 of 2 bytes"],
    ["a header of absurd length", file({}, 0, 2n ** 63n), "its header wants"],
    ["no JSON", file("{"), "its header is no JSON"],
    ["no UTF-8", file("\u00ff".repeat(2)).fill(0xff, 8), "its header is no JSON"],
    ["no object", file([]), "its header is no object"],
    ["no entry", file({ a: null }), "a has the unknown dtype undefined"],
    [
      "an unknown dtype",
      file({ a: { dtype: "toString", shape: [], data_offsets: [0, 0] } }),
      "a has the unknown dtype toString",
    ],
    [
      "no shape",
      file({ a: { dtype: "F32", shape: [-1], data_offsets: [0, 0] } }),
      "a has no shape or no data_offsets",
    ],
    [
      "no offsets",
      file({ a: { dtype: "F32", shape: [1], data_offsets: [0] } }),
      "a has no shape or no data_offsets",
    ],
    [
      "offsets past the end",
      file({ a: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }, 3),
      "a has bytes 0 to 4 of 3 for F32 [1]",
    ],
    [
      "offsets that go back",
      file({ a: { dtype: "F32", shape: [], data_offsets: [4, 0] } }, 4),
      "a has bytes 4 to 0 of 4 for F32 []",
    ],
    [
      "bytes that do not fit the shape",
      file({ a: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 4),
      "a has bytes 0 to 4 of 4 for F32 [2]",
    ],
  ])("are rejected: %s", (_, bytes, text) => {
    expect(() => readSafetensors(bytes)).toThrow(`GN5034: not a safetensors file: ${text}`);
  });

  it("never fail in another way, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.json(), (tail, json) => {
        for (const bytes of [tail, file(json), file(json, tail.length)])
          try {
            readSafetensors(bytes);
          } catch (error) {
            expect(String(error)).toContain("GN5034");
          }
      }),
    );
  });
});
