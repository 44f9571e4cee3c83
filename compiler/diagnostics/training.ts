/** GN40xx: losses, gradients, optimizers, state, and files of weights. One builder per code. */
import type { Span } from "../../grammar/source.js";
import { didYouMean, error, is, listed, type Shown, warning } from "./build.js";
import type { Diagnostic, Label } from "./diagnostic.js";

export { trainingCodes } from "./training.examples.js";

export const notAScalar = (at: Span, what: string, given: Shown): Diagnostic =>
  error("GN4001", `a ${what} is one number for each element`, at, is(given), {
    notes: given.notes,
    hint: "reduce its features: `mean[i](e[i])`; make a number of a bool with `select(c, 1, 0)`",
  });

export const lossWithoutParameter = (at: Span, text: string): Diagnostic =>
  error(
    "GN4002",
    "the loss depends on no parameter",
    at,
    `\`${text}\` is the same whatever is learned`,
    {
      hint: "compute it from the outputs of the model",
    },
  );

export const noGradient = (at: Span, path: string, stops: readonly Label[]): Diagnostic =>
  warning("GN4003", `no gradient reaches \`${path}\``, at, "it would never learn", {
    related: stops,
    hint:
      stops.length > 0
        ? "`argmax`, `stop`, comparisons and integers carry no gradient"
        : "the loss does not depend on it",
  });

export const optimizerPath = (
  at: Span,
  path: string,
  near: string | null,
  known: readonly string[],
): Diagnostic =>
  error("GN4004", `\`${path}\` owns no parameters`, at, "nothing to train below this name", {
    hint:
      didYouMean(near) ?? (known.length > 0 ? `there is ${listed(known)}` : "the model has none"),
  });

export const optimizerServesTwice = (at: Span, path: string, other: Span): Diagnostic =>
  error("GN4005", `\`${path}\` is served by two optimizers`, at, "here again", {
    related: [{ span: other, text: "served here" }],
    hint: "give each name to one optimizer; a line without `for` takes the rest",
  });

export const stateUpdatedTwice = (at: Span, name: string, equation: Span): Diagnostic =>
  error(
    "GN4006",
    `the state \`${name}\` would be updated twice in one step`,
    at,
    "second use of the same instance",
    {
      related: [{ span: equation, text: "updated here" }],
      hint: "call a function with state once through one `let`; make a second instance",
    },
  );

export const nextNotForBatch = (at: Span, name: string, where: string): Diagnostic =>
  error("GN4007", `\`${name}\` must be the same for the whole batch`, at, `it lives on ${where}`, {
    hint: "aggregate it: `mean(x) by batch`",
  });

export const unknownOptimizer = (
  at: Span,
  name: string,
  near: string | null,
  known: readonly string[],
): Diagnostic =>
  error("GN4008", `there is no optimizer \`${name}\``, at, "not known", {
    hint: didYouMean(near) ?? `there is ${listed(known)}`,
  });

export const unknownSetting = (
  at: Span,
  kind: string,
  name: string,
  near: string | null,
  known: readonly string[],
): Diagnostic =>
  error("GN4009", `\`${kind}\` has no \`${name}\``, at, "not a setting", {
    hint: didYouMean(near) ?? `it takes ${listed(known)}`,
  });

export const settingNotScalar = (at: Span, name: string, given: Shown): Diagnostic =>
  error("GN4010", `\`${name}\` is one number for the whole run`, at, is(given), {
    hint: "write numbers, constants, and `step`",
  });

export const stepOutsideOptimizer = (at: Span): Diagnostic =>
  error("GN4011", "`step` is known to optimizers only", at, "read outside one", {
    hint: "for anything else use `training`, or an input on the batch",
  });

export const labelReachesOutput = (
  at: Span,
  name: string,
  output: string,
  loss: Span,
): Diagnostic =>
  warning(
    "GN4012",
    `the output \`${output}\` reads \`${name}\`, which the loss compares it with`,
    at,
    "needed for running, and known only in training",
    {
      related: [{ span: loss, text: "the loss reads it too" }],
      hint: "a model that sees its label learns to copy it; read the step before: `sender.` over `chain`",
    },
  );

export const twinShapes = (
  at: Span,
  path: string,
  model: string,
  shape: readonly number[],
  other: string,
  otherShape: readonly number[],
  declared: Span,
): Diagnostic =>
  warning(
    "GN4013",
    `\`${path}\` is [${shape.join(", ")}] in \`${model}\`, [${otherShape.join(", ")}] in \`${other}\``,
    at,
    "all other names are shared, so these look like twins",
    {
      related: [{ span: declared, text: "the other model" }],
      hint: "twins share a weights file by name: give them the same sizes, or other names",
    },
  );

export const notAnOutput = (at: Span, name: string): Diagnostic =>
  error("GN4014", `\`${name}\` is no field`, at, "only fields are put out", {
    hint: "name a field of the model",
  });
