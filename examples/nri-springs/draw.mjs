/** Draws simulations with the relations that were found in them beside the true ones. */
import { drawFigure } from "../figure.mjs";
import { frames, particles } from "./simulate.mjs";

const rows = ["trajectories", "found", "true"];
const colors = ["#4e79a7", "#f28e2b", "#59a14f", "#b07aa1", "#9c755f"];

/** The unordered pairs of particles. */
const pairs = Array.from({ length: particles }, (_, i) => i).flatMap((i) =>
  Array.from({ length: i }, (_, j) => [i, j]),
);

/** Where a particle stands in the drawings of relations: on a circle. */
const place = (i) => ({
  x: rounded(Math.sin((2 * Math.PI * i) / particles)),
  y: rounded(Math.cos((2 * Math.PI * i) / particles)),
});

const lineOf = (i, j, more) => {
  const [from, to] = [place(i), place(j)];
  return { x: from.x, y: from.y, x2: to.x, y2: to.y, ...more };
};

const rounded = (value) => Math.round(1000 * value) / 1000;

/** Every third frame of each particle, scaled to the square of its own simulation. */
function trails(x, simulation) {
  const coordinates = x.filter((_, i) => i % 4 < 2);
  const most = coordinates.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const all = Array.from({ length: particles * frames }, (_, at) => ({
    simulation,
    row: "trajectories",
    particle: Math.floor(at / frames),
    frame: at % frames,
    x: rounded(x[4 * at] / most),
    y: rounded(x[4 * at + 1] / most),
  }));
  return all.filter(({ frame }) => frame % 3 === 0);
}

/**
 * A column for each simulation: `x` its trajectories, `found` and `ties` what two particles are, as matrices; the shade of
 * a found relation is its probability.
 *
 * @param {string | URL} path
 * @param {{ x: Float32Array, found: (i: number, j: number) => number, ties: Float64Array }[]} simulations
 */
export async function drawRelations(path, simulations) {
  const names = simulations.map((_, n) => `simulation ${n + 1}`);
  const values = simulations.flatMap(({ x, found, ties }, n) => {
    const simulation = names[n];
    const points = ["found", "true"].flatMap((row) =>
      Array.from({ length: particles }, (_, particle) => ({
        simulation,
        row,
        particle,
        ...place(particle),
      })),
    );
    const lines = pairs.flatMap(([i, j]) => [
      lineOf(i, j, { simulation, row: "found", weight: (found(i, j) + found(j, i)) / 2 }),
      lineOf(i, j, { simulation, row: "true", weight: ties[i * particles + j] > 0 ? 1 : 0 }),
    ]);
    const drawn = lines.filter(({ weight }) => weight > 0.02);
    return [...trails(x, simulation), ...points, ...drawn];
  });
  const axis = (field) => ({
    field,
    type: "quantitative",
    axis: null,
    scale: { domain: [-1.15, 1.15] },
  });
  const color = { field: "particle", type: "nominal", legend: null, scale: { range: colors } };
  await drawFigure(path, {
    data: { values },
    facet: {
      row: { field: "row", sort: rows, title: null },
      column: { field: "simulation", sort: names, title: null },
    },
    spec: {
      width: 130,
      height: 130,
      layer: [
        {
          transform: [{ filter: "isValid(datum.weight)" }],
          mark: { type: "rule", strokeWidth: 2.5, color: "#444" },
          encoding: {
            x: axis("x"),
            y: axis("y"),
            x2: { field: "x2" },
            y2: { field: "y2" },
            opacity: {
              field: "weight",
              type: "quantitative",
              legend: null,
              scale: { domain: [0, 1], range: [0, 1] },
            },
          },
        },
        {
          transform: [{ filter: "isValid(datum.frame)" }],
          mark: { type: "line", strokeWidth: 1.5 },
          encoding: { x: axis("x"), y: axis("y"), order: { field: "frame" }, color },
        },
        {
          transform: [
            { filter: "isValid(datum.particle) && (!isValid(datum.frame) || datum.frame == 48)" },
          ],
          mark: { type: "circle", size: 90, opacity: 1 },
          encoding: { x: axis("x"), y: axis("y"), color },
        },
      ],
    },
  });
}
