/** The weights of a softmax by a map, as laws and derivatives leave them: exp(logits - pull(lse)). */
import { factorsOf, type Tensor, type TensorOf } from "./tensor.js";

/** Whether `t` is exp(logits - pull(lse)), or exp(logits + -pull(lse)), the logits being what `lse` is of. */
export function isWeightOf(t: Tensor, lse: TensorOf<"lse">): boolean {
  if (t.op !== "map" || t.attrs.f !== "exp") return false;
  const [difference] = t.inputs;
  if (difference?.op !== "map") return false;
  const [a, b] = difference.inputs;
  const [logits] = lse.inputs;
  if (!a || !b) return false;
  if (difference.attrs.f === "sub") return a === logits && isPullOf(b, lse);
  if (difference.attrs.f !== "add") return false;
  return (a === logits && isMinus(b, lse)) || (b === logits && isMinus(a, lse));
}

/** The weights of the softmax anywhere in what a sum along its map adds up; `known` are not looked into. */
export function weightsIn(
  sum: TensorOf<"product">,
  lse: TensorOf<"lse">,
  known: (t: Tensor) => boolean,
): Tensor | null {
  const seen = new Set<Tensor>();
  const find = (t: Tensor): Tensor | null => {
    if (isWeightOf(t, lse)) return t;
    if (seen.has(t) || known(t) || t.space !== lse.attrs.map?.from) return null;
    seen.add(t);
    for (const x of t.inputs) {
      const found = find(x);
      if (found) return found;
    }
    return null;
  };
  for (const factor of factorsOf(sum)) {
    const found = find(factor);
    if (found) return found;
  }
  return null;
}

const isPullOf = (t: Tensor, lse: TensorOf<"lse">): boolean =>
  t.op === "pull" && t.inputs[0] === lse && t.attrs.map === lse.attrs.map;

const isMinus = (t: Tensor, lse: TensorOf<"lse">): boolean =>
  t.op === "product" &&
  t.attrs.scale === -1 &&
  t.attrs.map === null &&
  t.attrs.over.length === 0 &&
  t.inputs.length === 1 &&
  t.inputs[0] !== undefined &&
  isPullOf(t.inputs[0], lse);
