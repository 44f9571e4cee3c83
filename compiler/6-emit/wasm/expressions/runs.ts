/** Which axes an expression runs along evenly: neighbours there are neighbours in memory, or all the same. */
import type { Axis, Tensor, View } from "../../../ir/tensor.js";
import type { Evaluator } from "./evaluator.js";

/** Whether four neighbours on the axis can be had at once wherever the expression reads memory. */
export function runsAlong(t: Tensor, axis: Axis, e: Evaluator): boolean {
  if (!t.axes.includes(axis)) return true;
  const buffer = e.stored(t);
  if (buffer) return buffer.layout.at(-1) === axis;
  switch (t.op) {
    case "const":
    case "iota":
      return true;
    case "random":
      return t.attrs.layout.at(-1) === axis;
    case "map":
    case "stop":
      return t.inputs.every((x) => runsAlong(x, axis, e));
    case "product":
      return t.attrs.slots.length === 0 && t.inputs.every((x) => runsAlong(x, axis, e));
    case "pull": {
      const [x, ...indices] = t.inputs;
      return (
        x !== undefined && !indices.some((i) => i.axes.includes(axis)) && runsAlong(x, axis, e)
      );
    }
    case "view":
      return viewRuns(t.inputs[0], t.attrs.view, axis, e);
    case "extreme":
    case "lse":
      return runsAlong(t.inputs[0], axis, e);
    default:
      return false;
  }
}

function viewRuns(x: Tensor, view: View, axis: Axis, e: Evaluator): boolean {
  if ("to" in view && (Array.isArray(view.to) ? view.to.includes(axis) : view.to === axis)) {
    if (view.kind === "split") return view.to.at(-1) === axis && runsAlong(x, view.from, e);
    if (view.kind === "rename") return runsAlong(x, view.from, e);
    const even = (view.kind === "slice" || view.kind === "pad") && view.step === 1;
    return even && runsAlong(x, view.from, e);
  }
  return runsAlong(x, axis, e);
}
