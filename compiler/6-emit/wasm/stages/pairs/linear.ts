/**
 * Whether weights are linear in those of the softmax: then sums may be made of its powers and divided in the end. What
 * reads the logarithm besides is not.
 */
import { factorsOf, type Tensor } from "../../../../ir/tensor.js";
import type { Pairs, Softmax } from "./plan.js";

export const areLinear = ({ softmax, weights }: Pairs): boolean =>
  softmax === null || weights.every(({ factors }) => isProductLinear(factors, softmax));

function isProductLinear(factors: readonly Tensor[], softmax: Softmax): boolean {
  const [made, ...more] = factors.filter((f) => readsSoftmax(f, softmax));
  return made !== undefined && more.length === 0 && isLinear(made, softmax);
}

function isLinear(t: Tensor, softmax: Softmax): boolean {
  if (t === softmax.weights) return true;
  switch (t.op) {
    case "stop":
      return isLinear(t.inputs[0], softmax);
    case "product":
      return t.attrs.over.length === 0 && isProductLinear(factorsOf(t), softmax);
    case "map": {
      if (t.attrs.f === "add" || t.attrs.f === "sub") {
        return t.inputs.every((x) => isLinear(x, softmax));
      }
      const [condition, ...sides] = t.inputs;
      if (t.attrs.f !== "select" || !condition || readsSoftmax(condition, softmax)) return false;
      return sides.every((x) => isZero(x) || isLinear(x, softmax));
    }
    default:
      return false;
  }
}

const isZero = (t: Tensor): boolean => t.op === "const" && t.attrs.value === 0;

/** Whether a value is made of the weights or of the logarithm. */
function readsSoftmax(t: Tensor, softmax: Softmax, seen = new Set<Tensor>()): boolean {
  if (t === softmax.weights || t === softmax.lse) return true;
  if (seen.has(t)) return false;
  seen.add(t);
  return t.inputs.some((x) => readsSoftmax(x, softmax, seen));
}
