/**
 * A body's items as equations in single passes: loops unrolled, carried names given a version for each assignment,
 * rows of `mu[t]` collected (LANGUAGE 3, "`for`"). The order of the text counts only for carried names.
 */
import type * as ast from "../../grammar/ast.js";
import { textOf } from "../../grammar/source.js";
import { rowsNeverFilled } from "../diagnostics/names.js";
import { listWanted, tooLarge } from "../diagnostics/sizes.js";
import { type Dim, DimScope, dimension } from "./dims.js";
import { drafted } from "./fields.js";
import { type Entry, type Frame, isFn, type Scope, type StackUse, type Variable } from "./frame.js";
import type { Place } from "./places.js";
import { sectionPlace } from "./sections.js";
import { settle } from "./settle.js";
import { unlessFailed } from "./stop.js";
import { equationsAt, equationsIn, titleOf } from "./walk.js";

/** The most passes of one loop. */
const mostPasses = 10_000;

/** One nesting of loops in one pass. */
interface Level {
  readonly dims: DimScope;
  readonly tag: string;
  /** The loop variable and its pass. */
  readonly loop: {
    readonly name: string;
    readonly pass: number;
    readonly rows: ReadonlyMap<string, StackUse>;
  } | null;
  /** Names of an outer level that this pass assigns anew. */
  readonly carried: ReadonlySet<string>;
}

/** Fills the frame's equations, what follows them, and its names; returns the names at the end of the body. */
export function flatten(frame: Frame, given: ReadonlyMap<string, Entry>): void {
  const top: Level = { dims: frame.dims, tag: "", loop: null, carried: new Set() };
  frame.env = flattenLevel(
    frame,
    frame.declared.node.body.items,
    new Map(given),
    new Set(given.keys()),
    top,
  );
}

function flattenLevel(
  frame: Frame,
  items: readonly ast.Item[],
  outer: ReadonlyMap<string, Entry>,
  before: Set<string>,
  level: Level,
): ReadonlyMap<string, Entry> {
  const own = new Map(outer);
  declareLevel(frame, items, own, before, level);
  let env: ReadonlyMap<string, Entry> = own;
  const assigned = new Set<string>();
  const scope = (title: string): Scope => ({ env, dims: level.dims, tag: level.tag, title });
  const equation = (node: ast.Equation, section: Place | null): void => {
    const targets = node.targets.map((t): Variable => {
      const row = rowOf(t, level);
      if (row) return row;
      const name = t.name.text;
      const known = env.get(name);
      const fresh =
        level.carried.has(name) ||
        assigned.has(name) ||
        known?.kind !== "variable" ||
        (before.has(name) &&
          outer.has(name) &&
          !level.carried.has(name) &&
          own.get(name) === outer.get(name));
      if (!fresh && known?.kind === "variable") return known;
      return newVariable(t, section, level.dims);
    });
    frame.uses.push({
      kind: "equation",
      node,
      section,
      scope: scope(titleOf(node)),
      targets,
      row: level.loop?.name ?? null,
    });
    node.targets.forEach((t, i) => {
      const target = targets[i];
      const name = t.name.text;
      if (name === "_" || rowOf(t, level)) return;
      if (target && level.carried.has(name)) env = new Map(env).set(name, target);
      assigned.add(name);
      before.add(name);
    });
  };
  for (const item of items) {
    if (item.kind === "equation") equation(item, null);
    else if (item.kind === "section") {
      const place = isFn(frame) ? null : unlessFailed(() => sectionPlace(frame, item));
      if (place || isFn(frame)) for (const node of item.equations) equation(node, place);
    } else if (item.kind === "for") env = unrolled(frame, item, env, before, level);
    else if (
      item.kind === "return" ||
      item.kind === "output" ||
      item.kind === "loss" ||
      item.kind === "metric" ||
      item.kind === "optimizer"
    )
      frame.tail.push({ item, scope: scope(item.kind === "return" ? "out" : item.kind) });
  }
  return env;
}

const rowOf = (target: ast.Target, level: Level): Variable | null => {
  if (!level.loop || target.binders[0]?.name.text !== level.loop.name) return null;
  return level.loop.rows.get(target.name.text)?.rows[level.loop.pass] ?? null;
};

/** Order is free: the names of a level are known to all of it. */
function declareLevel(
  frame: Frame,
  items: readonly ast.Item[],
  env: Map<string, Entry>,
  before: ReadonlySet<string>,
  level: Level,
): void {
  const own: Scope = { env, dims: level.dims, tag: level.tag, title: "" };
  for (const item of items) {
    if (item.kind === "const")
      level.dims.bind(item.name.text, { kind: "const", expression: item.value });
    if (item.kind === "param")
      for (const name of item.names)
        env.set(name.text, { kind: "parameter", item, name, dims: level.dims, tag: level.tag });
    if (item.kind === "state")
      for (const name of item.names)
        env.set(name.text, { kind: "state", item, name, dims: level.dims, tag: level.tag });
    if (item.kind === "let")
      env.set(item.name.text, { kind: "let", item, scope: { ...own, title: item.name.text } });
  }
  for (const item of items) {
    const section =
      item.kind === "section" && !isFn(frame)
        ? unlessFailed(() => sectionPlace(frame, item))
        : null;
    for (const node of equationsAt([item]))
      for (const target of node.targets) {
        const name = target.name.text;
        if (name === "_" || level.carried.has(name) || rowOf(target, level)) continue;
        const known = env.get(name);
        const taken =
          known &&
          (before.has(name) || known.kind !== "variable" || known.span === target.name.span);
        const lost = item.kind === "section" && section === null && !isFn(frame);
        if (!taken) env.set(name, { ...newVariable(target, section, level.dims), failed: lost });
      }
  }
}

export function newVariable(target: ast.Target, section: Place | null, dims: DimScope): Variable {
  const expected =
    target.type && target.binders.length === 0
      ? { type: target.type, dims, fromSignature: false }
      : null;
  return drafted(target.name.text, target.name.span, section ?? undefined, expected);
}

function unrolled(
  frame: Frame,
  item: ast.ForItem,
  env: ReadonlyMap<string, Entry>,
  before: Set<string>,
  level: Level,
): ReadonlyMap<string, Entry> {
  const passes = unlessFailed(() => settle(frame, () => passesOf(frame, item, level.dims)));
  if (!passes) return env;
  const variable = item.variable.text;
  const isRow = (t: ast.Target): boolean => t.binders[0]?.name.text === variable;
  const assigned = new Set(
    equationsIn(item.body).flatMap((e) =>
      e.targets.filter((t) => !isRow(t)).map((t) => t.name.text),
    ),
  );
  const carried = new Set([...assigned].filter((name) => before.has(name)));
  const withRows = new Map(env);
  const rows = declareRows(frame, item, passes.length, withRows, level);
  frame.context.spend(frame, passes.length * equationsIn(item.body).length, item.span);
  let current: ReadonlyMap<string, Entry> = withRows;
  passes.forEach((bound, pass) => {
    const dims = new DimScope(level.dims);
    dims.number(variable, bound.size, bound.origin);
    const inner: Level = {
      dims,
      tag: `${level.tag}.${pass}`,
      loop: { name: variable, pass, rows },
      carried,
    };
    const after = flattenLevel(frame, item.body.items, current, new Set(before), inner);
    const next = new Map(current);
    for (const name of carried) {
      const entry = after.get(name);
      if (entry) next.set(name, entry);
    }
    current = next;
  });
  return current;
}

/** What the loop variable is in each pass: 0, 1, .. or the items of a list. */
function passesOf(frame: Frame, item: ast.ForItem, dims: DimScope): readonly Dim[] {
  if (item.count) {
    const count = dimension(item.count, dims, frame).size;
    if (count > mostPasses)
      frame.fail(tooLarge(item.count.span, `${count} passes`, `${mostPasses}`));
    return Array.from({ length: count }, (_, size) => ({
      size,
      name: item.variable.text,
      origin: null,
    }));
  }
  const list = item.list ? dims.find(item.list.text)?.bound : undefined;
  if (list?.kind !== "list")
    return frame.fail(listWanted(item.span, item.list ? textOf(item.list.span) : ""));
  return list.items;
}

function declareRows(
  frame: Frame,
  item: ast.ForItem,
  count: number,
  env: Map<string, Entry>,
  level: Level,
): ReadonlyMap<string, StackUse> {
  const rows = new Map<string, StackUse>();
  for (const part of item.body.items) {
    const section =
      part.kind === "section" && !isFn(frame)
        ? unlessFailed(() => sectionPlace(frame, part))
        : null;
    for (const equation of equationsAt([part]))
      for (const target of equation.targets) {
        if (target.binders[0]?.name.text !== item.variable.text) continue;
        const known = env.get(target.name.text);
        const variable =
          known?.kind === "variable" && known.type === null && !rows.has(target.name.text)
            ? known
            : newVariable(target, section, level.dims);
        if (section) variable.place = section;
        variable.expected = null;
        const stack: StackUse = {
          kind: "stack",
          target: variable,
          rows: Array.from({ length: count }, (_, pass) => {
            const name = { ...target.name, text: `${target.name.text}.${pass}` };
            const row = { ...target, name, binders: target.binders.slice(1) };
            return newVariable(row, section, level.dims);
          }),
          span: target.span,
        };
        env.set(target.name.text, variable);
        rows.set(target.name.text, stack);
        frame.uses.push(stack);
        if (count === 0) frame.context.report(rowsNeverFilled(target.span, target.name.text));
      }
  }
  return rows;
}
