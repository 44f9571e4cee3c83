/**
 * Syntax tree → indented text, for `gnc compile --emit ast` and for tests.
 *
 * A line for every element with children of its own; expressions are short and go on one line, fully parenthesised,
 * so that what binds what can be read off.
 */
import type * as ast from "./ast.js";

/** The tree of a file as text. */
export function printAst(file: ast.File): string {
  const imports = file.imports.map((one) => `import ${names(one.names)} from ${one.from.text}`);
  const lines = [...imports, ...file.declarations.flatMap(declaration)];
  return lines.map((line) => `${line}\n`).join("");
}

function declaration(one: ast.Declaration): readonly string[] {
  const doc = one.doc === null ? [] : one.doc.split("\n").map((line) => `doc ${line}`.trimEnd());
  if (one.kind === "const")
    return [...doc, `const ${one.name.text} = ${printExpression(one.value)}`];
  const head = `${one.kind} ${one.name.text}`;
  const generics = one.generics.map((generic) => indented(`generic ${genericText(generic)}`));
  const signature = one.kind === "model" ? [] : signatureLines(one);
  const relations = one.kind === "block" ? one.relations.map(relation) : [];
  const items = one.body.items.flatMap(item);
  return [...doc, head, ...generics, ...signature, ...relations, ...items.map(indented)];
}

function indented(line: string): string {
  return `  ${line}`;
}

function genericText({ name, list, default: value }: ast.Generic): string {
  return `${name.text}${list ? "..." : ""}${value === null ? "" : ` = ${printExpression(value)}`}`;
}

function signatureLines(one: ast.FnDeclaration | ast.BlockDeclaration): readonly string[] {
  const takes = one.params.map(({ name, type, default: value }) => {
    const typed = type === null ? "" : `: ${fieldType(type)}`;
    return `takes ${name.text}${typed}${value === null ? "" : ` = ${printExpression(value)}`}`;
  });
  const gives = one.results.map((result) => `gives ${fieldType(result)}`);
  return [...takes, ...gives].map(indented);
}

function relation({ name, senders, receivers }: ast.RelationParam): string {
  return indented(`over ${name.text}: ${senders.text} -> ${receivers.text}`);
}

// ---- items --------------------------------------------------------------------------------

function item(one: ast.Item): readonly string[] {
  switch (one.kind) {
    case "const":
      return declaration(one);
    case "for": {
      const range = one.list === null ? `< ${optional(one.count)}` : `in ${one.list.text}`;
      return [`for ${one.variable.text} ${range}`, ...one.body.items.flatMap(item).map(indented)];
    }
    case "section": {
      const name = one.name === null ? "" : ` ${one.name.text}`;
      return [`${one.space}${name}`, ...one.equations.map((each) => indented(equation(each)))];
    }
    case "equation":
      return [equation(one)];
    default:
      return [simpleItem(one)];
  }
}

type SimpleItem = Exclude<
  ast.Item,
  ast.ConstDeclaration | ast.ForItem | ast.Section | ast.Equation
>;

function simpleItem(one: SimpleItem): string {
  switch (one.kind) {
    case "param":
      return `param ${names(one.names)}: ${type(one.type)}${one.init === null ? "" : ` = ${optional(one.init)}`}`;
    case "let":
      return `let ${one.name.text}${bracketed(one.dims)} = ${printExpression(one.value)}`;
    case "return":
      return `return ${expressions(one.values)}`;
    case "nodes":
      return `nodes ${names(one.names)}${one.topology === null ? "" : `: ${topology(one.topology)}`}`;
    case "edges": {
      const shape = one.topology === null ? "" : ` ${topology(one.topology)}`;
      return `edges ${one.name.text}: ${one.senders.text} -> ${one.receivers.text}${shape}`;
    }
    case "input":
      return `input ${names(one.names)}: ${fieldType(one.type)}`;
    case "state":
      return `state ${names(one.names)}: ${type(one.type)} = ${printExpression(one.init)}`;
    case "output":
      return `output ${names(one.names)}`;
    case "loss":
    case "metric": {
      const where = one.where.length === 0 ? "" : ` where ${expressions(one.where)}`;
      return `${one.kind} ${printExpression(one.value)}${where}`;
    }
    case "optimizer": {
      const paths = one.paths.length === 0 ? "" : ` for ${names(one.paths)}`;
      return `optimizer ${printExpression(one.value)}${paths}`;
    }
  }
}

function equation({ targets, apart, value }: ast.Equation): string {
  const left = targets.map(target).join(", ");
  return `${apart ? `[${left}]` : left} = ${printExpression(value)}`;
}

function target({ name, binders, type: typed }: ast.Target): string {
  const bound = binders.map(
    ({ name: binder, range }) => `${binder.text}${range === null ? "" : ` < ${optional(range)}`}`,
  );
  const inBrackets = bound.length === 0 ? "" : `[${bound.join(", ")}]`;
  return `${name.text}${inBrackets}${typed === null ? "" : `: ${type(typed)}`}`;
}

function names(all: readonly ast.Name[]): string {
  return all.map(({ text }) => text).join(", ");
}

function fieldType({ space, type: typed, sparse }: ast.FieldType): string {
  return `${space === null ? "" : `${space.text} `}${type(typed)}${sparse === null ? "" : " sparse"}`;
}

function type({ element, dims }: ast.Type): string {
  return `${element}${bracketed(dims)}`;
}

function bracketed(dims: readonly ast.Expression[]): string {
  return dims.length === 0 ? "" : `[${expressions(dims)}]`;
}

function topology({ name, args }: ast.Topology): string {
  return args.length === 0 ? name.text : `${name.text}(${args.map(argument).join(", ")})`;
}

// ---- expressions --------------------------------------------------------------------------

function expressions(all: readonly ast.Expression[]): string {
  return all.map(printExpression).join(", ");
}

function optional(expression: ast.Expression | null): string {
  return expression === null ? "" : printExpression(expression);
}

/** An expression on one line, every operation in parentheses; `<error>` where the text could not be read. */
export function printExpression(one: ast.Expression): string {
  switch (one.kind) {
    case "number":
    case "bool":
      return String(one.value);
    case "name":
      return one.name.text + generics(one.generics);
    case "space":
      return one.space;
    case "unary":
      return `(${one.operator === "not" ? "not " : "-"}${printExpression(one.operand)})`;
    case "binary":
      return `(${printExpression(one.left)} ${one.operator} ${printExpression(one.right)})`;
    case "call":
      return `${printExpression(one.callee)}(${one.args.map(argument).join(", ")})`;
    case "index": {
      const indices = one.indices.map(
        ({ value, range }) =>
          `${printExpression(value)}${range === null ? "" : ` < ${optional(range)}`}`,
      );
      return `${printExpression(one.base)}[${indices.join(", ")}]`;
    }
    case "member":
      return `${printExpression(one.base)}.${one.name.text}`;
    case "over":
      return `(${printExpression(one.base)} over ${overText(one.relations)})`;
    case "by":
      return `(${printExpression(one.base)} by ${one.group})`;
    case "list":
      return `[${expressions(one.parts)}]`;
    case "error":
      return "<error>";
  }
}

function generics(all: readonly ast.GenericArgument[] | null): string {
  if (all === null) return "";
  const inside = all.map(({ value, spread }) => `${printExpression(value)}${spread ? "..." : ""}`);
  return `<${inside.join(", ")}>`;
}

function overText(relations: readonly ast.Topology[]): string {
  const all = relations.map(topology).join(", ");
  return relations.length === 1 ? all : `(${all})`;
}

function argument({ name, value, where }: ast.Argument): string {
  const named = name === null ? "" : `${name.text}: `;
  return `${named}${printExpression(value)}${where === null ? "" : ` where ${optional(where)}`}`;
}
