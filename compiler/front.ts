/**
 * The front half of the compiler as a library: checks and formats, and loads nothing of what makes code. All of it is
 * part of `index.ts`; what must start quickly imports it from here.
 */

export { printAst } from "../grammar/print-ast.js";
export type { Source } from "../grammar/source.js";
export { type Checked, checkSource, type ReadImport } from "./check-source.js";
export { type CatalogueEntry, catalogue } from "./diagnostics/catalogue.js";
export type { Diagnostic, Label } from "./diagnostics/diagnostic.js";
export { type Format, noPaint, type Paint, render } from "./diagnostics/render.js";
export { memoryReport } from "./explain/memory.js";
export { formatSource } from "./format.js";
export type { Model } from "./ir/model.js";
export { type StageName, stages } from "./stage-names.js";
export { version } from "./version.js";
