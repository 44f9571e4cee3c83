/**
 * What a rewrite rule is. A rule says one law of the tensor algebra in one direction; it looks at one tensor and the
 * few below it, and answers an equal tensor that is cheaper or closer to the normal form, or null.
 *
 * A rule never changes space, axes or element type, and never looks at a label: the engine checks the first.
 */
import type { Span } from "../../grammar/source.js";
import type { MapFunction, Op, Tensor, TensorOf, TensorTable } from "../ir/tensor.js";

/** What a rule may know beyond the tensor itself. */
export interface Context {
  readonly table: TensorTable;
  /** Whether several tensors read `t`, or it is not known how many. */
  isShared(t: Tensor): boolean;
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
  /** The only ops, and of maps the only functions, that it looks at; all where it does not say. */
  readonly ops?: readonly Op[];
  readonly functions?: readonly MapFunction[];
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
): Rule => ({
  ...text,
  ops: ["product"],
  apply: (t, c) => (t.op === "product" ? apply(t, c) : null),
});

/** A rule about pulls. */
export const onPull = (
  text: Text,
  apply: (t: TensorOf<"pull">, context: Context) => Tensor | null,
): Rule => ({
  ...text,
  ops: ["pull"],
  apply: (t, c) => (t.op === "pull" ? apply(t, c) : null),
});

/** A rule about views. */
export const onView = (
  text: Text,
  apply: (t: TensorOf<"view">, context: Context) => Tensor | null,
): Rule => ({
  ...text,
  ops: ["view"],
  apply: (t, c) => (t.op === "view" ? apply(t, c) : null),
});

/** A rule about one of some pointwise functions. */
export const onMap = (
  functions: readonly MapFunction[],
  text: Text,
  apply: (t: TensorOf<"map">, context: Context) => Tensor | null,
): Rule => ({
  ...text,
  ops: ["map"],
  functions,
  apply: (t, c) => (t.op === "map" && functions.includes(t.attrs.f) ? apply(t, c) : null),
});

/** What a rule was told beyond the tensor itself: of another tensor, or (null) of the program. */
export interface Answer {
  readonly question: "isShared" | "computed" | "differentiated";
  readonly of: Tensor | null;
  readonly answer: boolean;
}

/** A rule that may fire on a tensor: not tried yet, or tried in vain, and maybe not in vain when told something else. */
export interface Trial {
  readonly rule: Rule;
  readonly heard: readonly Answer[] | null;
}

/** Of some rules those that may look at a tensor, in their order: found once for each op and function. */
export class RulesByOp {
  readonly #rules: readonly Rule[];
  readonly #known = new Map<string, readonly Trial[]>();

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  for(t: Tensor): readonly Trial[] {
    const f = t.op === "map" ? t.attrs.f : null;
    const key = f === null ? t.op : `map ${f}`;
    const known = this.#known.get(key);
    if (known) return known;
    const found = this.#rules
      .filter(
        ({ ops, functions }) =>
          (ops?.includes(t.op) ?? true) && (f === null || (functions?.includes(f) ?? true)),
      )
      .map((rule): Trial => ({ rule, heard: null }));
    this.#known.set(key, found);
    return found;
  }
}
