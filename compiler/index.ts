/** The compiler as a library: pure, without IO, the same in a terminal, an editor and a page. */

export {
  type Checked,
  type CompileOptions,
  checkSource,
  compileModel,
  kernelsOf,
  type ReadImport,
  toKernels,
} from "./compile.js";
export { type CatalogueEntry, catalogue } from "./diagnostics/catalogue.js";
export type { Diagnostic, Label } from "./diagnostics/diagnostic.js";
export { type Format, noPaint, type Paint, render } from "./diagnostics/render.js";
export { emitStage, type StageName, stages } from "./emit-stage.js";
export { memoryReport } from "./explain/memory.js";
export { formatSource } from "./format.js";
export type { Model } from "./ir/model.js";
export { type Loader, makeLoader } from "./loader.js";
export { version } from "./version.js";
