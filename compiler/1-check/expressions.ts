/** The type and the builder of every kind of expression: one row each. */
import type { Expression } from "../../grammar/ast.js";
import { memberOfNothing } from "../diagnostics/spaces.js";
import { inferCall } from "./calls.js";
import { literal } from "./expr.js";
import type { Reading, Value } from "./frame.js";
import { inferIndex } from "./indexing.js";
import { inferMember } from "./members.js";
import { inferName } from "./names.js";
import { inferBinary, inferList, inferUnary } from "./operators.js";
import { everywhere } from "./reading.js";
import { Failed } from "./stop.js";
import { bool, numberLiteral } from "./types.js";

/** The values of an expression where it is read. */
export function inferExpression(reading: Reading, e: Expression): readonly Value[] {
  switch (e.kind) {
    case "number":
      return [
        everywhere(numberLiteral(e.value, Number.isInteger(e.value) && e.integer), e.span, () =>
          literalOf(e.value, e.integer, e),
        ),
      ];
    case "bool":
      return [everywhere(bool(), e.span, () => literal(e.value, e.span))];
    case "name":
      return [inferName(reading, e)];
    case "member":
      return [inferMember(reading, e)];
    case "unary":
      return [inferUnary(reading, e)];
    case "binary":
      return [inferBinary(reading, e)];
    case "list":
      return [inferList(reading, e)];
    case "index":
      return [inferIndex(reading, e)];
    case "call":
    case "over":
    case "by":
      return inferCall(reading, e);
    case "space":
      return reading.frame.fail(memberOfNothing(e.span, e.space, false));
    case "error":
      throw new Failed();
    default:
      return e satisfies never;
  }
}

const literalOf = (value: number, integer: boolean, e: Expression) =>
  integer
    ? literal(value, e.span)
    : ({
        kind: "literal",
        value,
        span: e.span,
        type: { dtype: "f32", shape: [], range: null },
      } as const);
