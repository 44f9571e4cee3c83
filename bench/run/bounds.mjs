/**
 * What bounds a workload on this machine: the sum of the bounds of its kernels, as `gnc bench` has them, in milliseconds.
 * Operations, functions and bytes are those of `gnc explain --cost` at the sizes of the batch.
 */
import { costOf } from "../../dist/compiler/explain/cost/cost.js";
import { boundAt } from "../../dist/compiler/explain/cost/machine.js";
import { lookUp } from "../../dist/compiler/explain/cost/report.js";
import { measureMachine } from "../../dist/tools/bench/machine.js";
import { openSession, sizesOf } from "../../dist/tools/bench/session.js";
import { compiled } from "../compile.mjs";
import { models, trains } from "../peers/gnc/index.mjs";
import { workloads } from "../workloads/index.mjs";

const step = ["prepare", "train", "schedule", "update"];

/** The graphs of a job, which it hands to the model that it is given. */
function graphsOf({ make }, inputs) {
  let found = null;
  const batch = (graphs) => {
    found = graphs;
  };
  make({ batch, weights: { set() {} }, trainer: () => ({}) }, inputs);
  return Array.isArray(found) ? found : [found];
}

async function boundOf(workload, variant, machine) {
  const one = models[workload][variant];
  const parts = await compiled({ ...one, trains: trains(workload) });
  const names = (trains(workload) ? step : ["infer"]).filter((n) => parts.manifest.programs[n]);
  const graphs = graphsOf(one, workloads[workload].inputs());
  const { contents } = await openSession(parts.artifact, graphs, names);
  const at = lookUp(sizesOf(contents));
  const kernels = costOf(parts).filter(({ program }) => names.includes(program));
  const all = kernels.flatMap((program) => program.kernels);
  return all.reduce((ns, kernel) => ns + boundAt(kernel, machine, at).ns, 0) / 1e6;
}

/**
 * @param known The machine's numbers, where they were measured before.
 * @returns These, and milliseconds by workload and variant.
 */
export async function bounds(work, known) {
  const machine = known ?? (await measureMachine());
  const found = {};
  for (const workload of work) {
    found[workload] = {};
    for (const variant of Object.keys(models[workload] ?? {}))
      found[workload][variant] = await boundOf(workload, variant, machine);
  }
  return { machine, found };
}
