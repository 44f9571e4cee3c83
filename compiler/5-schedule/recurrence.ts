/**
 * The inside of a recurrence as a region of its own: what depends on the unknowns, computed level by level.
 *
 * The unknowns, the bodies and the results of a recurrence are one memory. A body that is no value of its own (an
 * unknown, something from outside, a body twice) is copied by a step that `stop` stands for.
 *
 * A recurrence has results that only derivatives read. A program without these neither stores nor computes them.
 */
import { insideOf } from "../ir/recur.js";
import { postorder, type Tensor, type TensorOf } from "../ir/tensor.js";
import type { Homes } from "./homes.js";
import { type Region, setOf, usersOf } from "./region.js";

/** A body, and which of the bodies it is. */
interface Body {
  readonly own: Tensor;
  readonly place: number;
}

export function levelsOf(
  recur: TensorOf<"recur">,
  outer: Region,
  stored: ReadonlySet<Tensor>,
  homes: Homes,
): Region {
  const { table, layouts } = outer;
  const { unknowns, order } = recur.attrs;
  const all = insideOf(recur);
  const bodies = bodiesOf(recur, all, outer);
  for (const { own, place } of bodies) {
    const memory = homes.of(table.result(recur, place));
    layouts.force(own, memory.layout);
    homes.set(own, memory);
    const unknown = unknowns[place];
    if (unknown) homes.set(unknown, memory);
  }
  const roots = new Set(bodies.map(({ own }) => own));
  const needed = new Set(postorder([...roots]));
  const inside = all.filter((t) => needed.has(t));
  const copies = [...roots].filter((t) => !inside.includes(t));
  return {
    table,
    layouts,
    tensors: [...inside, ...copies],
    roots,
    users: usersOf(inside),
    forward: outer.forward,
    given: new Set([...outer.given, ...stored]),
    levels: {
      order,
      set: setOf(order),
      bodies: new Map(
        bodies.flatMap(({ own, place }) => {
          const unknown = unknowns[place];
          return unknown ? [[unknown, own] as const] : [];
        }),
      ),
    },
  };
}

/** The bodies of unknowns and of results that are read, each as a tensor that this loop alone computes. */
function bodiesOf(
  recur: TensorOf<"recur">,
  inside: readonly Tensor[],
  { table, tensors }: Region,
): readonly Body[] {
  const read = new Set(tensors);
  const taken = new Set<Tensor>();
  return recur.inputs.flatMap((body, place) => {
    if (!recur.attrs.unknowns[place] && !read.has(table.result(recur, place))) return [];
    let own = inside.includes(body) ? body : table.stop(body);
    while (taken.has(own)) own = table.stop(own);
    taken.add(own);
    return [{ own, place }];
  });
}
