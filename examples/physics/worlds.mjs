/** Each world as graphs of its model, and what the model's answer means there. */
import { randomLcg } from "d3-random";
import { balls, nBody, rope, snapshot, step, string, walls } from "./simulators.mjs";

const floats = (list) => Float32Array.from(list);

/** `unit`: metres a second, the size of `dv` = 1; `graph` takes a state, and the next velocities while training. */
export const worlds = {
  NBody: {
    title: "n-body",
    make: nBody,
    paper: 300,
    unit: 16,
    bodies: "body",
    graph: ({ mass, x, v }) => ({ body: { mass: floats(mass), x: floats(x), v: floats(v) } }),
  },
  Balls: {
    title: "balls",
    make: balls,
    paper: 37,
    unit: 0.25,
    bodies: "ball",
    graph: ({ mass, radius, x, v }) => ({
      ball: { mass: floats(mass), radius: floats(radius), x: floats(x), v: floats(v) },
      wall: {
        normal: floats(walls.flatMap(({ normal }) => normal)),
        offset: floats(walls.map(({ offset }) => offset)),
      },
    }),
  },
  String: {
    title: "string",
    make: string,
    paper: 16,
    unit: 0.25,
    bodies: "mass",
    graph: ({ free, circle, x, v }) => ({
      mass: { free: floats(free), x: floats(x), v: floats(v) },
      rock: { spot: floats(circle.slice(0, 2)), size: floats(circle.slice(2)) },
      global: { weight: floats([rope.weight]) },
    }),
  },
};

/** States of `count` simulations of `steps` steps, each with the change of velocity that follows. */
export function transitions({ make }, { count, steps, every = 1, seed, bodies }) {
  const found = [];
  const random = randomLcg(seed);
  for (let n = 0; n < count; n++) {
    const world = make(random, bodies);
    for (let t = 0; t < steps; t++) {
      const before = snapshot(world.state);
      step(world);
      if (t % every === 0)
        found.push({ before, change: world.state.v.map((v, i) => v - before.v[i]) });
    }
  }
  return found;
}

/** A transition as a graph to train on. */
export function labelled({ graph, bodies, unit }, { before, change }) {
  const made = graph(before);
  made[bodies].gain = floats(change.map((dv) => dv / unit));
  return made;
}
