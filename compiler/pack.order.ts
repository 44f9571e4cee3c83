/** Which node sets may be numbered anew when a graph is loaded: those of which nothing depends on the numbers. */

import { type DifferentiatedProgram, rootsOf } from "./ir/program.js";
import type { NodeSet, Space } from "./ir/space.js";
import { postorder, type Tensor } from "./ir/tensor.js";

/**
 * Sets without a layout whose relations all come with the data, unless a value reads the place of a node or the number of
 * an edge, or a gradient asks which of several equal elements came first. Draws are counted by row: they change, as they
 * do with the seed.
 */
export function freeSets(program: DifferentiatedProgram): ReadonlySet<NodeSet> {
  const { model } = program;
  const bound = new Set<Space>();
  for (const { given, senders, receivers } of model.relations)
    if (!given) for (const end of [senders, receivers]) bound.add(end);
  const derived = program.training !== null || program.pullback !== null;
  const { inference, training } = program;
  const roots = [inference, ...(training ? [training] : [])].flatMap(rootsOf);
  for (const t of postorder(roots))
    for (const space of readsNumbers(t, derived)) {
      bound.add(space);
      if (space.kind === "edges")
        for (const end of [space.senders, space.receivers]) bound.add(end);
    }
  return new Set(model.sets.filter((s) => s.layout.kind === "set" && !bound.has(s)));
}

/** The spaces whose numbering decides what a tensor is, by itself. */
function readsNumbers(t: Tensor, derived: boolean): readonly Space[] {
  if (t.op === "fact") return t.attrs.fact === "index" || t.attrs.fact === "row" ? [t.space] : [];
  const first = t.op === "extreme" && derived ? t.attrs.map : null;
  return first ? [first.from] : [];
}
