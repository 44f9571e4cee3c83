/**
 * Names mean nothing to the compiler: every model of the library, under other names and with the library as files of the
 * user's own, gives the same code, the same constants and, names apart, the same description.
 */
import { describe, expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import type { Model } from "../../compiler/ir/model.js";
import { modelSection } from "../../runtime/artifact.js";
import { modelsOf } from "../generated/support/sources.js";
import { library } from "../library/models.js";
import { renamedModels } from "./support/renamed.js";

interface Parts {
  readonly code: string;
  readonly described: unknown;
}

/** The module without its description, and the description, which comes last. */
async function partsOf(model: Model): Promise<Parts> {
  const artifact = new Uint8Array(await compileModel(model));
  const sections = WebAssembly.Module.customSections(
    new WebAssembly.Module(artifact),
    modelSection,
  );
  const text = new TextDecoder().decode(sections[0]);
  const at = Buffer.from(artifact).lastIndexOf(modelSection);
  // before its name stand the kind of the section and its size, in one to five bytes
  const code = Buffer.from(artifact.subarray(0, at - 7));
  return { code: code.toString("base64"), described: JSON.parse(text) };
}

describe.each(library)("$file", ({ file, text }) => {
  const own = renamedModels(file, text);
  it.each(modelsOf(file, text).map((model, i) => [model.name, model, i] as const))(
    "%s is the same code under other names",
    async (name, model, i) => {
      const other = own.models[i];
      expect(other?.name).toBe(own.names.name(name));
      if (!other) return;
      const [was, is] = [await partsOf(model), await partsOf(other)];
      expect(is.code === was.code, "equal code").toBe(true);
      expect(is.described).toEqual(own.names.told(was.described));
    },
    60_000,
  );
});
