/**
 * The order of inference (LANGUAGE 2): a worklist of equations, each typed when all it reads is known, then every one
 * checked and built with everything known. What never moves is an error, said once.
 */
import { rowsDisagree, typeNeeded } from "../diagnostics/shapes.js";
import type { Expr } from "../ir/model.js";
import { equationValues } from "./equations.js";
import { draftField, finishField } from "./fields.js";
import type { EquationUse, Frame, StackUse, Use, Value, Variable } from "./frame.js";
import { typeOf } from "./names.js";
import { batchPlace } from "./places.js";
import { anyFailed, reportNeverBound, targetsOf } from "./settle.js";
import { Blocked, Failed, type Waiting } from "./stop.js";
import { f32, sameShape, type Type, withShape } from "./types.js";

type Outcome = "done" | "moved" | Waiting;

/** Types every equation of a body. */
export function solve(frame: Frame): void {
  let waiting: readonly { readonly use: Use; readonly on: Waiting | null }[] = frame.uses.map(
    (use) => ({ use, on: null }),
  );
  for (let moved = true; moved && waiting.length > 0; ) {
    moved = false;
    const next: { use: Use; on: Waiting }[] = [];
    for (const { use, on } of waiting) {
      if (on && stillUnknown(on)) {
        next.push({ use, on });
        continue;
      }
      const outcome = attempt(frame, use);
      if (outcome === "done" || outcome === "moved") moved = true;
      if (outcome === "moved")
        next.push({
          use,
          on: { kind: "name", variable: targetsOf(use)[0] ?? nobody(use), what: "space" },
        });
      if (typeof outcome === "object") next.push({ use, on: outcome });
    }
    waiting = next;
  }
  if (waiting.length > 0)
    giveUp(
      frame,
      waiting.flatMap(({ use, on }) => (on ? [{ use, on }] : [])),
    );
}

function nobody(use: Use): Variable {
  const [target] = targetsOf(use);
  if (!target) throw new Failed();
  return target;
}

function stillUnknown(on: Waiting): boolean {
  if (on.kind !== "name" || on.variable.failed) return false;
  return on.what === "space" ? false : on.variable.type === null && on.variable.expected === null;
}

function attempt(frame: Frame, use: Use): Outcome {
  try {
    return use.kind === "equation" ? typeEquation(frame, use) : typeStack(frame, use);
  } catch (stop) {
    if (stop instanceof Blocked) return stop.on;
    if (!(stop instanceof Failed)) throw stop;
    for (const target of targetsOf(use)) target.failed = true;
    return "done";
  }
}

function typeEquation(frame: Frame, use: EquationUse): Outcome {
  const values = equationValues(frame, use);
  let fresh = false;
  let unplaced: Variable | null = null;
  values.forEach((value, i) => {
    const target = use.targets[i];
    if (!target) return;
    if (target.type === null) fresh = true;
    target.type = value.type;
    const place = use.section ?? value.place;
    if (place === undefined) unplaced = target;
    else target.place = place;
  });
  if (!unplaced) return "done";
  return fresh ? "moved" : { kind: "name", variable: unplaced, what: "space" };
}

/** `mu` has its rows' type with one more axis; all rows agree. */
function typeStack(frame: Frame, use: StackUse): Outcome {
  const types = use.rows.map((row): Type => typeOf(row));
  const [first] = types;
  const odd = types.findIndex((t) => first && !sameShape(t.shape, first.shape));
  if (odd >= 0) frame.fail(rowsDisagree(use.span, use.target.name));
  const place = use.rows.find((row) => row.place)?.place ?? use.rows[0]?.place;
  const row = first ?? f32();
  use.target.type = withShape(row, [
    { size: use.rows.length, name: null, origin: null },
    ...row.shape,
  ]);
  if (place === undefined && use.rows.length > 0)
    return { kind: "name", variable: use.rows[0] ?? use.target, what: "space" };
  use.target.place = place ?? null;
  return "done";
}

/** One message per cause: dimensions that nothing binds first; else the first type that is needed before it is known. */
function giveUp(
  frame: Frame,
  waiting: readonly { readonly use: Use; readonly on: Waiting }[],
): void {
  const { context } = frame;
  const unbound = new Set<string>();
  const broken = anyFailed(frame);
  for (const { on } of broken ? [] : waiting) {
    if (on.kind !== "dimension" || unbound.has(on.name)) continue;
    unbound.add(on.name);
    reportNeverBound(frame, on.name, on.span);
  }
  const [first] = waiting;
  if (!broken && unbound.size === 0 && first)
    context.report(
      inCalls(
        frame,
        typeNeeded(
          nobody(first.use).span,
          waiting.flatMap(({ use }) => targetsOf(use).map((t) => t.name)),
        ),
      ),
    );
  for (const { use } of waiting) for (const target of targetsOf(use)) target.failed = true;
}

const inCalls = (
  frame: Frame,
  diagnostic: Parameters<Frame["report"]>[0],
): Parameters<Frame["report"]>[0] => frame.related(diagnostic);

/**
 * Gives every variable its field, then checks and builds every equation. One that fails here keeps its type, so that
 * the bodies called behind it are checked too; the model is thrown away.
 */
export function build(frame: Frame): void {
  for (const use of frame.uses)
    for (const target of targetsOf(use))
      if (!target.failed && !target.field) draftField(frame, target);
  for (const use of stacksLast(frame.uses)) {
    try {
      buildUse(frame, use);
    } catch (stop) {
      if (stop instanceof Blocked && !anyFailed(frame))
        frame.context.report(inCalls(frame, typeNeeded(nobody(use).span, [nobody(use).name])));
      else if (!(stop instanceof Failed || stop instanceof Blocked)) throw stop;
    }
  }
}

const stacksLast = (uses: readonly Use[]): readonly Use[] => [
  ...uses.filter((u) => u.kind === "equation"),
  ...uses.filter((u) => u.kind === "stack"),
];

function buildUse(frame: Frame, use: Use): void {
  if (targetsOf(use).some((t) => t.failed)) return;
  const place = targetsOf(use)[0]?.place ?? batchPlace;
  if (use.kind === "stack") {
    const { target } = use;
    const rows = use.rows.map((row) => row.read(place));
    const type = target.field
      ? { ...target.field.type, shape: target.field.type.shape.slice(frame.binders.length) }
      : null;
    if (type) finishField(frame, target, { kind: "stack", rows, type, span: use.span });
    return;
  }
  const values = equationValues(frame, use);
  const built = values.map(
    (value: Value, i): Expr => value.build(use.section ?? use.targets[i]?.place ?? batchPlace),
  );
  built.forEach((value, i) => {
    const target = use.targets[i];
    if (target && target.name !== "_") finishField(frame, target, value, use.node.span);
  });
}
