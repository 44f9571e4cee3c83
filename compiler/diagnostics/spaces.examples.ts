/** For each code of spaces: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";

export const spaceCodes: readonly CodeExample[] = [];
