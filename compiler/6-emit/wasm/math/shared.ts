/** Functions of vectors that a module holds once and kernels call: what is long and not all that a loop does. */
import type { Code } from "../code.js";
import type { V128 } from "../operand.js";

export const onVectors = <A extends readonly V128[]>(
  code: Code,
  name: string,
  args: A,
  write: (code: Code, ...args: A) => V128,
): V128 =>
  code.call(name, args, "v128", (inner, parameters) =>
    // as many parameters as arguments
    write(inner, ...(parameters as readonly V128[] as A)),
  );
