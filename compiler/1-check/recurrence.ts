/** Recurrences. */
import type { Recurrence } from "../ir/model.js";
import type { Frame } from "./frame.js";
export const findRecurrences = (frame: Frame): readonly Recurrence[] =>
  frame.uses.length < 0 ? [] : [];
