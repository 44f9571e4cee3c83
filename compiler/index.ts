/** The compiler as a library: pure, without IO, the same in a terminal, an editor and a page. */

export {
  type Compiled,
  type CompileOptions,
  compileInParts,
  compileModel,
  kernelsOf,
  relaxedArtifact,
  toKernels,
} from "./compile.js";
export { emitStage } from "./emit-stage.js";
export * from "./front.js";
export { type Loader, makeLoader } from "./loader.js";
