/** onnxruntime-web on WebAssembly, one thread; sums over edges by ScatterND, its fastest op for them. */
import * as ort from "onnxruntime-web/wasm";
import { onnxModel } from "./onnx.mjs";
import { densify, main } from "./workloads.mjs";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

const f32 = (data, ...dims) => ({ dims, data });
const i64 = (data, ...dims) => ({ dims, data: BigInt64Array.from(data, BigInt) });
const zeros = (...dims) => f32(new Float32Array(dims.reduce((a, b) => a * b, 1)), ...dims);

async function session(model, feeds) {
  const s = await ort.InferenceSession.create(onnxModel(model), { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
  const inputs = Object.fromEntries(Object.entries(feeds).map(([n, { data, dims }]) => [n, new ort.Tensor("float32", data, dims)]));
  const name = Object.keys(model.outputs)[0];
  return { run: () => s.run(inputs), result: async () => (await s.run(inputs))[name].data };
}

const ends = ({ senders, receivers, edges }) => ({ snd: i64(senders, edges), rcv: i64(receivers, edges, 1), rcv1: i64(receivers, edges) });

function aggregation({ graph, weight, x, width }) {
  const w = weight ? [["Gather", ["x", "snd"], ["g"]], ["Mul", ["g", "w"], ["m"]]] : [["Gather", ["x", "snd"], ["m"]]];
  return session({
    nodes: [...w, ["ScatterND", ["zero", "rcv", "m"], ["y"], { reduction: "add" }]],
    constants: { ...ends(graph), zero: zeros(graph.nodes, width), ...(weight && { w: f32(weight, graph.edges, 1) }) },
    inputs: { x: [graph.nodes, width] }, outputs: { y: [graph.nodes, width] },
  }, { x: f32(x, graph.nodes, width) });
}

function gat({ graph, z, from, to }) {
  const n = graph.nodes;
  return session({
    nodes: [
      ["Mul", ["z", "from"], ["zs"]], ["ReduceSum", ["zs", "last"], ["s"], { keepdims: 0 }],
      ["Mul", ["z", "to"], ["zr"]], ["ReduceSum", ["zr", "last"], ["r"], { keepdims: 0 }],
      ["Gather", ["s", "snd"], ["se"]], ["Gather", ["r", "rcv1"], ["re"]], ["Add", ["se", "re"], ["l0"]],
      ["LeakyRelu", ["l0"], ["l"], { alpha: 0.2 }], ["ReduceMax", ["l", "first"], ["top"], { keepdims: 1 }],
      ["Sub", ["l", "top"], ["c"]], ["Exp", ["c"], ["e"]],
      ["ScatterND", ["zero8", "rcv", "e"], ["t"], { reduction: "add" }], ["Gather", ["t", "rcv1"], ["te"]],
      ["Div", ["e", "te"], ["a"]], ["Unsqueeze", ["a", "last"], ["a1"]], ["Gather", ["z", "snd"], ["ze"]],
      ["Mul", ["a1", "ze"], ["m"]], ["ScatterND", ["zero64", "rcv", "m"], ["y"], { reduction: "add" }],
    ],
    constants: { ...ends(graph), from: f32(from, 1, 8, 8), to: f32(to, 1, 8, 8), last: i64([2], 1), first: i64([0], 1), zero8: zeros(n, 8), zero64: zeros(n, 8, 8) },
    inputs: { z: [n, 8, 8] }, outputs: { y: [n, 8, 8] },
  }, { z: f32(z, n, 8, 8) });
}

function infer({ graph, weight, x, W1, b1, W2, b2 }) {
  const n = graph.nodes;
  const layer = (input, i, output) => [
    ["MatMul", [input, `W${i}`], [`p${i}`]], ["Gather", [`p${i}`, "snd"], [`g${i}`]], ["Mul", [`g${i}`, "w"], [`m${i}`]],
    ["ScatterND", [`zero${i}`, "rcv", `m${i}`], [`t${i}`], { reduction: "add" }], ["Add", [`t${i}`, `b${i}`], [output]],
  ];
  return session({
    nodes: [...layer("x", 1, "h0"), ["Relu", ["h0"], ["h"]], ...layer("h", 2, "y")],
    constants: { ...ends(graph), w: f32(weight, graph.edges, 1), W1: f32(W1, 1433, 16), b1: f32(b1, 16), W2: f32(W2, 16, 7), b2: f32(b2, 7), zero1: zeros(n, 16), zero2: zeros(n, 7) },
    inputs: { x: [n, 1433] }, outputs: { y: [n, 7] },
  }, { x: f32(densify(x), n, 1433) });
}

await main("onnxruntime-web", {
  linear: ({ rows, inner, columns, x, W }) => session({ nodes: [["MatMul", ["x", "W"], ["y"]]], constants: { W: f32(W, inner, columns) }, inputs: { x: [rows, inner] }, outputs: { y: [rows, columns] } }, { x: f32(x, rows, inner) }),
  gcn_agg_16: aggregation, gcn_agg_64: aggregation, big_agg_64: aggregation, gat_8x8: gat, gcn_infer: infer,
});
process.exit(0);
