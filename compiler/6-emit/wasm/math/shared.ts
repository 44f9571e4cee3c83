/**
 * Functions of vectors as functions of the module, which all kernels call; or in place, where a long row goes through
 * them and the calls would cost as much as what they do.
 */
import { call } from "../call.js";
import type { Code } from "../code.js";
import type { V128 } from "../operand.js";

type Function = (code: Code, x: V128) => V128;

export const shared =
  (name: string, write: Function): Function =>
  (code, x) =>
    code.takesInPlace()
      ? write(code, x)
      : call(code, name, { x }, "v128", (inner, p) => write(inner, p.x));
