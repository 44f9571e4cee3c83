/**
 * A region: tensors that are scheduled together, the whole of a program or the inside of one recurrence.
 */

import { bug } from "../bug.js";
import type { RecurrenceOrder } from "../ir/model.js";
import type { NodeSet, Relation, RowMap, Space } from "../ir/space.js";
import { receiverOf, senderOf } from "../ir/space.js";
import type { Tensor, TensorTable } from "../ir/tensor.js";
import { isMemory } from "./cost.js";
import type { Layouts } from "./layouts.js";

/** The rows of a recurrence that run level by level. */
export interface Levels {
  readonly order: RecurrenceOrder;
  readonly set: NodeSet;
  /** Each unknown and the body that computes it. */
  readonly bodies: ReadonlyMap<Tensor, Tensor>;
}

export type Users = ReadonlyMap<Tensor, readonly Tensor[]>;

export function usersOf(tensors: readonly Tensor[]): Users {
  const users = new Map<Tensor, Tensor[]>();
  for (const t of tensors) {
    for (const x of new Set(t.inputs)) users.set(x, [...(users.get(x) ?? []), t]);
  }
  return users;
}

export interface Region {
  readonly table: TensorTable;
  readonly layouts: Layouts;
  /** Everything computed here, inputs before users. A recurrence is one of them, what is inside it is not. */
  readonly tensors: readonly Tensor[];
  /** Those that must end in memory. */
  readonly roots: ReadonlySet<Tensor>;
  /** Who reads a tensor, here or inside a recurrence of this region. */
  readonly users: Users;
  /** Computed in `prepare`, `bind` or, for a recurrence, around it. */
  readonly given: ReadonlySet<Tensor>;
  /** What the forward half computes; the backward half is run when all of it is done. */
  readonly forward: ReadonlySet<Tensor>;
  readonly levels: Levels | null;
}

/** Whether a tensor is read from memory that this region does not write. */
export const isGiven = (t: Tensor, region: Region): boolean =>
  isMemory(t) || t.op === "unknown" || region.given.has(t);

/** One row per edge or stored non-zero: wide, so not kept without need. */
export const isWide = (space: Space): boolean =>
  space.kind === "edges" || space.kind === "nonzeros";

/** The node set whose rows a recurrence orders. */
export const setOf = (order: RecurrenceOrder): NodeSet =>
  order.kind === "index" ? order.set : order.relation.receivers;

/**
 * Whether what a row of a recurrence reads along this map was finished on a level before. Then the order of kernels
 * within a level does not matter to it.
 */
export function isEarlier(map: RowMap): boolean {
  if (map.kind !== "sender" && map.kind !== "receiver") return false;
  const { topology } = map.relation;
  switch (topology.kind) {
    case "chain":
    case "tree":
    case "dag":
      return true;
    case "causal":
      return topology.strict;
    case "window":
      return topology.taps.every(
        (n, i) => (n - 1) * (topology.dilation[i] ?? 1) < (topology.pad[i] ?? 0),
      );
    default:
      return false;
  }
}

/** The end whose rows an edge of a relation is computed with inside a recurrence: the one that comes later. */
export function laterEnd(relation: Relation, { order, set }: Levels): RowMap {
  if (relation.senders !== set) return receiverOf(relation);
  if (relation.receivers !== set) return senderOf(relation);
  return receiversFollow(relation, order) ? receiverOf(relation) : senderOf(relation);
}

function receiversFollow({ topology }: Relation, order: RecurrenceOrder): boolean {
  const forward = !(order.kind === "index" && topology.kind === "chain" && topology.reverse);
  return forward !== order.reverse;
}

/** The body that computes an unknown. */
export const bodyOf = (unknown: Tensor, levels: Levels): Tensor =>
  levels.bodies.get(unknown) ?? bug(`unknown ${unknown.label} without a body`);
