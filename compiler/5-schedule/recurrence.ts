/**
 * The inside of a recurrence as a region of its own: what depends on the unknowns, computed level by level.
 *
 * The unknowns, the bodies and the results of a recurrence are one memory. A body that is no value of its own (an
 * unknown, something from outside, a body twice) is copied by a step that `stop` stands for.
 */
import { insideOf } from "../ir/recur.js";
import type { Tensor, TensorOf } from "../ir/tensor.js";
import type { Homes } from "./homes.js";
import { type Region, setOf } from "./region.js";

export function levelsOf(
  recur: TensorOf<"recur">,
  outer: Region,
  stored: ReadonlySet<Tensor>,
  homes: Homes,
): Region {
  const { table, layouts, users } = outer;
  const inside = insideOf(recur);
  const bodies = bodiesOf(recur, inside, outer);
  const { unknowns, order } = recur.attrs;
  bodies.forEach((body, i) => {
    const memory = homes.of(table.result(recur, i));
    layouts.force(body, memory.layout);
    homes.set(body, memory);
    const unknown = unknowns[i];
    if (unknown) homes.set(unknown, memory);
  });
  const copies = bodies.filter((b) => !inside.includes(b));
  return {
    table,
    layouts,
    tensors: [...inside, ...copies],
    roots: new Set(bodies),
    users,
    forward: outer.forward,
    given: new Set([...outer.given, ...stored]),
    levels: {
      order,
      set: setOf(order),
      bodies: new Map(unknowns.flatMap((u, i) => (bodies[i] ? [[u, bodies[i]] as const] : []))),
    },
  };
}

/** The bodies, each as a tensor that this loop alone computes. */
function bodiesOf(
  recur: TensorOf<"recur">,
  inside: readonly Tensor[],
  { table }: Region,
): readonly Tensor[] {
  const taken = new Set<Tensor>();
  return recur.inputs.map((body) => {
    let own = inside.includes(body) ? body : table.stop(body);
    while (taken.has(own)) own = table.stop(own);
    taken.add(own);
    return own;
  });
}
