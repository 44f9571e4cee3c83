/**
 * The benchmark: every workload on every peer, one process each, pinned to one core, peers interleaved over several passes.
 *
 *   node bench/run.mjs [--passes 3] [--only gcn_agg_16,gat_8x8] [--install]
 *
 * Prints a table of milliseconds (best, median in brackets) with ratios to the fastest peer that runs in a browser, checks
 * that all did the same work, and writes bench/results/latest.json. The first column of ratios times gnc against itself:
 * that is the noise of the machine.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";

const { values: flags } = parseArgs({
  options: {
    passes: { type: "string", default: "3" },
    only: { type: "string" },
    install: { type: "boolean" },
  },
});
const here = (path) => new URL(path, import.meta.url).pathname;
const names = flags.only?.split(",") ?? [
  "linear",
  "gcn_agg_16",
  "gcn_agg_64",
  "gat_8x8",
  "gcn_infer",
  "gcn_train",
  "big_agg_64",
];

if (flags.install || !existsSync(here("peers/node_modules"))) {
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock"], {
    cwd: here("peers"),
    stdio: "inherit",
  });
}
if (!existsSync(here("peers/tfjs.bundle.mjs")))
  execFileSync("bash", [here("peers/bundle.sh")], { stdio: "inherit" });

const has = (command, args) => spawnSync(command, args).status === 0;
const torch = ["/usr/bin/python3", "python3"].find((p) => has(p, ["-c", "import torch"]));
const pin = has("taskset", ["-c", "0", "true"]) ? ["taskset", "-c", "0"] : [];
const peers = [
  { name: "gnc", command: ["node", here("gnc.mjs")], browser: true },
  { name: "gnc (again)", command: ["node", here("gnc.mjs")], browser: true },
  {
    name: "gnc (sparse)",
    command: ["node", here("gnc.mjs")],
    extra: ["sparse"],
    only: /^gcn_(infer|train)$/,
    browser: true,
  },
  { name: "tfjs-wasm", command: ["node", here("peers/tfjs.bundle.mjs")], browser: true },
  {
    name: "tfjs-wasm (by hand)",
    command: ["node", here("peers/tfjs.bundle.mjs")],
    extra: ["hand"],
    only: /^gcn_train$/,
    browser: true,
  },
  {
    name: "tfjs-wasm (sparse, by hand)",
    command: ["node", here("peers/tfjs.bundle.mjs")],
    extra: ["sparse"],
    only: /^gcn_(infer|train)$/,
    browser: true,
  },
  { name: "onnxruntime-web", command: ["node", here("peers/ort.mjs")], browser: true },
  { name: "jax-js", command: ["node", here("peers/jax.mjs")], browser: true },
  ...(torch
    ? [{ name: "pytorch", command: [torch, here("peers/torch_peer.py")], browser: false }]
    : []),
];

function once(peer, workload) {
  const [command, ...args] = [...pin, ...peer.command, workload, ...(peer.extra ?? [])];
  const env = {
    ...process.env,
    OPENBLAS_NUM_THREADS: "1",
    OMP_NUM_THREADS: "1",
    TFJS_WASM: here("peers/node_modules/@tensorflow/tfjs-backend-wasm/dist/"),
  };
  const { stdout, stderr } = spawnSync(command, args, {
    env,
    encoding: "utf8",
    timeout: 300_000,
    maxBuffer: 1 << 26,
  });
  const line = stdout?.split("\n").findLast((l) => l.startsWith("{"));
  return line
    ? JSON.parse(line)
    : { workload, peer: peer.name, failed: (stderr ?? "").slice(-300) };
}

const results = [];
for (let pass = 0; pass < Number(flags.passes); pass++) {
  for (const workload of names) {
    for (const peer of peers) {
      if (peer.only && !peer.only.test(workload)) continue;
      const result = { ...once(peer, workload), peer: peer.name, pass };
      results.push(result);
      process.stderr.write(`${JSON.stringify(result)}\n`);
    }
  }
}

const least = (rows, pick) => Math.min(...rows.map(pick));
function cell(workload, peer) {
  const rows = results.filter((r) => r.workload === workload && r.peer === peer && r.cpu);
  if (rows.length === 0) return null;
  return {
    best: least(rows, (r) => Math.min(r.wall.best, r.cpu.best)),
    median: least(rows, (r) => r.wall.median),
    checksum: rows[0].checksum,
  };
}
const show = (c) => (c ? `${c.best.toPrecision(3)} (${c.median.toPrecision(3)})` : "-");
const ratio = (a, b) => (a && b ? `${(a.best / b.best).toFixed(2)}x` : "-");

const header = [
  "workload",
  ...peers.map((p) => p.name),
  "noise",
  "fastest browser peer / gnc",
  "pytorch / gnc",
];
const lines = [header, header.map(() => "---")];
for (const workload of names) {
  const cells = Object.fromEntries(peers.map((p) => [p.name, cell(workload, p.name)]));
  const others = peers
    .filter((p) => p.browser && !p.name.startsWith("gnc"))
    .map((p) => cells[p.name])
    .filter(Boolean);
  const fastest = others.sort((a, b) => a.best - b.best)[0];
  const ours = [cells["gnc (sparse)"], cells.gnc]
    .filter(Boolean)
    .sort((a, b) => a.best - b.best)[0];
  lines.push([
    workload,
    ...peers.map((p) => show(cells[p.name])),
    ratio(cells["gnc (again)"], cells.gnc),
    ratio(fastest, ours),
    ratio(cells.pytorch, ours),
  ]);
  const sums = Object.entries(cells)
    .filter(([, c]) => c)
    .map(([name, c]) => [name, c.checksum]);
  const reference = sums.find(([name]) => name === "tfjs-wasm")?.[1] ?? sums[0]?.[1];
  for (const [name, sum] of sums)
    if (Math.abs(sum - reference) > 1e-4 * Math.abs(reference))
      console.error(`${workload}: ${name} computed something else (${sum} against ${reference})`);
}
const table = lines.map((l) => `| ${l.join(" | ")} |`).join("\n");
const machine = {
  cpu: cpus()[0]?.model,
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
  passes: Number(flags.passes),
};
console.log(
  `${machine.cpu}, Node ${machine.node}, one thread, ${machine.passes} passes; ms, best (median)\n\n${table}`,
);
mkdirSync(here("results"), { recursive: true });
writeFileSync(here("results/latest.json"), `${JSON.stringify({ machine, results }, null, 1)}\n`);
