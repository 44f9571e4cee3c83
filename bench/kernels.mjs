/**
 * Single kernels of the WebAssembly emitter on one core: GFLOP/s and nanoseconds an element.
 *
 *   taskset -c 1 node bench/kernels.mjs [gemm,outer,gather,softmax,map,reduce,optimizer]
 *
 * Kernels are made by hand with the machine of the emitter's tests; process CPU time, best and median of short samples.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("..", import.meta.url).pathname;
const out = mkdtempSync(join(tmpdir(), "gnc-kernels-"));
process.on("exit", () => rmSync(out, { recursive: true, force: true }));
const flags = ["--outDir", out, "--declaration", "false", "--sourceMap", "false"];
spawnSync("npx", ["tsc", "-p", "tsconfig.json", ...flags], { cwd: root });
if (!existsSync(join(out, "test/emit/support/machine.js")))
  throw new Error("the sources do not compile");
symlinkSync(join(root, "node_modules"), join(out, "node_modules"));

const from = (path) => import(join(out, path));
const { Machine } = await from("test/emit/support/machine.js");
const { World, nodeSet, relation, generator } = await from("test/emit/support/world.js");
const { TensorTable } = await from("compiler/ir/tensor.js");
const { unitSpace, allOf, receiverOf, senderOf } = await from("compiler/ir/space.js");
const { emit } = await from("compiler/6-emit/wasm/emit.js");

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Milliseconds of a call: best and median. */
function measure(run, budget = 300) {
  let began = cpu();
  let calls = 0;
  do {
    run();
    calls++;
  } while (cpu() - began < 150 || calls < 3);
  const inner = Math.max(1, Math.round((4 * calls) / (cpu() - began)));
  const samples = [];
  for (const end = cpu() + budget; cpu() < end || samples.length < 5; ) {
    began = cpu();
    for (let i = 0; i < inner; i++) run();
    samples.push((cpu() - began) / inner);
  }
  samples.sort((a, b) => a - b);
  return { best: samples[1] ?? samples[0], median: samples[samples.length >> 1] };
}

const nodes = nodeSet("node");
const edges = relation("edge", nodes, nodes);
const rows = { over: "rows", space: nodes };
const onRows = (count) => new Machine(new World({ sets: [{ set: nodes, counts: [count] }] }));
const gflops = (flops) => (ms) => `${(flops / ms / 1e6).toFixed(1)} GFLOP/s`;
const each = (count) => (ms) => `${((ms * 1e6) / count).toFixed(2)} ns`;

/** Runs all kernels once, then times the last. */
async function time(name, machine, kernels, unit) {
  machine.pages = 8192;
  const module = await emit(kernels);
  machine.start(module);
  const functions = machine.instantiate(module);
  const calls = module.kernels.map((k) => machine.prepare(functions[k.function], k, module));
  for (const call of calls) call();
  const { best, median } = measure(calls.at(-1));
  console.log(`${name.padEnd(44)} ${unit(best).padEnd(14)} median ${unit(median)}`);
}

async function gemm(count, k, n) {
  const table = new TensorTable();
  const [a, b] = [table.axis("k", k), table.axis("n", n)];
  const m = onRows(count);
  const x = table.input("x", nodes, [a], "f32");
  const w = table.input("w", unitSpace, [a, b], "f32");
  const y = table.product({ factors: [x, table.pull(w, allOf(nodes))], over: [a] });
  for (const t of [x, w, y]) m.store(t);
  const place = { kind: "panels", stack: [], rows: [a], columns: [b] };
  const panels = m.buffer({ name: "panels", space: unitSpace, layout: [], dtype: "f32", place });
  const pack = { kind: "pack", source: w, panels };
  const product = {
    kind: "product",
    target: y,
    left: x,
    panels,
    stack: [],
    over: [a],
    columns: [b],
  };
  const kernels = [
    m.kernel({ domain: { over: "count", count: Math.ceil(n / 8) }, stages: [pack] }),
    m.kernel({ domain: rows, tile: 64, stages: [product] }),
  ];
  await time(`gemm ${count} x ${k} x ${n}`, m, kernels, gflops(2 * count * k * n));
}

async function outer(count, k, n) {
  const table = new TensorTable();
  const [a, b] = [table.axis("k", k), table.axis("n", n)];
  const m = onRows(count);
  const x = table.input("x", nodes, [a], "f32");
  const g = table.input("g", nodes, [b], "f32");
  const y = table.product({ factors: [x, g], map: allOf(nodes) });
  for (const t of [x, g]) m.store(t);
  m.store(y, { layout: [a, b], place: { kind: "partials", of: nodes } });
  const stages = [{ kind: "outer", over: [], stack: [], target: y, left: x, right: g }];
  const kernel = m.kernel({ domain: { over: "chunks", space: nodes }, tile: 64, stages });
  await time(`outer ${k} x ${n} over ${count} rows`, m, [kernel], gflops(2 * count * k * n));
}

/** A graph of so many edges a row on average; senders anywhere, or within 256 rows. */
function graph(count, degree, isLocal) {
  const next = generator(3);
  const [senders, receivers] = [[], []];
  const near = (i) => Math.min(count - 1, Math.max(0, i + Math.floor(next() * 512 - 256)));
  for (let i = 0; i < count; i++) {
    for (let e = Math.floor(next() * 2 * degree + 0.5); e > 0; e--) {
      receivers.push(i);
      senders.push(isLocal ? near(i) : Math.floor(next() * count));
    }
  }
  return new World({
    sets: [{ set: nodes, counts: [count] }],
    edges: [{ relation: edges, senders, receivers }],
  });
}

async function gather(count, degree, width, isLocal) {
  const world = graph(count, degree, isLocal);
  const table = new TensorTable();
  const m = new Machine(world);
  const map = receiverOf(edges);
  const x = table.input("x", nodes, [table.axis("f", width)], "f32");
  const y = table.product({ factors: [table.pull(x, senderOf(edges))], map });
  for (const t of [x, y]) m.store(t);
  const kernel = m.kernel({
    domain: rows,
    tile: 64,
    stages: [{ kind: "walk", map, targets: [y] }],
  });
  const name = `gather ${count} x ${degree} of ${width}${isLocal ? ", local" : ""}`;
  await time(name, m, [kernel], each(world.rows(edges)));
}

async function softmax(world, heads, width, logitsOf, unit, name) {
  const table = new TensorTable();
  const m = new Machine(world);
  const [h, d] = [table.axis("h", heads), table.axis("d", width)];
  const [map, sender] = [receiverOf(edges), senderOf(edges)];
  const leaf = (path, axes) => {
    const t = table.input(path, nodes, axes, "f32");
    m.store(t);
    return t;
  };
  const logits = logitsOf({ table, h, d, map, sender, leaf });
  const lse = table.lse(logits, [], map);
  const weight = table.map("exp", [table.map("sub", [logits, table.pull(lse, map)])]);
  const sum = table.product({ factors: [weight, table.pull(leaf("v", [h, d]), sender)], map });
  for (const t of [lse, sum]) m.store(t);
  const stages = [{ kind: "softmax", map, lse, sums: [sum] }];
  await time(name, m, [m.kernel({ domain: rows, tile: 32, stages })], unit);
}

function leaky({ table, h, map, sender, leaf }) {
  const [l, r] = [leaf("l", [h]), leaf("r", [h])];
  const s = table.map("add", [table.pull(l, sender), table.pull(r, map)]);
  return table.map("max", [s, table.product({ factors: [s, table.constant(0.2, edges)] })]);
}

function dots({ table, h, d, map, sender, leaf }) {
  const [q, k] = [leaf("q", [h, d]), leaf("k", [h, d])];
  return table.product({ factors: [table.pull(q, map), table.pull(k, sender)], over: [d] });
}

async function attention(count, heads, width) {
  const all = Array.from({ length: count * count }, (_, i) => i);
  const senders = all.map((i) => i % count);
  const receivers = all.map((i) => Math.floor(i / count));
  const world = new World({
    sets: [{ set: nodes, counts: [count] }],
    edges: [{ relation: edges, senders, receivers }],
  });
  const unit = gflops(4 * count * count * heads * width);
  await softmax(world, heads, width, dots, unit, `attention of ${count}, ${heads} x ${width}`);
}

async function gat(count, degree, heads, width, isLocal) {
  const world = graph(count, degree, isLocal);
  const name = `gat ${count} x ${degree}, ${heads} x ${width}${isLocal ? ", local" : ""}`;
  await softmax(world, heads, width, leaky, each(world.rows(edges)), name);
}

const expressions = {
  "bias relu": (table, x, b) =>
    table.map("relu", [table.map("add", [x, table.pull(b, allOf(nodes))])]),
  dropout: (table, x, _, axis) => {
    const keep = table.map("lt", [table.random(3, nodes, [axis]), table.constant(0.5, nodes)]);
    return table.map("select", [keep, x, table.constant(0, nodes)]);
  },
};

async function pointwise(name, count, width) {
  const table = new TensorTable();
  const axis = table.axis("f", width);
  const m = onRows(count);
  const x = table.input("x", nodes, [axis], "f32");
  const b = table.input("b", unitSpace, [axis], "f32");
  const y = expressions[name]?.(table, x, b, axis) ?? table.map(name, [x]);
  for (const t of [x, b, y]) m.store(t);
  const kernel = m.kernel({ domain: rows, tile: 64, stages: [{ kind: "map", target: y }] });
  await time(`map ${name} ${count} x ${width}`, m, [kernel], each(count * width));
}

async function reduce(name, count, width) {
  const table = new TensorTable();
  const axis = table.axis("f", width);
  const m = onRows(count);
  const x = table.input("x", nodes, [axis], "f32");
  const y = {
    dot: () => table.product({ factors: [x, x], over: [axis] }),
    max: () => table.extreme(x, "max", [axis], null),
    lse: () => table.lse(x, [axis], null),
  }[name]();
  for (const t of [x, y]) m.store(t);
  const kernel = m.kernel({ domain: rows, tile: 64, stages: [{ kind: "reduce", target: y }] });
  await time(`reduce ${name} ${count} x ${width}`, m, [kernel], each(count * width));
}

async function optimizer(kind, words) {
  const m = onRows(1);
  m.arenaWords = words + 16;
  const stage = { kind: "optimizer", optimizer: kind, clipped: false, first: 0, settings: 0 };
  const kernel = m.kernel({ domain: { over: "count", count: words / 4 }, stages: [stage] });
  await time(`${kind} ${words}`, m, [kernel], each(words));
}

const groups = {
  gemm: [
    [gemm, 64, 64, 64],
    [gemm, 256, 256, 256],
    [gemm, 512, 512, 512],
    [gemm, 1024, 1024, 1024],
    [gemm, 2708, 1433, 16],
    [gemm, 20000, 132, 128],
    [gemm, 1, 256, 1024],
    [gemm, 32, 256, 1024],
    [gemm, 5000, 128, 1],
    [gemm, 2708, 64, 7],
  ],
  outer: [
    [outer, 50000, 128, 128],
    [outer, 3200, 64, 512],
    [outer, 2708, 16, 7],
    [outer, 2708, 1433, 16],
  ],
  gather: [
    [gather, 2708, 5, 16, false],
    [gather, 2708, 5, 64, false],
    [gather, 100000, 10, 16, true],
    [gather, 100000, 10, 64, true],
    [gather, 100000, 10, 128, true],
    [gather, 100000, 10, 64, false],
  ],
  softmax: [
    [gat, 2708, 5, 8, 8, false],
    [gat, 2708, 5, 1, 7, false],
    [gat, 100000, 10, 8, 8, true],
    [attention, 128, 8, 32],
    [attention, 512, 8, 32],
  ],
  map: ["bias relu", "exp", "tanh", "sigmoid", "log", "erf", "dropout"].map((f) => [
    pointwise,
    f,
    2000,
    64,
  ]),
  reduce: ["dot", "max", "lse"].map((f) => [reduce, f, 2000, 64]),
  optimizer: ["sgd", "adam", "adamw"].map((kind) => [optimizer, kind, 100000]),
};

const wanted = process.argv[2]?.split(",") ?? Object.keys(groups);
for (const name of wanted) for (const [run, ...args] of groups[name] ?? []) await run(...args);
