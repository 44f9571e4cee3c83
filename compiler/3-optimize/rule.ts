/**
 * What a rewrite rule is. A rule says one law of the tensor algebra in one direction; it looks at one tensor and the
 * few below it, and answers an equal tensor that is cheaper or closer to the normal form, or null.
 *
 * A rule never changes space, axes or element type, and never looks at a label: the engine checks the first.
 */
import type { Span } from "../../grammar/source.js";
import type { MapFunction, Tensor, TensorOf, TensorTable } from "../ir/tensor.js";

/** What a rule may know beyond the tensor itself. */
export interface Context {
  readonly table: TensorTable;
  /** How many tensors read `t`. Infinite where it is not known exactly: then `t` counts as shared. */
  users(t: Tensor): number;
  /** Whether the program computes `t` already, so that reading it costs nothing. */
  computed(t: Tensor): boolean;
  /** Gradients are part of the graph: nothing will be differentiated any more. */
  readonly differentiated: boolean;
}

export interface Rule {
  /** Shown by `--trace optimize`. */
  readonly name: string;
  /** The law in one line. */
  readonly law: string;
  readonly why: string;
  apply(t: Tensor, context: Context): Tensor | null;
}

/** One firing, for `--trace optimize`. */
export interface RuleFired {
  readonly rule: string;
  readonly law: string;
  readonly before: string;
  readonly after: string;
  readonly span: Span | null;
}

interface Text {
  readonly name: string;
  readonly law: string;
  readonly why: string;
}

/** A rule about products. */
export const onProduct = (
  text: Text,
  apply: (t: TensorOf<"product">, context: Context) => Tensor | null,
): Rule => ({ ...text, apply: (t, c) => (t.op === "product" ? apply(t, c) : null) });

/** A rule about pulls. */
export const onPull = (
  text: Text,
  apply: (t: TensorOf<"pull">, context: Context) => Tensor | null,
): Rule => ({ ...text, apply: (t, c) => (t.op === "pull" ? apply(t, c) : null) });

/** A rule about views. */
export const onView = (
  text: Text,
  apply: (t: TensorOf<"view">, context: Context) => Tensor | null,
): Rule => ({ ...text, apply: (t, c) => (t.op === "view" ? apply(t, c) : null) });

/** A rule about one of some pointwise functions. */
export const onMap = (
  functions: readonly MapFunction[],
  text: Text,
  apply: (t: TensorOf<"map">, context: Context) => Tensor | null,
): Rule => ({
  ...text,
  apply: (t, c) => (t.op === "map" && functions.includes(t.attrs.f) ? apply(t, c) : null),
});
