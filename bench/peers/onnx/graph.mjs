/** Sums over edges by ScatterND, the fastest op for them; a softmax with the largest logit of a head over all edges. */
import { densify } from "../../workloads/graphs.mjs";
import { ends } from "../ends.mjs";
import { f32, i64, matrix, vector, zeros } from "./tensors.mjs";

const endsOf = ({ senders, receivers, edges }) => ({
  snd: i64(senders, edges),
  rcv: i64(receivers, edges, 1),
  rcv1: i64(receivers, edges),
});
const add = { reduction: "add" };

const aggregation = {
  plain: ({ graph, weight, x, width }) => ({
    model: {
      nodes: [
        ...(weight ? [["Gather", ["x", "snd"], ["g"]], ["Mul", ["g", "w"], ["m"]]] : [["Gather", ["x", "snd"], ["m"]]]),
        ["ScatterND", ["zero", "rcv", "m"], ["y"], add],
      ],
      constants: { ...endsOf(graph), zero: zeros(graph.nodes, width), ...(weight && { w: f32(weight, graph.edges, 1) }) },
      inputs: { x: [graph.nodes, width] },
      outputs: { y: [graph.nodes, width] },
    },
    feeds: { x: f32(x, graph.nodes, width) },
  }),
};

const attention = {
  plain: ({ graph, heads, width, z, from, to }) => {
    const n = graph.nodes;
    return {
      model: {
        nodes: [
          ["Mul", ["z", "from"], ["zs"]],
          ["ReduceSum", ["zs", "last"], ["s"], { keepdims: 0 }],
          ["Mul", ["z", "to"], ["zr"]],
          ["ReduceSum", ["zr", "last"], ["r"], { keepdims: 0 }],
          ["Gather", ["s", "snd"], ["se"]],
          ["Gather", ["r", "rcv1"], ["re"]],
          ["Add", ["se", "re"], ["l0"]],
          ["LeakyRelu", ["l0"], ["l"], { alpha: 0.2 }],
          ["ReduceMax", ["l", "first"], ["top"], { keepdims: 1 }],
          ["Sub", ["l", "top"], ["c"]],
          ["Exp", ["c"], ["e"]],
          ["ScatterND", ["zero", "rcv", "e"], ["t"], add],
          ["Gather", ["t", "rcv1"], ["te"]],
          ["Div", ["e", "te"], ["a"]],
          ["Unsqueeze", ["a", "last"], ["a1"]],
          ["Gather", ["z", "snd"], ["ze"]],
          ["Mul", ["a1", "ze"], ["m"]],
          ["ScatterND", ["zeros", "rcv", "m"], ["y"], add],
        ],
        constants: {
          ...endsOf(graph),
          from: f32(from, 1, heads, width),
          to: f32(to, 1, heads, width),
          last: i64([2], 1),
          first: i64([0], 1),
          zero: zeros(n, heads),
          zeros: zeros(n, heads, width),
        },
        inputs: { z: [n, heads, width] },
        outputs: { y: [n, heads, width] },
      },
      feeds: { z: f32(z, n, heads, width) },
    };
  },
};

const infer = {
  plain: ({ graph, weight, x, W1, b1, W2, b2 }) => {
    const n = graph.nodes;
    const layer = (input, i, output) => [
      ["MatMul", [input, `W${i}`], [`p${i}`]],
      ["Gather", [`p${i}`, "snd"], [`g${i}`]],
      ["Mul", [`g${i}`, "w"], [`m${i}`]],
      ["ScatterND", [`zero${i}`, "rcv", `m${i}`], [`t${i}`], add],
      ["Add", [`t${i}`, `b${i}`], [output]],
    ];
    return {
      model: {
        nodes: [...layer("x", 1, "h0"), ["Relu", ["h0"], ["h"]], ...layer("h", 2, "y")],
        constants: {
          ...endsOf(graph),
          w: f32(weight, graph.edges, 1),
          W1: matrix(W1, 16),
          b1: vector(b1),
          W2: matrix(W2, 7),
          b2: vector(b2),
          zero1: zeros(n, 16),
          zero2: zeros(n, 7),
        },
        inputs: { x: [n, 1433] },
        outputs: { y: [n, 7] },
      },
      feeds: { x: f32(densify(x), n, 1433) },
    };
  },
};

/** Layers, all but the last through ReLU. */
const mlp = (x, name, count, y) =>
  Array.from({ length: count }, (_, i) => {
    const [input, last] = [i ? `${name}r${i - 1}` : x, i === count - 1];
    const out = last ? y : `${name}a${i}`;
    const linear = [["MatMul", [input, `${name}W${i}`], [`${name}p${i}`]], ["Add", [`${name}p${i}`, `${name}b${i}`], [out]]];
    return last ? linear : [...linear, ["Relu", [out], [`${name}r${i}`]]];
  }).flat();
const weightsOf = (layers, name) =>
  layers.flatMap(({ W, b }, i) => [[`${name}W${i}`, matrix(W, b.length)], [`${name}b${i}`, vector(b)]]);

/** Equal graphs: the sum is over an axis. */
const interaction = {
  plain: ({ graphs, nodes, x, edge, node }) => {
    const [snd, rcv] = ends(graphs, nodes);
    const n = graphs * nodes;
    return {
      model: {
        nodes: [
          ["Gather", ["x", "snd"], ["xs"]],
          ["Gather", ["x", "rcv"], ["xr"]],
          ["Concat", ["xs", "xr"], ["both"], { axis: 1 }],
          ...mlp("both", "e", 3, "m"),
          ["Reshape", ["m", "grouped"], ["mg"]],
          ["ReduceSum", ["mg", "one"], ["felt"], { keepdims: 0 }],
          ["Concat", ["x", "felt"], ["own"], { axis: 1 }],
          ...mlp("own", "n", 2, "y"),
        ],
        constants: {
          snd: i64(snd, snd.length),
          rcv: i64(rcv, rcv.length),
          grouped: i64([n, nodes - 1, 64], 3),
          one: i64([1], 1),
          ...Object.fromEntries([...weightsOf(edge, "e"), ...weightsOf(node, "n")]),
        },
        inputs: { x: [n, 4] },
        outputs: { y: [n, 2] },
      },
      feeds: { x: f32(x, n, 4) },
    };
  },
};

export const graph = {
  gcn_agg_16: aggregation,
  gcn_agg_64: aggregation,
  edge_agg_16: aggregation,
  edge_agg_64: aggregation,
  big_agg_64: aggregation,
  big_edge_agg_16: aggregation,
  big_edge_agg_64: aggregation,
  gat_8x8: attention,
  gat_4x32_uniform: attention,
  gat_4x32_power: attention,
  gcn_infer: infer,
  in_step: interaction,
};
