/** GN30xx: relations, topology words, and which relation a call runs over. One builder per code. */
import type { Span } from "../../grammar/source.js";
import { didYouMean, error, listed } from "./build.js";
import type { Diagnostic } from "./diagnostic.js";

export { topologyCodes } from "./topology.examples.js";

export const severalRelations = (at: Span, where: string, known: readonly string[]): Diagnostic =>
  error(
    "GN3001",
    `several relations fit ${where === "here" ? "here" : `at ${where}`}: ${listed(known)}`,
    at,
    "over which one?",
    {
      hint: `write \`over ${known[0] ?? "chain"}\``,
    },
  );

export const notArriving = (
  at: Span,
  where: string,
  leaves: { readonly relation: string; readonly end: string } | null,
  known: readonly string[],
): Diagnostic =>
  error(
    "GN3002",
    leaves?.end === "sender"
      ? `\`${leaves.relation}\` leaves ${where}, it does not arrive there`
      : leaves
        ? `\`${leaves.relation}\` arrives at ${where}, it does not leave there`
        : `no relation arrives at ${where}`,
    at,
    "no edges to run over",
    {
      hint: leaves
        ? leaves.end === "sender"
          ? "an edge runs from its sender to its receiver: for the edges that leave write `sum(receiver.x) by sender`"
          : "for the edges that arrive leave `by sender` out: `sum(sender.x)`"
        : known.length > 0
          ? `say which: \`over ${known[0]}\``
          : "declare `edges`, or write `over complete`, `over chain`, ..",
    },
  );

export const noRelationFits = (
  at: Span,
  block: string,
  ends: string,
  known: readonly string[],
  hint: string,
): Diagnostic =>
  error("GN3002", `\`${block}\` needs a relation ${ends}`, at, "no edges to run over", {
    notes: known,
    hint,
  });

export const offsetWithoutTaps = (at: Span, where: string, call: Span | null): Diagnostic =>
  error("GN3003", "`offset` needs a relation with taps", at, `one stands on ${where}`, {
    related: call ? [{ span: call, text: "called here" }] : [],
    hint: "only `window(..)` has offsets: write `over window(3)`",
  });

export const unorderedSet = (
  at: Span,
  word: string,
  set: string,
  declared: Span,
  call: Span | null,
): Diagnostic =>
  error("GN3004", `${word} needs an order, but \`${set}\` has none`, at, "no first, no next", {
    related: [
      { span: declared, text: `\`${set}\` is a set` },
      ...(call ? [{ span: call, text: "called here" }] : []),
    ],
    hint: `declare \`nodes ${set}: seq\` or a \`grid\``,
  });

export const windowDoesNotFit = (
  at: Span,
  text: string,
  why: string,
  size: string | null,
): Diagnostic =>
  error("GN3005", `\`${text}\` does not fit its sets`, at, why, {
    hint: size
      ? `give the receiving set ${size} there, or change \`stride\` and \`pad\``
      : "one number of taps for each axis; a stride needs a set of its own for the result",
  });

export const needsOneSet = (
  at: Span,
  block: string,
  relation: string,
  senders: string,
  receivers: string,
  declared: Span,
): Diagnostic =>
  error(
    "GN3006",
    `\`${block}\` speaks of \`node\`, so its relation must run within one set`,
    at,
    `\`${relation}\` runs from ${senders} to ${receivers}`,
    {
      related: [{ span: declared, text: "declared here" }],
      hint: "use a relation within one set, or a block with `sender` and `receiver`",
    },
  );

export const unknownTopology = (
  at: Span,
  word: string,
  near: string | null,
  known: readonly string[],
): Diagnostic =>
  error("GN3007", `\`${word}\` is neither a relation nor a topology`, at, "not known", {
    hint: didYouMean(near) ?? `there is ${listed(known)}`,
  });

export const topologyArguments = (
  at: Span,
  word: string,
  known: readonly string[],
  why = "",
): Diagnostic =>
  error(
    "GN3008",
    `these arguments do not suit \`${word}\``,
    at,
    why === "" ? "not understood" : why,
    {
      hint:
        word === "over"
          ? "one relation for each the block names"
          : known.length > 0
            ? `it takes ${listed(known)}`
            : "it takes none",
    },
  );

export const endsDisagree = (
  at: Span,
  relation: string,
  here: string,
  wanted: string,
): Diagnostic =>
  error(
    "GN3009",
    `\`${relation}\` does not join what the call is given`,
    at,
    wanted === ""
      ? here
      : `it ${here.startsWith("the") ? `is not ${here}` : here}, the argument is on ${wanted}`,
    {
      hint: "pick the relation that runs between those sets with `over`",
    },
  );

export const topologyNeedsData = (at: Span, word: string): Diagnostic =>
  error("GN3010", `the edges of \`${word}\` come from the data`, at, "cannot be made at a call", {
    hint: `declare them: \`edges e: a -> b ${word}\``,
  });

export const topologyWithoutSet = (at: Span, word: string, where: string): Diagnostic =>
  error(
    "GN3011",
    `\`${word}\` has no node set to run on here`,
    at,
    where === "" ? "no argument says which" : `one stands on ${where}`,
    {
      hint: "use it with node fields, or declare the relation with `edges`",
    },
  );

export const noSuchSet = (
  at: Span,
  name: string,
  near: string | null,
  known: readonly string[],
): Diagnostic =>
  error("GN3012", `there is no node set \`${name}\``, at, "not declared", {
    hint:
      didYouMean(near) ??
      (known.length > 0 ? `there is ${listed(known)}` : `declare \`nodes ${name}\``),
  });

export const sizeArguments = (at: Span, word: string): Diagnostic =>
  error("GN3013", `these sizes do not suit \`${word}\``, at, "not understood", {
    hint: "write `set(10)`, `seq(max: 256)`, `grid(28, 28)`",
  });
