/** What `gnc bench` prints: kernels by the time they take, with what they do in it. */
import { type Costed, costOf, type KernelCost } from "../../compiler/explain/cost/cost.js";
import { boundAt, type Machine } from "../../compiler/explain/cost/machine.js";
import { computedText, lookUp, maskedWords } from "../../compiler/explain/cost/report.js";
import type { Times, Timing } from "./time.js";

/** A kernel with its time; all times in milliseconds. */
interface Row extends Timing {
  readonly program: string;
  readonly cost: KernelCost;
  /** Of the time of all kernels. */
  readonly share: number;
  readonly gflops: number;
  readonly gbs: number;
  readonly bound: string;
  readonly boundMs: number;
}

export interface Results {
  readonly model: string;
  readonly machine: Machine;
  readonly from: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly whole: Timing;
  readonly passes: number;
  /** The slowest first. */
  readonly rows: readonly Row[];
}

export function measured(
  costed: Costed,
  times: Times,
  { machine, from }: { readonly machine: Machine; readonly from: string },
  sizes: Readonly<Record<string, number>>,
): Results {
  const costs = costOf(costed);
  const at = lookUp(sizes);
  const best = times.programs.flatMap((p) => p.kernels.map((k) => k.best));
  const all = best.reduce((a, b) => a + b, 0);
  const rows = times.programs.flatMap(({ program, kernels }) => {
    const known = costs.find((c) => c.program === program)?.kernels ?? [];
    return known.flatMap((cost, i): Row[] => {
      const timing = kernels[i];
      if (!timing) return [];
      const { bound, ns } = boundAt(cost, machine, at);
      const per = (count: number): number => (timing.best > 0 ? count / timing.best / 1e6 : 0);
      return [
        {
          ...timing,
          program,
          cost,
          share: all > 0 ? timing.best / all : 0,
          gflops: per(cost.flops.at(at)),
          gbs: per(cost.read.plus(cost.written).at(at)),
          bound,
          boundMs: ns / 1e6,
        },
      ];
    });
  });
  rows.sort((a, b) => b.best - a.best);
  const { whole, passes } = times;
  return { model: costed.model.name, machine, from, sizes, whole, passes, rows };
}

const percent = (part: number): string => `${(100 * part).toFixed(part < 0.0995 ? 1 : 0)}%`;
const figure = (n: number): string => (n >= 100 ? n.toFixed(0) : n.toPrecision(3));

const ofBound = ({ best, boundMs }: Pick<Row, "best" | "boundMs">): number =>
  best > 0 ? boundMs / best : 0;

export function benchReport({ rows, whole, ...about }: Results): string {
  const { machine: m, sizes } = about;
  const heads = [
    "kernel",
    "ms",
    "median",
    "share",
    "GFLOP/s",
    "GB/s",
    "bound",
    "of it",
    "computes",
  ];
  const lines = rows.filter((row) => row.share >= leastShare).map(lineOf);
  const rest = rows.filter((row) => row.share < leastShare);
  const time = total(rest, (r) => r.best);
  const all = total(rows, (r) => r.best);
  const others = ["others", figure(time), "", percent(all > 0 ? time / all : 0), "", "", "", ""];
  const sum = { best: total(rows, (r) => r.best), boundMs: total(rows, (r) => r.boundMs) };
  return [
    `${about.model}: ${Object.entries(sizes)
      .map(([name, n]) => `${name} = ${n}`)
      .join(", ")}`,
    `Milliseconds of processor time, best and median of ${about.passes} passes. Bounds are for ${about.from}:`,
    `${m.flops} GFLOP/s, ${m.functions} ns a function, ${m.cached} GB/s from caches of ${m.cache} MB, ${m.memory} GB/s from memory.`,
    ...(rows.some(({ cost }) => cost.masked) ? [maskedWords] : []),
    "",
    ...aligned([
      heads,
      ...lines,
      ...(rest.length > 0 ? [[...others, `${rest.length} kernels, see --format json`]] : []),
    ]),
    "",
    `kernels together ${figure(sum.best)} ms, ${percent(ofBound(sum))} of their bounds`,
    `whole step       ${figure(whole.best)} ms, median ${figure(whole.median)} ms`,
    "",
  ].join("\n");
}

/** Kernels that take less of the whole share a line. */
const leastShare = 0.001;

const lineOf = (row: Row): readonly string[] => [
  `${row.program} K${row.cost.number}`,
  figure(row.best),
  figure(row.median),
  percent(row.share),
  figure(row.gflops),
  figure(row.gbs),
  row.bound,
  row.boundMs > 0 ? percent(ofBound(row)) : "",
  shortWords(row.cost),
];

const total = (rows: readonly Row[], of: (row: Row) => number): number =>
  rows.reduce((n, row) => n + of(row), 0);

/** Names of what a kernel computes, as many as a line takes. */
function shortWords({ computes, over }: KernelCost): string {
  const named = computes.flatMap((c) => (c.name === null ? [] : [c.name]));
  const others = computes.filter((c) => c.name === null);
  const quoted = others.map((c) => `\`${computedText({ ...c, at: null, within: null })}\``);
  const names = [...named, ...quoted];
  const [first = "", ...more] = names;
  let text = first;
  let left = more.length;
  for (const name of more) {
    if (text.length + name.length > 60) break;
    text += `, ${name}`;
    left--;
  }
  return `${text}${left > 0 ? `, ${left} more` : ""}  (${over})`;
}

/** Names to the left, numbers to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => r[i]?.length ?? 0)));
  const isNumber = (i: number): boolean => (i > 0 && i < 6) || i === 7;
  return rows.map((r) =>
    r
      .map((c, i) => (isNumber(i) ? c.padStart(widths[i] ?? 0) : c.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** The same for programs. */
export function benchObject({ rows, whole, ...about }: Results): object {
  return {
    ...about,
    kernels: rows.map(({ cost, program, best, median, share, gflops, gbs, bound, boundMs }) => ({
      program,
      kernel: cost.number,
      over: cost.over,
      levels: cost.levels,
      computes: cost.computes,
      ms: best,
      medianMs: median,
      share,
      gflops,
      gbs,
      bound,
      boundMs,
      ofBound: ofBound({ best, boundMs }),
    })),
    whole: { ms: whole.best, medianMs: whole.median },
  };
}
