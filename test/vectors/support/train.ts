/** Training trajectories: the loss before every step, parameters after every step, states and outputs at the end. */
import { load } from "../../../runtime/index.js";
import { cut, flatten } from "./batch.js";
import type { Fields, StepCase, TrainingCase, Vector } from "./case.js";
import { artifactOf, asTensor, joinedFields, modelOf, spacesOf } from "./module.js";
import { compared, type File, type Finding, read, source } from "./run.js";
import type { Source, Tensor } from "./view.js";

/** The parameters after step `t`: of the trajectory if there is one, else of the end. */
function after(vector: Vector, file: File, step: number, steps: number): Source {
  const { tensors, read: seen } = file;
  return {
    of: "trajectory",
    get(name) {
      const path = name.replace(/^w\//, "");
      if (vector.unstable?.includes(path)) {
        seen.add(`traj/${path}`).add(`w_final/${path}`);
        return null;
      }
      const trajectory = tensors.get(`traj/${path}`);
      if (trajectory) {
        seen.add(`traj/${path}`);
        const [length = 1, ...shape] = trajectory.shape;
        const width = trajectory.data.length / length;
        const data = Array.from(
          { length: width },
          (_, k) => trajectory.data[step * width + k] as number,
        );
        return { shape, data };
      }
      if (step < steps) return null;
      seen.add(`w_final/${path}`);
      return tensors.get(`w_final/${path}`) ?? null;
    },
  };
}

/** One step: what it changes, and the states after it. */
export async function runStep(vector: Vector, file: File, given: StepCase): Promise<Finding[]> {
  const values = source(file, "values");
  const spaces = spacesOf(modelOf(given.model));
  const weights = read({ ...given.weights, ...given.states }, values);
  const plain = Object.fromEntries(Array.from(weights, ([path, t]) => [path, asTensor(t)]));
  using model = await load(await artifactOf(given.model), { weights: plain });
  const before = new Map(model.weights.entries());
  model.trainer().step(model.batch(cut(flatten(given, spaces, values), spaces)));
  const after = new Map(model.weights.entries());
  const changes = new Map(
    Array.from(before, ([path, w]) => [
      path,
      w.map((v, i) => v - (after.get(path)?.[i] as number)),
    ]),
  );
  return [
    ...compared(vector, "gradient", changes, read(given.changes, values)),
    ...compared(vector, "output", after, read(given.statesAfter, values)),
  ];
}

/** The case with some fields of its graph exchanged. */
function withFields(given: TrainingCase, fields: Fields): TrainingCase {
  const changed = Object.entries(fields).map(
    ([space, views]) => [space, { ...given.graph[space], ...views }] as const,
  );
  return { ...given, graph: { ...given.graph, ...Object.fromEntries(changed) } };
}

export async function runTraining(
  vector: Vector,
  file: File,
  given: TrainingCase,
): Promise<readonly Finding[]> {
  const values = source(file, "values");
  const spaces = spacesOf(modelOf(given.model));
  const batch = flatten(given, spaces, values);
  const weights = read({ ...given.weights, ...given.states }, values);
  const plain = Object.fromEntries(Array.from(weights, ([path, t]) => [path, asTensor(t)]));
  using model = await load(await artifactOf(given.model), { weights: plain });
  const graphs = model.batch(cut(batch, spaces));
  const at = (step: number) =>
    given.graphAt
      ? model.batch(cut(flatten(withFields(given, given.graphAt(step)), spaces, values), spaces))
      : graphs;
  const trainer = model.trainer();
  const wanted = values.get("loss") as Tensor;
  const steps = wanted.data.length - 1;
  const losses: number[] = [];
  const findings: Finding[] = [];
  const stored = () =>
    new Map(Array.from(model.weights.entries(), ([path, t]) => [path, t as ArrayLike<number>]));
  for (let step = 1; step <= steps; step++) {
    losses.push(trainer.step(at(step - 1)).loss);
    const target = read(given.weights ?? {}, after(vector, file, step, steps));
    findings.push(...compared(vector, "trajectory", stored(), target));
  }
  findings.push(...compared(vector, "trajectory", stored(), read(given.statesAfter ?? {}, values)));
  // The last loss is one more pass in training mode: states move once more before outputs are read, parameters do not.
  const trained = [...model.weights.entries()].filter(([path]) => path in (given.weights ?? {}));
  losses.push(trainer.step(at(steps)).loss);
  for (const [path, parameter] of trained) model.weights.set(path, parameter);
  const outputs = joinedFields(model.run(graphs), batch);
  findings.push(...compared(vector, "output", outputs, read(given.outputs, values)));
  const loss = compared(
    vector,
    "trajectory",
    new Map([["loss", losses]]),
    new Map([["loss", wanted]]),
  );
  return [...findings, ...loss];
}
