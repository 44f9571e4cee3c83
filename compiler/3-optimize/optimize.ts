/**
 * The laws of ARCHITECTURE 5 on a whole program: before differentiation, and again on the joint graph of values and
 * gradients. In and out go programs of the same roots, equal in value.
 */
import { bug } from "../bug.js";
import type {
  DifferentiatedProgram,
  Forward,
  Gradient,
  LoweredOptimizer,
  Program,
  Root,
} from "../ir/program.js";
import type { Tensor } from "../ir/tensor.js";
import { rewrite, type Trace } from "./rewrite.js";

export { rewrite, type Trace } from "./rewrite.js";
export type { RuleFired } from "./rule.js";

type Each = (t: Tensor) => Tensor;

const isDifferentiated = (program: Program): program is DifferentiatedProgram =>
  "gradients" in program;

/** An equal program in normal form. All its roots are rewritten together, so that they share what they can. */
export function optimize<P extends Program | DifferentiatedProgram>(program: P, trace?: Trace): P {
  const roots: Tensor[] = [];
  mapProgram(program, (t) => {
    roots.push(t);
    return t;
  });
  const made = rewrite(program.table, roots, trace, isDifferentiated(program));
  const now = new Map(roots.map((t, i) => [t, made[i] ?? bug("a root was lost")]));
  return { ...program, ...mapProgram(program, (t) => now.get(t) ?? bug("not a root")) };
}

/** The tensors of a program, each replaced. */
function mapProgram(program: Program, each: Each): Partial<DifferentiatedProgram> {
  const forward = {
    inference: mapForward(program.inference, each),
    training: program.training && mapForward(program.training, each),
    optimizers: program.optimizers.map((o) => mapOptimizer(o, each)),
  };
  if (!isDifferentiated(program)) return forward;
  const { gradients, pullback } = program;
  return {
    ...forward,
    gradients: gradients.map((g) => mapGradient(g, each)),
    pullback: pullback && {
      ...pullback,
      parameters: pullback.parameters.map((g) => mapGradient(g, each)),
      inputs: pullback.inputs.map((r) => mapRoot(r, each)),
    },
  };
}

const mapForward = (forward: Forward, each: Each): Forward => ({
  outputs: forward.outputs.map((r) => mapRoot(r, each)),
  loss: forward.loss && each(forward.loss),
  metrics: forward.metrics.map((m) => ({ ...m, total: each(m.total), rows: each(m.rows) })),
  states: forward.states.map((s) => ({ ...s, next: mapRoot(s.next, each) })),
});

const mapRoot = (root: Root, each: Each): Root => ({ ...root, value: each(root.value) });

const mapGradient = (gradient: Gradient, each: Each): Gradient => ({
  ...gradient,
  root: mapRoot(gradient.root, each),
});

const mapOptimizer = (lowered: LoweredOptimizer, each: Each): LoweredOptimizer => ({
  ...lowered,
  settings: Object.fromEntries(
    Object.entries(lowered.settings).map(([name, t]) => [name, each(t)]),
  ),
});
