/**
 * Every workload: what it is, its inputs (the same numbers for every peer), and what is asked of it. `target` is the least
 * ratio of the fastest peer that runs in a browser to gnc, `native` that of a native peer; `flops` counts a run where a bound
 * of it is of interest. Of one with `losses` the losses of its first steps are compared, of the others all outputs.
 */
import { dense } from "./dense.mjs";
import { graph } from "./graph.mjs";
import { sequence } from "./sequence.mjs";
import { training } from "./training.mjs";

export const workloads = { ...dense, ...graph, ...sequence, ...training };
