/** What follows the equations of a model: outputs, losses, metrics, optimizers. */
import type * as ast from "../../grammar/ast.js";
import { textOf } from "../../grammar/source.js";
import { outputWithPrime } from "../diagnostics/names.js";
import { whereNotBool } from "../diagnostics/spaces.js";
import {
  lossWithoutParameter, notAnOutput, notAScalar, optimizerPath, optimizerServesTwice, settingNotScalar, unknownOptimizer, unknownSetting,
} from "../diagnostics/training.js"; // biome-ignore format: one line reads better
import type { Expr, Objective, Optimizer, Output, Parameter } from "../ir/model.js";
import { asF32, pointwise } from "./expr.js";
import { drafted, draftField, finishField } from "./fields.js";
import type { Frame, Reading, TailUse, Value, Variable } from "./frame.js";
import { failUnknown } from "./names.js";
import { batchPlace, type Place } from "./places.js";
import { reachedFrom } from "./reach.js";
import { infer, inferEach, joined, shown } from "./reading.js";
import { settle } from "./settle.js";
import { Failed, unlessFailed } from "./stop.js";
import { nearest } from "./walk.js";

const readingOf = (frame: Frame, tail: TailUse): Reading => ({
  frame,
  scope: tail.scope,
  at: null,
  binders: new Map(),
});

/** Runs a part of the tail; a failure, or a name whose equation failed, leaves it out. */
const attempt = <T>(frame: Frame, make: () => T): T | null =>
  unlessFailed(() => settle(frame, make));

export function outputs(frame: Frame): readonly Output[] {
  return frame.tail.flatMap((tail) => {
    const { item } = tail;
    if (item.kind !== "output") return [];
    return item.names.flatMap((name) => attempt(frame, () => outputOf(frame, tail, name)) ?? []);
  });
}

function outputOf(frame: Frame, tail: TailUse, name: ast.Name): Output {
  if (name.text.includes("'")) frame.fail(outputWithPrime(name.span, name.text));
  const entry = frame.env.get(name.text) ?? tail.scope.env.get(name.text);
  if (!entry) {
    const fields = [...frame.env].flatMap(([known, e]) => (e.kind === "variable" ? [known] : []));
    return failUnknown(readingOf(frame, tail), name, fields);
  }
  if (entry.kind !== "variable") return frame.fail(notAnOutput(name.span, name.text));
  if (entry.failed) throw new Failed();
  return { name: name.text, field: entry.field ?? named(frame, entry) };
}

/** An input that is put out again needs an equation of its own. */
function named(frame: Frame, variable: Variable): Output["field"] {
  const copy = {
    ...drafted(`${variable.name}.out`, variable.span, variable.place, null),
    type: variable.type,
  };
  draftField(frame, copy);
  finishField(frame, copy, variable.read(variable.place ?? batchPlace));
  if (!copy.field) throw new Failed();
  return copy.field;
}

export function losses(frame: Frame): readonly Objective[] {
  const made = frame.tail.flatMap((tail) => {
    const { item } = tail;
    if (item.kind !== "loss") return [];
    return attempt(frame, () => objective(frame, tail, item, item.where, "loss")) ?? [];
  });
  if (!frame.context.failed)
    for (const loss of made) {
      const reached = reachedFrom([loss.value]);
      if (![...reached].some((leaf) => leaf.kind === "parameter"))
        frame.report(lossWithoutParameter(loss.span, textOf(loss.span)));
    }
  return made.map((loss, i) => ({ ...loss, name: i === 0 ? "loss" : `loss.${i + 1}` }));
}

export function metrics(frame: Frame): readonly Objective[] {
  const counts = new Map<string, number>();
  return frame.tail.flatMap((tail) => {
    const { item } = tail;
    if (item.kind !== "metric") return [];
    const wheres = item.where.length > 0 ? item.where : [null];
    return wheres.flatMap((where) => {
      const name = [metricName(item.value), where ? textOf(where.span) : null]
        .filter((x) => x !== null)
        .join(".");
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return (
        attempt(frame, () =>
          objective(
            frame,
            tail,
            item,
            where ? [where] : [],
            count === 1 ? name : `${name}.${count}`,
          ),
        ) ?? []
      );
    });
  });
}

/** A metric is called by its function, or by its field. */
function metricName(e: ast.Expression): string {
  if (e.kind === "name") return e.name.text;
  return e.kind === "call" && e.callee.kind === "name" ? e.callee.name.text : "metric";
}

function objective(
  frame: Frame,
  tail: TailUse,
  item: ast.LossItem,
  where: readonly ast.Expression[],
  name: string,
): Objective {
  const reading = readingOf(frame, tail);
  const [value, ...masks] = inferEach(reading, [item.value, ...where]);
  if (!value) throw new Failed();
  if (value.type.shape.length > 0 || value.type.dtype === "bool")
    frame.fail(notAScalar(item.value.span, item.kind, shown(value)));
  for (const mask of masks)
    if (mask.type.dtype !== "bool" || mask.type.shape.length > 0)
      frame.fail(whereNotBool(mask.span, shown(mask)));
  const place: Place = joined(reading, [value, ...masks]) ?? batchPlace;
  return {
    name,
    space: place.space,
    value: asF32(value.build(place)),
    where: all(masks, place),
    span: item.value.span,
  };
}

/** All of several conditions. */
const all = (masks: readonly Value[], place: Place): Expr | null =>
  masks
    .map((mask) => mask.build(place))
    .reduce<Expr | null>((a, b) => (a ? pointwise("and", [a, b], b.type, b.span) : b), null);

const settings: Readonly<Record<Optimizer["kind"], readonly string[]>> = {
  sgd: ["lr", "momentum", "nesterov", "weight_decay", "clip"],
  adam: ["lr", "beta1", "beta2", "eps", "weight_decay", "clip"],
  adamw: ["lr", "beta1", "beta2", "eps", "weight_decay", "clip"],
};

/** Settings as other libraries call them. */
const longNames: ReadonlyMap<string, string> = new Map([
  ["learning_rate", "lr"],
  ["rate", "lr"],
  ["epsilon", "eps"],
  ["decay", "weight_decay"],
  ["clipnorm", "clip"],
]);

const kindOf = (name: string): Optimizer["kind"] | null =>
  name === "sgd" || name === "adam" || name === "adamw" ? name : null;

/** Each optimizer serves the parameters below its paths, one without `for` the rest. */
export function optimizers(frame: Frame): readonly Optimizer[] {
  const lines = frame.tail.flatMap((tail) =>
    tail.item.kind === "optimizer" ? [{ tail, item: tail.item }] : [],
  );
  const served = new Map<Parameter, ast.OptimizerItem>();
  const own = new Map(
    lines.map(({ item }) => [item, attempt(frame, () => servedBy(frame, item, served)) ?? []]),
  );
  return lines.flatMap(({ tail, item }) => {
    const rest = frame.context.parameters.filter((p) => !served.has(p));
    const parameters = item.paths.length > 0 ? (own.get(item) ?? []) : rest;
    if (item.paths.length === 0) for (const p of rest) served.set(p, item);
    return attempt(frame, () => optimizer(frame, tail, item, parameters)) ?? [];
  });
}

function servedBy(
  frame: Frame,
  item: ast.OptimizerItem,
  served: Map<Parameter, ast.OptimizerItem>,
): readonly Parameter[] {
  const all = frame.context.parameters;
  return item.paths.flatMap((path) => {
    const below = all.filter((p) => p.path === path.text || p.path.startsWith(`${path.text}.`));
    const heads = new Set(all.map((p) => p.path.split(".")[0] ?? p.path));
    const [head = ""] = path.text.split(".");
    if (below.length === 0 && frame.context.failed && frame.env.has(head)) throw new Failed();
    if (below.length === 0)
      frame.fail(optimizerPath(path.span, path.text, nearest(path.text, heads), [...heads]));
    for (const p of below) {
      const other = served.get(p);
      if (other) frame.fail(optimizerServesTwice(path.span, p.path, other.span));
      served.set(p, item);
    }
    return below;
  });
}

function optimizer(
  frame: Frame,
  tail: TailUse,
  item: ast.OptimizerItem,
  parameters: readonly Parameter[],
): Optimizer {
  const { value } = item;
  const callee = value.kind === "call" ? value.callee : value;
  const name = callee.kind === "name" ? callee.name.text : "";
  const kind = kindOf(name);
  if (!kind)
    return frame.fail(
      unknownOptimizer(
        callee.span,
        name,
        nearest(name, Object.keys(settings)),
        Object.keys(settings),
      ),
    );
  const reading = readingOf(frame, tail);
  const made: Record<string, Expr> = {};
  for (const argument of value.kind === "call" ? value.args : []) {
    const key = argument.name?.text ?? "lr";
    const known = settings[kind];
    if (!known.includes(key))
      frame.fail(
        unknownSetting(
          argument.name?.span ?? argument.span,
          kind,
          key,
          longNames.get(key) ?? nearest(key, known),
          known,
        ),
      );
    const setting = infer(reading, argument.value);
    if (setting.type.shape.length > 0 || setting.place)
      frame.fail(settingNotScalar(argument.value.span, key, shown(setting)));
    const built = setting.build(batchPlace);
    made[key] = setting.type.dtype === "bool" ? built : asF32(built);
  }
  return { kind, settings: made, parameters, span: item.span };
}
