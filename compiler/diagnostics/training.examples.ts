/** For each code of training: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";

export const trainingCodes: readonly CodeExample[] = [];
