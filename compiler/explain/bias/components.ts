/**
 * Ordered node sets that move together: a window with stride s ties a place of its receivers to s places of its senders, a
 * chain ties neighbours. A component has one coordinate per axis, in which each set's places are `scale` apart.
 */
import type { NodeSet, Relation, Space } from "../../ir/space.js";

export interface Component {
  readonly sets: readonly NodeSet[];
  /** Coordinates: 1 for sequences, the axes of a grid else. */
  readonly axes: number;
  /** Distance of neighbouring places of each set, per axis, in whole numbers. */
  readonly scale: ReadonlyMap<NodeSet, readonly number[]>;
}

export const axesOf = ({ layout }: NodeSet): number =>
  layout.kind === "grid" ? layout.extents.length : 1;

/** Topologies whose edges follow the order of the nodes. */
export function followsOrder({ topology, senders, receivers }: Relation): boolean {
  switch (topology.kind) {
    case "causal":
    case "chain":
    case "window":
      return true;
    case "self":
      return senders !== receivers;
    case "complete":
      return topology.strict && senders !== receivers;
    case "sparse":
    case "tree":
    case "dag":
      return false;
  }
}

/** Whether a relation has a set at one of its ends. */
export const touches = (space: Space, set: NodeSet): boolean =>
  space === set || (space.kind === "edges" && (space.senders === set || space.receivers === set));

/** The components of ordered sets that these relations tie; those whose strides contradict each other are left out. */
export function componentsOf(
  sets: readonly NodeSet[],
  relations: readonly Relation[],
): readonly Component[] {
  const ties = relations.filter((r) => followsOrder(r) && r.topology.kind !== "complete");
  const seen = new Set<NodeSet>();
  return sets.flatMap((set) => {
    if (seen.has(set)) return [];
    const component = grow(set, ties);
    for (const member of component?.sets ?? [set]) seen.add(member);
    return component ? [component] : [];
  });
}

/** Receivers are `stride` times as far apart as senders. */
function ratios(relation: Relation): readonly number[] {
  const { topology, receivers } = relation;
  return topology.kind === "window"
    ? topology.stride
    : Array.from({ length: axesOf(receivers) }, () => 1);
}

function grow(first: NodeSet, ties: readonly Relation[]): Component | null {
  const axes = axesOf(first);
  const scale = new Map<NodeSet, readonly number[]>([
    [first, Array.from({ length: axes }, () => 1)],
  ]);
  const waiting = [first];
  for (let set = waiting.pop(); set; set = waiting.pop())
    for (const tie of ties) {
      if (!touches(tie, set)) continue;
      const own = scale.get(set) ?? [];
      const ratio = ratios(tie);
      const pairs =
        tie.senders === set
          ? [[tie.receivers, own.map((s, a) => s * (ratio[a] ?? 1))] as const]
          : [[tie.senders, own.map((s, a) => s / (ratio[a] ?? 1))] as const];
      for (const [other, wanted] of pairs) {
        const known = scale.get(other);
        if (axesOf(other) !== axes || (known && !same(known, wanted))) return null;
        if (known) continue;
        scale.set(other, wanted);
        waiting.push(other);
      }
    }
  return { sets: [...scale.keys()], axes, scale: inWholeNumbers(scale) };
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((x, i) => Math.abs(x - (b[i] ?? Number.NaN)) < 1e-9);

/** The smallest multiple of all scales in which none is a fraction. */
function inWholeNumbers(
  scale: ReadonlyMap<NodeSet, readonly number[]>,
): ReadonlyMap<NodeSet, readonly number[]> {
  const all = [...scale.values()].flat();
  const whole = (times: number): boolean =>
    all.every((s) => Math.abs(s * times - Math.round(s * times)) < 1e-9);
  let times = 1;
  while (!whole(times)) times++;
  return new Map([...scale].map(([set, s]) => [set, s.map((x) => Math.round(x * times))]));
}

/** The shortest distance that moves places of every set to places, per axis: the least common multiple of the scales. */
export function stepOf({ scale, axes }: Component): readonly number[] {
  return Array.from({ length: axes }, (_, axis) =>
    [...scale.values()].reduce((step, s) => leastCommonMultiple(step, s[axis] ?? 1), 1),
  );
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
const leastCommonMultiple = (a: number, b: number): number => (a / divisor(a, b)) * b;
