/** GN21xx: types, shapes, dimensions, binders and indices. One builder per code. */
import type { Span } from "../../grammar/source.js";
import { didYouMean, error, is, listed, type Shown, warning } from "./build.js";
import type { Diagnostic } from "./diagnostic.js";

export { shapeCodes } from "./shapes.examples.js";

/** A dimension as messages name it. */
interface Sized {
  readonly size: number;
  readonly name: string | null;
  readonly origin?: { readonly madeUp?: true } | null;
}

const named = (d: Sized): string =>
  d.name === null ? `${d.size}` : d.origin?.madeUp ? d.name : `${d.name} = ${d.size}`;

export const wrongElement = (at: Span, given: Shown, wanted: string, by: string): Diagnostic =>
  error("GN2101", `${by} wants ${wanted}`, at, is(given), {
    notes: given.notes,
    hint:
      wanted === "a number"
        ? "`select(c, 1, 0)` makes a number of a bool"
        : wanted === "a bool"
          ? "compare it: `x > 0`"
          : wanted === "an integer"
            ? "`floor` or `round` make an integer"
            : `give ${wanted}`,
  });

export const rankWanted = (at: Span, name: string, wanted: string, given: Shown): Diagnostic =>
  error("GN2102", `\`${name}\` wants ${wanted}`, at, is(given), {
    notes: given.notes,
    hint: given.type.startsWith("index")
      ? `embed it first: \`one_hot(${given.text})\`, or \`Embedding<N, D>(${given.text})\` of "std/core"`
      : "for more axes write a binder, `y[h] = f(x[h])`; to join axes `flatten`; a scalar becomes a vector in `[x]`",
  });

export const elementWanted = (at: Span, name: string, wanted: string, given: Shown): Diagnostic =>
  error("GN2103", `\`${name}\` wants ${wanted}`, at, is(given), {
    notes: given.notes,
    hint: "give a value of that kind",
  });

export const innerDimensions = (
  at: Span,
  left: Shown,
  right: Shown,
  wanted: string | null,
): Diagnostic =>
  error("GN2104", "`@` needs the inner dimensions to agree", at, `${is(left)}, ${is(right)}`, {
    notes: [...left.notes, ...right.notes],
    hint:
      wanted === null
        ? "`@` contracts feature axes: a scalar has none, write `*`"
        : `\`${right.text}\` must be ${wanted} here${right.text.includes("[") ? "" : `: declare \`${right.text}: ${wanted}\``}`,
  });

/** `W @ x`, as on paper, for `x @ W`. */
export const vectorOnTheRight = (at: Span, left: Shown, right: Shown): Diagnostic =>
  error("GN2104", "`@` needs the inner dimensions to agree", at, `${is(left)}, ${is(right)}`, {
    notes: [...left.notes, ...right.notes],
    hint: `the features stand on the left: write \`${right.text} @ ${left.text}\``,
  });

export const shapesDiffer = (at: Span, text: string, a: Shown, b: Shown): Diagnostic =>
  error(
    "GN2105",
    "element-wise operands need equal shapes, or a scalar",
    at,
    `${is(a)}, ${is(b)}`,
    {
      notes: [...a.notes, ...b.notes],
      hint: `nothing broadcasts: make the shapes equal, or name the axis, \`y[i] = a[i] + b[0]\`${text.includes("@") ? "; `x @ W / n` is `(x @ W) / n`" : ""}`,
    },
  );

export const rangesDisagree = (
  at: Span,
  name: string,
  ranges: readonly { readonly field: string; readonly size: number; readonly span: Span }[],
): Diagnostic =>
  error(
    "GN2106",
    `the ranges of \`${name}\` disagree`,
    at,
    ranges.map((r) => `\`${r.field}\` gives ${r.size}`).join(", "),
    {
      related: ranges.map((r) => ({ span: r.span, text: `${name} < ${r.size} here` })),
      hint: `write the range: \`${name} < ..\``,
    },
  );

export const binderWithoutRange = (at: Span, name: string): Diagnostic =>
  error("GN2107", `the binder \`${name}\` has no range`, at, "no axis is read at it", {
    hint: `write it: \`[${name} < N]\``,
  });

export const negativeShift = (at: Span, binder: string, field: string): Diagnostic =>
  error(
    "GN2108",
    `\`${field}\` would be read before its beginning`,
    at,
    `negative for \`${binder}\` = 0`,
    {
      hint: `count from the earlier one: \`[${binder}]\` and \`[${binder} + 1]\``,
    },
  );

export const numberOfResults = (
  at: Span,
  text: string,
  given: number,
  wanted: number,
): Diagnostic =>
  error(
    "GN2110",
    `${given} value${given === 1 ? "" : "s"} for ${wanted} name${wanted === 1 ? "" : "s"}`,
    at,
    text.length < 60 ? `\`${text}\`` : "this",
    {
      hint:
        given > wanted
          ? `give each a name, \`_\` drops one: \`${["y", ...Array<string>(given - 1).fill("_")].join(", ")} = ${text.length < 60 ? text.replace(/^[^=]*= /, "") : ".."}\``
          : "as many names as there are values, separated by commas",
    },
  );

export const boundTwice = (
  at: Span,
  name: string,
  wanted: string,
  dim: Sized,
  given: Shown,
  size: number,
  notes: readonly string[],
  other: Span,
): Diagnostic =>
  error(
    "GN2111",
    `\`${name}\` wants ${wanted}`,
    at,
    `${is(given)}: ${named(dim)} is wanted, ${size} is given`,
    {
      related: [{ span: other, text: `${named(dim)} comes from here` }],
      notes,
      hint: "change one of the two sizes; a `let` has one set of dimensions for all its uses",
    },
  );

export const partsNotEqual = (at: Span, given: Shown, size: number, count: number): Diagnostic =>
  error("GN2113", `${size} features do not fall into ${count} equal parts`, at, is(given), {
    notes: given.notes,
    hint: "write the parts: `[p: f32[3], q: f32[5]] = v`",
  });

export const partsTotal = (at: Span, given: Shown, size: number, total: number): Diagnostic =>
  error("GN2114", `the parts make ${total}, but there are ${size}`, at, is(given), {
    notes: given.notes,
    hint: "let the parts add up",
  });

export const indexExceeds = (
  at: Span,
  index: Shown,
  low: number,
  high: number,
  name: string,
  size: number,
  notes: readonly string[],
): Diagnostic =>
  error(
    "GN2115",
    `the index may leave \`${name}\``,
    at,
    `${low} .. ${high} for an axis of ${size}`,
    {
      notes,
      hint:
        low < 0
          ? "`clip` it, or add an offset"
          : `\`clip(${index.text}, 0, ${size - 1})\`, or a longer axis`,
    },
  );

export const placeWithoutMaximum = (at: Span, given: Shown, size: number | null): Diagnostic =>
  error("GN2116", "an integer without bounds cannot choose a row", at, is(given), {
    hint: /\bindex$/.test(given.text)
      ? `declare a maximum, \`nodes ..: seq(max: ${size ?? 256})\`, or \`clip\` it`
      : `declare it \`${given.text}: .. index[${size ?? "N"}]\`, with the number of values it can take, or \`clip\` it`,
  });

export const notAnInteger = (at: Span, given: Shown): Diagnostic =>
  error("GN2117", "an index wants one integer", at, is(given), {
    notes: given.notes,
    hint: given.type.includes("[")
      ? `a class is one number: \`argmax(${given.text})\` finds it in scores or one-hot rows`
      : "if it holds whole numbers, declare it `index[N]`; `floor` or `round` make an integer of an f32",
  });

export const labelsBeyondClasses = (
  at: Span,
  name: string,
  given: Shown,
  wanted: Sized,
  size: number,
  notes: readonly string[],
  other: Span,
): Diagnostic =>
  error(
    "GN2118",
    `\`${name}\` must be less than ${wanted.size}, but it can be ${size - 1}`,
    at,
    is(given),
    {
      related: [{ span: other, text: `index[${named(wanted)}]` }],
      notes,
      hint: `make room for ${size}, or declare the label \`index[${wanted.size}]\``,
    },
  );

const lastOnes = (count: number): string => (count === 1 ? "the last is" : `the last ${count} are`);

export const labelsFewerThanClasses = (
  at: Span,
  name: string,
  given: Shown,
  wanted: Sized,
  size: number,
  notes: readonly string[],
): Diagnostic =>
  warning("GN2119", `\`${name}\` has ${size} values for ${wanted.size} rows`, at, is(given), {
    notes,
    hint: `${lastOnes(wanted.size - size)} never used; if that is meant, say so in its type`,
  });

export const functionArgument = (
  at: Span,
  name: string,
  wanted: number,
  given: number,
  call: Span,
): Diagnostic =>
  error(
    "GN2122",
    `\`${name}\` is called with ${given} argument${given === 1 ? "" : "s"}, but takes ${wanted}`,
    at,
    "handed in here",
    {
      related: [{ span: call, text: "called here" }],
      hint: "hand in a function that takes what the callee gives",
    },
  );

export const typeNeeded = (at: Span, names: readonly string[]): Diagnostic =>
  error(
    "GN2123",
    "this type is needed before it can be known",
    at,
    names.length > 1 ? `${listed(names.slice(0, 4))} wait for each other` : "it depends on itself",
    {
      hint: `write the type of one name: \`${names[0] ?? "h"}: f32[H] = ..\``,
    },
  );

export const tooManyIndices = (at: Span, base: Shown, given: number): Diagnostic =>
  error("GN2124", `${given} ${given === 1 ? "index" : "indices"} for ${base.type}`, at, is(base), {
    notes: base.notes,
    hint: "one index for each axis at most",
  });

export const concatenatedAxes = (at: Span, a: Shown, b: Shown): Diagnostic =>
  error("GN2125", "`[a, b]` joins the last axis; the others must agree", at, `${is(a)}, ${is(b)}`, {
    notes: [...a.notes, ...b.notes],
    hint: "use a binder: `y[h] = [a[h], b]`",
  });

export const scalarWithoutAxis = (at: Span, f: string, given: Shown): Diagnostic =>
  error("GN2126", `\`${f}\` acts along the last feature axis`, at, is(given), {
    hint: "over edges or nodes say `by receiver`, `by graph`; or make a vector",
  });

export const arrayNeedsIndex = (at: Span, name: string): Diagnostic =>
  error("GN2127", `\`${name}\` is an array of functions`, at, "which one?", {
    hint: `write \`${name}[k](..)\``,
  });

export const arrayOfData = (at: Span, name: string): Diagnostic =>
  error("GN2128", `\`${name}\` is one function, not an array`, at, "indexed here", {
    hint: `write \`${name}(..)\`, or \`let ${name}[K] = ..\``,
  });

export const arrayIndices = (at: Span, name: string, wanted: number, given: number): Diagnostic =>
  error(
    "GN2129",
    `\`${name}\` takes ${wanted} ${wanted === 1 ? "index" : "indices"}, ${given} given`,
    at,
    "here",
    { hint: "one index for each axis of the array" },
  );

export const notAnIndex = (at: Span, given: Shown, by: string): Diagnostic =>
  error("GN2130", `${by} wants an index[N]`, at, is(given), {
    hint: "its number of classes must be known: `index[N]`, or `clip` it",
  });

/** Built-in functions of several arguments. */
const usage: ReadonlyMap<string, string> = new Map([
  ["select", "select(condition, a, b)"],
  ["clip", "clip(x, low, high)"],
  ["pow", "pow(x, exponent)"],
  ["mod", "mod(i, n)"],
  ["min", "min(a, b)"],
  ["max", "max(a, b)"],
  ["uniform", "uniform()"],
  ["normal", "normal()"],
]);

export const numberOfArguments = (
  at: Span,
  name: string,
  given: number,
  wanted: number,
): Diagnostic =>
  error(
    "GN2131",
    `\`${name}\` takes ${wanted} argument${wanted === 1 ? "" : "s"}, ${given} given`,
    at,
    "here",
    {
      hint: name.endsWith("[..]")
        ? `write \`${name.replace("..", "i")}(x[i])\`; to leave some out, \`select(c, x[i], 0)\` inside`
        : `write \`${usage.get(name) ?? `${name}(x)`}\``,
    },
  );

export const unknownInitializer = (
  at: Span,
  name: string,
  near: string | null,
  known: readonly string[],
): Diagnostic =>
  error("GN2135", `there is no initialiser \`${name}\``, at, "not known", {
    hint: didYouMean(near) ?? `there is ${listed(known)}`,
  });

export const wrongBinder = (at: Span, text: string): Diagnostic =>
  error("GN2136", `\`${text}\` is no binder`, at, "a reduction binds new names", {
    hint: "write `sum[i](x[i])`, or `sum[i < N](..)`",
  });

export const becomesDense = (at: Span, name: string, size: number, declared: Span): Diagnostic =>
  warning(
    "GN2138",
    `the sparse \`${name}\` becomes dense here`,
    at,
    `${4 * size} bytes for each row`,
    {
      related: [{ span: declared, text: "declared sparse" }],
      hint: "keep to products, `dropout`, and division by a number; or drop `sparse`",
    },
  );

export const sparseWants = (at: Span, name: string, given: string, wide: boolean): Diagnostic =>
  error("GN2140", `the sparse input \`${name}\` is no table of f32 rows`, at, given, {
    hint: `\`sparse\` gives the non-zeros of one f32 vector for each ${wide ? "node, edge or graph, not for the batch" : "element, `f32[N]`"}; otherwise leave \`sparse\` out`,
  });

export const rowsDisagree = (at: Span, name: string): Diagnostic =>
  error("GN2139", `the rows of \`${name}\` have different shapes`, at, "all rows share one shape", {
    hint: "keep the carried value's shape the same in each pass",
  });
