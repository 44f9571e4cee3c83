/**
 * Time to check and to compile every model of the library and the examples, in milliseconds.
 * `node bench/compile-time.mjs [RUNS] [PATTERN]`: medians (and minima) of RUNS fresh processes for each file and model.
 *
 * The compiler is loaded before the clock starts. `first` is the first call in the process, its code still interpreted;
 * `again` the best of three more. `gnc check` is a whole process, from its start to its end.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));
const compiler = new URL("../dist/compiler/index.js", import.meta.url).href;

if (process.argv[2] === "--one") await one(process.argv[3], process.argv[4]);
else report(Number(process.argv[2] ?? 5), new RegExp(process.argv[3] ?? ""));

/** In a process of its own: one model, compiled four times. */
async function one(file, name) {
  const { checkSource, compileModel } = await import(compiler);
  const source = { name: file, text: readFileSync(path(file), "utf8") };
  const rows = [];
  for (let i = 0; i < 4; i++) {
    const started = performance.now();
    const { models, diagnostics } = checkSource(source);
    const model = models.find((m) => m.name === name);
    if (!model) throw new Error(`${file}: ${diagnostics.map((d) => d.message).join("; ")}`);
    const checked = performance.now();
    const phases = {};
    const timing = (phase, ms) => {
      phases[phase] = ms;
    };
    const wasm = await compileModel(model, { timing });
    const compiled = performance.now();
    rows.push({
      check: checked - started,
      compile: compiled - checked,
      phases,
      bytes: wasm.length,
    });
  }
  process.stdout.write(JSON.stringify(rows));
}

function report(runs, pattern) {
  const models = files().flatMap((file) => {
    const text = readFileSync(path(file), "utf8");
    return [...text.matchAll(/^model (\w+)/gm)].map(([, name]) => ({ file, name }));
  });
  const wanted = models.filter(({ file, name }) => pattern.test(`${file} ${name}`));
  const times = wanted.map(() => []);
  const checks = new Map(wanted.map(({ file }) => [file, []]));
  for (let run = 0; run < runs; run++) {
    wanted.forEach(({ file, name }, i) => {
      times[i].push(JSON.parse(node([fileURLToPath(import.meta.url), "--one", file, name])));
    });
    for (const [file, all] of checks) {
      const started = performance.now();
      node([path("bin/gnc.js"), "check", path(file)]);
      all.push(performance.now() - started);
    }
  }
  console.log("| model | check, first | compile, first | check, again | compile, again | bytes |");
  console.log("|---|---|---|---|---|---|");
  wanted.forEach(({ file, name }, i) => {
    const first = (key) => summary(times[i].map(([a]) => a[key]));
    const again = (key) =>
      summary(times[i].map(([, ...rest]) => Math.min(...rest.map((r) => r[key]))));
    const cells = [first("check"), first("compile"), again("check"), again("compile")];
    console.log(`| ${short(file)} ${name} | ${cells.join(" | ")} | ${times[i][0][0].bytes} |`);
  });
  console.log("\n| `gnc check` | ms |\n|---|---|");
  for (const [file, all] of checks) console.log(`| ${short(file)} | ${summary(all)} |`);
}

function node(args) {
  return execFileSync(process.execPath, args, { encoding: "utf8", stdio: "pipe" });
}
function short(file) {
  return file.replace("test/fixtures/models/", "").replace("examples/", "");
}

/** Median, and the minimum in brackets. */
function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const digits = (x) => (x < 10 ? x.toFixed(1) : x.toFixed(0));
  return `${digits(sorted[sorted.length >> 1])} (${digits(sorted[0])})`;
}

function files() {
  const fixtures = readdirSync(path("test/fixtures/models")).map(
    (f) => `test/fixtures/models/${f}`,
  );
  const examples = readdirSync(path("examples"), { recursive: true }).map((f) => `examples/${f}`);
  return [...fixtures, ...examples].filter((file) => file.endsWith(".gn")).sort();
}
