/**
 * A block of a model as a model of its own: the equations of one instance and of all that is inside it, with what comes from
 * outside as inputs, and what is read outside as outputs. What can be said of a model can so be said of each block.
 */
import type { Span } from "../../../grammar/source.js";
import { leavesOf, neededInputs } from "../../1-check/reach.js";
import { freeBinders, partsOf } from "../../1-check/rebind.js";
import type {
  Application,
  Expr,
  Field,
  Input,
  Model,
  Parameter,
  State,
  ValueType,
} from "../../ir/model.js";
import type { Relation, Space } from "../../ir/space.js";
import { mapOf } from "./breaks.js";
import { liveBelow, liveLeaves, type Standing } from "./live.js";
import { type Replacement, recurrencesOf, rewrittenFields } from "./rewritten.js";

/** A block of a model. */
export interface Slice {
  readonly application: Application;
  /** Its equations as a model; names are relative to the instance. */
  readonly model: Model;
}

/** Every use of a block that has equations, in the order of the text. */
export function slicesOf(model: Model): readonly Slice[] {
  return model.applications.flatMap((application) => {
    const slice = application.kind === "block" ? sliceOf(model, application) : null;
    return slice && slice.outputs.length > 0 ? [{ application, model: slice }] : [];
  });
}

/** Whether a body was inlined for a call in this one, or in one that was. */
function isInside(inner: Application, outer: Application): boolean {
  for (let at: Application | null = inner; at; at = at.caller) if (at === outer) return true;
  return false;
}

function sliceOf(model: Model, application: Application): Model | null {
  const { instance, declaration, text } = application;
  const inside = new Set(model.applications.filter((a) => isInside(a, application)));
  const texts = [...inside].map((a) => a.text);
  const isOwn = (span: Span): boolean => texts.some((t) => holds(t, span));
  const mine = model.fields.filter(
    (f) => inside.has(f.origin) && (f.equation !== undefined || isOwn(f.value.span)),
  );
  if (mine.length === 0) return null;
  const border = new Border(isOwn);
  const short = (path: string): string => relativeTo(instance, path);
  const owned = new Map<Parameter | State, Parameter | State>();
  const replace: Replacement = (at) => {
    const { e } = at;
    if (e.kind !== "parameter") return border.replace(at);
    const { parameter } = e;
    const made = owned.get(parameter) ?? relative(parameter, short);
    owned.set(parameter, made);
    return { ...e, parameter: made };
  };
  const fields = rewrittenFields(mine, replace, shortNames(instance));
  const outputs = resultsOf(model, mine).flatMap((field) => {
    const made = fields.get(field);
    return made ? [{ name: made.name, field: made }] : [];
  });
  const kept = [...owned.values()];
  const needed = neededInputs(outputs);
  const inputs = border.inputs.map((input) => ({ ...input, neededToRun: needed.has(input) }));
  return {
    name: declaration,
    doc: null,
    span: text,
    inputs,
    outputs,
    ...spacesOf(model, [...fields.values()], inputs),
    parameters: kept.filter((p) => p.kind === "parameter"),
    states: kept.filter((p) => p.kind === "state"),
    fields: [...fields.values()],
    recurrences: recurrencesOf(fields, model.recurrences),
    applications: [...inside],
    losses: [],
    metrics: [],
    optimizers: [],
  };
}

const holds = (outer: Span, inner: Span): boolean =>
  outer.source.name === inner.source.name && outer.start <= inner.start && inner.end <= outer.end;

/** `W` of `h.W` for the instance `h`. */
const relativeTo = (instance: string, name: string): string =>
  name.startsWith(`${instance}.`) || name.startsWith(`${instance}/`)
    ? name.slice(instance.length + 1)
    : name;

/** Names of fields within the instance; those of a second use count from one again. */
function shortNames(instance: string): (name: string) => string {
  const taken = new Map<string, number>();
  return (name) => {
    const plain = relativeTo(instance, name).replace(/(\/[^/]*?|^[^/]*?)\.\d+$/, "$1");
    const count = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, count);
    return count === 1 ? plain : `${plain}.${count}`;
  };
}

const relative = (p: Parameter | State, short: (name: string) => string): Parameter | State =>
  p.kind === "state" ? { ...p, path: short(p.path), next: null } : { ...p, path: short(p.path) };

/** What is read outside when one does not train, is an output of the model, or is read nowhere at all. */
function resultsOf(model: Model, mine: readonly Field[]): readonly Field[] {
  const own = new Set(mine);
  const outside = new Set<unknown>(model.outputs.map((o) => o.field));
  for (const field of model.fields)
    if (!own.has(field)) for (const leaf of liveLeaves(field)) outside.add(leaf);
  for (const { value, space } of [...model.losses, ...model.metrics])
    for (const { e } of liveBelow({ e: value, on: space }))
      if (e.kind === "field") outside.add(e.field);
  const next = model.states.flatMap((s) => (s.next ? [s.next] : []));
  const somewhere = new Set<unknown>(
    [...model.fields.map((f) => f.value), ...next].flatMap((e) => [...leavesOf(e)]),
  );
  return mine.filter((f) => outside.has(f) || !somewhere.has(f));
}

/** Sets and relations that these equations stand on or read along. */
function spacesOf(
  model: Model,
  fields: readonly Field[],
  inputs: readonly Input[],
): Pick<Model, "sets" | "relations"> {
  const seen = new Set<Space>([...fields, ...inputs].map((f) => f.space));
  for (const field of fields)
    for (const { e, on } of liveBelow({ e: field.value, on: field.space })) {
      seen.add(on);
      const map = mapOf(e);
      if (map) seen.add(map.from).add(map.to);
    }
  const relations = model.relations.filter((r: Relation) => seen.has(r));
  for (const { senders, receivers } of relations) seen.add(senders).add(receivers);
  return { relations, sets: model.sets.filter((s) => seen.has(s)) };
}

/** What a block is given: whatever it reads that its own text does not say. */
class Border {
  readonly inputs: Input[] = [];
  readonly #isOwn: (span: Span) => boolean;
  readonly #known = new Map<Expr | Field | Input, Input>();

  constructor(isOwn: (span: Span) => boolean) {
    this.#isOwn = isOwn;
  }

  readonly replace: Replacement = ({ e, on }) => {
    if (e.kind === "field")
      return { ...e, field: this.#given(e.field, e.field.space, e.field.type, e.span) };
    if (!this.#isGiven(e) || freeBinders(e).size > 0 || !readsMore({ e, on })) return null;
    const { type, span } = e;
    return { kind: "field", field: this.#given(e, on, type, span), type, span };
  };

  /** Where an argument is read by its name, it has the span of the name; its parts have those of the caller's text. */
  #isGiven(e: Expr): boolean {
    const parts = partsOf(e);
    return !this.#isOwn(e.span) || (parts.length > 0 && parts.every((p) => !this.#isOwn(p.span)));
  }

  #given(of: Expr | Field | Input, space: Space, type: ValueType, span: Span): Input {
    const known = this.#known.get(of);
    if (known) return known;
    const made: Input =
      of.kind === "input"
        ? of
        : {
            kind: "input",
            name: `argument${this.inputs.length + 1}`,
            space,
            type,
            sparse: false,
            neededToRun: true,
            span,
          };
    this.#known.set(of, made);
    this.inputs.push(made);
    return made;
  }
}

/** Whether an expression depends on more than constants and parameters. */
function readsMore(at: Standing): boolean {
  for (const { e } of liveBelow(at))
    if (["field", "index", "offset", "draw", "count", "aggregate"].includes(e.kind)) return true;
  return false;
}
