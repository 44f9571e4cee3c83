/**
 * `gnc explain MODEL --memory`: what an artifact keeps in memory, each size as a formula of the sizes of the graphs, and
 * which values are stored per edge, with the steps that are the reason.
 */

import {
  type Lives,
  livesOf,
  type Manifest,
  type ManifestBuffer,
  type ProgramName,
  type Step,
} from "../../runtime/artifact.js";
import type { Sizes } from "./formula.js";
import { type ListSize, listsOf } from "./lists.js";
import { type Peak, peakAt, peakOf } from "./peak.js";

/** `64 * paper`: the bytes of a buffer. */
const formula = ({ width, space }: ManifestBuffer): string =>
  [String(4 * width), ...(space === "batch" ? [] : [space])].join(" * ");

/** What is kept, then what each program wants while it runs, then what is stored per edge, and how much it is at most. */
export function memoryReport(manifest: Manifest, sizes: Sizes | null = null): string {
  const { buffers, model } = manifest;
  const kept = buffers.filter((b) => b.life === "kept");
  return [
    `${model}: bytes as formulas; the name of a space stands for its rows in the batch`,
    "",
    ...weights(manifest),
    "",
    "kept with the batch (inputs, packed weights, what depends on the edges alone):",
    ...table(kept, () => ""),
    ...programs(manifest),
    ...listReport(manifest),
    ...edgeReport(manifest),
    ...peakReport(peakOf(manifest), sizes),
    "",
    "Values of one program share memory when their steps do not overlap; a batch is laid out once.",
    "Steps and names such as `map.12` are those of `gnc compile --emit kernel`.",
    "",
  ].join("\n");
}

function weights({ parameterWords, stateWords, optimizers }: Manifest): readonly string[] {
  const moments = optimizers.some((o) => o.kind !== "sgd") ? "moments twice that" : "a moment";
  const training =
    optimizers.length > 0 ? `; in training its gradient as much again, and ${moments}` : "";
  return [
    `parameters: ${4 * parameterWords}${training}`,
    ...(stateWords > 0 ? [`states: ${4 * stateWords}`] : []),
  ];
}

const shown: readonly (readonly [ProgramName, string])[] = [
  ["infer", "while `run` computes outputs"],
  ["train", "while a training step computes gradients"],
  ["pullback", "while `pullback` computes gradients"],
];

/** Values with a row per node, edge or graph, by program; those of one row in all together in a line. */
function programs(manifest: Manifest): readonly string[] {
  const { buffers, programs } = manifest;
  const lives = new Map(livesOf(manifest).map((life, i) => [buffers[i], life]));
  return shown.flatMap(([name, words]) => {
    const steps = programs[name];
    if (!steps) return [];
    const all = buffers.filter((b) => b.life !== "kept" && lives.get(b)?.[name]);
    const big = all.filter((b) => b.space !== "batch");
    const small = all.filter((b) => b.space === "batch");
    const bytes = small.reduce((n, b) => n + 4 * b.width, 0);
    return [
      "",
      `${words}:`,
      ...table(bySize(big), (b) => stepsOf(lives.get(b)?.[name], steps.length)),
      ...(small.length > 0 ? [`  and ${bytes} bytes for ${small.length} sums`] : []),
    ];
  });
}

const bySize = (buffers: readonly ManifestBuffer[]): readonly ManifestBuffer[] =>
  [...buffers].sort((a, b) => b.width - a.width);

const stepsOf = (life: Lives[string] | undefined, count: number): string =>
  life ? `${life[0]} to ${Math.min(life[1], count - 1)}` : "";

function table(
  buffers: readonly ManifestBuffer[],
  last: (b: ManifestBuffer) => string,
): readonly string[] {
  const rows = buffers.map((b) => [b.name, b.space, String(b.width), formula(b), last(b)]);
  if (rows.length === 0) return ["  nothing"];
  const steps = rows.some((r) => r[4]) ? "steps" : "";
  return aligned([["value", "space", "numbers a row", "bytes", steps], ...rows]);
}

/** Columns one under another. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => r[i]?.length ?? 0)));
  return rows.map((r) => `  ${r.map((c, i) => c.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd());
}

const lengthOf = ({ space, more }: ListSize): string =>
  [...(space === null ? [] : [`4 * ${space}`]), ...(more > 0 ? [String(4 * more)] : [])].join(
    " + ",
  );

/** The lists that kernels walk by; those with an entry per edge are named once more. */
function listReport(manifest: Manifest): readonly string[] {
  const lists = listsOf(manifest);
  if (lists.length === 0) return [];
  const relations = new Set(manifest.relations.map((r) => r.name));
  const perEdge = lists.filter(({ size }) => size.space !== null && relations.has(size.space));
  const rows = lists.map((l) => [l.name, l.of, lengthOf(l.size), l.programs.join(", ")]);
  return [
    "",
    "lists by which kernels find rows, made from the graphs:",
    ...aligned([["list", "of", "bytes", "read by"], ...rows]),
    perEdge.length === 0
      ? "  None has an entry per edge."
      : `  With an entry per edge: ${[...new Set(perEdge.map((l) => l.of))].join(", ")}.`,
  ];
}

/** What has a row per edge costs the most: what the schedule chose to store, and who reads it. */
function edgeReport(manifest: Manifest): readonly string[] {
  const relations = new Set(manifest.relations.map((r) => r.name));
  const inputs = new Set(manifest.inputs.map((i) => i.buffer));
  const stored = [...manifest.buffers.entries()].filter(
    ([id, b]) => relations.has(b.space) && !inputs.has(id),
  );
  if (stored.length === 0)
    return ["", "No value is stored per edge: each is computed where it is summed."];
  return [
    "",
    "Stored per edge:",
    ...stored.flatMap(([id, b]) => [
      `  ${b.name}: ${formula(b)} bytes`,
      ...usesOf(manifest, id).map((line) => `    ${line}`),
    ]),
    "  A value of an edge is stored when it is an output, or when computing it again in each step",
    "  that reads it would cost more than writing it once; all others pass through registers.",
  ];
}

/** `train: step 6 writes it; read by 7 (edges of a receiver), 12 (edges of a sender)` */
function usesOf(manifest: Manifest, buffer: number): readonly string[] {
  return Object.entries(manifest.programs).flatMap(([program, steps]) => {
    const using = (steps ?? []).flatMap((step, i) => {
      const walks = kernelsIn(step).filter((k) => k.slots.some((s) => same(s, buffer)));
      return walks.length > 0 ? [`${i}${walkOf(manifest, walks)}`] : [];
    });
    if (using.length === 0) return [];
    const [writer, ...readers] = using;
    const read = readers.length > 0 ? `read by ${readers.join(", ")}` : "used within it";
    return [`${program}: step ${writer} writes it, ${read}`];
  });
}

type KernelStep = Extract<Step, { readonly kernel: string }>;

const same = (slot: KernelStep["slots"][number], buffer: number): boolean =>
  "buffer" in slot && slot.buffer === buffer;

const kernelsIn = (step: Step): readonly KernelStep[] =>
  "steps" in step ? step.steps.flatMap(kernelsIn) : [step];

/** The most that there is at once. */
function peakReport(peak: Peak, sizes: Sizes | null): readonly string[] {
  const { always, training, bound, held } = peak;
  const inAll = (trains: boolean): string => `${peakAt(peak, sizes ?? (() => 0), trains)} bytes`;
  const rows = [
    ["always", String(always), ""],
    ...(training > 0 ? [["in training", String(training), ""]] : []),
    ["with a batch", String(bound), ""],
    ...held.map(({ program, step, bytes }, i) => [
      held.length > 1 ? (i === 0 ? "the largest of" : "") : "at most",
      String(bytes),
      `${program}, step ${step}`,
    ]),
  ];
  return [
    "",
    "peak, the sum of:",
    ...aligned(rows),
    ...(sizes ? [`  = ${inAll(false)}${training > 0 ? `, in training ${inAll(true)}` : ""}`] : []),
  ];
}

/** From which end kernels come to the edges, as far as the structures they read tell. */
function walkOf({ structures }: Manifest, kernels: readonly KernelStep[]): string {
  const read = new Set(
    kernels.flatMap(({ slots }) =>
      slots.map((s) => ("structure" in s ? structures[s.structure]?.kind : undefined)),
    ),
  );
  if (read.has("sender_start")) return " (edges of each sender)";
  return read.has("receiver_start") ? " (edges of each receiver)" : "";
}
