/** `gnc explain MODEL --cost` as text and as JSON. */
import { chunkRows, type ProgramName } from "../../../runtime/artifact.js";
import type { Formula, Sizes } from "../formula.js";
import { type Costed, costOf, type KernelCost, type ProgramCost, totalOf } from "./cost.js";
import { type Bounded, type BoundFor, boundAt, boundOf, type Machine } from "./machine.js";
import type { Computed } from "./words.js";

export interface CostOptions {
  readonly machine: Machine;
  /** Where the numbers of the machine come from. */
  readonly from: string;
  /** By name of a space; null for formulas alone. */
  readonly sizes: Readonly<Record<string, number>> | null;
}

const shown: readonly (readonly [ProgramName, string])[] = [
  ["infer", "each `run`"],
  ["train", "each training step: loss and gradients"],
  ["update", "each training step: parameters from gradients"],
  ["pullback", "each `pullback`"],
  ["prepare", "when parameters have changed, so in each training step"],
  ["bind", "when other graphs are bound"],
  ["bind_more", "when losses or gradients of other graphs are first asked for"],
];

const programsOf = (costed: Costed) => {
  const all = costOf(costed);
  return shown.flatMap(([name, when]) => {
    const program = all.find((p) => p.program === name);
    return program && program.kernels.length > 0 ? [{ program, when }] : [];
  });
};

const parametersIn = ({ manifest }: Costed): number =>
  manifest.parameters.reduce((n, p) => n + p.shape.reduce((a, b) => a * b, 1), 0);

/** Formulas, and beside each its number where sizes are given. */
export function costReport(costed: Costed, options: CostOptions): string {
  const { sizes } = options;
  const programs = programsOf(costed);
  const given = sizes && Object.entries(sizes).map(([name, n]) => `${name} = ${n}`);
  return [
    `${costed.model.name}: ${parametersIn(costed)} parameters`,
    "",
    "The name of a space stands for its rows in the batch, `chunks(..)` for the parts in which a sum",
    "over its rows is cut (at most 16), `levels(..)` for the levels of a recurrence. An addition, multi-",
    "plication, division or comparison is one FLOP; `exp` and its like, and draws, count as functions.",
    "Bytes are those that kernels ask for.",
    ...(programs.some(({ program }) => program.kernels.some((k) => k.masked)) ? [maskedWords] : []),
    ...(given ? [`Sizes: ${given.join(", ")}.`] : []),
    machineWords(options),
    ...programs.flatMap((p) => programReport(p, options)),
    "",
  ].join("\n");
}

/** What is said where kernels leave rows out. */
export const maskedWords =
  "Where rows are left out because nothing needs them (`where needed`), all are counted.";

const machineWords = ({ machine: m, from }: CostOptions): string =>
  `Bounds are for ${from}: ${m.flops} GFLOP/s, ${m.functions} ns a function, ${m.cached} GB/s from caches of ${m.cache} MB, ${m.memory} GB/s from memory.`;

function programReport(
  { program, when }: { readonly program: ProgramCost; readonly when: string },
  options: CostOptions,
): readonly string[] {
  const count = program.kernels.length;
  return [
    "",
    `${program.program}, ${when}: ${count} kernel${count === 1 ? "" : "s"}`,
    ...program.kernels.flatMap((k) => ["", ...kernelReport(k, options)]),
    "",
    `  ${program.program} in all`,
    ...workReport(totalOf(program), options),
  ];
}

function kernelReport(k: KernelCost, options: CostOptions): readonly string[] {
  return [
    `  K${k.number}  ${k.over}${k.levels === null ? "" : `, in the order ${k.levels}`}`,
    ...k.computes.map((c) => `    ${computedText(c)}`),
    ...workReport(k, options),
    ...line("parameters", k.parameters.join(", ")),
  ];
}

/** `h/z: z[h] = x @ W[h]  (std/graph:16, for cora.gn:15)` */
export function computedText({ name, text, at, within }: Computed): string {
  const place = [...(at ? [at] : []), ...(within ? [`for ${within}`] : [])].join(", ");
  const words = [...(name ? [name] : []), ...(text ? [text] : [])].join(": ");
  return place ? `${words}  (${place})` : words;
}

const line = (name: string, text: string): readonly string[] =>
  text === "" ? [] : [`      ${name.padEnd(10)}  ${text}`];

function workReport(work: Bounded, { machine, sizes }: CostOptions): readonly string[] {
  const at = sizes && lookUp(sizes);
  const formula = (name: string, f: Formula): readonly string[] =>
    line(name, f.isZero ? "" : at && f.names.length > 0 ? `${f} = ${short(f.at(at))}` : String(f));
  return [
    ...formula("FLOPs", work.flops),
    ...formula("functions", work.functions),
    ...formula("read", work.read),
    ...formula("written", work.written),
    ...line("bound", at ? boundText(work, machine, at) : boundWords[boundOf(work, machine)]),
  ];
}

const boundWords: Readonly<Record<BoundFor, string>> = {
  "compute always": "compute",
  "memory always": "memory",
  "compute at large": "compute, in large batches",
  "memory at large": "memory, in large batches",
  "by sizes": "compute or memory, by the sizes",
  nothing: "",
};

function boundText(work: Bounded, machine: Machine, sizes: Sizes): string {
  const { bound, ns } = boundAt(work, machine, sizes);
  return bound === "nothing" ? "" : `${bound}: at least ${duration(ns)}`;
}

/** Sizes that were given by name; `chunks(paper)` follows from `paper`. */
export const lookUp =
  (sizes: Readonly<Record<string, number>>): Sizes =>
  (name) => {
    const rows = /^chunks\((.*)\)$/.exec(name)?.[1];
    if (rows === undefined) return sizes[name] ?? 0;
    const count = sizes[rows] ?? 0;
    return Math.ceil(count / chunkRows(count));
  };

/** `3.46 M` */
export function short(n: number): string {
  const [scale, unit] =
    n >= 1e9 ? [1e9, " G"] : n >= 1e6 ? [1e6, " M"] : n >= 1e4 ? [1e3, " k"] : [1, ""];
  return `${Number((n / scale).toPrecision(4))}${unit}`;
}

/** `12.3 µs` */
export function duration(ns: number): string {
  const [scale, unit] =
    ns >= 1e9 ? [1e9, "s"] : ns >= 1e6 ? [1e6, "ms"] : ns >= 1e3 ? [1e3, "µs"] : [1, "ns"];
  return `${Number((ns / scale).toPrecision(3))} ${unit}`;
}

/** The same for programs: formulas as text and by name of the space, with their numbers where sizes are given. */
export function costObject(costed: Costed, { machine, from, sizes }: CostOptions): object {
  const at = sizes && lookUp(sizes);
  const formula = (f: Formula) => ({
    formula: String(f),
    terms: f,
    ...(at && { value: f.at(at) }),
  });
  const work = (w: Bounded) => ({
    flops: formula(w.flops),
    functions: formula(w.functions),
    read: formula(w.read),
    written: formula(w.written),
    ...(at ? boundAt(w, machine, at) : { bound: boundOf(w, machine) }),
  });
  return {
    model: costed.model.name,
    parameters: parametersIn(costed),
    machine: { ...machine, from },
    sizes,
    programs: programsOf(costed).map(({ program }) => ({
      program: program.program,
      kernels: program.kernels.map((k) => ({
        kernel: k.number,
        over: k.over,
        levels: k.levels,
        computes: k.computes,
        ...work(k),
        parameters: k.parameters,
      })),
      total: work(totalOf(program)),
    })),
  };
}
