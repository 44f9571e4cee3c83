/** Why vectors are left out: the first pattern that matches an id says it. */
export const uncovered: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^onnx\//, "ONNX has its own issue"],
  [/^elementwise\/atan/, "the language has no arctangent"],
  [/^index\/scatter_reduce_prod|^aggregation\/(mul|scatter_mul)/, "no aggregation by product"],
  [/^aggregation\/(median|sort)/, "no aggregation that orders its elements"],
  [/^aggregation\/(lstm|gru)/, "runs on over the padding of a batch; graphs here are ragged"],
  [/^pool_graph\/(topk|sag)pool/, "the edges of a graph are given, never computed"],
  [/^pool_graph\/to_dense_batch/, "padding: a batch is the union of its graphs, never padded"],
  [/^graph_utils\/|^gcn\/gcn_norm/, "a list of edges as the result: preparation of data"],
  [/^gnn_misc\/pna/, "the vector does not say which aggregators and scalers make its columns"],
  [
    /^optim\/(sgd_dampening|amsgrad|rmsprop|adagrad|adadelta|adamax|nadam|radam)/,
    "optimizers are sgd, adam and adamw",
  ],
  [/^(conv|pool)\//, "convolution and pooling have their own issue"],
  [/^rnn\//, "recurrent networks have their own issue"],
  [/^(seq2seq_attention|attention|shaw_relative|transformer)\//, "sequences have their own issue"],
  [/^train_misc\//, "images and sequences have their own issue"],
  [/^nri\//, "relational inference has its own issue"],
  [/^(nonlocal|interaction_network)\//, "physics and non-local blocks have their own issue"],
];
