/** Tables of a run in Markdown. */
import { peers, placeOf } from "../peers/index.mjs";
import { workloads } from "../workloads/index.mjs";
import { missed, missedTable, rates } from "./bounds.mjs";
import { different, failures, fastest } from "./figures.mjs";
import { ruled } from "./table.mjs";

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
function milliseconds(lines, names, work) {
  const shown = names.filter((name) => !peers[name].again);
  if (shown.length === 0) return "";
  const natives = names.some((name) => !peers[name].browser);
  const head = [
    "workload",
    ...shown.map((name) => peers[name].twin ?? name),
    "noise",
    "fastest browser peer / gnc",
    "asked",
  ];
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
  const all = names
    .map((name) => [name, fastest(lines, name, "gcn_infer")])
    .filter(([, one]) => one);
  const own = (name) =>
    all.find(([other]) => peers[other].own && placeOf(other) === placeOf(name))?.[1];
  const rows = all.map(([name, one]) => {
    const r = own(name) ? `${(one.first / own(name).first).toFixed(1)}x` : "-";
    return [name, `${one.first.toFixed(0)} ms`, r];
  });
  const head = ["peer", "code loaded, model ready, first inference of gcn_infer", "peer / gnc"];
  return rows.length ? ruled([head, ...rows]) : "";
}

/** Workloads that a peer leaves out, under the reason it gives. */
function reasons(lines, work) {
  const cannot = lines.findLast((l) => l.cannot)?.cannot ?? {};
  const told = Object.entries(cannot).flatMap(([name, all]) =>
    Object.entries(all).flatMap(([workload, why]) =>
      work.includes(workload) ? [[name, workload, why]] : [],
    ),
  );
  const keys = [...new Set(told.map(([name, , why]) => JSON.stringify([name, why])))];
  return keys.map((key) => {
    const [name, why] = JSON.parse(key);
    const which = told
      .filter(([n, , w]) => n === name && w === why)
      .map(([, workload]) => workload);
    return `- ${name} leaves out ${which.join(", ")}: ${why}.`;
  });
}

const definitions = (work) =>
  ruled([["workload", "what it is"], ...work.map((name) => [name, workloads[name].about])]);

/** When, where and with what. */
function heading({ machine, date }, passes) {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const { cpu, cores, memory, node, commit, ghz } = machine;
  const place = `${cpu}, ${cores} cores at ${ghz.toFixed(1)} GHz, ${memory}, Node ${node}`;
  return `Measured ${date.slice(0, 10)} at commit ${commit}: ${place}, one thread, up to ${passes} passes. ${versions.join(", ")}. Milliseconds: best (median), then the formulation where it is not the plain one.`;
}

/** @returns The tables, and sentences about results that differ. */
export function report(lines) {
  const begun = lines.findLast((l) => l.machine);
  if (!begun) return { text: "Nothing was measured yet.", different: [] };
  const work = Object.keys(workloads).filter((name) => lines.some((l) => l.workload === name));
  const seen = Object.keys(peers).filter((name) => lines.some((l) => l.peer === name));
  const inPlace = (place) => seen.filter((name) => placeOf(name) === place);
  const passes = new Set(lines.filter((l) => l.wall).map((l) => l.pass)).size;
  const odd = different(lines);
  const failed = failures(lines);
  const left = reasons(lines, work);
  const text = [
    heading(begun, passes),
    milliseconds(lines, inPlace("node"), work),
    inPlace("chromium").length ? "The same in pages of Chromium:" : "",
    milliseconds(lines, inPlace("chromium"), work),
    missedTable(["node", "chromium"].flatMap((place) => missed(lines, inPlace(place), work))),
    natives(lines, work),
    starts(
      lines,
      seen.filter((name) => !peers[name].again),
    ),
    rates(lines, work, begun.machine.ghz),
    odd.length
      ? `Not the same result:\n${odd.map((one) => `- ${one}`).join("\n")}`
      : "All results agree.",
    failed.length ? `Failed:\n${failed.map((one) => `- ${one}`).join("\n")}` : "",
    left.join("\n"),
    definitions(work),
  ];
  return { text: text.filter(Boolean).join("\n\n"), different: odd };
}
