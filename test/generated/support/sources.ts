/** Text to model, loudly: a test that writes a wrong model is a wrong test. */
import { checkSource } from "../../../compiler/compile.js";
import type { Model } from "../../../compiler/ir/model.js";

/** The models of a text. */
export function modelsOf(name: string, text: string): readonly Model[] {
  const { ok, models, diagnostics } = checkSource({ name, text });
  if (ok) return models;
  const said = diagnostics
    .filter((d) => d.severity === "error")
    .map(
      ({ code, message, primary: { span } }) =>
        `${code}: ${message}: ${span.source.text.slice(span.start, span.end)}`,
    );
  throw new Error(`${said.join("\n")}\n${text}`);
}

/** The only model of a random text; null when it came to nothing. */
export function checked(text: string): Model | null {
  if (!text.includes("output ")) return null;
  return modelsOf("random.gn", text).at(-1) ?? null;
}
