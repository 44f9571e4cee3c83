/** Short words to write tensor programs in tests, and the spaces that they stand on. */
import type { Layout, NodeSet, Relation, Space, Topology } from "../../compiler/ir/space.js";
import { allOf } from "../../compiler/ir/space.js";
import { type Axis, type MapFunction, type Tensor, TensorTable } from "../../compiler/ir/tensor.js";
import type { Batch, BatchSpec, Random } from "./random-graph.js";

const span = { source: { name: "test", text: "" }, start: 0, end: 0 };

export function nodes(name: string, layout: Layout = { kind: "set", size: null }): NodeSet {
  return { kind: "nodes", name, layout, span };
}
export const sequence: Layout = { kind: "seq", max: null };
export const grid = (...extents: readonly number[]): Layout => ({ kind: "grid", extents });

export function edges(
  name: string,
  topology: Topology,
  senders: NodeSet,
  receivers = senders,
): Relation {
  const given = ["sparse", "tree", "dag"].includes(topology.kind);
  return { kind: "edges", name, given, topology, senders, receivers, span };
}
export const sparse: Topology = { kind: "sparse", symmetric: false, selfLoops: false };
export const complete: Topology = { kind: "complete", strict: false };
export const causal: Topology = { kind: "causal", strict: false };
export const chain: Topology = { kind: "chain", reverse: false };

/** A program to test, and what a batch for it holds. */
export interface Case {
  readonly table: TensorTable;
  /** Its f32 results. */
  readonly results: readonly Tensor[];
  readonly batch: BatchSpec;
  /** Gives values to inputs that are not f32. */
  readonly fill?: (batch: Batch, random: Random) => void;
}

/** Formulas over one table. */
export class Notation {
  readonly table = new TensorTable();

  axis(name: string, size: number): Axis {
    return this.table.axis(name, size);
  }
  input(path: string, space: Space, ...axes: readonly Axis[]): Tensor {
    return this.table.input(path, space, axes, "f32");
  }
  integers(path: string, space: Space): Tensor {
    return this.table.input(path, space, [], "i32");
  }
  /** A parameter, read from `space`. */
  param(path: string, space: Space, ...axes: readonly Axis[]): Tensor {
    return this.on(space, this.table.param(path, axes));
  }
  on(space: Space, x: Tensor): Tensor {
    return x.space === space ? x : this.table.pull(x, allOf(space));
  }
  map(f: MapFunction, ...args: readonly Tensor[]): Tensor {
    return this.table.map(f, args);
  }
  number(value: number, like: Tensor): Tensor {
    return this.table.constant(value, like.space, [], like.dtype);
  }
  add(...terms: readonly Tensor[]): Tensor {
    return terms.reduce((a, b) => this.map("add", a, b));
  }
  sub(a: Tensor, b: Tensor): Tensor {
    return this.map("sub", a, b);
  }
  mul(...factors: readonly Tensor[]): Tensor {
    return this.table.product({ factors });
  }
  /** Σ a b over axes. */
  dot(a: Tensor, b: Tensor, ...over: readonly Axis[]): Tensor {
    return this.table.product({ factors: [a, b], over });
  }
  rename(x: Tensor, from: Axis, to: Axis): Tensor {
    return this.table.view(x, { kind: "rename", from, to });
  }
}
