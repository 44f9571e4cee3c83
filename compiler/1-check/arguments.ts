/** Arguments matched to parameters: by place, by name, left to their defaults. */
import type { Argument, CallExpression, Param } from "../../grammar/ast.js";
import type { Span } from "../../grammar/source.js";
import {
  argumentGivenTwice,
  missingArgument,
  noSuchParameter,
  tooManyArguments,
} from "../diagnostics/names.js";
import { functionArgument } from "../diagnostics/shapes.js";
import { whereElsewhere } from "../diagnostics/spaces.js";
import type { Declared, FnValue, Reading, Value } from "./frame.js";
import { givenFunction, joinPath, namedFunction } from "./functions.js";
import type { Place } from "./places.js";
import { infer } from "./reading.js";
import { allOrFailed, Blocked } from "./stop.js";
import { nearest } from "./walk.js";

/** What a parameter gets. */
export type Given = { readonly param: Param; readonly span: Span } & (
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "function"; readonly value: FnValue }
  /** Not known yet; of a bare name the place may be. */
  | { readonly kind: "blocked"; readonly place: Place | null | undefined; readonly why: Blocked }
  | { readonly kind: "default" }
);

/** The arguments of a call by parameter, in the order of the signature. */
export function matchArguments(
  reading: Reading,
  call: CallExpression,
  declared: Declared,
  fn: FnValue,
  path: string,
): readonly Given[] {
  const { frame } = reading;
  const { node } = declared;
  const params = node.kind === "model" ? [] : node.params;
  const given = new Map<Param, Argument>();
  let next = 0;
  const blame = (): Span => fn.given ?? call.span;
  for (const argument of call.args) {
    if (argument.where) frame.fail(whereElsewhere(argument.where.span, node.name.text));
    const param = argument.name
      ? params.find((p) => p.name.text === argument.name?.text)
      : params[next++];
    if (!param && argument.name)
      return frame.fail(
        noSuchParameter(
          argument.name.span,
          node.name.text,
          argument.name.text,
          nearest(
            argument.name.text,
            params.map((p) => p.name.text),
          ),
          params.map((p) => p.name.text),
        ),
      );
    if (!param && fn.given)
      return frame.fail(
        functionArgument(blame(), node.name.text, params.length, call.args.length, call.span),
      );
    if (!param)
      return frame.fail(
        tooManyArguments(
          argument.span,
          node.name.text,
          params.length,
          call.args.length,
          node.generics.map((g) => `${g.name.text}${g.list ? "..." : ""}`),
        ),
      );
    if (given.has(param))
      frame.fail(argumentGivenTwice(argument.span, node.name.text, param.name.text));
    given.set(param, argument);
  }
  return allOrFailed(params, (param): Given => {
    const argument = given.get(param);
    if (argument)
      return evaluated(
        reading,
        argument,
        param,
        joinPath(path, param.name.text),
        node.kind === "block",
      );
    if (param.default) return { kind: "default", param, span: call.span };
    if (fn.given)
      return frame.fail(
        functionArgument(blame(), node.name.text, params.length, call.args.length, call.span),
      );
    const needed = params.filter((p) => !p.default).map((p) => p.name.text);
    return frame.fail(
      missingArgument(call.span, node.name.text, param.name.text, param.name.span, needed),
    );
  });
}

function evaluated(
  reading: Reading,
  argument: Argument,
  param: Param,
  path: string,
  block: boolean,
): Given {
  const { value: e } = argument;
  const base = { param, span: e.span };
  const named = namedFunction(reading, e);
  if (named) return { ...base, kind: "function", value: givenFunction(reading, named, path) };
  const own: Reading = block ? { ...reading, at: null } : reading;
  try {
    return { ...base, kind: "value", value: infer(own, e) };
  } catch (stop) {
    if (!(stop instanceof Blocked)) throw stop;
    const entry = e.kind === "name" ? reading.scope.env.get(e.name.text) : undefined;
    return {
      ...base,
      kind: "blocked",
      place: entry?.kind === "variable" ? entry.place : undefined,
      why: stop,
    };
  }
}
