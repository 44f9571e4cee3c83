/** For each code of topology: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";

export const topologyCodes: readonly CodeExample[] = [];
