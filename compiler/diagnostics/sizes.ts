/** GN21xx: dimensions and generics, as numbers of the compiler. One builder per code; shapes.ts has the others. */
import type { Span } from "../../grammar/source.js";
import { didYouMean, error, warning } from "./build.js";
import type { Diagnostic } from "./diagnostic.js";

/** A declaration as a message speaks of it. */
export interface Whose {
  readonly kind: "fn" | "block" | "model";
  readonly name: { readonly text: string };
}

export const dimensionNeverBound = (
  at: Span,
  whose: Whose,
  name: string | null,
  near: string | null = null,
): Diagnostic => {
  const where = `\`${whose.name.text}\``;
  return error(
    "GN2109",
    name ? `nothing binds \`${name}\` in ${where}` : `a size of ${where} is never bound`,
    at,
    "its number is never known",
    { hint: didYouMean(near) ?? bindIt(whose, name) },
  );
};

function bindIt(whose: Whose, name: string | null): string {
  if (name === null) return "write its generics in `<..>`";
  if (whose.kind === "model") return `write a number here, or \`const ${name} = 8\` in the file`;
  return `give it in \`<..>\`, use it in the type of an argument, or write \`i: index[${name}] = ..\``;
}

export const genericsNeeded = (
  at: Span,
  name: string,
  wanted: readonly string[],
  use: Span,
): Diagnostic =>
  error("GN2109", `\`${name}\` is called without its sizes`, at, "no `<..>` here", {
    related: [{ span: use, text: "needed here" }],
    hint: `write \`${name}<${wanted.join(", ")}>(..)\` with a number for each`,
  });

export const notWhole = (at: Span, value: string, notes: readonly string[]): Diagnostic =>
  error("GN2112", "a dimension must come out whole", at, `is ${value}`, {
    notes,
    hint: "choose sizes that divide without a rest",
  });

export const negativeDimension = (at: Span, size: number, notes: readonly string[]): Diagnostic =>
  error("GN2120", "a dimension is negative", at, `is ${size}`, {
    notes,
    hint: "sizes are 0 or more",
  });

export const genericArguments = (
  at: Span,
  name: string,
  wanted: readonly string[],
  given: number,
): Diagnostic =>
  error("GN2121", `\`${name}\` takes <${wanted.join(", ")}>`, at, `${given} given`, {
    hint: "one number for each; a list `H...` takes what is left",
  });

export const notADimension = (at: Span): Diagnostic =>
  error("GN2132", "this is no dimension", at, "not a number at compile time", {
    hint: "dimensions are whole numbers, generics, constants and `+ - * /` of them",
  });

export const tooLarge = (at: Span, size: string, limit: string): Diagnostic =>
  error("GN2133", `${size} is too large`, at, `at most ${limit}`, {
    hint: "choose a smaller size",
  });

export const listWanted = (at: Span, name: string): Diagnostic =>
  error("GN2134", `\`${name}\` is no list of sizes`, at, "`for H in ..` walks a list", {
    hint: "declare it `<Hidden...>`; a count is `for i < N`",
  });

export const dimensionShadowsConst = (at: Span, name: string, other: Span): Diagnostic =>
  warning(
    "GN2137",
    `\`${name}\` means the constant, not a size of the argument`,
    at,
    "fixed by the file",
    {
      related: [{ span: other, text: "the constant" }],
      hint: "if any size will do, use a letter that is free",
    },
  );
