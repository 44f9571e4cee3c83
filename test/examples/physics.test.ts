/** The simulator of gravity against trajectories of an independent one, [21 steps, bodies, (mass, x, y, vx, vy)]. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { attraction, step } from "../../examples/physics/simulators.mjs";
import { readSafetensors } from "../../runtime/index.js";

const file = readFileSync(new URL("data/nbody-gravity.safetensors", import.meta.url));
const { tensors } = readSafetensors(file);

it.each([...tensors.keys()])("repeats %s", (name) => {
  const { shape, data } = tensors.get(name) ?? { shape: [], data: new Float64Array() };
  const [steps = 0, bodies = 0] = shape;
  const at = (t: number, i: number, column: number): number =>
    Number(data[(t * bodies + i) * 5 + column]);
  const both = (t: number, column: number): Float64Array =>
    Float64Array.from({ length: 2 * bodies }, (_, i) => at(t, i >> 1, column + (i & 1)));
  const mass = Float64Array.from({ length: bodies }, (_, i) => at(0, i, 0));
  const state = { mass, x: both(0, 1), v: both(0, 3) };
  for (let t = 1; t < steps; t++) {
    step({ dt: 1e-3, state, accelerations: attraction(1) });
    state.x.forEach((x, i) => {
      expect(x).toBeCloseTo(both(t, 1)[i] as number, 8);
    });
    state.v.forEach((v, i) => {
      expect(v).toBeCloseTo(both(t, 3)[i] as number, 6);
    });
  }
});
