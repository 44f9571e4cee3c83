/** The order of work below one tensor. */
import { bug } from "../bug.js";
import type { Tensor } from "../ir/tensor.js";

/** What `t` depends on and is not done yet, inputs first and `t` last. Deep chains do not recurse. */
export function pending(t: Tensor, isDone: (t: Tensor) => boolean): readonly Tensor[] {
  const seen = new Set<Tensor>();
  const out: Tensor[] = [];
  const stack: { t: Tensor; next: number }[] = [];
  const open = (u: Tensor): void => {
    if (seen.has(u) || isDone(u)) return;
    seen.add(u);
    stack.push({ t: u, next: 0 });
  };
  open(t);
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const input = top.t.inputs[top.next++];
    if (input !== undefined) open(input);
    else out.push(stack.pop()?.t ?? bug("the stack is empty"));
  }
  return out;
}
