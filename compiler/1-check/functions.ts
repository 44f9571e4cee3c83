/**
 * What a name means as a function: a `let`, a parameter, a declaration in reach, a builtin; and the instance it makes.
 *
 * A parameter belongs to the place of instantiation (LANGUAGE 3): an instance is kept by the syntax that makes it, in
 * one pass of the loops around, inside the instance whose body that syntax stands in.
 */
import type { Expression, Generic, IndexExpression, NameExpression } from "../../grammar/ast.js";
import { type Span, textOf } from "../../grammar/source.js";
import { notAFunction, smallOwnsNothing } from "../diagnostics/names.js";
import { arrayIndices, arrayNeedsIndex, arrayOfData } from "../diagnostics/shapes.js";
import { genericArguments } from "../diagnostics/sizes.js";
import { type Dim, DimScope, dimension } from "./dims.js";
import type { Declared, Entry, FnValue, Frame, Instance, Reading } from "./frame.js";
import { checkIndex } from "./indexing.js";
import { failUnknown, visible } from "./names.js";
import { infer } from "./reading.js";
import { Failed } from "./stop.js";
import { builtinNames } from "./vocabulary.js";

/** How an instance made by a name is called and kept. */
interface Naming {
  readonly path: string;
  readonly key: object;
  readonly tag: string;
}

/** An argument that names a function, so that it is handed on and not read. */
export function namedFunction(reading: Reading, e: Expression): NameExpression | null {
  if (e.kind !== "name") return null;
  const name = e.name.text;
  const entry = reading.scope.env.get(name);
  if (entry) return entry.kind === "let" || entry.kind === "function" ? e : null;
  if (reading.binders.has(name) || reading.scope.dims.find(name)) return null;
  return reading.frame.declared.scope.names.has(name) || builtinNames.has(name) ? e : null;
}

/** What is called: `Linear<8>`, `f`, `f[k]`. */
export function calledFunction(reading: Reading, callee: Expression): FnValue {
  const { frame } = reading;
  if (callee.kind === "index") return memberOfArray(reading, callee);
  if (callee.kind !== "name") return frame.fail(notAFunction(callee.span, textOf(callee.span)));
  const title =
    frame.context.program.analysis(frame.declared).instanceNames.get(callee) ?? reading.scope.title;
  const path = joinPath(frame.instance.path, `${title}${reading.scope.tag}`);
  const found = functionNamed(reading, callee, { path, key: callee, tag: reading.scope.tag });
  if (found.kind === "declared" && found.sizes.length > 0)
    return frame.fail(arrayNeedsIndex(callee.span, callee.name.text));
  return found;
}

export const joinPath = (...parts: readonly string[]): string =>
  parts.filter((p) => p !== "").join(".");

/** A function handed in as an argument: named by the parameter it is for. */
export function givenFunction(reading: Reading, e: NameExpression, path: string): FnValue {
  const found = functionNamed(reading, e, { path, key: e, tag: reading.scope.tag });
  return { ...found, given: e.span };
}

/** The function that a name stands for. */
export function functionNamed(reading: Reading, e: NameExpression, naming: Naming): FnValue {
  const { frame, scope } = reading;
  const name = e.name.text;
  const entry = scope.env.get(name);
  if (entry?.kind === "let") return letFunction(frame, entry);
  if (entry?.kind === "function") return entry.value;
  if (entry) return frame.fail(notAFunction(e.span, name));
  const declared = frame.declared.scope.names.get(name);
  if (declared) return declaredFunction(reading, e, declared, naming);
  if (builtinNames.has(name)) return { kind: "builtin", name, given: null };
  return failUnknown(reading, e.name, visible(reading));
}

function declaredFunction(
  reading: Reading,
  e: NameExpression,
  declared: Declared,
  naming: Naming,
): FnValue {
  const { frame, scope } = reading;
  const free = /^[a-z_]/.test(declared.node.name.text);
  if (declared.node.kind === "model") return frame.fail(notAFunction(e.span, e.name.text));
  if (frame.context.program.recursive.has(declared.node)) throw new Failed();
  const small = /^[a-z_]/.test(frame.declared.node.name.text);
  if (!free && small)
    frame.fail(smallOwnsNothing(e.span, frame.declared.node.name.text, e.name.text));
  const known = free ? undefined : frame.instance.children.get(naming.key)?.get(naming.tag);
  const instance =
    known ?? newInstance(frame, declared, free ? frame.instance.path : naming.path, frame.instance);
  if (!known) {
    bindGenerics(instance.dims, declared, e, scope.dims, frame);
    if (!free) keep(frame.instance, naming, instance);
  }
  return { kind: "declared", instance, free, sizes: [], indices: frame.indices, given: null };
}

function keep(owner: Instance, naming: Naming, instance: Instance): void {
  const passes = owner.children.get(naming.key) ?? new Map<string, Instance>();
  passes.set(naming.tag, instance);
  owner.children.set(naming.key, passes);
}

/** An instance outside of every `let f[K]`. */
export const noFamily: Pick<Instance, "families" | "familyAt"> = { families: [], familyAt: [] };

export function newInstance(
  frame: Frame | null,
  declared: Declared,
  path: string,
  { families, familyAt }: Pick<Instance, "families" | "familyAt">,
): Instance {
  return {
    declared,
    path,
    dims: new DimScope(declared.scope.consts, frame?.dims.madeUp ?? false),
    families,
    familyAt,
    children: new Map(),
    parameters: new Map(),
    states: new Map(),
  };
}

/** The families of an outer instance and those of `let f[K]` within it, whose indices stand behind `path`. */
function family(
  outer: Instance,
  path: string,
  sizes: readonly Dim[],
): Pick<Instance, "families" | "familyAt"> {
  const at = path.split(".").length;
  return {
    families: [...outer.families, ...sizes],
    familyAt: [...outer.familyAt, ...sizes.map(() => at)],
  };
}

/** `let f = Linear<8>`, `let f[K] = MLP<64, 64>`. */
function letFunction(frame: Frame, entry: Extract<Entry, { kind: "let" }>): FnValue {
  const { item, scope } = entry;
  const reading: Reading = { frame, scope, at: null, binders: new Map() };
  if (item.value.kind !== "name") return frame.fail(notAFunction(item.value.span, item.name.text));
  const path = joinPath(frame.instance.path, `${item.name.text}${scope.tag}`);
  const naming = { path, key: item, tag: scope.tag };
  const sizes = item.dims.map((d) => dimension(d, scope.dims, frame));
  if (sizes.length === 0) return aliased(reading, item.value, naming, entry);
  const declared = frame.declared.scope.names.get(item.value.name.text);
  if (!declared || declared.node.kind === "model" || scope.env.has(item.value.name.text))
    return frame.fail(notAFunction(item.value.span, item.value.name.text));
  if (frame.context.program.recursive.has(declared.node)) throw new Failed();
  const known = frame.instance.children.get(item)?.get(scope.tag);
  const instance = known ?? newInstance(frame, declared, path, family(frame.instance, path, sizes));
  if (!known) {
    bindGenerics(instance.dims, declared, item.value, scope.dims, frame);
    keep(frame.instance, naming, instance);
  }
  return { kind: "declared", instance, free: false, sizes, indices: frame.indices, given: null };
}

/** A `let` may name another one, but not in a circle. */
function aliased(reading: Reading, e: NameExpression, naming: Naming, entry: Entry): FnValue {
  const { resolving } = reading.frame.context;
  if (resolving.has(entry)) return reading.frame.fail(notAFunction(e.span, e.name.text));
  resolving.add(entry);
  try {
    return functionNamed(reading, e, naming);
  } finally {
    resolving.delete(entry);
  }
}

/** `f[k]`: one member of a function array. */
function memberOfArray(reading: Reading, e: IndexExpression): FnValue {
  const { frame, scope } = reading;
  const entry = e.base.kind === "name" ? scope.env.get(e.base.name.text) : undefined;
  if (e.base.kind !== "name" || entry?.kind !== "let")
    return frame.fail(notAFunction(e.span, "this"));
  const array = letFunction(frame, entry);
  if (array.kind !== "declared" || array.sizes.length === 0)
    return frame.fail(arrayOfData(e.span, e.base.name.text));
  if (array.sizes.length !== e.indices.length)
    return frame.fail(arrayIndices(e.span, e.base.name.text, array.sizes.length, e.indices.length));
  const members = e.indices.map((index) => infer(reading, index.value));
  const name = e.base.name.text;
  members.forEach((member, i) => {
    const axis = array.sizes[i];
    if (axis) checkIndex(reading, member, axis, name);
  });
  return { ...array, sizes: [], indices: [...array.indices, ...members] };
}

/** Binds `<..>`: as many as the declaration has, those of a list taking what is left. */
export function bindGenerics(
  into: DimScope,
  declared: Declared,
  e: NameExpression,
  from: DimScope,
  frame: Frame,
): void {
  if (declared.node.kind === "model" || !e.generics) return;
  const { generics } = declared.node;
  const values = e.generics.flatMap((g): readonly { dim: Dim; span: Span }[] => {
    if (!g.spread) return [{ dim: dimension(g.value, from, frame), span: g.span }];
    const list = g.value.kind === "name" ? from.find(g.value.name.text)?.bound : undefined;
    if (list?.kind !== "list")
      return frame.fail(
        genericArguments(
          g.span,
          declared.node.name.text,
          generics.map((x) => x.name.text),
          e.generics?.length ?? 0,
        ),
      );
    return list.items.map((dim) => ({ dim, span: g.span }));
  });
  const single = generics.filter((g) => !g.list).length;
  const needed = generics.filter((g) => !g.list && !g.default).length;
  const lists = generics.length - single;
  if (values.length < needed || (lists === 0 && values.length > single))
    frame.fail(
      genericArguments(
        e.span,
        declared.node.name.text,
        generics.map((g) => `${g.name.text}${g.list ? "..." : ""}`),
        values.length,
      ),
    );
  let next = 0;
  for (const g of generics) {
    if (g.list) {
      const count = Math.max(0, values.length - single);
      into.bind(g.name.text, {
        kind: "list",
        items: values.slice(next, next + count).map((v) => v.dim),
      });
      next += count;
      continue;
    }
    const value = values[next++];
    if (value)
      into.number(g.name.text, value.dim.size, {
        span: value.span,
        text: `\`${declared.node.name.text}<..>\``,
      });
  }
}

/** What no call has given is what its default says. */
export function bindDefaults(generics: readonly Generic[], dims: DimScope): void {
  for (const { name, default: usual } of generics)
    if (usual && !dims.find(name.text)) dims.bind(name.text, { kind: "const", expression: usual });
}
