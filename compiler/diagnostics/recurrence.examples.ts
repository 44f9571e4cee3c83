/** For each code of recurrence: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";

export const recurrenceCodes: readonly CodeExample[] = [];
