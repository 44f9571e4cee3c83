/**
 * What each parameter is shared over: the rows of the space it is read on, and what picks a part of it there: an offset (shared
 * by translation), a place (not shared), a distance, a value of the data, or an axis of its own such as a head.
 */
import type { Expr, Field, Model, Parameter } from "../../ir/model.js";
import type { NodeSet, Relation, Space } from "../../ir/space.js";
import { axesOf } from "./components.js";
import { liveBelow, livePartsOf, type Standing } from "./live.js";
import { blind, type Seen, type Viewing, viewOf } from "./view.js";

/** What picks a part of a parameter. */
export type Pick =
  /** A binder or a number: each value has its own part, on every row alike. */
  | { readonly kind: "axis"; readonly name: string }
  | { readonly kind: "offset"; readonly relation: Relation }
  | { readonly kind: "place"; readonly set: NodeSet }
  /** Places of both ends, but only their difference. */
  | { readonly kind: "distance"; readonly set: NodeSet }
  | { readonly kind: "data"; readonly names: readonly string[] };

/** One way in which a parameter is read. */
export interface Use {
  readonly space: Space;
  readonly picks: readonly Pick[];
}

export interface Sharing {
  readonly parameter: Parameter;
  readonly uses: readonly Use[];
}

/** Every parameter of a model with the ways it is read, each once. */
export function sharingOf(model: Model): readonly Sharing[] {
  const uses = new Map<Parameter, Use[]>();
  for (const field of model.fields) collect({ e: field.value, on: field.space }, uses);
  return model.parameters.map((parameter) => ({
    parameter,
    uses: distinct(uses.get(parameter) ?? []),
  }));
}

function collect(at: Standing, uses: Map<Parameter, Use[]>): void {
  const { e, on } = at;
  const read = readParameter(e);
  if (!read) {
    for (const part of livePartsOf(at)) collect(part, uses);
    return;
  }
  const own = uses.get(read.parameter) ?? [];
  own.push({ space: on, picks: read.indices.map((index) => pickOf({ e: index, on })) });
  uses.set(read.parameter, own);
  for (const index of read.indices) collect({ e: index, on }, uses);
}

/** `W[tap, h]` as the parameter and its indices. */
function readParameter(
  e: Expr,
): { readonly parameter: Parameter; readonly indices: readonly Expr[] } | null {
  if (e.kind === "parameter" && e.parameter.kind === "parameter")
    return { parameter: e.parameter, indices: [] };
  if (e.kind !== "at") return null;
  const inner = readParameter(e.value);
  return inner && { ...inner, indices: [...inner.indices, ...e.indices] };
}

function pickOf(index: Standing): Pick {
  const atoms = atomsOf(index);
  if (atoms.data.size > 0) return { kind: "data", names: [...atoms.data] };
  const [relation] = atoms.offsets;
  const [set] = atoms.places;
  if (set) return { kind: moves(index, set) ? "place" : "distance", set };
  if (relation) return { kind: "offset", relation };
  return { kind: "axis", name: index.e.kind === "binder" ? index.e.binder.name : "number" };
}

interface Atoms {
  readonly offsets: Set<Relation>;
  readonly places: Set<NodeSet>;
  readonly data: Set<string>;
}

/** What an index comes from, through fields. */
function atomsOf(
  root: Standing,
  atoms: Atoms = { offsets: new Set(), places: new Set(), data: new Set() },
  seen: Set<Field> = new Set(),
): Atoms {
  for (const { e, on } of liveBelow(root)) {
    if (e.kind === "offset" && on.kind === "edges") atoms.offsets.add(on);
    if (e.kind === "index" && on.kind === "nodes") atoms.places.add(on);
    if (e.kind === "draw") atoms.data.add("a draw");
    if (e.kind !== "field") continue;
    if (e.field.kind === "input") atoms.data.add(e.field.name);
    else if (!seen.has(e.field)) {
      seen.add(e.field);
      atomsOf({ e: e.field.value, on: e.field.space }, atoms, seen);
    }
  }
  return atoms;
}

/** Whether an index changes when all places of a set move by a common distance. */
function moves(index: Standing, set: NodeSet): boolean {
  const axes = axesOf(set);
  const scale = new Map([[set, Array.from({ length: axes }, () => 1)]]);
  const component = { sets: [set], axes, scale };
  const seen = new Map<Field, Seen>();
  const viewing: Viewing = {
    component,
    mode: "differences",
    of: (field) => {
      if (field.kind === "input") return blind;
      const known = seen.get(field) ?? viewOf(viewing, { e: field.value, on: field.space });
      seen.set(field, known);
      return known;
    },
  };
  const view = viewOf(viewing, index);
  return view.broken !== null || view.drift.some((d) => d !== 0);
}

function distinct(uses: readonly Use[]): readonly Use[] {
  const key = ({ space, picks }: Use): string =>
    JSON.stringify([
      space.name,
      picks.map((p) => [p.kind, "set" in p ? p.set.name : "", "names" in p ? p.names : ""]),
    ]);
  return [...new Map(uses.map((use) => [key(use), use])).values()];
}
