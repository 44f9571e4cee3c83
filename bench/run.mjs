/**
 * The benchmark: every workload on every peer, one process each, pinned to one core, peers interleaved over several passes.
 * `node bench/run.mjs --help` lists the options.
 */
import { parseArgs } from "node:util";
import { peers, placeOf } from "./peers/index.mjs";
import { insert } from "./report/insert.mjs";
import { report } from "./report/report.mjs";
import { capabilities, prepare } from "./run/prepare.mjs";
import { defaultFile, Record } from "./run/record.mjs";
import { Runner } from "./run/runner.mjs";
import { workloads } from "./workloads/index.mjs";

const help = `Runs every workload on every peer, one process each, pinned to one core, in several passes.

  npm run bench -- [options]        builds first
  node bench/run.mjs [options]

  --only A,B      workloads, or beginnings of their names
  --peers A,B     peers, or beginnings of their names
  --in A,B        node, chromium or both (node)
  --passes N      how often each is measured (3)
  --seconds S     how long each is measured in a pass, in CPU time (0.7)
  --timeout S     when a process is given up (120)
  --core N        the core to pin to; the last one if nothing is said
  --output FILE   JSON lines; a run that was broken off goes on where it stopped
  --docs          writes the tables into docs/benchmarks.md
  --report        measures nothing, makes the tables of FILE
  --list          the workloads and the peers

Without --output the file is bench/results/DATE-COMMIT.jsonl. A peer that is three times slower than the fastest that runs in
a browser is measured in the first pass only. Peers are installed from npm into bench/peers; PyTorch is used where python3
has it (Debian: python3-torch and libopenblas0-pthread), Chromium where it is installed (node scripts/ensure-browser.mjs).`;

const options = {
  only: { type: "string" },
  peers: { type: "string" },
  in: { type: "string", default: "node" },
  passes: { type: "string", default: "3" },
  seconds: { type: "string", default: "0.7" },
  timeout: { type: "string", default: "120" },
  core: { type: "string" },
  output: { type: "string", default: defaultFile() },
  docs: { type: "boolean", default: false },
  report: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
};

/** What was asked for; what is none of it ends the process. */
function flagsOf(args) {
  try {
    return parseArgs({ args, options }).values;
  } catch (cause) {
    console.error(`${cause.message}\nnode bench/run.mjs --help lists the options`);
    process.exit(2);
  }
}

const flags = flagsOf(process.argv.slice(2));

const fail = (text) => {
  console.error(text);
  process.exit(2);
};

/** The names that begin as asked. */
function chosen(names, asked, what) {
  if (!asked) return names;
  const begins = asked.split(",");
  const unknown = begins.find((begin) => !names.some((name) => name.startsWith(begin)));
  if (unknown) fail(`no ${what} begins with ${unknown}; there are ${names.join(", ")}`);
  return names.filter((name) => begins.some((begin) => name.startsWith(begin)));
}

for (const name of ["passes", "seconds", "timeout"])
  if (!(Number(flags[name]) > 0)) fail(`--${name} must be a number above 0, but is ${flags[name]}`);

if (flags.help) console.log(help);
else if (flags.list) {
  for (const [name, { about }] of Object.entries(workloads))
    console.log(`${name.padEnd(24)} ${about}`);
  console.log(`\npeers: ${Object.keys(peers).join(", ")}`);
} else await main();

async function main() {
  const record = new Record(flags.output);
  if (!flags.report) {
    const work = chosen(Object.keys(workloads), flags.only, "workload");
    const who = chosen(Object.keys(peers), flags.peers, "peer").filter((name) =>
      flags.in.split(",").includes(placeOf(name)),
    );
    const usable = await prepare(who, work);
    record.begin(usable);
    await record.bound(work);
    const able = capabilities(usable, flags);
    record.explain(able);
    new Runner(record, able, flags).run(work);
  }
  const { text, different } = report(record.lines);
  if (flags.docs) insert(text);
  console.log(text);
  for (const line of different) console.error(line);
  process.exitCode = different.length ? 1 : 0;
}
