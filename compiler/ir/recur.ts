/**
 * What lies in a recurrence and what it takes from outside.
 *
 * A `recur` has its bodies as inputs, and they reach down to the whole program. Only what depends on its unknowns is
 * *inside*, and runs level by level; all else that the inside reads is *captured*, and is done before.
 */
import { bug } from "../bug.js";
import { postorder, type Tensor, type TensorOf } from "./tensor.js";

/** The tensors that depend on the unknowns, inputs before users; the unknowns themselves are left out. */
export function insideOf(recur: TensorOf<"recur">): readonly Tensor[] {
  const dependent = new Set<Tensor>(recur.attrs.unknowns);
  const inside: Tensor[] = [];
  for (const t of postorder(recur.inputs)) {
    if (!t.inputs.some((x) => dependent.has(x))) continue;
    if (t.op === "recur") bug("a recurrence inside a recurrence");
    dependent.add(t);
    inside.push(t);
  }
  return inside;
}

/** What the bodies take from outside. */
export function capturesOf(recur: TensorOf<"recur">): readonly Tensor[] {
  const inside = insideOf(recur);
  const own = new Set([...inside, ...recur.attrs.unknowns]);
  const read = [...inside.flatMap((t) => t.inputs), ...recur.inputs];
  return [...new Set(read.filter((t) => !own.has(t)))];
}

/** What must be known before `t`: its inputs, or the captures of a recurrence. */
export const dependencies = (t: Tensor): readonly Tensor[] =>
  t.op === "recur" ? capturesOf(t) : t.inputs;

/** Like `postorder`, but a recurrence is one step: what is inside it is left out. */
export function outerPostorder(roots: readonly Tensor[]): readonly Tensor[] {
  const seen = new Set<Tensor>();
  const out: Tensor[] = [];
  const stack: { t: Tensor; needs: readonly Tensor[]; next: number }[] = [];
  const enter = (t: Tensor): void => {
    if (seen.has(t)) return;
    seen.add(t);
    stack.push({ t, needs: dependencies(t), next: 0 });
  };
  for (const root of roots) {
    enter(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const need = top.needs[top.next++];
      if (need) enter(need);
      else out.push(stack.pop()?.t ?? bug("empty stack"));
    }
  }
  return out;
}
