/** Which symmetries each output of a model has, and what breaks those that one might expect. */
import type { Model, Output } from "../../ir/model.js";
import type { NodeSet, Relation } from "../../ir/space.js";
import {
  breaksEdgeOrder,
  breaksGraphs,
  breaksPermutation,
  findBreak,
  mapOf,
  spacesSeen,
} from "./breaks.js";
import { carriedBy } from "./carried.js";
import { type Component, componentsOf, followsOrder, stepOf, touches } from "./components.js";
import { all, type Footprint, nothing } from "./footprint.js";
import { inOrder, liveBelow } from "./live.js";
import type { Break, Claim, Refusal, Symmetry, Verdict } from "./symmetry.js";
import type { Mode, Seen } from "./view.js";
import { viewsOf } from "./views.js";

/** A symmetry decided for one output: a footprint when it holds, else what breaks it. */
type Decision = { readonly footprint: Footprint | null } | { readonly why: Break };

export function verdictOf(model: Model): Verdict {
  const claims: Claim[] = [];
  const refusals: Refusal[] = [];
  const decide = (symmetry: Symmetry, output: Output, decision: Decision): void => {
    if ("why" in decision) refusals.push({ symmetry, output, why: decision.why });
    else claims.push({ symmetry, output, footprint: decision.footprint });
  };
  const judge = ordered(model);
  const apart = differences(model);
  for (const output of model.outputs) {
    const spaces = spacesSeen(output.field);
    const unless = (why: Break | null): Decision => (why ? { why } : { footprint: null });
    const found = (breaking: Parameters<typeof findBreak>[1]): Decision =>
      unless(findBreak(output.field, breaking));
    const rigid = model.sets.filter((set) => {
      if (!spaces.has(set)) return false;
      const decision = found(breaksPermutation(set));
      if (isGiven(model, set, output)) decide({ kind: "permutation", set }, output, decision);
      return "why" in decision;
    });
    for (const relation of model.relations)
      if (relation.given && spaces.has(relation))
        decide({ kind: "edge order", relation }, output, found(breaksEdgeOrder(relation)));
    decide({ kind: "graphs" }, output, found(breaksGraphs));
    for (const { component, judgements } of judge)
      if (rigid.some((set) => component.sets.includes(set)))
        for (const { symmetry, decide: by } of judgements) {
          const decision = by(output);
          if (decision) decide(symmetry, output, decision);
        }
    if (apart?.holds(output)) decide(apart.symmetry, output, { footprint: null });
  }
  return { claims, refusals };
}

/** Whether anything that is given or comes out has rows of a set: else there is nothing to renumber. */
function isGiven(model: Model, set: NodeSet, { field }: Output): boolean {
  const outside = [...model.inputs.map((i) => i.space), ...model.relations.filter((r) => r.given)];
  return [...outside, field.space].some((space) => touches(space, set));
}

/** Of outputs that read places of sequences, those that read them by their differences alone. */
function differences(
  model: Model,
): { readonly symmetry: Symmetry; readonly holds: (output: Output) => boolean } | null {
  const sets = model.sets.filter(({ layout }) => layout.kind === "seq");
  const reads = ({ field }: Output): boolean =>
    sets.some((set) =>
      findBreak(field, ({ e, on }) => (e.kind === "index" && on === set ? "" : null)),
    );
  const roots = model.outputs.filter(reads).map((o) => o.field);
  if (roots.length === 0) return null;
  const component = { sets, axes: 1, scale: new Map(sets.map((set) => [set, [1]])) };
  const view = viewsOf(roots, model.recurrences, component, "differences");
  return {
    symmetry: { kind: "differences", component },
    holds: ({ field }) => roots.includes(field) && !view(field).broken && !view(field).place,
  };
}

interface Judgement {
  readonly symmetry: Symmetry;
  /** Null when there is nothing to say of this output. */
  readonly decide: (output: Output) => Decision | null;
}

/** For each component of ordered sets that is used, how its symmetries are decided. */
function ordered(
  model: Model,
): readonly { component: Component; judgements: readonly Judgement[] }[] {
  const roots = model.outputs.map((o) => o.field);
  const used = new Set<Relation>();
  const carried = new Set<Relation>();
  for (const field of inOrder(roots))
    for (const { e } of liveBelow({ e: field.value, on: field.space })) {
      const from = mapOf(e)?.from;
      if (from?.kind === "edges") used.add(from);
      const chain = e.kind === "aggregate" ? carriedBy(e) : null;
      if (chain) carried.add(chain);
    }
  const relations = model.relations.filter((r) => used.has(r));
  return componentsOf(model.sets, relations)
    .filter(({ sets }) => relations.some((r) => followsOrder(r) && sets.includes(r.receivers)))
    .map((component) => {
      const view = (mode: Mode) => viewsOf(roots, model.recurrences, component, mode);
      const own = [...carried].filter((r) => component.sets.includes(r.receivers));
      return { component, judgements: judgementsOf(component, own, view) };
    });
}

function judgementsOf(
  component: Component,
  carried: readonly Relation[],
  view: (mode: Mode) => (field: Output["field"]) => Seen,
): readonly Judgement[] {
  const translation: Judgement = {
    symmetry: { kind: "translation", component, carried },
    decide: onOwnSets(component, view("translation"), (seen) =>
      bounded(seen) && roomFor(component, seen.sees) ? seen.sees : null,
    ),
  };
  const sequences =
    component.axes === 1 &&
    component.sets.every((set) => set.layout.kind === "seq" && component.scale.get(set)?.[0] === 1);
  if (!sequences) return [translation];
  const cut = (kind: "prefix" | "suffix", inside: (seen: Seen) => boolean): Judgement => ({
    symmetry: { kind, component },
    decide: onOwnSets(component, view(kind), (seen) => (inside(seen) ? nothing : null)),
  });
  return [
    translation,
    cut("prefix", ({ sees }) => all(sees, ([, high]) => high <= 0)),
    cut("suffix", ({ sees }) => all(sees, ([low]) => low >= 0)),
  ];
}

const bounded = ({ sees }: Seen): boolean =>
  all(sees, ([low, high]) => Number.isFinite(low) && Number.isFinite(high));

/** Decides for outputs that stand on a set of the component; of others there is nothing to say. */
const onOwnSets =
  (
    { sets }: Component,
    view: (field: Output["field"]) => Seen,
    holds: (seen: Seen) => Footprint | null,
  ): Judgement["decide"] =>
  ({ field }) => {
    if (!sets.some((set) => set === field.space)) return null;
    const seen = view(field);
    if (seen.broken) return { why: seen.broken };
    if (seen.place) return { why: { what: "`index`", at: seen.place } };
    const footprint = holds(seen);
    return footprint ? { footprint } : null;
  };

/** Whether there are places from which all that is seen is inside, before and behind a move. */
function roomFor(component: Component, sees: Footprint): boolean {
  const step = stepOf(component);
  return step.every((by, axis) => {
    const bounds = component.sets.map((set) => {
      const [low, high] = sees.get(set)?.[axis] ?? [0, 0];
      const last = (mostOf(set, axis) - 1) * (component.scale.get(set)?.[axis] ?? 1);
      return [-low, last - high] as const;
    });
    const from = Math.max(0, ...bounds.map(([low]) => low));
    const to = Math.min(...bounds.map(([, high]) => high));
    return Math.ceil(from / by) * by + by <= to;
  });
}

/** The most places of a set along an axis. */
function mostOf({ layout }: NodeSet, axis: number): number {
  if (layout.kind === "grid") return layout.extents[axis] ?? 1;
  return (layout.kind === "seq" ? layout.max : layout.size) ?? Infinity;
}
