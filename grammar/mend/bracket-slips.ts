/**
 * Slips round brackets, commas and line breaks.
 */
import type { IToken } from "chevrotain";
import { choiceIn, wanted } from "../expected.js";
import { spanOf } from "../lex.js";
import { join } from "../source.js";
import * as t from "../tokens.js";
import { blamedItem } from "./cut.js";
import {
  emptyToken,
  type Failure,
  onLineBefore,
  readAs,
  type SlipRule,
  spanHere,
  splice,
  tokenOver,
} from "./failure.js";
import {
  behindBracket,
  endsOperand,
  isName,
  isOneOf,
  itemAround,
  startsItem,
  startsLine,
} from "./items.js";

const closers = [t.RightParen, t.RightBracket, t.Greater];

/** `f(x; y)`: within brackets things are parted by commas. */
const semicolonInBrackets: SlipRule = (failure) => {
  const { token, tokens, at } = failure;
  const closer = closers.find((type) => wanted(failure.wanted, type));
  if (token?.tokenType !== t.Semicolon || closer === undefined) return null;
  const span = spanHere(failure);
  const problem = { kind: "semicolonInBrackets", span, closer: String(closer.PATTERN) } as const;
  return { problem, mended: readAs(tokens, at, t.Comma) };
};

/** `[a, b,]`: nothing follows the comma. */
const commaTooMany: SlipRule = ({ source, token, before, tokens, at }) => {
  if (before?.tokenType !== t.Comma || !isOneOf(token, [...closers, t.RightBrace])) return null;
  const span = spanOf(source, before);
  const problem = { kind: "commaTooMany", span, closer: token?.image ?? "" } as const;
  return { problem, mended: splice(tokens, at - 1, at) };
};

/** A line that begins with `(` or `[` and was to go on with the line before. */
const lineStart: SlipRule = (failure) => {
  const start = opensUnfinished(failure);
  const token = start === null ? undefined : failure.tokens[start];
  if (start === null || token === undefined) return null;
  const span = spanOf(failure.source, token);
  const problem = { kind: "lineStart", span, bracket: token.image } as const;
  return { problem, mended: onLineBefore(failure.tokens, start) };
};

/** The place of a bracket that opens the failing item's line, where the line before could have gone on. */
function opensUnfinished(failure: Failure): number | null {
  const { tokens, at } = failure;
  for (const start of [at, blamedItem(failure)?.start ?? at]) {
    const before = tokens[start - 1];
    if (!isOneOf(tokens[start], [t.LeftParen, t.LeftBracket]) || !startsLine(tokens, start))
      continue;
    if (before === undefined || before.tokenType === t.RightBrace || !endsOperand(before)) continue;
    const pattern = tokens[behindBracket(tokens, start)]?.tokenType === t.Equals;
    if (!pattern) return start;
  }
  return null;
}

/** `a = 1 b = 2`: two items on one line. */
const twoItems: SlipRule = (failure) => {
  const { rules, tokens, at, before } = failure;
  if (rules[0] !== "end" || before === undefined || !begins(tokens, at)) return null;
  const span = spanHere(failure);
  const problem = { kind: "twoItems", span, first: before.image } as const;
  return { problem, mended: splice(tokens, at, at, emptyToken(t.Semicolon, before)) };
};

/** Whether an item or a section begins here, even one on the line of another. */
function begins(tokens: readonly IToken[], at: number): boolean {
  if (startsItem(tokens, at)) return true;
  if (tokens[at]?.tokenType !== t.LeftBracket) return false;
  return tokens[behindBracket(tokens, at)]?.tokenType === t.Equals;
}

/** `fn f(x: f32) f32 { }`: what comes out stands behind `->`. */
const arrowMissing: SlipRule = (failure) => {
  const { rules, token, tokens, at, before } = failure;
  if (!wanted(failure.wanted, t.Arrow) || !["fn", "block"].includes(rules[0] ?? "")) return null;
  if (before === undefined) return null;
  const problem = {
    kind: "arrowMissing",
    span: spanHere(failure),
    found: token?.image ?? "",
  } as const;
  const results = isName(token) || isOneOf(token, [...t.spaceWords, ...t.typeWords]);
  if (!results) return { problem, mended: null };
  return { problem, mended: splice(tokens, at, at, emptyToken(t.Arrow, before)) };
};

/** `node y = x`: a section and a loop have braces. Without its head, what follows is read as items. */
const braceMissing: SlipRule = (failure) => {
  const { rules, tokens, at, source } = failure;
  const headed = rules[0] === "section" || (rules[0] === "body" && rules[1] === "for");
  if (!headed || !wanted(failure.wanted, t.LeftBrace)) return null;
  // In `node y = x` the name is not the section's: it is the next item's. `node = x` is another slip.
  const given = isOneOf(failure.token, afterName);
  if (given && !isName(failure.before)) return null;
  const end = given ? at - 1 : at;
  const start = tokens.findLastIndex((token, i) => i < end && isOneOf(token, headWords));
  const [first, last] = [tokens[start], tokens[end - 1]];
  if (first === undefined || last === undefined) return null;
  const span = join(spanOf(source, first), spanOf(source, last));
  const head = source.text.slice(span.start, span.end);
  return { problem: { kind: "braceMissing", span, head }, mended: splice(tokens, start, end) };
};

/** `node paper` alone on its line and `edge cites: paper -> paper` declare a set and a relation. */
const singular: SlipRule = ({ rules, source, tokens, at, token, before }) => {
  const word = tokens[at - 2];
  const edge = word?.tokenType === t.Edge && token?.tokenType === t.Colon;
  const node = word?.tokenType === t.Node && (token === undefined || endsItem(tokens, at));
  if (rules[0] !== "section" || word === undefined || before === undefined) return null;
  if (!isName(before) || !(edge || node)) return null;
  const span = join(spanOf(source, word), spanOf(source, before));
  const name = before.image;
  const problem = { kind: "singular", span, word: word.image, name } as const;
  return { problem, mended: readAs(tokens, at - 2, edge ? t.Edges : t.Nodes) };
};

const endsItem = (tokens: readonly IToken[], at: number): boolean =>
  startsLine(tokens, at) || isOneOf(tokens[at], [t.Semicolon, t.RightBrace]);

const headWords = [t.Edge, t.Node, t.Sender, t.Receiver, t.Global, t.For];
const afterName = [t.Equals, t.Comma, t.Colon, t.LeftBracket];

/** `y =`, `y = a +` or `y = x.` and nothing behind it: the value that is wanted stands nowhere. */
const valueMissing: SlipRule = (failure) => {
  const { source, token, before, tokens, at } = failure;
  const ends = isOneOf(token, [...closers, t.RightBrace, t.Semicolon]);
  const ended = token === undefined || startsLine(tokens, at) || ends;
  if (failure.wanted !== choiceIn("primary") || !ended || before === undefined) return null;
  const span = spanOf(source, before);
  const problem = { kind: "valueMissing", span, after: before.image, what: "a value" } as const;
  return { problem, mended: splice(tokens, at, at, emptyToken(t.Hole, before)) };
};

/** `W: f32[D]` and no more: a parameter that does not say so. */
const typeAlone: SlipRule = ({ source, tokens, at, before, ...failure }) => {
  if (!wanted(failure.wanted, t.Equals) || !endsItem(tokens, at)) return null;
  const item = itemAround(tokens, at - 1);
  const first = item === null ? undefined : tokens[item.start];
  const colon = tokens.findIndex((one, i) => i > (item?.start ?? at) && one.tokenType === t.Colon);
  if (item === null || first === undefined || before === undefined) return null;
  if (!isName(first) || colon < 0 || colon >= at) return null;
  const span = join(spanOf(source, first), spanOf(source, before));
  const names = tokens.slice(item.start, colon).map(({ image }) => image);
  const problem = { kind: "typeAlone", span, names: names.join("").replaceAll(",", ", ") } as const;
  const word = tokenOver(t.Param, first, first);
  return { problem, mended: splice(tokens, item.start, item.start, word) };
};

/** The same, where the next item was taken for what is missing, up to its `=`. */
const nextItemTaken: SlipRule = ({ source, token, before, tokens, at }) => {
  const waiting = tokens[at - 2];
  const taken = token?.tokenType === t.Equals && isName(before) && startsLine(tokens, at - 1);
  if (!taken || waiting === undefined || endsOperand(waiting)) return null;
  const what = missingBehind.get(waiting.tokenType) ?? "a value";
  const problem = {
    kind: "valueMissing",
    span: spanOf(source, waiting),
    after: waiting.image,
    what,
  } as const;
  const start = itemAround(tokens, at - 2)?.start ?? at - 2;
  const mended =
    what === "a value"
      ? splice(tokens, at - 1, at - 1, emptyToken(t.Hole, waiting))
      : splice(tokens, start, at - 1);
  return { problem, mended };
};

const missingBehind = new Map([
  [t.Dot, "a name"],
  [t.Over, "a relation"],
  [t.For, "a name"],
  [t.Comma, "something"],
  [t.Arrow, "a set of nodes"],
]);

/** In the order in which they are tried. */
export const bracketSlips: readonly SlipRule[] = [
  ...[semicolonInBrackets, commaTooMany, lineStart, twoItems, arrowMissing, singular],
  ...[braceMissing, valueMissing, typeAlone, nextItemTaken],
];
