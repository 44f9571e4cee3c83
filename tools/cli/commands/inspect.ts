/** `gnc inspect MODEL.wasm`: what a compiled model is. */
import { gzipSync } from "node:zlib";
import type {
  Manifest,
  ManifestInput,
  ManifestOutput,
  ManifestRelation,
  Step,
} from "../../../runtime/artifact.js";
import { readArtifact } from "../artifact.js";
import { readBytes } from "../files.js";

export async function inspectCommand(
  path: string,
  options: { readonly json?: boolean },
): Promise<void> {
  const bytes = readBytes(path);
  const { manifest, sizes } = await readArtifact(path, bytes);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(manifest, null, 2)}\n`);
    return;
  }
  const code = sizes.total - sizes.model - sizes.weights;
  const lines = [
    `${manifest.model}, compiled by ${manifest.compiler}`,
    ...(manifest.doc ? [`  ${manifest.doc}`] : []),
    `  ${sizes.total} bytes (${gzipSync(bytes).length} gzipped): code ${code}, description ${sizes.model}, weights ${sizes.weights}`,
    ...signature(manifest),
    ...section(
      "programs",
      Object.entries(manifest.programs).map(
        ([name, steps]) => `${name}: ${countSteps(steps ?? [])} kernel calls`,
      ),
    ),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function signature(m: Manifest): readonly string[] {
  const scalar = m.parameters.reduce((n, p) => n + p.shape.reduce((a, b) => a * b, 1), 0);
  return [
    ...section(
      "node sets",
      m.sets.map((s) => `${s.name}: ${s.layout.kind}`),
    ),
    ...section("relations", m.relations.map(relationLine)),
    ...section(
      "inputs",
      m.inputs.map(
        (i) =>
          `${fieldLine(i)}${i.sparse ? " sparse" : ""}${i.neededToRun ? "" : " (losses and metrics only)"}`,
      ),
    ),
    ...section("outputs", m.outputs.map(fieldLine)),
    ...section(
      `parameters (${scalar} numbers)`,
      m.parameters.map((p) => `${p.path}: f32[${p.shape.join(", ")}]`),
    ),
    ...section(
      "states",
      m.states.map((p) => `${p.path}: f32[${p.shape.join(", ")}]`),
    ),
    ...section(
      "metrics",
      m.metrics.map((x) => x.name),
    ),
    ...section(
      "optimizers",
      m.optimizers.map((o) => `${o.kind} for ${o.ranges.reduce((n, r) => n + r[1], 0)} words`),
    ),
  ];
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((l) => `  ${l}`)];

const relationLine = (r: ManifestRelation): string =>
  `${r.name}: ${r.senders} -> ${r.receivers}, ${r.topology.kind}${r.given ? "" : " (made by the runtime)"}`;

function fieldLine(f: ManifestInput | ManifestOutput): string {
  const bound = f.range && f.range.high !== null ? `index[${f.range.high + 1}]` : f.dtype;
  return `${f.space}.${f.name}: ${bound}${f.shape.length > 0 ? `[${f.shape.join(", ")}]` : ""}`;
}

const countSteps = (steps: readonly Step[]): number =>
  steps.reduce((n, s) => n + ("steps" in s ? countSteps(s.steps) : 1), 0);
