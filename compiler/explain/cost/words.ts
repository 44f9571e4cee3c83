/** What a kernel computes, in the words of the file: names of equations, their text and where they stand. */
import { positionAt, type Span, textOf } from "../../../grammar/source.js";
import type { Kernel, Schedule, ScheduledStep } from "../../ir/kernel.js";
import { targetsOf } from "../../ir/kernel.verify.js";
import type { Field, Model } from "../../ir/model.js";
import type { Tensor } from "../../ir/tensor.js";
import type { Load } from "./definitions.js";

export interface Computed {
  /** `h/z`, `gradient of h.W`; null where the text alone says it. */
  readonly name: string | null;
  /** The equation as it is written. */
  readonly text: string | null;
  /** `std/graph:16` */
  readonly at: string | null;
  /** The line of the model that it belongs to, when that is another. */
  readonly within: string | null;
}

/** Texts longer than this end in dots. */
const longest = 72;
/** So many names stand for what a kernel reads. */
const fewNames = 4;

export class Words {
  readonly #fields: ReadonlyMap<string, Field>;
  readonly #gradients: ReadonlyMap<Tensor, string>;
  readonly #ends: ReadonlyMap<unknown, string>;

  constructor(model: Model, schedule: Schedule) {
    this.#fields = new Map(model.fields.map((f) => [f.name, f]));
    this.#gradients = gradientsOf(schedule);
    const { inputGradients, loss, metrics } = schedule.ends;
    this.#ends = new Map<unknown, string>([
      ...[...(inputGradients ?? [])].map(([path, b]) => [b, `gradient of ${path}`] as const),
      ...Object.values(loss).map((b) => [b, "loss"] as const),
      ...[...metrics].flatMap(([name, by]) =>
        Object.values(by).map((m) => [m.rows, `rows of ${name}`] as const),
      ),
      ...[...metrics].flatMap(([name, by]) =>
        Object.values(by).map((m) => [m.total, name] as const),
      ),
    ]);
  }

  of(kernel: Kernel, loads: readonly Load[]): readonly Computed[] {
    const found = new Map<string, Computed>();
    for (const one of kernel.stages.flatMap((stage) => this.#stage(stage, kernel)))
      found.set(`${one.name} ${one.text} ${one.at}`, one);
    if (found.size > 0) return [...found.values()];
    return [this.#from(loads)];
  }

  /** Of a kernel that makes nothing with a name: what it reads, and the line that this belongs to. */
  #from(loads: readonly Load[]): Computed {
    const read = [...new Set(loads.flatMap((load) => labelOf(load) ?? []))];
    const lines = read.flatMap((label) => this.#line(label.replace("panels of ", "")) ?? []);
    const names = read.slice(0, fewNames).join(", ") + (read.length > fewNames ? ", .." : "");
    const nothing = loads.length > 0 ? "values without a name" : "constants";
    const name = names ? `from ${names}` : nothing;
    return { name, text: null, at: null, within: lines[0] ?? null };
  }

  /** Where the equation of the model stands that a name inside it begins with. */
  #line(label: string): string | null {
    const root = this.#fields.get(label.replace(/[./].*$/, ""));
    return root ? placeOf(root.equation ?? root.span) : null;
  }

  #stage(stage: Kernel["stages"][number], kernel: Kernel): readonly Computed[] {
    const plain = (name: string): Computed => ({ name, text: null, at: null, within: null });
    if (stage.kind === "pack") return [plain(`panels of ${stage.source.label ?? "a product"}`)];
    if (stage.kind === "shortlist") return [plain(stage.shortlist.rows.name)];
    if (stage.kind === "optimizer") return [plain(`parameters, by ${stage.optimizer}`)];
    if (stage.kind === "norm") return [plain("norm of the gradients")];
    return targetsOf(stage).flatMap((t) => {
      const { place } = kernel.stored.get(t) ?? {};
      if (place?.kind === "arena" && place.arena === "settings") return [plain("hyperparameters")];
      const made = this.#gradients.get(t);
      if (made !== undefined) return [plain(`gradient of ${made}`)];
      const end = this.#ends.get(kernel.stored.get(t));
      const one = this.#target(t);
      if (end !== undefined) return [one ? { ...one, name: end } : plain(end)];
      return one ? [one] : [];
    });
  }

  #target(t: Tensor): Computed | null {
    const field = t.label === null ? undefined : this.#fields.get(t.label);
    const span = field?.equation ?? field?.span ?? t.span;
    if (t.label === null && !span) return null;
    const at = span ? placeOf(span) : null;
    const line = t.label === null ? null : this.#line(t.label);
    return {
      name: t.label,
      text: span ? shortened(textOf(span)) : null,
      at,
      within: line && line !== at ? line : null,
    };
  }
}

/** What a kernel reads, by name: `h`, `panels of h.W`. */
function labelOf({ buffer, tensor }: Load): string | null {
  if (buffer?.place.kind === "panels") return buffer.name;
  return tensor?.label ?? null;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > longest ? `${line.slice(0, longest - 2)}..` : line;
}

const placeOf = ({ source, start }: Span): string =>
  `${source.name}:${positionAt(source, start).line}`;

/** The parameter that a tensor is the gradient of: it, or the sum of its chunks, goes to the arena of gradients. */
function gradientsOf({ arenas, programs }: Schedule): ReadonlyMap<Tensor, string> {
  const paths = new Map(arenas.parameters.map((p) => [p.offset, p.parameter.path]));
  const found = new Map<Tensor, string>();
  const look = (steps: readonly ScheduledStep[]): void => {
    for (const step of steps) {
      if (step.kind === "levels") look(step.steps);
      else
        for (const [t, { place }] of step.kernel.stored) {
          if (place.kind !== "arena" || place.arena !== "gradients") continue;
          const path = paths.get(place.offset);
          if (path !== undefined) for (const x of sameValue(t)) found.set(x, path);
        }
    }
  };
  for (const program of Object.values(programs)) look(program.steps);
  return found;
}

/** A tensor, and what it only gives another form. */
function sameValue(t: Tensor): readonly Tensor[] {
  const [x] = t.inputs;
  return x && (t.op === "view" || t.op === "stop") ? [t, ...sameValue(x)] : [t];
}
