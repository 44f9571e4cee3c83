/** Before anything is timed: peers installed and bundled, models compiled, and each peer asked what it can do. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { bundleForNode, bundlePages } from "../bundle.mjs";
import { compileAll } from "../compile.mjs";
import { models, trains } from "../peers/gnc/index.mjs";
import { peers } from "../peers/index.mjs";
import { chromiumVersion } from "./chromium.mjs";
import { command } from "./command.mjs";
import { python } from "./python.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;
const say = (text) => process.stderr.write(`${text}\n`);

/** All packages at the versions that are asked for; no scripts of theirs are run. */
function install() {
  const { dependencies } = JSON.parse(readFileSync(here("../peers/package.json"), "utf8"));
  const has = ([name, version]) => {
    const file = here(`../peers/node_modules/${name}/package.json`);
    return existsSync(file) && JSON.parse(readFileSync(file, "utf8")).version === version;
  };
  if (Object.entries(dependencies).every(has)) return;
  say("installing the peers");
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
  execFileSync("npm", ["install", ...options], { cwd: here("../peers"), stdio: ["ignore", 2, 2] });
}

/** @returns The peers that this machine has. */
export async function prepare(names, work) {
  install();
  rmSync(here("../cache"), { recursive: true, force: true });
  mkdirSync(here("../cache"), { recursive: true });
  await bundleForNode();
  say("compiling the models");
  const wanted = work.flatMap((name) =>
    Object.values(models[name] ?? {}).map((one) => ({ ...one, trains: trains(name) })),
  );
  await compileAll(wanted);
  const missing = { python: !python().command, chromium: !chromiumVersion() };
  const usable = names.filter((name) => !missing[peers[name].shell]);
  for (const name of names) if (!usable.includes(name)) say(`${name}: not installed, left out`);
  if (usable.some((name) => peers[name].shell === "chromium")) await bundlePages();
  return usable;
}

/** What each peer can do: from workload to its variants, or to a sentence that says why not. */
export function capabilities(names, flags) {
  const able = {};
  for (const name of names) {
    const [program, ...args] = command(peers[name].twin ?? name, ["--list"], flags);
    const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: 60_000 });
    const line = stdout?.split("\n").findLast((l) => l.startsWith("{"));
    if (line) able[name] = JSON.parse(line);
    else say(`${name}: left out, for it does not start: ${lastLines(stderr)}`);
  }
  return able;
}

/** The message of an error in what a process printed. */
export function lastLines(text = "") {
  const lines = (text ?? "").split("\n").map((l) => l.trim());
  const told = lines.filter((l) => l && l.length < 400 && !/^(at |Node\.js|\^|\()/.test(l));
  return (
    told.findLast((l) => /error|not |cannot|memory/i.test(l)) ??
    told.at(-1) ??
    "no message"
  ).slice(0, 300);
}
