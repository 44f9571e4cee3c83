/**
 * Particles in a box that springs or charges move, as Kipf et al. 2018 simulate them (appendix B, with the constants of
 * the reference code): leapfrog steps of 0.001 in a box of +-5, every hundredth step a frame, 49 frames.
 */
import { randomLcg, randomNormal, randomUniform } from "d3-random";

export const particles = 5;
export const frames = 49;
const box = 5;
const dt = 0.001;
const every = 100;
const strongest = 100;

/** Two kinds of systems: how they begin, and the force on a particle at distance d = (x, y) from another it is tied to. */
export const systems = {
  springs: {
    spread: 0.5,
    ties: springs,
    force: (tie) => -0.1 * tie,
  },
  charged: {
    spread: 1,
    ties: charges,
    force: (tie, x, y) => tie / (x * x + y * y) ** 1.5,
  },
};

const speed = 0.5;

/** A spring between each two particles with probability 1/2: a symmetric matrix of 0 and 1, row by row. */
function springs(uniform) {
  const ties = new Float64Array(particles * particles);
  for (let i = 0; i < particles; i++)
    for (let j = 0; j < i; j++) {
      const tie = uniform() < 0.5 ? 1 : 0;
      ties[i * particles + j] = tie;
      ties[j * particles + i] = tie;
    }
  return ties;
}

/** Charges of +-1: equal ones repel, opposite ones attract. */
function charges(uniform) {
  const charge = Array.from({ length: particles }, () => (uniform() < 0.5 ? 1 : -1));
  return Float64Array.from({ length: particles * particles }, (_, at) => {
    const [i, j] = [Math.floor(at / particles), at % particles];
    return i === j ? 0 : charge[i] * charge[j];
  });
}

/** How a simulation begins: ties, places and velocities, [x of all, y of all] each. */
function start({ spread, ties }, random) {
  const [uniform, normal] = [randomUniform.source(random)(), randomNormal.source(random)()];
  const tied = ties(uniform);
  const place = Float64Array.from({ length: 2 * particles }, () => spread * normal());
  const velocity = Float64Array.from({ length: 2 * particles }, () => normal());
  for (let i = 0; i < particles; i++) {
    const length = Math.hypot(velocity[i], velocity[particles + i]);
    velocity[i] *= speed / length;
    velocity[particles + i] *= speed / length;
  }
  return { ties: tied, place, velocity };
}

/** Particles that left the box come back as from a mirror. */
function reflect(place, velocity) {
  for (let i = 0; i < place.length; i++) {
    if (place[i] > box) {
      place[i] = 2 * box - place[i];
      velocity[i] = -Math.abs(velocity[i]);
    } else if (place[i] < -box) {
      place[i] = -2 * box - place[i];
      velocity[i] = Math.abs(velocity[i]);
    }
  }
}

/** velocity += dt * force, each component of the force no larger than `strongest`. */
function accelerate({ force }, ties, place, velocity) {
  for (let i = 0; i < particles; i++) {
    let [fx, fy] = [0, 0];
    for (let j = 0; j < particles; j++) {
      const tie = ties[i * particles + j];
      if (i === j || tie === 0) continue;
      const x = place[i] - place[j];
      const y = place[particles + i] - place[particles + j];
      const size = force(tie, x, y);
      fx += size * x;
      fy += size * y;
    }
    velocity[i] += dt * Math.min(strongest, Math.max(-strongest, fx));
    velocity[particles + i] += dt * Math.min(strongest, Math.max(-strongest, fy));
  }
}

/** The frames [particle, time, (x, y, vx, vy)] that follow from a start. */
export function trajectory(system, { ties, place: from, velocity: speeds }) {
  const [place, velocity] = [from.slice(), speeds.slice()];
  const seen = new Float32Array(particles * frames * 4);
  reflect(place, velocity);
  accelerate(system, ties, place, velocity);
  for (let step = 1; step <= frames * every; step++) {
    for (let i = 0; i < place.length; i++) place[i] += dt * velocity[i];
    reflect(place, velocity);
    if (step % every === 0) {
      for (let i = 0; i < particles; i++) {
        const at = (i * frames + step / every - 1) * 4;
        seen.set([place[i], place[particles + i], velocity[i], velocity[particles + i]], at);
      }
    }
    accelerate(system, ties, place, velocity);
  }
  return seen;
}

/** Simulations, the same ones for the same seed. */
export function simulate(system, count, seed) {
  const random = randomLcg(seed);
  return Array.from({ length: count }, () => {
    const begin = start(system, random);
    return { ties: begin.ties, x: trajectory(system, begin) };
  });
}

/** Smallest and largest coordinate of the places and of the velocities of some simulations. */
export function rangesOf(simulations) {
  const ranges = { place: [Infinity, -Infinity], velocity: [Infinity, -Infinity] };
  for (const { x } of simulations)
    for (let i = 0; i < x.length; i++) {
      const range = i % 4 < 2 ? ranges.place : ranges.velocity;
      range[0] = Math.min(range[0], x[i]);
      range[1] = Math.max(range[1], x[i]);
    }
  return ranges;
}

/** Simulations as graphs of the model: features scaled to [-1, 1], the kind of each ordered pair, receivers in order. */
export function graphsOf(simulations, ranges) {
  const scaled = (value, [low, high]) => (2 * (value - low)) / (high - low) - 1;
  return simulations.map(({ ties, x }) => {
    const kinds = [];
    for (let r = 0; r < particles; r++)
      for (let s = 0; s < particles; s++)
        if (s !== r) kinds.push(ties[r * particles + s] > 0 ? 1 : 0);
    return {
      body: { x: x.map((v, i) => scaled(v, i % 4 < 2 ? ranges.place : ranges.velocity)) },
      pair: { kind: Int32Array.from(kinds) },
    };
  });
}
