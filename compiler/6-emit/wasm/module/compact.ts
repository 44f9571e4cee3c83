/** The passes over a finished function. */
import type { Func } from "./node.js";
import { sink } from "./sink.js";
import { assignSlots } from "./slots.js";
import { tidy } from "./tidy.js";

/** The function with values where they are read and variables that share slots: smaller, not faster. Changes its body in place. */
export function compact(f: Func): Func {
  tidy(f.body, sink(f.body));
  return { ...f, variables: assignSlots(f.body, f.parameters, f.variables) };
}
