/**
 * Expressions: from one rule per level of operators to a tree of what was written.
 *
 * In: the `expr` rule or a level below. Out: an `Expression` whose span has its parentheses, so that spans join.
 */
import type { CstNode } from "chevrotain";
import type {
  Argument,
  BinaryOperator,
  ByExpression,
  Expression,
  GenericArgument,
  IndexExpression,
  SpaceExpression,
  Topology,
} from "../ast.js";
import { spanOf } from "../lex.js";
import { join } from "../source.js";
import * as t from "../tokens.js";
import {
  errorAt,
  firstChild,
  nameOf,
  needed,
  neededToken,
  part,
  parts,
  type Reading,
  spanOfNode,
  token,
  tokens,
} from "./cst.js";

/** How many operators and suffixes may stand in each other: the phases walk the tree by recursion. */
const deepestTree = 1000;

/** Any level: `expr`, `sum`, and those between. */
export function expression(reading: Reading, node: CstNode): Expression {
  const below = onlyOperand(node);
  return below.name === "postfix" ? postfix(reading, below) : operation(reading, below);
}

/** Goes down through the levels that say nothing. */
function onlyOperand(node: CstNode): CstNode {
  let below = node;
  while (tokens(below, "operator").length === 0) {
    const operand = part(below, "operand");
    if (operand === null) break;
    below = operand;
  }
  return below;
}

/** A level with its operators: they take what stands left of them first. */
function operation(reading: Reading, node: CstNode): Expression {
  const operators = tokens(node, "operator");
  return deeper(reading, node, operators.length, () => {
    const operands = parts(node, "operand").map((operand) => expression(reading, operand));
    const [first, ...rest] = operands;
    if (first === undefined) return errorAt(spanOfNode(reading, node));
    if (node.name === "unary" || node.name === "neg") {
      const operator = node.name === "unary" ? "-" : "not";
      return { kind: "unary", operator, operand: first, span: spanOfNode(reading, node) };
    }
    return rest.reduce((left, right, i): Expression => {
      const sign = operators[i];
      const operator = binaryOperators.find((one) => one === sign?.image);
      const span = join(left.span, right.span);
      if (sign === undefined || operator === undefined) return errorAt(span);
      return { kind: "binary", operator, left, right, at: spanOf(reading.source, sign), span };
    }, first);
  });
}

const binaryOperators: readonly BinaryOperator[] = [
  ...(["or", "and", "<", "<=", ">", ">=", "==", "!=", "+", "-", "*", "/", "@"] as const),
];

/** Converts `levels` deeper in the tree, unless that is too deep. */
function deeper(
  reading: Reading,
  node: CstNode,
  levels: number,
  convert: () => Expression,
): Expression {
  const span = spanOfNode(reading, node);
  if (reading.depth + levels > deepestTree) {
    reading.errors.push({ kind: "tooDeep", span, limit: deepestTree });
    return errorAt(span);
  }
  reading.depth += levels;
  const converted = convert();
  reading.depth -= levels;
  return converted;
}

// ---- operands and their suffixes ----------------------------------------------------------

function postfix(reading: Reading, node: CstNode): Expression {
  const suffixes = parts(node, "suffix");
  return deeper(reading, node, suffixes.length, () =>
    suffixes.reduce(
      (base, one) => suffixed(reading, base, one),
      primary(reading, needed(node, "primary")),
    ),
  );
}

function suffixed(reading: Reading, base: Expression, suffix: CstNode): Expression {
  const span = join(base.span, spanOfNode(reading, suffix));
  const member = token(suffix, "member");
  if (member !== null) return { kind: "member", base, name: nameOf(reading, member), span };
  const call = part(suffix, "args");
  if (call !== null) return { kind: "call", callee: base, args: args(reading, call), span };
  const relation = part(suffix, "relation");
  if (relation !== null) {
    const relations = parts(relation, "topology").map((one) => topology(reading, one));
    return { kind: "over", base, relations, span };
  }
  const group = part(suffix, "group");
  if (group !== null) {
    const word = neededToken(group, "word").image;
    return { kind: "by", base, group: groups.find((one) => one === word) ?? "graph", span };
  }
  return {
    kind: "index",
    base,
    indices: parts(suffix, "at").map((at) => index(reading, at)),
    span,
  };
}

const groups: readonly ByExpression["group"][] = ["receiver", "sender", "graph", "batch"];

function index(reading: Reading, at: CstNode): IndexExpression["indices"][number] {
  const range = part(at, "range");
  return {
    value: expression(reading, needed(at, "value")),
    range: range === null ? null : expression(reading, range),
    span: spanOfNode(reading, at),
  };
}

/** `window(3, 3)`, or the name of a relation. */
export function topology(reading: Reading, node: CstNode): Topology {
  const called = part(node, "args");
  return {
    name: nameOf(reading, neededToken(node, "name")),
    args: called === null ? [] : args(reading, called),
    span: spanOfNode(reading, node),
  };
}

function args(reading: Reading, node: CstNode): readonly Argument[] {
  const all = parts(node, "arg").map((one) => argument(reading, one));
  const named = all.find(({ name }) => name !== null);
  const late = all.find(
    (one) => one.name === null && named !== undefined && one.span.start > named.span.start,
  );
  if (late !== undefined && named !== undefined) {
    reading.errors.push({ kind: "positionalAfterNamed", span: late.span, named: named.span });
  }
  return all;
}

function argument(reading: Reading, node: CstNode): Argument {
  const [name, where] = [token(node, "name"), part(node, "where")];
  return {
    name: name === null ? null : nameOf(reading, name),
    value: expression(reading, needed(node, "value")),
    where: where === null ? null : expression(reading, where),
    span: spanOfNode(reading, node),
  };
}

// ---- primaries ----------------------------------------------------------------------------

function primary(reading: Reading, node: CstNode): Expression {
  const span = spanOfNode(reading, node);
  const child = firstChild(node);
  if (child === null) return errorAt(span);
  if ("children" in child) {
    if (child.name === "list") {
      return {
        kind: "list",
        parts: parts(child, "expr").map((one) => expression(reading, one)),
        span,
      };
    }
    return { ...expression(reading, needed(child, "expr")), span };
  }
  if (token(node, "number") !== null) return number(reading, node);
  if (token(node, "bool") !== null) return { kind: "bool", value: child.image === "true", span };
  const space = token(node, "space");
  if (space !== null) {
    const word = spaces.find((one) => one === space.image);
    return word === undefined ? errorAt(span) : { kind: "space", space: word, span };
  }
  const instance = part(node, "instance");
  const generics =
    instance === null ? null : parts(instance, "size").map((one) => size(reading, one));
  return { kind: "name", name: nameOf(reading, child), generics, span };
}

const spaces: readonly SpaceExpression["space"][] = [
  ...(["node", "edge", "sender", "receiver", "global", "batch"] as const),
];

function number(reading: Reading, node: CstNode): Expression {
  const literal = neededToken(node, "number");
  const span = spanOf(reading.source, literal);
  if (literal.tokenType !== t.NumberLiteral) return errorAt(span);
  return {
    kind: "number",
    value: Number(literal.image),
    integer: /^\d+$/.test(literal.image),
    span,
  };
}

function size(reading: Reading, node: CstNode): GenericArgument {
  return {
    value: expression(reading, needed(node, "sum")),
    spread: token(node, "Ellipsis") !== null,
    span: spanOfNode(reading, node),
  };
}
