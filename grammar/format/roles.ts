/**
 * What tokens are to the formatter, which is more than their type: a minus may be a sign, a `<` may open generics.
 */
import type { CstElement, CstNode, IToken } from "chevrotain";

/** The roles of tokens, by their offsets. */
export interface Roles {
  /** Signs before a number or name: no blank behind. */
  readonly signs: ReadonlySet<number>;
  /** `<` and `>` of generics. */
  readonly generics: ReadonlySet<number>;
  /** `(` and `[` that belong to what stands before them. */
  readonly suffixes: ReadonlySet<number>;
  /** `{` of bodies and sections, not of imports. */
  readonly bodies: ReadonlySet<number>;
  /** Where declarations, items and equations begin. */
  readonly starts: ReadonlySet<number>;
  /** What may be aligned with the lines above and below: kind, and the item it belongs to. */
  readonly columns: ReadonlyMap<number, { readonly kind: string; readonly item: number }>;
}

type Writable = {
  [Role in keyof Roles]: Roles[Role] extends ReadonlySet<number>
    ? Set<number>
    : Map<number, Column>;
};
type Column = { readonly kind: string; readonly item: number };

/** The roles of the tokens of a file. */
export function rolesOf(tree: CstNode): Roles {
  const roles: Writable = {
    signs: new Set(),
    generics: new Set(),
    suffixes: new Set(),
    bodies: new Set(),
    starts: new Set(),
    columns: new Map(),
  };
  walk(tree, roles);
  return roles;
}

const declarations = ["import", "const", "fn", "block", "model"];
const items = ["param", "let", "for", "return", "section", "equation"];
const modelItems = ["nodes", "edges", "inputs", "state", "output", "loss", "optimizer"];
const startRules = new Set([...declarations, ...items, ...modelItems]);

function walk(node: CstNode, roles: Writable): void {
  const children = childrenOf(node);
  const start = startOf(node);
  if (startRules.has(node.name)) roles.starts.add(start);
  for (const child of children) {
    if ("children" in child) walk(child, roles);
    else mark(node.name, child, roles);
  }
  for (const [kind, place] of columnsOf(node, children))
    roles.columns.set(place, { kind, item: start });
}

/** The children of a node in the order of the text, without those of no width. */
function childrenOf(node: CstNode): readonly CstElement[] {
  return Object.values(node.children)
    .flat()
    .filter((child) => Number.isFinite(startOf(child)) && startOf(child) >= 0)
    .sort((a, b) => startOf(a) - startOf(b));
}

function startOf(element: CstElement): number {
  return "children" in element ? (element.location?.startOffset ?? -1) : element.startOffset;
}

function mark(rule: string, token: IToken, roles: Writable): void {
  const { image, startOffset } = token;
  if (rule === "unary") roles.signs.add(startOffset);
  if ((rule === "generics" || rule === "instance") && "<>".includes(image)) {
    roles.generics.add(startOffset);
  }
  if (image === "(" && (rule === "params" || rule === "args")) roles.suffixes.add(startOffset);
  if (image === "[" && ["dims", "suffix", "target"].includes(rule)) roles.suffixes.add(startOffset);
  if (image === "{" && rule !== "import") roles.bodies.add(startOffset);
}

const typed = ["nodes", "edges", "inputs", "param", "state"];
const valued = ["const", "let", "param", "state", "equation"];

/** The places in an item that authors align: behind `:`, at `=`, at a topology, at `{`, behind `loss` and `metric`. */
function columnsOf(node: CstNode, children: readonly CstElement[]): readonly [string, number][] {
  const { name } = node;
  const columns: [string, number][] = [];
  children.forEach((child, i) => {
    const [image, place] = ["image" in child ? child.image : "", startOf(child)];
    const next = children[i + 1];
    if (image === ":" && typed.includes(name) && next !== undefined) {
      columns.push([`${name} :`, startOf(next)]);
    }
    if (image === "=" && valued.includes(name)) columns.push([`${name} =`, place]);
    if (image === "{" && name === "section") columns.push(["section {", place]);
    if (name === "edges" && "children" in child) columns.push(["edges topology", place]);
    if (name === "loss" && i === 1) columns.push(["loss", place]);
    if (["fn", "block", "model"].includes(name) && "children" in child && child.name === "body") {
      columns.push([`${name} {`, place]);
    }
  });
  return columns;
}
