import { describe, expect, it } from "vitest";
import {
  type Edges,
  type Extent,
  edgesOf,
  receiverMajor,
} from "../../../compiler/ir/relation/edges.js";
import type { Layout } from "../../../compiler/ir/space.js";

const set: Layout = { kind: "set", size: null };
const of = (count: number, layout: Layout = set): Extent => ({ count, layout });
const grid = (...extents: readonly number[]): Extent =>
  of(
    extents.reduce((n, e) => n * e, 1),
    { kind: "grid", extents },
  );

/** `0>1 2>1`: sender>receiver */
const text = ({ senders, receivers }: Edges): string =>
  Array.from(senders, (s, e) => `${s}>${receivers[e]}`).join(" ");

describe("edges of a topology", () => {
  it("lists every pair of a complete relation, receiver by receiver", () => {
    const all = edgesOf({ kind: "complete", strict: false }, of(2), of(3));
    expect(text(all)).toBe("0>0 1>0 0>1 1>1 0>2 1>2");
    const others = edgesOf({ kind: "complete", strict: true }, of(3), of(3));
    expect(text(others)).toBe("1>0 2>0 0>1 2>1 0>2 1>2");
  });

  it("lists what is not after the receiver, or before it", () => {
    expect(text(edgesOf({ kind: "causal", strict: false }, of(3), of(3)))).toBe(
      "0>0 0>1 1>1 0>2 1>2 2>2",
    );
    expect(text(edgesOf({ kind: "causal", strict: true }, of(3), of(3)))).toBe("0>1 0>2 1>2");
  });

  it("lists chains both ways, and self", () => {
    expect(text(edgesOf({ kind: "chain", reverse: false }, of(3), of(3)))).toBe("0>1 1>2");
    expect(text(edgesOf({ kind: "chain", reverse: true }, of(3), of(3)))).toBe("1>0 2>1");
    expect(text(edgesOf({ kind: "self" }, of(2), of(2)))).toBe("0>0 1>1");
  });

  it("gives nothing to a graph without nodes or with one", () => {
    expect(text(edgesOf({ kind: "chain", reverse: false }, of(0), of(0)))).toBe("");
    expect(text(edgesOf({ kind: "chain", reverse: false }, of(1), of(1)))).toBe("");
    expect(text(edgesOf({ kind: "complete", strict: false }, of(0), of(2)))).toBe("");
  });

  it("strides, dilates and pads a window of a sequence, and names the tap", () => {
    const window = { kind: "window", taps: [3], stride: [2], dilation: [2], pad: [1] } as const;
    // receiver i sees 2i - 1, 2i + 1, 2i + 3
    const edges = edgesOf(window, of(5), of(3));
    expect(text(edges)).toBe("1>0 3>0 1>1 3>1 3>2");
    expect([...edges.offset]).toEqual([1, 2, 0, 1, 0]);
  });

  it("cuts a window of a grid at its borders", () => {
    const window = {
      kind: "window",
      taps: [3, 3],
      stride: [1, 1],
      dilation: [1, 1],
      pad: [1, 1],
    } as const;
    const { senders, receivers, offset } = edgesOf(window, grid(2, 3), grid(2, 3));
    const seen = (r: number) => [...senders].filter((_, e) => receivers[e] === r);
    const taps = (r: number) => [...offset].filter((_, e) => receivers[e] === r);
    expect(seen(0)).toEqual([0, 1, 3, 4]);
    expect(taps(0)).toEqual([4, 5, 7, 8]);
    expect(seen(4)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(taps(4)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("sorts given edges by receiver, then sender, then as they came", () => {
    expect([...receiverMajor([2, 0, 1, 0], [1, 1, 0, 1])]).toEqual([2, 1, 3, 0]);
  });
});
