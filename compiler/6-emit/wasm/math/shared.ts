/** Functions of vectors as functions of the module. */
import { call } from "../call.js";
import type { Code } from "../code.js";
import type { V128 } from "../operand.js";

export const onVectors = <A extends readonly V128[]>(
  code: Code,
  name: string,
  args: A,
  write: (code: Code, ...args: A) => V128,
): V128 =>
  call(code, name, args, "v128", (inner, parameters) =>
    // as many parameters as arguments
    write(inner, ...(parameters as readonly V128[] as A)),
  );
