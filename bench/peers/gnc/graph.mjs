import { densify } from "../../workloads/graphs.mjs";
import { inference, setAll, training } from "./jobs.mjs";

const relation = ({ senders, receivers }) => ({ senders, receivers });

const aggregation = (model, own) => ({
  plain: {
    file: "aggregation",
    model,
    make: (loaded, { graph, weight, x }) =>
      inference(loaded, { v: { x }, e: { ...relation(graph), ...(own && { w: weight }) } }, (out) => out.v.y),
  },
});

const attention = (model, name) => ({
  plain: {
    file: "attention",
    model,
    make: (loaded, { graph, z, from, to }) => {
      setAll(loaded, { [`${name}.from_`]: from, [`${name}.to`]: to });
      return inference(loaded, { v: { z }, e: relation(graph) }, (out) => out.v[name]);
    },
  },
});

const weights = ({ W1, b1, W2, b2 }) => ({ "h.W": W1, "h.b": b1, "logits.W": W2, "logits.b": b2 });
const features = {
  plain: densify,
  sparse: ({ indptr, indices, values }) => ({ indptr, indices, values }),
};
const gcn = (make) =>
  Object.fromEntries(
    [["plain", "DenseGCN"], ["sparse", "SparseGCN"]].map(([variant, model]) => [
      variant,
      {
        file: "gcn",
        model,
        weights,
        make: (loaded, inputs) => make(loaded, inputs, { x: features[variant](inputs.x) }),
      },
    ]),
  );

export const graph = {
  gcn_agg_16: aggregation("Aggregate16"),
  gcn_agg_64: aggregation("Aggregate64"),
  edge_agg_16: aggregation("Weighted16", true),
  edge_agg_64: aggregation("Weighted64", true),
  big_agg_64: aggregation("Sum64"),
  big_edge_agg_16: aggregation("Weighted16", true),
  big_edge_agg_64: aggregation("Weighted64", true),
  gat_8x8: attention("Graph8x8", "y"),
  gat_4x32_uniform: attention("Graph4x32", "wide"),
  gat_4x32_power: attention("Graph4x32", "wide"),
  gcn_infer: gcn((loaded, { graph: g }, v) => inference(loaded, { v, e: relation(g) }, (out) => out.v.logits)),
  gcn_train: gcn((loaded, { graph: g, y, train }, { x }) => training(loaded, { v: { x, y, train }, e: relation(g) })),
};
