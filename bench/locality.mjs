/**
 * What numbering nodes anew saves and costs (`load(.., { renumber: true })`): two sums over the edges of graphs of 100k nodes
 * and 1M edges, 16 and 64 wide. Milliseconds, the fastest of some. `node bench/locality.mjs`, after a build.
 */
import { randomInt, randomLcg } from "d3-random";
import { checkSource, compileModel } from "../dist/compiler/index.js";
import { load } from "../dist/runtime/index.js";

const side = 316;
const nodes = side * side;
const degree = 10;

const draw = randomInt.source(randomLcg(0.5))(nodes);
const edges = {
  /** Each point of a plane and those next to it, numbered at random. */
  "mesh, shuffled": () => {
    const name = Int32Array.from({ length: nodes }, (_, i) => i);
    for (let i = nodes - 1; i > 0; i--) {
      const j = draw() % (i + 1);
      [name[i], name[j]] = [name[j], name[i]];
    }
    return mesh((i) => name[i]);
  },
  mesh: () => mesh((i) => i),
  "uniform random": () => pairs(() => [draw(), draw()]),
  /** Ends in proportion to i^-1/2: degrees follow a power law. */
  "power law": () => {
    const end = () => Math.min(nodes - 1, Math.floor((draw() / nodes) ** 2 * nodes));
    return pairs(() => [end(), draw()]);
  },
};

function pairs(next) {
  const ends = Array.from({ length: (nodes * degree) / 2 }, next);
  return {
    senders: Int32Array.from(ends.flat()),
    receivers: Int32Array.from(ends.flatMap(([a, b]) => [b, a])),
  };
}

function mesh(name) {
  const around = [
    [0, 1],
    [1, 0],
    [1, 1],
    [1, -1],
    [2, 0],
  ];
  let i = 0;
  return pairs(() => {
    const [a, b] = around[i % around.length];
    const [row, column] = [
      Math.floor(i / around.length / side),
      Math.floor(i / around.length) % side,
    ];
    i++;
    const other = ((row + a) % side) * side + ((column + b + side) % side);
    return [name(row * side + column), name(other)];
  });
}

async function modelOf(width, renumber) {
  const text = `model Sum {
    nodes v
    edges e: v -> v
    input x: v f32[${width}]
    param W: f32[${width}, ${width}]
    node v { y = tanh(sum(sender.x) @ W); z = sum(sender.y) }
    output z
    loss sum[i](z[i] * z[i])
    optimizer sgd(lr: 1e-9)
  }`;
  const [model] = checkSource({ name: "sum.gn", text }).models;
  return load(await compileModel(model), { renumber });
}

const fastest = (times, run) => {
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < times; k++) {
    const from = performance.now();
    run();
    best = Math.min(best, performance.now() - from);
  }
  return best;
};

const columns = ["batch", "run", "training step"];
console.log(
  `| graph | width | ${columns.join(" | ")} | ${columns.join(", renumbered | ")}, renumbered |`,
);
console.log(`|---|---|${"---|".repeat(2 * columns.length)}`);
for (const [name, make] of Object.entries(edges)) {
  const ends = make();
  for (const width of [16, 64]) {
    const x = Float32Array.from({ length: nodes * width }, (_, i) => Math.sin(i));
    const cells = [];
    for (const renumber of [false, true]) {
      const model = await modelOf(width, renumber);
      let batch;
      // New arrays each time: edges that were met before are not sorted again.
      const laid = fastest(4, () => {
        const fresh = { senders: ends.senders.slice(), receivers: ends.receivers.slice() };
        batch = model.batch({ v: { x }, e: fresh });
      });
      const trainer = model.trainer();
      const step = fastest(8, () => trainer.step(batch));
      cells.push(...[laid, fastest(8, () => model.run(batch)), step].map((ms) => ms.toFixed(0)));
      model.dispose();
    }
    console.log(`| ${name} | ${width} | ${cells.join(" | ")} |`);
  }
}
