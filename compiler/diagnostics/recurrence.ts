/** GN31xx: equations that depend on themselves and cannot be evaluated row by row. One builder per code. */
import type { Span } from "../../grammar/source.js";
import { error } from "./build.js";
import type { Diagnostic, Label } from "./diagnostic.js";

export { recurrenceCodes } from "./recurrence.examples.js";

/** A cycle as messages show it: each step with its place. */
export interface ShownCycle {
  readonly name: string;
  readonly steps: readonly Label[];
  /** The steps in words: `h ← sender.h over bond`. */
  readonly words: readonly string[];
}

const cycle = (
  code: string,
  message: string,
  at: Span,
  text: string,
  { steps, words }: ShownCycle,
  hint: string,
): Diagnostic => error(code, message, at, text, { related: steps, notes: words, hint });

export const cycleWithoutOrder = (at: Span, shown: ShownCycle, relation: string): Diagnostic =>
  cycle(
    "GN3101",
    `\`${shown.name}\` depends on itself over \`${relation}\`, which has no order`,
    at,
    "no row can be first",
    shown,
    `use \`chain\`, \`causal\`, \`tree\` or \`dag\`; or unroll with \`for\` and call the new value \`${shown.name.replace(/^.*\//, "")}'\``,
  );

export const cycleInTwoOrders = (
  at: Span,
  shown: ShownCycle,
  first: string,
  second: string,
): Diagnostic =>
  cycle(
    "GN3102",
    `\`${shown.name}\` depends on itself in two orders, ${first} and ${second}`,
    at,
    "each wants the other's rows first",
    shown,
    "run the two directions as two fields, and join them afterwards",
  );

export const cycleInItsRow = (at: Span, shown: ShownCycle): Diagnostic =>
  cycle(
    "GN3103",
    `\`${shown.name}\` depends on its own row`,
    at,
    "it would need itself first",
    shown,
    `a recurrence reads the step before, \`sum(sender.${shown.name.replace(/^.*\//, "")})\` over \`chain\`; otherwise give the new value another name`,
  );

export const cycleThroughAll = (at: Span, shown: ShownCycle, how: string): Diagnostic =>
  cycle(
    "GN3104",
    `\`${shown.name}\` depends on all rows of itself, ${how}`,
    at,
    "all rows would be needed before the first",
    shown,
    "aggregate over `chain` or `causal` instead, or unroll with `for`",
  );

export const softmaxAcrossCycle = (at: Span, shown: ShownCycle): Diagnostic =>
  cycle(
    "GN3105",
    `a softmax groups the edges of \`${shown.name}\` by the end that comes first`,
    at,
    "its group is not known when its rows are",
    shown,
    "write the softmax by the end the cycle aggregates at, `by receiver`",
  );

export const edgeReadBothWays = (at: Span, shown: ShownCycle): Diagnostic =>
  cycle(
    "GN3106",
    `the edge field \`${shown.name}\` is aggregated at both ends within one cycle`,
    at,
    "it belongs to one end",
    shown,
    "compute it twice, once for each direction",
  );

export const stateInCycle = (at: Span, shown: ShownCycle, state: string): Diagnostic =>
  cycle(
    "GN3107",
    `the state \`${state}\` sits in a recurrence`,
    at,
    "it would change from row to row",
    shown,
    "use `LayerNorm` instead of `BatchNorm`, or move it out of the cycle",
  );
