/**
 * A body that no model uses, checked on its own: every free dimension gets a made-up, distinct size, so that a
 * mismatch of names is a mismatch of numbers; what is built is thrown away.
 */
import type * as ast from "../../grammar/ast.js";
import type { Expr } from "../ir/model.js";
import type { NodeSet, Relation } from "../ir/space.js";
import type { Context } from "./context.js";
import { type Dim, DimScope, madeUp } from "./dims.js";
import { literal } from "./expr.js";
import type { Declared, Instance, ParamRequest } from "./frame.js";
import { openFrame, runFrame } from "./frames.js";
import { newInstance, noFamily } from "./functions.js";
import {
  batchPlace,
  type EdgePlace,
  edgePlace,
  globalPlace,
  nodePlace,
  noPlaces,
  type Place,
  type Places,
} from "./places.js";
import { settle } from "./settle.js";
import { type Type, valueType, written } from "./types.js";
import { expressionsOf, itemsIn, visit } from "./walk.js";

/** Distinct sizes; those of dimensions that are divided are multiples of their divisors. */
const primes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
];

/** Axes of arguments are this long at least: a body may look a few places ahead. */
const long = 29;

export function checkAlone(declared: Declared, context: Context): void {
  const { node } = declared;
  if (node.kind === "model") return;
  const instance: Instance = {
    ...newInstance(null, declared, "", noFamily),
    dims: new DimScope(declared.scope.consts, true),
  };
  bindMadeUp(node, instance.dims);
  const places = node.kind === "block" ? madeUpPlaces(node, context, declared) : noPlaces();
  const here = node.kind === "fn" ? nodePlace("here", setNamed("rows", 101, node)) : null;
  const request = {
    context,
    instance,
    dims: instance.dims,
    places,
    here,
    caller: null,
    label: node.name.text,
    binders: [],
    indices: [],
  };
  const reporter = openFrame(request);
  const paramOf = (p: ast.Param): ParamRequest => {
    if (!p.type)
      return p.default
        ? { kind: "default", name: p.name, value: p.default, type: null, place: null }
        : constant(p, { dtype: "f32", shape: [], range: null, literal: false }, null);
    const word = p.type.space?.text;
    const place = node.kind === "fn" ? here : word ? (places.words.get(word) ?? null) : null;
    return constant(p, written(p.type.type, instance.dims, reporter), place);
  };
  const params = node.params.map((p) => settle(reporter, () => paramOf(p)));
  runFrame({ ...request, params, lifted: [], dry: false });
}

/** An argument that is some field of its place. */
function constant(p: ast.Param, type: Type, place: Place | null): ParamRequest {
  const build = (): Expr => ({
    kind: "field",
    span: p.span,
    type: valueType(type),
    field: {
      kind: "input",
      name: p.name.text,
      space: (place ?? batchPlace).space,
      type: valueType(type),
      sparse: false,
      neededToRun: true,
      span: p.span,
    },
  });
  return {
    kind: "value",
    name: p.name,
    type,
    place,
    build: place ? build : () => ({ ...build(), kind: "fill", value: literal(0, p.span) }),
  };
}

/** Names of the signature that a call would bind. */
function bindMadeUp(node: ast.FnDeclaration | ast.BlockDeclaration, dims: DimScope): void {
  let next = 0;
  const { divided, divisors } = divisionsOf(node);
  const fresh = (): number => primes[next++] ?? 97 + 2 * next;
  const origin = (e: { readonly span: ast.Name["span"] }) => ({
    span: e.span,
    ...madeUp,
  });
  let factor = 1;
  const sized = (name: string): number => fresh() * (divided.has(name) ? factor : 1);
  for (const g of [...node.generics].sort(
    (a, b) => Number(divided.has(a.name.text)) - Number(divided.has(b.name.text)),
  )) {
    if (g.list) {
      const items = [fresh(), fresh()].map((size): Dim => ({ size, name: null, origin: null }));
      dims.bind(g.name.text, { kind: "list", items });
    } else if (g.default) dims.bind(g.name.text, { kind: "const", expression: g.default });
    else {
      const size = sized(g.name.text);
      dims.number(g.name.text, size, origin(g.name));
      if (divisors.has(g.name.text)) factor *= size;
    }
  }
  next = Math.max(next, primes.indexOf(long));
  const one = takesFunction(node) ? fresh() * factor : null;
  for (const p of node.params)
    for (const d of p.type?.type.dims ?? [])
      visit(d, (e) => {
        if (e.kind === "name" && /^[A-Z]/.test(e.name.text) && !dims.find(e.name.text))
          dims.number(e.name.text, one ?? sized(e.name.text), origin(e));
      });
}

/** A default function may want its arguments to be of one size. */
const takesFunction = (node: ast.FnDeclaration | ast.BlockDeclaration): boolean =>
  node.params.some((p) => !p.type && p.default?.kind === "name");

/** What is divided by what in the constants of a body. */
function divisionsOf(node: ast.FnDeclaration | ast.BlockDeclaration) {
  const divided = new Set<string>();
  const divisors = new Set<string>();
  for (const item of node.body.items)
    if (item.kind === "const")
      visit(item.value, (e) => {
        if (e.kind !== "binary" || e.operator !== "/") return;
        if (e.left.kind === "name") divided.add(e.left.name.text);
        if (e.right.kind === "name") divisors.add(e.right.name.text);
      });
  return { divided, divisors };
}

/** A grid where windows of several axes are used, else a sequence. */
function layoutFor(node: ast.BlockDeclaration, max: number): NodeSet["layout"] {
  let axes = 1;
  for (const item of itemsIn(node.body))
    for (const { e } of expressionsOf(item))
      visit(e, (part) => {
        if (part.kind !== "over") return;
        for (const r of part.relations)
          if (r.name.text === "window") axes = Math.max(axes, r.args.filter((a) => !a.name).length);
      });
  return axes === 1
    ? { kind: "seq", max }
    : { kind: "grid", extents: [max, ...Array.from({ length: axes - 1 }, () => 1)] };
}

const setNamed = (
  name: string,
  max: number,
  node: ast.FnDeclaration | ast.BlockDeclaration,
): NodeSet => ({
  kind: "nodes",
  name,
  layout: node.kind === "block" ? layoutFor(node, max) : { kind: "seq", max },
  span: node.name.span,
});

/** One set for `node`, two for `sender` and `receiver`, one for each name; windows where `offset` is read. */
function madeUpPlaces(node: ast.BlockDeclaration, context: Context, declared: Declared): Places {
  const words = new Map<string, Place>([
    ["global", globalPlace],
    ["batch", batchPlace],
  ]);
  const text = JSON.stringify([
    ...node.params.map((p) => p.type?.space?.text),
    ...node.results.map((r) => r.space?.text),
    ...node.body.items.map((i) => (i.kind === "section" ? i.space : "")),
  ]);
  const one = text.includes('"node"');
  const relation = (name: string, senders: Place, receivers: Place): EdgePlace => {
    const made: Relation = {
      kind: "edges",
      name,
      given: true,
      topology: context.program.readsOffset(declared)
        ? { kind: "window", taps: [103], stride: [1], dilation: [1], pad: [0] }
        : { kind: "sparse", symmetric: false, selfLoops: false },
      senders: asSet(senders),
      receivers: asSet(receivers),
      span: node.name.span,
    };
    return edgePlace(name, made, senders, receivers);
  };
  const asSet = (place: Place): NodeSet =>
    place.space.kind === "nodes" ? place.space : setNamed(place.word, 107, node);
  if (node.relations.length > 0) {
    const place = (name: ast.Name): Place => {
      const known =
        words.get(name.text) ?? nodePlace(name.text, setNamed(name.text, 109 + words.size, node));
      words.set(name.text, known);
      return known;
    };
    const declaredEdges = node.relations.map((r) =>
      relation(r.name.text, place(r.senders), place(r.receivers)),
    );
    for (const edge of declaredEdges) words.set(edge.word, edge);
    return { words, declared: declaredEdges, own: null, made: new Map() };
  }
  const senders = nodePlace(one ? "node" : "sender", setNamed(one ? "node" : "sender", 107, node));
  const receivers = one ? senders : nodePlace("receiver", setNamed("receiver", 109, node));
  const own = relation("edge", senders, receivers);
  if (one) words.set("node", senders);
  words.set("sender", senders).set("receiver", receivers).set("edge", own);
  return { words, declared: [own], own, made: new Map() };
}
