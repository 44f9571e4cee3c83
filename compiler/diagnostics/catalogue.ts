/** Every code that gnc can print, by number: its title and, for what the compiler says, a failing and a mended program. */
import { runtimeCodes } from "../../runtime/codes.js";
import { nameCodes } from "./names.js";
import { recurrenceCodes } from "./recurrence.js";
import { shapeCodes } from "./shapes.js";
import { spaceCodes } from "./spaces.js";
import { syntaxExamples } from "./syntax.examples.js";
import { topologyCodes } from "./topology.js";
import { trainingCodes } from "./training.js";

export interface CatalogueEntry {
  readonly code: string;
  readonly title: string;
  /** The least program that has it, and the same mended; null for what is said at run time. */
  readonly programs: { readonly failing: string; readonly mended: string } | null;
}

const compileTime: readonly CatalogueEntry[] = [
  ...syntaxExamples,
  ...nameCodes,
  ...shapeCodes,
  ...spaceCodes,
  ...topologyCodes,
  ...recurrenceCodes,
  ...trainingCodes,
].map(({ code, title, example, mended }) => ({
  code,
  title,
  programs: { failing: example, mended },
}));

const runTime: readonly CatalogueEntry[] = runtimeCodes.map(({ code, title }) => ({
  code,
  title,
  programs: null,
}));

export const catalogue: readonly CatalogueEntry[] = [...compileTime, ...runTime].sort((a, b) =>
  a.code < b.code ? -1 : 1,
);
