/** GN22xx: spaces of fields, and aggregations. One builder per code. */
import type { Span } from "../../grammar/source.js";
import { didYouMean, error, is, listed, type Shown, warning } from "./build.js";
import type { Diagnostic, Label } from "./diagnostic.js";

export { spaceCodes } from "./spaces.examples.js";

export const bareNodeField = (
  at: Span,
  name: string,
  ends: readonly string[],
  where: string,
  declared: Label,
): Diagnostic =>
  error("GN2201", `\`${name}\` is a node field, but one stands on ${where}`, at, "which end's?", {
    related: [declared],
    hint:
      ends.length > 0
        ? `write ${ends.map((e) => `\`${e}.${name}\``).join(" or ")}`
        : "the relation does not touch that set: aggregate it first",
  });

export const bareEdgeField = (at: Span, name: string, where: string, declared: Label): Diagnostic =>
  error(
    "GN2202",
    `\`${name}\` is an edge field, but one stands on ${where}`,
    at,
    "one value for each edge",
    {
      related: [declared],
      hint: `aggregate it: \`sum(${name})\``,
    },
  );

export const bareWide = (at: Span, name: string, word: string, declared: Label): Diagnostic =>
  error(
    "GN2203",
    `\`${name}\` belongs to the ${word === "global" ? "graph" : "batch"}`,
    at,
    "read bare",
    {
      related: [declared],
      hint: `write \`${word}.${name}\``,
    },
  );

export const endOutsideEdge = (at: Span, end: string, name: string, where: string): Diagnostic =>
  error("GN2204", `\`${end}.\` is read outside an edge`, at, `one stands on ${where}`, {
    hint: `inside an aggregation one is on the edge: \`sum(${end}.${name})\``,
  });

export const otherEnd = (
  at: Span,
  word: string,
  name: string,
  where: string | null,
  right: string | null,
): Diagnostic =>
  error(
    "GN2205",
    `\`${word}.${name}\` does not exist`,
    at,
    where ? `\`${name}\` lives on ${where}` : `\`${name}\` is the same everywhere`,
    {
      hint: right
        ? `write \`${right}.${name}\``
        : where
          ? "compute it on that end first"
          : `write \`${name}\``,
    },
  );

export const otherSet = (at: Span, name: string, where: string, declared: Label): Diagnostic =>
  error(
    "GN2206",
    `\`${name}\` lives on another set than ${where}`,
    at,
    "no row of it belongs to this one",
    {
      related: [declared],
      hint: `bring it here over a relation: \`sum(sender.${name})\`, or \`sum(${name}) by graph\``,
    },
  );

export const ownFieldInside = (
  at: Span,
  name: string,
  relation: string,
  ends: readonly string[],
  declared: Span,
): Diagnostic =>
  error(
    "GN2207",
    `inside the parentheses one stands on ${relation}`,
    at,
    `\`${name}\` is a node field`,
    {
      related: [{ span: declared, text: "defined here" }],
      hint:
        ends.length > 0
          ? `write ${ends.map((e) => `\`${e}.${name}\``).join(" or ")}: one's own is \`receiver.\``
          : "read it outside the parentheses",
    },
  );

export const nothingToRunOver = (at: Span, text: string): Diagnostic =>
  error(
    "GN2208",
    "this aggregation names no field, so it has nothing to run over",
    at,
    `\`${text}\``,
    {
      hint: "name a field of the space, write `by graph` or `by batch`, or `count(edge)`; for features write `sum[i](w[i])`",
    },
  );

export const mixedAggregation = (
  at: Span,
  text: string,
  first: string,
  second: string,
): Diagnostic =>
  error("GN2209", "an aggregation reads fields of two spaces", at, `\`${text}\``, {
    notes: [first, second].filter((n) => n !== ""),
    hint: "bring both to one space first: `sender.`, `receiver.`, `global.`",
  });

export const ownWithoutBy = (
  at: Span,
  text: string,
  field: string | null,
  where: string,
  standing: "nodes" | "outside" | "edges",
): Diagnostic =>
  error(
    "GN2210",
    `\`${text}\` runs over ${where}, where one stands already`,
    at,
    "over which group?",
    {
      hint:
        standing === "outside" && field
          ? `for one value of each graph write \`global { g = ${text} }\`; for neighbours \`node { s = sum(sender.${field}) }\`; for features \`sum[i](${field}[i])\``
          : standing === "nodes" && field
            ? `for neighbours write \`sender.${field}\`; for the whole graph \`by graph\`; for features \`sum[i](${field}[i])\``
            : "say `by receiver`, `by sender`, `by graph` or `by batch`",
    },
  );

export const nestedAggregation = (at: Span, text: string): Diagnostic =>
  error("GN2211", `\`${text}\` is an aggregation inside an aggregation`, at, "the inner one", {
    hint: "name the inner one in a `node` section, then read it as `sender.` or `receiver.`",
  });

export const byNeedsEdges = (at: Span, end: string, where: string): Diagnostic =>
  error("GN2212", `\`by ${end}\` groups edges, but this runs over ${where}`, at, "no edges here", {
    hint: "write `sender.x` to run over edges, or `by graph`",
  });

export const emptyShape = (at: Span, given: Shown, wanted: string): Diagnostic =>
  error(
    "GN2213",
    "`empty:` has another shape than the aggregation",
    at,
    `${is(given)}, the aggregation gives ${wanted}`,
    {
      notes: given.notes,
      hint: "give it that shape, or one number",
    },
  );

export const whereNotBool = (at: Span, given: Shown): Diagnostic =>
  error("GN2214", "`where` wants one bool", at, is(given), {
    notes: given.notes,
    hint: "compare it: `where x > 0`",
  });

export const sumOfIndex = (at: Span, given: Shown): Diagnostic =>
  error("GN2215", "the sum of an index means nothing", at, is(given), {
    hint: "embed it first (`E[i]`, `one_hot(i)`), count with `sum(1)`, or take `max`",
  });

export const softmaxOfInteger = (at: Span, f: string, given: Shown): Diagnostic =>
  error("GN2216", `\`${f}\` of an integer`, at, is(given), {
    hint: "embed it first: `one_hot(i)` or `E[i]`",
  });

export const otherRelation = (at: Span, name: string, where: string, declared: Label): Diagnostic =>
  error(
    "GN2217",
    `\`${name}\` is a field of another relation than ${where}`,
    at,
    "not a field of these edges",
    {
      related: [declared],
      hint: "aggregate it over its own relation, in a `node` section",
    },
  );

export const mixedSpaces = (
  at: Span,
  a: string,
  aPlace: string,
  b: string,
  bPlace: string,
): Diagnostic =>
  error(
    "GN2218",
    "an equation outside a section reads fields of two spaces",
    at,
    `\`${b}\` lives on ${bPlace}`,
    {
      notes: [`\`${a}\` lives on ${aPlace}`],
      hint: "write a section and say `sender.`, `receiver.` or `global.`",
    },
  );

export const noSuchSection = (
  at: Span,
  head: string,
  near: string | null,
  known: readonly string[],
): Diagnostic =>
  error("GN2219", `there is no \`${head}\` here`, at, "not a space of this body", {
    hint:
      didYouMean(near) ??
      (known.length > 0
        ? `there is ${listed(known)}`
        : "declare a relation, or call the block over one"),
  });

export const argumentSpaces = (
  at: Span,
  word: string,
  here: string,
  there: string,
  other: Span,
): Diagnostic =>
  error("GN2220", `\`${word}\` of the block would be two spaces`, at, `here it is ${here}`, {
    related: [{ span: other, text: `here it is ${there}` }],
    hint: "give fields of one space, or use a block with `sender` and `receiver`",
  });

export const argumentWantsSpace = (
  at: Span,
  name: string,
  word: string,
  given: string,
  declared: Span,
): Diagnostic =>
  error("GN2221", `\`${name}\` wants a field of \`${word}\``, at, `this is on ${given}`, {
    related: [{ span: declared, text: "declared here" }],
    hint:
      word === "global"
        ? "aggregate it first: `global { u = sum(x) }`"
        : "give a field of that space",
  });

export const blockInSection = (at: Span, name: string): Diagnostic =>
  error(
    "GN2222",
    `the block \`${name}\` is called inside a section`,
    at,
    "blocks act on whole spaces",
    {
      hint: "call it in an equation outside the sections",
    },
  );

export const returnedElsewhere = (
  at: Span,
  given: string,
  wanted: string,
  declared: Span,
): Diagnostic =>
  error(
    "GN2223",
    "what is returned lives on another space than the signature says",
    at,
    `on ${given}`,
    {
      related: [{ span: declared, text: `wants ${wanted}` }],
      hint: "aggregate it to that space, or change the signature",
    },
  );

export const receiverReadsReceiver = (at: Span, reducer: string, end: string): Diagnostic =>
  warning(
    "GN2224",
    `every edge of a group reads the same \`${end}.\` value`,
    at,
    reducer === "sum" ? "this is the value times the degree" : "this is the value itself",
    {
      hint: end === "receiver" ? "did you mean `sender.`?" : "did you mean `receiver.`?",
    },
  );

export const indexNotHere = (at: Span, where: string, fn: string): Diagnostic =>
  error("GN2225", `\`index\` is not readable ${where}`, at, "only nodes have a place", {
    hint:
      fn !== ""
        ? `hand it in: \`${fn}(.., index)\` from a \`node\` section`
        : "write `sender.index` or `receiver.index` on an edge, `index` in a `node` section",
  });

export const placelessParameter = (at: Span, name: string, given: string): Diagnostic =>
  error("GN2226", `\`${name}\` is declared without a space`, at, `this is a field on ${given}`, {
    hint: `such a parameter takes a \`param\`, a number or a loop value; declare it \`${name}: node ..\` for a field`,
  });

export const softmaxElsewhere = (at: Span, own: string, where: string): Diagnostic =>
  error(
    "GN2227",
    "`softmax(..) by` keeps its space",
    at,
    `it runs over ${own}, but one stands on ${where}`,
    {
      hint: "write it in a section of that space, then aggregate with its weights",
    },
  );

export const aggregateFeatures = (at: Span, text: string): Diagnostic =>
  error("GN2228", `\`${text}\` in a function says neither \`by\` nor an axis`, at, "over what?", {
    hint: "over features write `sum[i](x[i])`; over elements `by graph` or `by batch`",
  });

export const noGroupHere = (at: Span, inner: string, where: string): Diagnostic =>
  error("GN2229", `${inner} have no group on ${where}`, at, "which rows belong to this one?", {
    hint: "write `by graph`, or aggregate in a `node` section first",
  });

export const memberOfNothing = (at: Span, name: string, own: boolean): Diagnostic =>
  error(
    "GN2230",
    `\`${name}\` cannot be read like this`,
    at,
    "only `sender.`, `receiver.`, `global.` and `batch.` take a dot",
    {
      hint: own
        ? `what lives where one stands is read bare: \`${name}\``
        : "write `sender.x` on an edge, `global.u` anywhere, a bare name on its own space",
    },
  );

export const modifierOnValue = (at: Span, word: string): Diagnostic =>
  error(
    "GN2231",
    `\`${word}\` has nothing to act on`,
    at,
    word === "over"
      ? "`over` follows a block call or an aggregation"
      : "`by` follows an aggregation",
    {
      hint: word === "over" ? "write `Block(x) over chain`" : "write `sum(x) by graph`",
    },
  );

export const countOfWhat = (at: Span, text: string): Diagnostic =>
  error(
    "GN2232",
    "`count` wants a space or a relation",
    at,
    text === "" ? "of what?" : `\`${text}\``,
    {
      hint: "write `count(edge)`, `count(node)` or the name of a set; in a function `sum(1) by graph`",
    },
  );

export const noSuchPlace = (
  at: Span,
  word: string,
  near: string | null,
  known: readonly string[],
): Diagnostic =>
  error("GN2233", `there is no space \`${word}\``, at, "not declared", {
    hint: didYouMean(near) ?? `there is ${listed(known)}`,
  });

export const inputWithoutSpace = (at: Span, name: string, known: readonly string[]): Diagnostic =>
  error("GN2234", `the input \`${name}\` has no space`, at, "one value for each what?", {
    hint: `write \`input ${name}: ${known.find((k) => k !== "batch" && k !== "global") ?? "global"} ..\``,
  });

export const whereElsewhere = (at: Span, callee: string): Diagnostic =>
  error("GN2235", `\`${callee}\` takes no \`where\``, at, "only aggregations skip elements", {
    hint: "use `select(c, a, b)`",
  });
