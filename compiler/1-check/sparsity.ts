/**
 * Where a sparse input stops being sparse (LANGUAGE 1): what is 0 wherever the input is 0 stays sparse, a product
 * with `@` touches only the non-zeros; anything else writes out every zero, which is worth a warning.
 */
import { becomesDense } from "../diagnostics/shapes.js";
import type { Expr, Field, Input, Objective, Pointwise } from "../ir/model.js";
import type { Frame } from "./frame.js";
import { partsOf } from "./rebind.js";

/** Functions that are 0 at 0. */
const keepsZero: ReadonlySet<Pointwise> = new Set<Pointwise>([
  "neg", "abs", "relu", "tanh", "sqrt", "sin", "erf", "floor", "round", "to_f32", "to_i32",
]); // biome-ignore format: one line reads better

export function warnSparse(frame: Frame, losses: readonly Objective[]): void {
  if (!frame.context.inputs.some((i) => i.sparse)) return;
  const known = new Map<Field, Input | null>();
  const sparse = (e: Expr): Input | null => {
    if (e.kind !== "field")
      return sparseInput(e, sparse, (dense, input) =>
        frame.report(becomesDense(dense.span, input.name, size(input), input.span)),
      );
    if (e.field.kind === "input") return e.field.sparse ? e.field : null;
    const { field } = e;
    const before = known.get(field);
    if (before !== undefined) return before;
    known.set(field, null);
    const found = sparse(field.value);
    known.set(field, found);
    return found;
  };
  for (const field of frame.context.fields)
    sparse({ kind: "field", field, type: field.type, span: field.span });
  for (const loss of losses) sparse(loss.value);
}

const size = (input: Input): number => input.type.shape.reduce((product, n) => product * n, 1);

/** The sparse input that an expression is 0 with; tells where one becomes dense. */
function sparseInput(
  e: Expr,
  sparse: (e: Expr) => Input | null,
  dense: (e: Expr, input: Input) => void,
): Input | null {
  const parts = partsOf(e).map((part) => ({ part, input: sparse(part) }));
  const first = parts.find((p) => p.input !== null)?.input ?? null;
  if (!first) return null;
  const all = parts.every((p) => p.input !== null || isZero(p.part));
  switch (e.kind) {
    case "contract":
    case "reduce":
      return null;
    case "pull":
    case "at":
    case "each":
    case "aggregate":
    case "slice":
      return first;
    case "rowwise":
      if (e.f === "flatten" || e.f === "stop") return first;
      break;
    case "pointwise":
      if (e.type.dtype === "bool") return null;
      if (e.f === "mul" || keepsZero.has(e.f)) return first;
      if (e.f === "div" && parts[0]?.input) return first;
      if (e.f === "select" && parts.slice(1).every((p) => p.input !== null || isZero(p.part)))
        return first;
      if ((e.f === "add" || e.f === "sub") && all) return first;
      break;
    default:
      break;
  }
  dense(e, first);
  return null;
}

const isZero = (e: Expr): boolean =>
  e.kind === "literal" ? e.value === 0 : e.kind === "fill" && isZero(e.value);
