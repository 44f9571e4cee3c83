/** How near gnc is to what the machine can do, and what is said of targets that are missed. */
import { peers, placeOf } from "../peers/index.mjs";
import { workloads } from "../workloads/index.mjs";
import { fastest } from "./figures.mjs";
import { obstacle } from "./obstacles.mjs";
import { ruled } from "./table.mjs";

const percent = (share) => `${(100 * share).toFixed(0)} %`;

/** Milliseconds that the kernels of a workload cannot be faster than; null where it was not computed. */
function boundOf(lines, workload, one) {
  const known = lines.findLast((l) => l.bounds?.[workload])?.bounds[workload];
  return (one && known?.[one.variant]) ?? null;
}

/** What is asked of products: three quarters of two products and two sums of four numbers in each cycle. */
export function rates(lines, work, ghz) {
  const rows = work.flatMap((workload) => {
    const { flops } = workloads[workload];
    const one = fastest(lines, "gnc", workload);
    const bound = boundOf(lines, workload, one);
    if (!one || (!flops && !bound)) return [];
    const rate = flops ? flops / one.best / 1e6 : null;
    return [
      [
        workload,
        rate ? rate.toFixed(1) : "",
        rate ? percent(rate / (16 * ghz)) : "",
        bound ? percent(bound / one.best) : "",
      ],
    ];
  });
  const head = ["workload", "GFLOP/s of gnc", "of 16 FLOP a cycle", "of its bound on this machine"];
  return rows.length ? [about(lines), ruled([head, ...rows])].filter(Boolean).join("\n\n") : "";
}

function about(lines) {
  const machine = lines.findLast((l) => l.bounds)?.machineBounds;
  if (!machine) return "";
  const { flops, functions, cached, memory, cache } = machine;
  return `Bounds are those of \`gnc bench\`, kernel by kernel: operations and bytes as \`gnc explain --cost\` counts them, at what one core does here in WebAssembly: ${flops} GFLOP/s, ${functions} ns a function, ${cached} GB/s from caches of ${cache} MB, ${memory} GB/s from memory. Kernels that only do the rows of a mask are counted as if they did all.`;
}

/** The targets that a place misses. */
export function missed(lines, names, work) {
  const own = names.find((name) => peers[name].own && !peers[name].again);
  const rows = work.flatMap((workload) => {
    const { target } = workloads[workload];
    const one = own && fastest(lines, own, workload);
    const others = names
      .filter((name) => peers[name].browser && !peers[name].own)
      .map((name) => fastest(lines, name, workload)?.best)
      .filter(Boolean);
    if (!target || !one || others.length === 0) return [];
    const peer = Math.min(...others);
    if (peer / one.best >= target) return [];
    const bound = boundOf(lines, workload, one);
    return [
      [
        `${workload}${placeOf(own) === "chromium" ? " in Chromium" : ""}`,
        `${target}x`,
        `${(peer / one.best).toFixed(2)}x`,
        bound ? percent(bound / one.best) : "",
        bound ? `${(peer / bound).toFixed(2)}x` : "",
        obstacle(workload),
      ],
    ];
  });
  return rows;
}

/** Of all places; the ratio that a peer would have to a kernel at its bound tells how much is left. */
export function missedTable(rows) {
  if (rows.length === 0) return "No target is missed.";
  const head = ["missed", "asked", "reached", "of its bound", "at the bound", "what is in the way"];
  return ruled([head, ...rows]);
}
