/** The results: a line of JSON about the machine, then one for every process that ran. */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";
import { peers } from "../peers/index.mjs";
import { bounds } from "./bounds.mjs";
import { chromiumVersion } from "./chromium.mjs";
import { clock } from "./clock.mjs";
import { python } from "./python.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;

function commit() {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], {
      cwd: here("."),
      encoding: "utf8",
    }).trim();
  } catch {
    return "unknown";
  }
}

export const defaultFile = () =>
  here(`../results/${new Date().toISOString().slice(0, 10)}-${commit()}.jsonl`);

const versionOf = (name) =>
  JSON.parse(readFileSync(here(`../peers/node_modules/${name}/package.json`), "utf8")).version;

/** What figures depend on: a file holds those of one machine and one set of versions. */
function machine(names) {
  const packages = names.flatMap((name) => peers[name].packages ?? []);
  const versions = Object.fromEntries(
    [...new Set(packages)].map((name) => [name, versionOf(name)]),
  );
  const uses = (shell) => names.some((name) => peers[name].shell === shell);
  if (uses("python")) versions.pytorch = python().version;
  if (uses("chromium")) versions.chromium = chromiumVersion();
  return {
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    ghz: clock(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    commit: commit(),
    versions,
  };
}

export class Record {
  /** @param {string} file */
  constructor(file) {
    this.file = file;
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    this.lines = text.split("\n").flatMap((line) => (line.endsWith("}") ? [JSON.parse(line)] : []));
  }

  /** Starts the file, or makes sure that what it holds was measured alike. A last line that was cut off does not count. */
  begin(names) {
    const now = machine(names);
    const before = this.lines.findLast((line) => line.machine)?.machine;
    for (const key of ["cpu", "cores", "node", "commit"])
      if (before && before[key] !== now[key])
        throw new Error(
          `${this.file} has figures of ${key} ${before[key]}, and now it is ${now[key]}: give another --output`,
        );
    const known = { ...before?.versions, ...now.versions };
    if (!before || Object.keys(known).length > Object.keys(before.versions).length)
      this.add({ machine: { ...now, versions: known }, date: new Date().toISOString() });
  }

  /** What bounds those workloads of which it is not known yet. */
  async bound(work) {
    const known = Object.assign({}, ...this.lines.map((line) => line.bounds ?? {}));
    const left = work.filter((name) => !known[name]);
    if (left.length === 0) return;
    const before = this.lines.findLast((line) => line.bounds)?.machineBounds;
    const { machine, found } = await bounds(left, before);
    this.add({ machineBounds: machine, bounds: { ...known, ...found } });
  }

  /** Why some peers leave some workloads out. */
  explain(able) {
    const told = this.lines.findLast((line) => line.cannot)?.cannot ?? {};
    const now = Object.entries(able).map(([name, can]) => [
      name,
      Object.fromEntries(Object.entries(can).filter(([, does]) => typeof does === "string")),
    ]);
    const cannot = { ...told, ...Object.fromEntries(now) };
    if (JSON.stringify(cannot) !== JSON.stringify(told)) this.add({ cannot });
  }

  add(line) {
    mkdirSync(dirname(this.file), { recursive: true });
    appendFileSync(this.file, `${JSON.stringify(line)}\n`);
    this.lines.push(line);
  }

  find(peer, workload, variant, pass) {
    return this.lines.find(
      (l) => l.peer === peer && l.workload === workload && l.variant === variant && l.pass === pass,
    );
  }
}
