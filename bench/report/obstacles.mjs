/** What keeps gnc from being faster still, by workload: beginnings of names. */
const tile =
  "products go at the rate of a tile of 4 x 8, which takes all registers that engines leave";
const second = "rows of what is gathered come from the second cache";
const last = "the row of each sender comes from anywhere in more than the second cache holds";

const known = {
  gemm_: tile,
  linear: `${tile}; 15 MB of features pass by once`,
  conv_b8: "sums have 25 terms: windows are copied, and tiles begin and end, for as little as that",
  conv_: tile,
  attention_: "powers between two products of 64 terms; totals go through the first cache",
  tfm_: "attention in heads of 32: powers between two short products",
  gcn_agg: second,
  edge_agg: second,
  big_: last,
  gat_8x8: "the powers of the softmax, and rows from the second cache",
  gat_: last,
  gcn_infer: second,
  gcn_train: `fifteen kernels of 5 to 80 microseconds: ${second}; Adam takes a root and a division of every weight`,
  gru_b1: "the recurrent weights, 196 kB, come from the second cache in each step",
  lstm_b1: "the recurrent weights, 262 kB, come from the second cache in each step",
  gru_: "a step is one product of few rows; its gates wait for it",
  lstm_: "a step is one product of few rows; its gates wait for it",
  in_: tile,
};

export const obstacle = (workload) =>
  Object.entries(known).find(([begin]) => workload.startsWith(begin))?.[1] ?? "";
