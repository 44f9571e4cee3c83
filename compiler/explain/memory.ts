/**
 * `gnc explain MODEL --memory`: what an artifact keeps in memory, each size as a formula of the sizes of the graphs, and
 * which buffers are as large as a relation (with the reason they are stored).
 */
import type { Manifest, ManifestBuffer, Size } from "../../runtime/artifact.js";

/** `4 * 16 * paper + 28 * cites`: the bytes of a size. */
export function formula(size: Size): string {
  const terms = size.map(({ times, spaces }) => [String(4 * times), ...spaces].join(" * "));
  return terms.length === 0 ? "0" : terms.join(" + ");
}

/** A table of all buffers of the artifact, kept ones first, then those of each program with their life. */
export function memoryReport(manifest: Manifest): string {
  const kept = manifest.buffers.filter((b) => b.life === "kept");
  const passing = manifest.buffers.filter((b) => b.life === "passing");
  const parameters = `parameters: ${4 * manifest.parameterWords} bytes (gradients and moments as much again, each, when training)`;
  return [
    `${manifest.model}: bytes as formulas; a name stands for its number of rows in the batch`,
    "",
    parameters,
    ...(manifest.stateWords > 0 ? [`states: ${4 * manifest.stateWords} bytes`] : []),
    "",
    "kept as long as the batch or the weights:",
    ...table(kept, () => ""),
    "",
    "passing (memory is shared by those whose steps do not overlap):",
    ...table(passing, livesOf),
    "",
    edgeReport(manifest),
    "",
  ].join("\n");
}

function table(
  buffers: readonly ManifestBuffer[],
  last: (b: ManifestBuffer) => string,
): readonly string[] {
  const rows = buffers.map((b) => [b.name, b.space, String(b.width), formula(b.words), last(b)]);
  if (rows.length === 0) return ["  none"];
  const head = ["value", "space", "width", "bytes", rows.some((r) => r[4]) ? "steps" : ""];
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]?.length ?? 0)));
  return [head, ...rows].map((r) =>
    `  ${r.map((c, i) => c.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd(),
  );
}

const livesOf = (b: ManifestBuffer): string =>
  Object.entries(b.lives)
    .map(([program, [first, last]]) => `${program} ${first}..${last}`)
    .join(", ");

/** The buffers with a row per edge, which cost the most: inputs and what the schedule chose to store. */
function edgeReport(manifest: Manifest): string {
  const relations = new Set(manifest.relations.map((r) => r.name));
  const inputs = new Set(manifest.inputs.map((i) => i.buffer));
  const stored = manifest.buffers
    .map((b, id) => ({ b, id }))
    .filter(({ b, id }) => relations.has(b.space) && !inputs.has(id));
  if (stored.length === 0) return "No value is stored per edge.";
  const lines = stored.map(
    ({ b }) =>
      `  ${b.name}: ${b.width} a row of ${b.space}, in ${Object.keys(b.lives).join(", ") || "all programs"}`,
  );
  return `Stored per edge:\n${lines.join("\n")}`;
}
