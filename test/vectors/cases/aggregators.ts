/**
 * Aggregations that are no word of the language: products by logarithms, cells that read a padded group, and several at once,
 * scaled by degree.
 */
import { call, shapeOf, type Table, type Vector, type VectorCase } from "../support/case.js";
import { constant, tensor, type View } from "../support/view.js";
import { blocks } from "./dense.js";
import { linear, onGraph } from "./graph-text.js";
import { gru, lstm } from "./messages.js";

const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** The sign by the number of negative factors, the size by the sum of logarithms; a product of nothing is said. */
const products = (values: string, slots: number, nothing: number) => (vector: Vector) => {
  const [rows, width] = shapeOf(vector, values) as [number, number];
  return call({
    model: `model M {
  nodes item, slot
  edges goes: item -> slot
  input x: item f32[${width}]
  node slot {
    odd[i] = mod(sum(select(sender.x[i] < 0, 1, 0)), 2)
    size = exp(sum(log(abs(sender.x))))
    y = select(count(goes) > 0, select(odd == 0, size, -size), ${nothing})
  }
  output y
}`,
    graph: {
      item: { x: tensor(values) },
      slot: { count: constant([1], slots) },
      goes: { senders: constant([rows], upTo(rows)), receivers: tensor("in/index") },
    },
    outputs: { "slot.y": tensor("out/y") },
  });
};

/** Groups of up to nine, padded with zeros to nine places that the cell goes through; what it holds at the last is said. */
const throughPadding =
  (block: string, weights: Readonly<Record<string, View>>) => (): VectorCase => {
    const [groups, places] = [7, 9];
    const placed = tensor("in/index").map(({ shape, data }) => ({
      shape,
      data: Array.from(data, (group, at) => group * places + at - Array.from(data).indexOf(group)),
    }));
    return call({
      model: `import { ${block}, Last } from "std/recurrent"
model M {
  nodes item
  nodes place: seq
  edges put: item -> place
  input x: item f32[4]
  node place { padded: f32[4] = sum(sender.x) }
  h${block === "LSTM" ? ", _" : ""} = ${block}<5>(padded) over chain
  y = Last(h)
  output y
}`,
      graph: {
        item: { x: tensor("in/x") },
        place: { count: constant([1], groups * places) },
        put: { senders: constant([19], upTo(19)), receivers: placed },
      },
      graphOf: { item: tensor("in/index"), place: blocks(groups, places) },
      weights,
      outputs: { "global.y": tensor("out/y") },
    });
  };

/**
 * Corso et al. 2020, eq. 8: four aggregators, each as it is, amplified and attenuated by the degree. The vector does not name
 * them: in this order, that of the paper, its numbers come out.
 */
const principal = (): VectorCase =>
  onGraph({
    std: { core: "Linear" },
    inputs: "input usual: global f32",
    text: `let pre = Linear<5>
  let post = Linear<4>
  let out = Linear<4>
  edge link { h = pre([receiver.x, sender.x]) }
  node atom {
    a = [mean(h), min(h), max(h), sqrt(max(var(h), 1e-5))]
    more = log(count(link) + 1) / global.usual
    less = global.usual / log(max(count(link), 1) + 1)
    y = out(post([x, a, a * more, a * less]))
  }`,
    global: { usual: tensor("buf/aggr_module.avg_deg_log") },
    weights: {
      ...linear("pre", "pre_nns.0.0"),
      ...linear("post", "post_nns.0.0"),
      ...linear("out", "lin"),
    },
  });

export const aggregators: Table = {
  "index/scatter_reduce_prod": products("in/src", 6, 0),
  "aggregation/mul": products("in/x", 7, 1),
  "aggregation/scatter_mul": products("in/x", 7, 1),
  "aggregation/gru": throughPadding("GRU", gru("h.cell", "gru.", "_l0")),
  "aggregation/lstm": throughPadding("LSTM", lstm("h.cell", "lstm.", "_l0")),
  "gnn_misc/pna": principal,
};
