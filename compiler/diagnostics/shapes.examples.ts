/** For each code of shapes: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";

export const shapeCodes: readonly CodeExample[] = [];
