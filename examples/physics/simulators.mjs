/**
 * Three worlds of points that move under forces, by semi-implicit Euler: v += a dt, then x += v dt. A world is
 * `{ dt, state, accelerations }`; its state holds flat arrays over the bodies, `x` and `v` with two numbers each.
 */

/** One step in place. */
export function step({ dt, state, accelerations }) {
  const a = accelerations(state);
  const { x, v } = state;
  for (let i = 0; i < x.length; i++) {
    v[i] += a[i] * dt;
    x[i] += v[i] * dt;
  }
}

/** A copy that later steps leave alone. */
export const snapshot = (state) =>
  Object.fromEntries(Object.entries(state).map(([name, array]) => [name, array.slice()]));

/** Adds the force that acts along a line from body j to body i: `strength` newtons, positive drives them apart. */
function push(a, mass, i, j, unit, strength) {
  for (const k of [0, 1]) {
    a[2 * i + k] += (strength * unit[k]) / mass[i];
    a[2 * j + k] -= (strength * unit[k]) / mass[j];
  }
}

/** From body j to body i: how far, and the direction of length one. */
function between(x, i, j) {
  const [dx, dy] = [x[2 * i] - x[2 * j], x[2 * i + 1] - x[2 * j + 1]];
  const distance = Math.hypot(dx, dy);
  return { distance, unit: distance > 0 ? [dx / distance, dy / distance] : [0, 0] };
}

/** Metres cubed per kilogram and second squared; in this world it is large. */
export const gravity = 1e5;

/**
 * Newton's law, its growth cut off within `nearest` metres: F = G m m' d / max(d, nearest)^3.
 *
 * @param {number} nearest
 */
export const attraction =
  (nearest) =>
  ({ mass, x }) => {
    const a = new Float64Array(x.length);
    for (let i = 0; i < mass.length; i++)
      for (let j = 0; j < i; j++) {
        const { distance, unit } = between(x, i, j);
        const strength =
          (gravity * mass[i] * mass[j] * distance) / Math.max(distance, nearest) ** 3;
        push(a, mass, i, j, unit, -strength);
      }
    return a;
  };

/**
 * A star of 100 kg and planets of 0.02 to 9 kg, 10 to 100 m away, each as fast as it must be to go round the star alone
 * (Battaglia et al. 2016, 3). @param {() => number} random Uniform in [0, 1).
 */
export function nBody(random, bodies = 6) {
  const mass = new Float64Array(bodies).fill(100);
  const x = new Float64Array(2 * bodies);
  const v = new Float64Array(2 * bodies);
  for (let i = 1; i < bodies; i++) {
    mass[i] = 0.02 + 8.98 * random();
    const [distance, angle] = [10 + 90 * random(), 2 * Math.PI * random()];
    const speed = Math.sqrt((gravity * 100) / distance) * (random() < 0.5 ? -1 : 1);
    x.set([distance * Math.cos(angle), distance * Math.sin(angle)], 2 * i);
    v.set([-speed * Math.sin(angle), speed * Math.cos(angle)], 2 * i);
  }
  return { dt: 1e-3, state: { mass, x, v }, accelerations: attraction(10) };
}

/** Newtons for each metre that two bodies, or a body and a wall, are pressed into one another. */
const stiffness = 2000;

/** The walls of the box: a body is inside where normal * x >= offset. */
export const walls = [
  { normal: [1, 0], offset: 0 },
  { normal: [-1, 0], offset: -10 },
  { normal: [0, 1], offset: 0 },
  { normal: [0, -1], offset: -10 },
];

function contacts({ mass, radius, x }) {
  const a = new Float64Array(x.length);
  for (let i = 0; i < mass.length; i++) {
    for (let j = 0; j < i; j++) {
      const { distance, unit } = between(x, i, j);
      const overlap = radius[i] + radius[j] - distance;
      if (overlap > 0) push(a, mass, i, j, unit, stiffness * overlap);
    }
    for (const { normal, offset } of walls) {
      const overlap = offset + radius[i] - (normal[0] * x[2 * i] + normal[1] * x[2 * i + 1]);
      if (overlap > 0)
        for (const k of [0, 1]) a[2 * i + k] += (stiffness * overlap * normal[k]) / mass[i];
    }
  }
  return a;
}

/** Elastic balls in a box of 10 m, as the discrete element method has them (Cundall & Strack 1979). */
export function balls(random, bodies = 6) {
  const radius = Float64Array.from({ length: bodies }, () => 0.4 + 0.4 * random());
  const mass = radius.map((r) => 4 * r * r);
  const x = new Float64Array(2 * bodies);
  for (let i = 0; i < bodies; ) {
    for (const k of [0, 1]) x[2 * i + k] = radius[i] + (10 - 2 * radius[i]) * random();
    const free = (j) => between(x, i, j).distance > radius[i] + radius[j];
    if ([...Array(i).keys()].every(free)) i++;
  }
  const v = Float64Array.from({ length: 2 * bodies }, () => 10 * random() - 5);
  return { dt: 5e-3, state: { mass, radius, x, v }, accelerations: contacts };
}

/** Of the string: kilograms of a mass, metres of a spring at rest, newtons a metre, and the weight of things. */
export const rope = { mass: 0.1, rest: 0.2, spring: 100, contact: 200, weight: -9.8 };

function tensions({ free, circle, x }) {
  const mass = free.map(() => rope.mass);
  const a = new Float64Array(x.length);
  for (let i = 0; i < free.length; i++) {
    if (i > 0) {
      const { distance, unit } = between(x, i, i - 1);
      push(a, mass, i, i - 1, unit, rope.spring * (rope.rest - distance));
    }
    const [dx, dy] = [x[2 * i] - circle[0], x[2 * i + 1] - circle[1]];
    const distance = Math.hypot(dx, dy);
    const overlap = circle[2] - distance;
    if (overlap > 0) {
      a[2 * i] += (rope.contact * overlap * dx) / distance / rope.mass;
      a[2 * i + 1] += (rope.contact * overlap * dy) / distance / rope.mass;
    }
    a[2 * i + 1] += rope.weight;
  }
  return a.map((value, i) => (free[i >> 1] ? value : 0));
}

/** Masses on springs, held at both ends, that fall on a circle fixed at a random place. */
export function string(random, bodies = 15) {
  const free = Float64Array.from({ length: bodies }, (_, i) => Number(i > 0 && i < bodies - 1));
  const span = rope.rest * (bodies - 1) * (0.8 + 0.2 * random());
  const x = Float64Array.from({ length: 2 * bodies }, (_, i) =>
    i % 2 ? 0 : (span * (i >> 1)) / (bodies - 1),
  );
  const v = Float64Array.from({ length: 2 * bodies }, (_, i) =>
    free[i >> 1] ? 4 * random() - 2 : 0,
  );
  const circle = Float64Array.of(span * (0.2 + 0.6 * random()), -0.3 - 0.6 * random(), 0.3);
  return { dt: 5e-3, state: { free, circle, x, v }, accelerations: tensions };
}
