/** Matrices of a graph: its adjacency, its nodes row by row, and its Laplacians by edge and, for the diagonal, by node. */
import { call, type Table, type VectorCase } from "../support/case.js";
import { constant, tensor } from "../support/view.js";
import { endsOf } from "./graph-text.js";

const laplacian =
  (edge: string, node: string): (() => VectorCase) =>
  () =>
    call({
      model: `model M {
  nodes atom
  edges link: atom -> atom
  input w: link f32
  node atom {
    d = sum(w) by sender
    some = d > 0
    root = select(some, rsqrt(select(some, d, 1)), 0)
    part = select(some, 1 / select(some, d, 1), 0)
  }
  edge link { y = ${edge} }
  node atom { own = ${node} }
  output y, own
}`,
      graph: {
        atom: { count: constant([1], 7) },
        link: { ...endsOf("in/edge_index"), w: tensor("in/edge_weight") },
      },
      unread: { "out/edge_index": "the edges are given, and the diagonal is on the nodes" },
      outputs: {
        "link.y": tensor("out/weight").slice(0, 0, 16),
        "atom.own": tensor("out/weight").slice(0, 16, 23),
      },
    });

export const matrices: Table = {
  "graph_utils/laplacian_None": laplacian("-w", "1.0 * d"),
  "graph_utils/laplacian_sym": laplacian("-(sender.root * w * receiver.root)", "1.0"),
  "graph_utils/laplacian_rw": laplacian("-(sender.part * w)", "1.0"),
  "pool_graph/to_dense_batch": () =>
    call({
      model: `model M {
  nodes atom: seq
  input x: atom f32[4]
  node atom { here = 1.0 }
  global {
    y[j < 5] = sum(x where index == j)
    mask[j < 5] = sum(here where index == j) > 0
  }
  output y, mask
}`,
      graph: { atom: { x: tensor("in/x") } },
      graphOf: { atom: tensor("in/batch") },
      outputs: { "global.y": tensor("out/y"), "global.mask": tensor("out/mask") },
    }),
  "graph_utils/to_dense_adj": () =>
    call({
      model: `model M {
  nodes atom: set(7)
  edges link: atom -> atom
  input w: link f32
  node atom { y[j < 7] = sum(select(receiver.index == j, w, 0)) by sender }
  output y
}`,
      graph: {
        atom: { count: constant([1], 7) },
        link: { ...endsOf("in/edge_index"), w: tensor("in/edge_attr") },
      },
      outputs: { "atom.y": tensor("out/y") },
    }),
};
