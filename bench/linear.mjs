/**
 * How cost grows: time per edge from 10 thousand to 10 million edges, and time per token of decoding against its place. Each
 * line is measured in a process of its own, pinned to one core; the figures are docs/cost-edges.svg and docs/cost-tokens.svg.
 *
 *   node bench/linear.mjs [--most 10000000] [--places 2048] [--core N] [--report]
 *
 * Points are kept in bench/results/linear.jsonl; `--report` only draws them.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { drawFigure, lines } from "../examples/figure.mjs";

const { values: flags } = parseArgs({
  options: {
    most: { type: "string", default: "10000000" },
    places: { type: "string", default: "2048" },
    core: { type: "string", default: String(cpus().length - 1) },
    report: { type: "boolean", default: false },
  },
});
const here = (path) => new URL(path, import.meta.url).pathname;
const file = here("results/linear.jsonl");

const edges = ["gcn-random", "gcn-near", "gat-random", "gat-near"];
const tokens = ["CharTransformer", "CharLSTM"];

/** The points of a line, as its process prints them. */
function measured(script, name, limit) {
  const pin = spawnSync("taskset", ["-c", flags.core, "true"]).status === 0;
  const command = [process.execPath, here(`linear/${script}.mjs`), name, limit];
  const [program, ...args] = pin ? ["taskset", "-c", flags.core, ...command] : command;
  process.stderr.write(`${name}\n`);
  const options = { encoding: "utf8", stdio: ["ignore", "pipe", 2], timeout: 600_000 };
  const { stdout, status } = spawnSync(program, args, options);
  if (status !== 0) process.stderr.write(`${name} broke off; what it measured is kept\n`);
  const points = stdout.split("\n").filter((line) => line.startsWith("{"));
  return points.map((line) => JSON.parse(line));
}

if (!flags.report) {
  const all = [
    ...edges.flatMap((name) => measured("edges", name, flags.most)),
    ...tokens.flatMap((name) => measured("tokens", name, flags.places)),
  ];
  mkdirSync(here("results"), { recursive: true });
  writeFileSync(file, `${all.map((point) => JSON.stringify(point)).join("\n")}\n`);
}

const points = readFileSync(file, "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line));

await drawFigure(
  here("../docs/cost-edges.svg"),
  lines({
    title: "Nanoseconds an edge",
    values: points.filter((p) => p.edges),
    x: { field: "edges", title: "edges", scale: { type: "log" }, axis: { format: "~s" } },
    y: { field: "ns", title: "nanoseconds" },
    by: "line",
    point: true,
  }),
);
await drawFigure(
  here("../docs/cost-tokens.svg"),
  lines({
    title: "Time for a token by its place",
    values: points.filter((p) => p.place),
    x: { field: "place" },
    y: { field: "us", title: "microseconds" },
    by: "line",
  }),
);

/** A table of some columns, a row for each line. */
function table(key, unit, columns) {
  const chosen = points.filter((p) => columns.includes(p[key]));
  const cell = (name, column) =>
    chosen.find((p) => p.line === name && p[key] === column)?.[unit].toPrecision(3) ?? "-";
  const names = [...new Set(chosen.map((p) => p.line))];
  const rows = names.map((name) => [name, ...columns.map((column) => cell(name, column))]);
  const all = [[key, ...columns], ["---", ...columns.map(() => "---")], ...rows];
  return all.map((row) => `| ${row.join(" | ")} |`).join("\n");
}
const columnsOf = (key) => [...new Set(points.flatMap((p) => p[key] ?? []))].sort((a, b) => a - b);
const places = columnsOf("place");
const some = places.filter((_, i) => (i + 1) % Math.ceil(places.length / 8) === 0);
console.log(`Nanoseconds an edge:\n\n${table("edges", "ns", columnsOf("edges"))}\n`);
console.log(`Microseconds a token:\n\n${table("place", "us", some)}`);
