/** Passes over all workloads and peers, and what is left out of them. */
import { spawnSync } from "node:child_process";
import { peers, placeOf } from "../peers/index.mjs";
import { best } from "../report/figures.mjs";
import { command } from "./command.mjs";
import { exportInputs } from "./inputs.mjs";
import { lastLines } from "./prepare.mjs";

/** So many times slower than the fastest in a browser, and a peer is not measured again. */
const hopeless = 3;

export class Runner {
  #record;
  #able;
  #flags;

  constructor(record, able, flags) {
    this.#record = record;
    this.#able = able;
    this.#flags = flags;
  }

  run(work) {
    const passes = Number(this.#flags.passes);
    const plan = Array.from({ length: passes }, (_, pass) =>
      work.map((workload) => [pass, workload]),
    ).flat();
    for (const [at, [pass, workload]] of plan.entries()) {
      process.stderr.write(
        `pass ${pass + 1} of ${passes}, ${workload} (${at + 1} of ${plan.length})\n`,
      );
      const turn = this.#jobs(workload, pass);
      for (const [name, variant] of pass % 2 ? turn.reverse() : turn)
        this.#one(name, workload, variant, pass);
    }
  }

  /** Every peer with every variant it has, but for those that cannot be the fastest. */
  #jobs(workload, pass) {
    const all = Object.entries(this.#able).flatMap(([name, can]) => {
      const variants = can[workload];
      return Array.isArray(variants) ? variants.map((variant) => [name, variant]) : [];
    });
    if (pass === 0) return all;
    const of = (name, variant) =>
      best(this.#record.lines, { peer: name, workload, variant })?.best ?? Infinity;
    const limit = (place) => {
      const rivals = all.filter(
        ([name]) => placeOf(name) === place && peers[name].browser && !peers[name].own,
      );
      return hopeless * Math.min(...rivals.map(([name, variant]) => of(name, variant)));
    };
    return all.filter(
      ([name, variant]) => peers[name].own || of(name, variant) <= limit(placeOf(name)),
    );
  }

  #one(name, workload, variant, pass) {
    if (this.#record.find(name, workload, variant, pass)) return;
    if (peers[name].shell === "python") exportInputs(workload);
    const [program, ...args] = command(name, [workload, variant, this.#flags.seconds], this.#flags);
    const began = performance.now();
    const seconds = Number(this.#flags.timeout);
    const env = { ...process.env, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1" };
    const options = {
      env,
      encoding: "utf8",
      timeout: seconds * 1000,
      killSignal: "SIGKILL",
      maxBuffer: 1 << 26,
    };
    const { stdout, stderr, error } = spawnSync(program, args, options);
    const line = stdout?.split("\n").findLast((l) => l.startsWith("{"));
    const late = error?.code === "ETIMEDOUT" ? `took over ${seconds} s` : null;
    const result = line ? JSON.parse(line) : { failed: late ?? lastLines(stderr) };
    this.#record.add({ pass, peer: name, workload, variant, ...result });
    const took = ((performance.now() - began) / 1000).toFixed(1);
    const said =
      result.failed ?? `${Math.min(result.wall.best, result.cpu.best).toPrecision(3)} ms`;
    process.stderr.write(`  ${name} ${variant}: ${said} (${took} s)\n`);
  }
}
