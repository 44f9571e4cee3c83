/** For each code of names: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";

export const nameCodes: readonly CodeExample[] = [];
