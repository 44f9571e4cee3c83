/**
 * What stands in braces: items, sections, equations and a model's declarations; and types.
 */
import type { CstNode } from "chevrotain";
import type * as ast from "../ast.js";
import { spanOf } from "../lex.js";
import { join } from "../source.js";
import * as t from "../tokens.js";
import {
  docAbove,
  firstChild,
  nameOf,
  namesOf,
  needed,
  neededToken,
  part,
  parts,
  type Reading,
  spanOfNode,
  token,
} from "./cst.js";
import { expression, topology } from "./expressions.js";

/** `{ .. }`. */
export function body(reading: Reading, node: CstNode): ast.Body {
  const items = parts(node, "item").map((one) => item(reading, one));
  return { items, span: spanOfNode(reading, node) };
}

/** The items by the names of their rules. */
const readers: { readonly [rule: string]: (reading: Reading, node: CstNode) => ast.Item } = {
  param: paramItem,
  let: letItem,
  const: constant,
  for: forItem,
  return: returnItem,
  section,
  equation,
  nodes: nodesItem,
  edges: edgesItem,
  inputs: inputItem,
  state: stateItem,
  output: outputItem,
  loss: lossItem,
  optimizer: optimizerItem,
};

function item(reading: Reading, node: CstNode): ast.Item {
  const inner = part(node, "item") ?? needed(needed(node, "declaration"), "item");
  const read = readers[inner.name];
  if (read === undefined) throw new Error(`no reader for the rule ${inner.name}`);
  return read(reading, inner);
}

function optional(reading: Reading, node: CstNode | null): ast.Expression | null {
  return node === null ? null : expression(reading, node);
}

// ---- items --------------------------------------------------------------------------------

/** `const K = D / Heads`, at file level too. */
export function constant(reading: Reading, node: CstNode): ast.ConstDeclaration {
  const span = spanOfNode(reading, node);
  return {
    kind: "const",
    doc: docAbove(reading, span.start),
    name: nameOf(reading, neededToken(node, "name")),
    value: expression(reading, needed(node, "expr")),
    span,
  };
}

function paramItem(reading: Reading, node: CstNode): ast.ParamItem {
  return {
    kind: "param",
    names: namesOf(reading, needed(node, "names")),
    type: type(reading, needed(node, "type")),
    init: optional(reading, part(node, "expr")),
    span: spanOfNode(reading, node),
  };
}

function letItem(reading: Reading, node: CstNode): ast.LetItem {
  const sizes = part(node, "dims");
  return {
    kind: "let",
    name: nameOf(reading, neededToken(node, "name")),
    dims: sizes === null ? [] : dims(reading, sizes),
    value: expression(reading, needed(node, "expr")),
    span: spanOfNode(reading, node),
  };
}

function forItem(reading: Reading, node: CstNode): ast.ForItem {
  const list = token(node, "list");
  return {
    kind: "for",
    variable: nameOf(reading, neededToken(node, "variable")),
    count: optional(reading, part(node, "count")),
    list: list === null ? null : nameOf(reading, list),
    body: body(reading, needed(node, "body")),
    span: spanOfNode(reading, node),
  };
}

function returnItem(reading: Reading, node: CstNode): ast.ReturnItem {
  const values = parts(node, "expr").map((one) => expression(reading, one));
  return { kind: "return", values, span: spanOfNode(reading, node) };
}

const sectionSpaces: readonly ast.Section["space"][] = [
  ...(["edge", "node", "sender", "receiver", "global"] as const),
];

function section(reading: Reading, node: CstNode): ast.Section {
  const [word, name] = [neededToken(node, "space"), token(node, "name")];
  const head = spanOf(reading.source, word);
  return {
    kind: "section",
    space: sectionSpaces.find((one) => one === word.image) ?? "node",
    name: name === null ? null : nameOf(reading, name),
    equations: parts(node, "equation").map((one) => equation(reading, one)),
    head: name === null ? head : join(head, spanOf(reading.source, name)),
    span: spanOfNode(reading, node),
  };
}

function equation(reading: Reading, node: CstNode): ast.Equation {
  return {
    kind: "equation",
    targets: parts(node, "target").map((one) => target(reading, one)),
    apart: token(node, "LeftBracket") !== null,
    value: expression(reading, needed(node, "expr")),
    span: spanOfNode(reading, node),
  };
}

function target(reading: Reading, node: CstNode): ast.Target {
  const typed = part(node, "type");
  return {
    name: nameOf(reading, neededToken(node, "name")),
    binders: parts(node, "binder").map((one) => ({
      name: nameOf(reading, neededToken(one, "name")),
      range: optional(reading, part(one, "sum")),
      span: spanOfNode(reading, one),
    })),
    type: typed === null ? null : type(reading, typed),
    span: spanOfNode(reading, node),
  };
}

// ---- declarations of a model --------------------------------------------------------------

function nodesItem(reading: Reading, node: CstNode): ast.NodesItem {
  return {
    kind: "nodes",
    names: namesOf(reading, needed(node, "names")),
    topology: optionalTopology(reading, node),
    span: spanOfNode(reading, node),
  };
}

function optionalTopology(reading: Reading, node: CstNode): ast.Topology | null {
  const written = part(node, "topology");
  return written === null ? null : topology(reading, written);
}

function edgesItem(reading: Reading, node: CstNode): ast.EdgesItem {
  return {
    kind: "edges",
    name: nameOf(reading, neededToken(node, "name")),
    senders: nameOf(reading, neededToken(node, "senders")),
    receivers: nameOf(reading, neededToken(node, "receivers")),
    topology: optionalTopology(reading, node),
    span: spanOfNode(reading, node),
  };
}

function inputItem(reading: Reading, node: CstNode): ast.InputItem {
  return {
    kind: "input",
    names: namesOf(reading, needed(node, "names")),
    type: fieldType(reading, needed(node, "fieldtype")),
    span: spanOfNode(reading, node),
  };
}

function stateItem(reading: Reading, node: CstNode): ast.StateItem {
  return {
    kind: "state",
    names: namesOf(reading, needed(node, "names")),
    type: type(reading, needed(node, "type")),
    init: expression(reading, needed(node, "expr")),
    span: spanOfNode(reading, node),
  };
}

function outputItem(reading: Reading, node: CstNode): ast.OutputItem {
  const names = namesOf(reading, needed(node, "names"));
  return { kind: "output", names, span: spanOfNode(reading, node) };
}

function lossItem(reading: Reading, node: CstNode): ast.LossItem {
  return {
    kind: neededToken(node, "word").image === "loss" ? "loss" : "metric",
    value: expression(reading, needed(node, "value")),
    where: parts(node, "where").map((one) => expression(reading, one)),
    span: spanOfNode(reading, node),
  };
}

function optimizerItem(reading: Reading, node: CstNode): ast.OptimizerItem {
  const paths = part(node, "names");
  return {
    kind: "optimizer",
    value: expression(reading, needed(node, "expr")),
    paths: paths === null ? [] : namesOf(reading, paths),
    span: spanOfNode(reading, node),
  };
}

// ---- types --------------------------------------------------------------------------------

/** `node f32[D] sparse`. */
export function fieldType(reading: Reading, node: CstNode): ast.FieldType {
  const [space, sparse] = [part(node, "space"), token(node, t.Sparse.name)];
  return {
    space: space === null ? null : nameOf(reading, neededToken(space, "name")),
    type: type(reading, needed(node, "type")),
    sparse: sparse === null ? null : spanOf(reading.source, sparse),
    span: spanOfNode(reading, node),
  };
}

const elements: readonly ast.Type["element"][] = ["f32", "i32", "bool", "index"];

function type(reading: Reading, node: CstNode): ast.Type {
  const span = spanOfNode(reading, node);
  const word = firstChild(node);
  const image = word !== null && "image" in word ? word.image : "";
  const element = elements.find((one) => one === image) ?? "f32";
  const sizes = part(node, "dims");
  const bounds = sizes === null ? [] : dims(reading, sizes);
  if (element === "index" && bounds.length !== 1) {
    reading.errors.push({ kind: "indexBound", span, count: bounds.length });
  }
  return { element, dims: bounds, span };
}

function dims(reading: Reading, node: CstNode): readonly ast.Expression[] {
  return parts(node, "sum").map((one) => expression(reading, one));
}
