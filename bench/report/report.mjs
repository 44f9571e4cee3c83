/** Tables of a run in Markdown. */
import { peers } from "../peers/index.mjs";
import { workloads } from "../workloads/index.mjs";
import { different, failures, fastest } from "./figures.mjs";

const table = (rows) => rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
const ruled = ([head, ...rows]) => table([head, head.map(() => "---"), ...rows]);

const digits = (ms) => (ms >= 100 ? ms.toFixed(0) : ms.toPrecision(3));
const cell = (c) =>
  c
    ? `${digits(c.best)} (${digits(c.median)})${c.variant === "plain" ? "" : ` ${c.variant}`}`
    : "-";
const ratio = (a, b) => (a && b ? a.best / b.best : null);
const times = (r) => (r === null ? "-" : `${r.toFixed(2)}x`);
const quickest = (cells) => cells.filter(Boolean).sort((a, b) => a.best - b.best)[0] ?? null;

/** How the peers of one place did on a workload. */
function row(lines, workload, names) {
  const cells = Object.fromEntries(names.map((name) => [name, fastest(lines, name, workload)]));
  const pick = (test) =>
    quickest(names.filter((name) => test(peers[name])).map((name) => cells[name]));
  const ours = names.filter((name) => peers[name].own);
  return {
    cells,
    noise: ratio(cells[ours[1]], cells[ours[0]]),
    ratio: ratio(
      pick((p) => p.browser && !p.own),
      cells[ours[0]],
    ),
    native: ratio(
      pick((p) => !p.browser),
      cells[ours[0]],
    ),
    own: cells[ours[0]],
  };
}

/** Milliseconds of all peers of one place. */
function times_(lines, names, work) {
  const shown = names.filter((name) => !peers[name].again);
  const natives = names.some((name) => !peers[name].browser);
  const head = ["workload", ...shown, "noise", "fastest browser peer / gnc", "asked"];
  const rows = work.map((workload) => {
    const { cells, noise, ratio: r, native } = row(lines, workload, names);
    const asked = workloads[workload].target;
    const told = r !== null && asked && r < asked ? `${asked}x: missed` : asked ? `${asked}x` : "";
    return [
      workload,
      ...shown.map((name) => cell(cells[name])),
      times(noise),
      r === null ? "-" : `**${times(r)}**`,
      told,
      ...(natives ? [times(native)] : []),
    ];
  });
  return ruled([natives ? [...head, "fastest native / gnc"] : head, ...rows]);
}

/** What is asked against native peers. */
function natives(lines, work) {
  const rows = work.flatMap((workload) =>
    Object.entries(workloads[workload].native ?? {}).flatMap(([peer, asked]) => {
      const r = ratio(fastest(lines, peer, workload), fastest(lines, "gnc", workload));
      return r === null
        ? []
        : [[workload, peer, times(r), `${asked.toFixed(2)}x${r < asked ? ": missed" : ""}`]];
    }),
  );
  return rows.length ? ruled([["workload", "peer", "peer / gnc", "asked"], ...rows]) : "";
}

/** The first GCN of a process: its code loaded, its model ready, one inference. */
function starts(lines, names) {
  const rows = names.flatMap((name) => {
    const one = fastest(lines, name, "gcn_infer");
    return one ? [[name, `${one.first.toFixed(0)} ms`]] : [];
  });
  return rows.length ? ruled([["peer", "load and first inference of gcn_infer"], ...rows]) : "";
}

const rates = (lines, work) => {
  const rows = work.flatMap((workload) => {
    const { flops } = workloads[workload];
    const one = fastest(lines, "gnc", workload);
    return flops && one ? [[workload, (flops / one.best / 1e6).toFixed(1)]] : [];
  });
  return rows.length ? ruled([["workload", "GFLOP/s of gnc"], ...rows]) : "";
};

export function report(lines) {
  const { machine, date } = lines.findLast((l) => l.machine) ?? {};
  const work = Object.keys(workloads).filter((name) => lines.some((l) => l.workload === name));
  const seen = Object.keys(peers).filter((name) => lines.some((l) => l.peer === name));
  const passes = new Set(lines.filter((l) => l.wall).map((l) => l.pass)).size;
  const odd = different(lines);
  const failed = failures(lines);
  const versions = Object.entries(machine?.versions ?? {}).map(
    ([name, version]) => `${name} ${version}`,
  );
  const text = [
    `Measured ${date?.slice(0, 10)} at commit ${machine?.commit}: ${machine?.cpu}, ${machine?.cores} cores, ${machine?.memory}, Node ${machine?.node}, one thread, ${passes} passes. ${versions.join(", ")}. Milliseconds: best (median), then the formulation where it is not the plain one.`,
    times_(lines, seen, work),
    natives(lines, work),
    starts(
      lines,
      seen.filter((name) => !peers[name].again),
    ),
    rates(lines, work),
    odd.length
      ? `Not the same result:\n${odd.map((one) => `- ${one}`).join("\n")}`
      : "All results agree.",
    failed.length ? `Failed:\n${failed.map((one) => `- ${one}`).join("\n")}` : "",
  ];
  return { text: text.filter(Boolean).join("\n\n"), different: odd };
}
