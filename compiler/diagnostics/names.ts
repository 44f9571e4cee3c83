/** GN20xx: names, imports, arguments, and what belongs where. One builder per code. */
import type { Span } from "../../grammar/source.js";
import { didYouMean, error, listed, warning } from "./build.js";
import type { Diagnostic } from "./diagnostic.js";

export { nameCodes } from "./names.examples.js";

const hinted = (hint: string | null): { readonly hint?: string } => (hint === null ? {} : { hint });

export const unknownName = (at: Span, name: string, hint: string | null): Diagnostic =>
  error("GN2001", `nothing here is called \`${name}\``, at, "not defined", hinted(hint));

export const nameInTwoSections = (
  at: Span,
  name: string,
  first: string | null,
  second: string | null,
  other: Span,
): Diagnostic =>
  error(
    "GN2002",
    `\`${name}\` is defined in two sections, but a name has one space`,
    at,
    `here in \`${second ?? "the body"}\``,
    {
      related: [{ span: other, text: `first in \`${first ?? "the body"}\`` }],
      hint: "give one of the two another name",
    },
  );

export const binderBorrowsName = (at: Span, name: string): Diagnostic =>
  error(
    "GN2003",
    `the binder \`${name}\` borrows a name of this body`,
    at,
    "already the name of something else",
    {
      hint: "nothing is ever shadowed: choose a letter that is free",
    },
  );

export const assignedTwice = (at: Span, name: string, other: Span): Diagnostic =>
  error("GN2004", `\`${name}\` is assigned twice`, at, "assigned again here", {
    related: [{ span: other, text: "defined here" }],
    hint: `names are assigned once outside \`for\`; call the new value \`${name}'\` or something else`,
  });

export const spaceAndField = (at: Span, name: string, other: Span): Diagnostic =>
  error(
    "GN2005",
    `\`${name}\` is the name of a space and of something else`,
    at,
    "second use of the name",
    {
      related: [{ span: other, text: "first use of the name" }],
      hint: "rename one of them, for example with a trailing underscore",
    },
  );

export const unusedImport = (at: Span, name: string): Diagnostic =>
  warning("GN2006", `\`${name}\` is imported and never used`, at, "unused import", {
    hint: "remove it from the list",
  });

export const unusedParameter = (at: Span, name: string): Diagnostic =>
  warning(
    "GN2007",
    `nothing reads the parameter \`${name}\``,
    at,
    "it would be stored and never learn",
    { hint: "remove it, or use it" },
  );

export const unusedField = (at: Span, name: string): Diagnostic =>
  warning("GN2008", `nothing reads \`${name}\``, at, "computed for nothing", {
    hint: "remove the equation, or call the name `_`",
  });

export const missingImport = (
  at: Span,
  name: string,
  from: string,
  hint: string | null,
): Diagnostic =>
  error("GN2009", `\`${from}\` has no \`${name}\``, at, "not found there", hinted(hint));

export const notFound = (at: Span, path: string, hint: string | null): Diagnostic =>
  error("GN2010", `there is no file \`${path}\``, at, "not found", {
    hint:
      hint ??
      "the standard library is `std/core`, `std/graph`, ..; a path of your own starts with `./`",
  });

export const cyclicImports = (at: Span, circle: readonly string[]): Diagnostic =>
  error("GN2011", "these files import each other in a circle", at, circle.join(" → "), {
    hint: "move what both need into a third file",
  });

export const outputWithPrime = (at: Span, name: string): Diagnostic =>
  error(
    "GN2012",
    `the output \`${name}\` carries a prime`,
    at,
    "names of inputs and outputs are TypeScript properties",
    {
      hint: `write \`${name.replaceAll("'", "")} = ${name}\` and put that out`,
    },
  );

export const rowsNeverFilled = (at: Span, name: string): Diagnostic =>
  error("GN2013", `no row of \`${name}\` is ever filled`, at, "the loop around makes no pass", {
    hint: "give the loop a count of at least one",
  });

export const notAFunction = (at: Span, name: string): Diagnostic =>
  error("GN2014", `\`${name}\` is no function`, at, "called here", {
    hint: name.endsWith(")")
      ? "sizes go into `<..>`, values into `(..)`: `Linear<8>(x)`; to use one layer twice, `let f = Linear<8>`"
      : "a field is read at an index with `[ ]`; a function is declared with `fn`, `block` or `let`",
  });

export const functionAsValue = (at: Span, name: string): Diagnostic =>
  error("GN2015", `\`${name}\` is a function, not a value`, at, "used as a value", {
    hint: `call it: \`${name}(..)\``,
  });

export const noSuchParameter = (
  at: Span,
  callee: string,
  name: string,
  near: string | null,
  known: readonly string[],
): Diagnostic =>
  error("GN2016", `\`${callee}\` has no parameter \`${name}\``, at, "not a parameter", {
    hint: didYouMean(near) ?? (known.length > 0 ? `it takes ${listed(known)}` : "it takes none"),
  });

export const tooManyArguments = (
  at: Span,
  callee: string,
  wanted: number,
  given: number,
  generics: readonly string[],
): Diagnostic =>
  error(
    "GN2017",
    `\`${callee}\` takes ${wanted} argument${wanted === 1 ? "" : "s"}, ${given} are given`,
    at,
    "one too many",
    {
      hint:
        generics.length > 0
          ? `sizes go into \`<..>\`, values into \`(..)\`: \`${callee}<${generics.join(", ")}>(..)\``
          : "leave it out",
    },
  );

export const argumentGivenTwice = (at: Span, callee: string, name: string): Diagnostic =>
  error("GN2018", `\`${name}\` of \`${callee}\` is given twice`, at, "second time", {
    hint: "give it once, in order or by name",
  });

export const missingArgument = (
  at: Span,
  callee: string,
  name: string,
  declared: Span,
  needed: readonly string[],
): Diagnostic =>
  error("GN2019", `\`${callee}\` needs \`${name}\``, at, "not given here", {
    related: [{ span: declared, text: "has no default" }],
    hint: `it takes \`${callee}(${needed.join(", ")})\``,
  });

export const parameterWithoutType = (at: Span, name: string): Diagnostic =>
  error("GN2020", `\`${name}\` has neither a type nor a default`, at, "what is it?", {
    hint: `write \`${name}: f32[D]\`, or a default such as \`${name} = relu\``,
  });

export const declaredTwice = (at: Span, name: string, other: Span): Diagnostic =>
  error("GN2021", `\`${name}\` is declared twice`, at, "declared again", {
    related: [{ span: other, text: "first declared here" }],
    hint: "rename one of them; an import counts as a declaration",
  });

export const recursiveDeclaration = (at: Span, circle: readonly string[]): Diagnostic =>
  error(
    "GN2022",
    `\`${circle[0] ?? ""}\` instantiates itself`,
    at,
    [...circle, circle[0] ?? ""].join(" → "),
    {
      hint: "a body is inlined where it is called, so it cannot contain itself; for repeated layers use `for`, for recurrence read `sender.` of the new value",
    },
  );

export const nestedTooDeep = (at: Span, limit: number): Diagnostic =>
  error("GN2023", `calls are nested more than ${limit} deep`, at, "in this call", {
    hint: "does a function call the function that it is given?",
  });

export const tooManyEquations = (at: Span, limit: number): Diagnostic =>
  error("GN2024", `the model unrolls to more than ${limit} equations`, at, "at this point", {
    hint: "use a recurrence over a relation instead of a long `for`",
  });

export const smallOwnsNothing = (at: Span, fn: string, what: string): Diagnostic =>
  error(
    "GN2025",
    `\`${fn}\` starts with a small letter, so it owns nothing`,
    at,
    `\`${what}\` would own parameters or state`,
    {
      hint: `call it \`${fn.charAt(0).toUpperCase()}${fn.slice(1)}\``,
    },
  );

export const itemElsewhere = (at: Span, item: string, where: string): Diagnostic =>
  error("GN2026", `a \`${where}\` holds no \`${item}\``, at, "does not belong here", {
    hint:
      item === "section"
        ? "a `fn` works on one element; write a `block` for sections"
        : item === "return"
          ? "a model has `output`"
          : "such lines stand in a `model`",
  });
