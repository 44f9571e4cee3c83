/**
 * Recurrences: every cycle of equations is judged (LANGUAGE 2): no step to all rows, every move back in one order,
 * and without the moves that surely move no cycle left. What passes is evaluated row by row.
 */
import type { Label } from "../diagnostics/diagnostic.js";
import {
  cycleInItsRow,
  cycleInTwoOrders,
  cycleThroughAll,
  cycleWithoutOrder,
  edgeReadBothWays,
  type ShownCycle,
  softmaxAcrossCycle,
  stateInCycle,
} from "../diagnostics/recurrence.js";
import type { Field, Recurrence, RecurrenceOrder } from "../ir/model.js";
import type { Relation } from "../ir/space.js";
import type { Context } from "./context.js";
import type { Frame } from "./frame.js";
import { leavesOf } from "./reach.js";
import { components, endsOf, type Step, shortName, stepsOf } from "./steps.js";
import { unlessFailed } from "./stop.js";

/** The recurrences of a built model; a cycle that cannot be evaluated row by row is reported. */
export function findRecurrences(frame: Frame): readonly Recurrence[] {
  return components(frame.context.fields).flatMap(
    (fields) => unlessFailed(() => judge(frame, fields)) ?? [],
  );
}

function judge(frame: Frame, fields: readonly Field[]): Recurrence {
  const { context } = frame;
  const ends = endsOf(fields);
  const steps = stepsOf(fields, ends);
  for (const field of fields)
    if ((ends.get(field)?.size ?? 0) > 1) {
      const shown = cycleThrough(context, steps, steps.find((s) => s.to === field) ?? steps[0]);
      frame.fail(edgeReadBothWays(field.span, shown));
    }
  const all = steps.find((s) => s.kind === "all");
  if (all) return wide(frame, steps, all);
  const moves = steps.filter((s) => s.kind === "move");
  const order = oneOrder(frame, steps, moves);
  const loop = cycleOf(steps.filter((s) => s.kind !== "move" || mayStay(s.relation)));
  const [first] = loop ?? [];
  if (loop && first) frame.fail(cycleInItsRow(first.span, shownCycle(context, loop, first)));
  if (!order)
    return frame.fail(
      cycleInItsRow(
        fields[0]?.span ?? frame.declared.node.name.span,
        cycleThrough(context, steps, steps[0]),
      ),
    );
  for (const field of fields) {
    const state = [...leavesOf(field.value)].find((leaf) => leaf.kind === "state");
    if (state?.kind === "state")
      frame.fail(
        stateInCycle(
          field.span,
          cycleThrough(
            context,
            steps,
            steps.find((s) => s.to === field),
          ),
          state.path,
        ),
      );
  }
  return { fields, order };
}

function wide(frame: Frame, steps: readonly Step[], step: Step): never {
  const shown = cycleThrough(frame.context, steps, step);
  if (step.words.includes("in a softmax")) frame.fail(softmaxAcrossCycle(step.span, shown));
  return frame.fail(
    cycleThroughAll(step.span, shown, step.words.slice(shortName(step.to).length + 1)),
  );
}

/** The order of every move, which must be one. */
function oneOrder(
  frame: Frame,
  steps: readonly Step[],
  moves: readonly Step[],
): RecurrenceOrder | null {
  let found: { readonly order: RecurrenceOrder; readonly step: Step } | null = null;
  for (const step of moves) {
    const order = step.relation && orderOf(step.relation, step.against);
    if (!order)
      return frame.fail(
        cycleWithoutOrder(
          step.span,
          cycleThrough(frame.context, steps, step),
          step.relation?.name ?? "",
        ),
      );
    if (found && !sameOrder(found.order, order))
      frame.fail(
        cycleInTwoOrders(
          step.span,
          cycleThrough(frame.context, steps, step),
          inWords(found.order),
          inWords(order),
        ),
      );
    found ??= { order, step };
  }
  return found?.order ?? null;
}

/** The order in which a relation looks back; null if it has none. */
function orderOf(relation: Relation, against: boolean): RecurrenceOrder | null {
  const { topology, senders, receivers } = relation;
  if (topology.kind === "tree" || topology.kind === "dag")
    return { kind: "levels", relation, reverse: against };
  if (senders !== receivers) return null;
  const index = (reverse: boolean): RecurrenceOrder => ({
    kind: "index",
    set: senders,
    reverse: reverse !== against,
  });
  if (topology.kind === "chain") return index(topology.reverse);
  if (topology.kind === "causal") return index(false);
  if (topology.kind !== "window") return null;
  const reach = topology.taps.map((taps, i) => {
    const pad = topology.pad[i] ?? 0;
    return { first: -pad, last: (taps - 1) * (topology.dilation[i] ?? 1) - pad };
  });
  if (reach.every((r) => r.last <= 0)) return index(false);
  return reach.every((r) => r.first >= 0) ? index(true) : null;
}

function sameOrder(a: RecurrenceOrder, b: RecurrenceOrder): boolean {
  if (a.kind === "index") return b.kind === "index" && a.set === b.set && a.reverse === b.reverse;
  return b.kind === "levels" && a.relation === b.relation && a.reverse === b.reverse;
}

function inWords(order: RecurrenceOrder): string {
  if (order.kind === "levels") return `${order.reverse ? "down" : "up"} \`${order.relation.name}\``;
  return `${order.reverse ? "from the last" : "from the first"} of \`${order.set.name}\``;
}

/** `causal`, and a window that looks only back, include the row itself. */
function mayStay(relation: Relation | null): boolean {
  const topology = relation?.topology;
  if (topology?.kind === "causal") return !topology.strict;
  if (topology?.kind !== "window") return false;
  return topology.taps.every((taps, i) => {
    const pad = topology.pad[i] ?? 0;
    return pad >= 0 && (taps - 1) * (topology.dilation[i] ?? 1) - pad >= 0;
  });
}

/** Some cycle of these steps, if there is one. */
function cycleOf(all: readonly Step[]): readonly Step[] | null {
  const steps = goingOn(all);
  for (const step of steps) {
    const back = path(steps, step.to, step.from);
    if (back) return [step, ...back];
  }
  return null;
}

/** Without the steps that lead to an end, however far: a search for a cycle would follow each of them there. */
function goingOn(all: readonly Step[]): readonly Step[] {
  let steps = all;
  for (;;) {
    const left = new Set(steps.map((s) => s.from));
    const rest = steps.filter((s) => left.has(s.to));
    if (rest.length === steps.length) return steps;
    steps = rest;
  }
}

/** The shortest way from one field to another. */
function path(steps: readonly Step[], from: Field, to: Field): readonly Step[] | null {
  const came = new Map<Field, Step>();
  const waiting = [from];
  const seen = new Set(waiting);
  if (from === to) return [];
  for (let field = waiting.shift(); field; field = waiting.shift())
    for (const step of steps) {
      if (step.from !== field || seen.has(step.to)) continue;
      seen.add(step.to);
      came.set(step.to, step);
      waiting.push(step.to);
    }
  const way: Step[] = [];
  for (let at = to; at !== from; ) {
    const step = came.get(at);
    if (!step) return null;
    way.unshift(step);
    at = step.from;
  }
  return way;
}

function cycleThrough(
  context: Context,
  steps: readonly Step[],
  step: Step | undefined,
): ShownCycle {
  if (!step) return { name: "", steps: [], words: [] };
  return shownCycle(context, [step, ...(path(steps, step.to, step.from) ?? [])], step);
}

/** A cycle step by step, and the calls its equations were inlined from. */
function shownCycle(context: Context, cycle: readonly Step[], at: Step): ShownCycle {
  const calls = new Map<string, Label>();
  for (const step of cycle) {
    const caller = context.callers.get(step.from);
    if (caller)
      calls.set(`${caller.span.source.name} ${caller.span.start}`, {
        span: caller.span,
        text: "in this call",
      });
  }
  const steps = cycle.map(
    (step): Label => ({ span: step.span, text: `\`${shortName(step.from)}\` reads ${step.words}` }),
  );
  return {
    name: shortName(at.to),
    steps: [...steps.slice(0, 8), ...[...calls.values()].slice(0, 3)],
    words: cycle.map((step) => `${shortName(step.from)} ← ${step.words}`),
  };
}
