/** Why vectors are left out: the first pattern that matches an id says it. */
export const uncovered: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^onnx\/(acos|asin|atan)$/, "the language has no inverse of sine, cosine or tangent"],
  [/^onnx\/(compress|nonzero|unique)/, "the shape of the result depends on the data"],
  [/^onnx\/top_k/, "nothing orders elements"],
  [
    /^onnx\/(.*_empty_set|split_zero|slice_start_out|triu_zero|reshape_allowzero)/,
    "no axis of length 0",
  ],
  [/^elementwise\/atan/, "the language has no arctangent"],
  [/^aggregation\/(median|sort)/, "no aggregation that orders its elements"],
  [/^pool_graph\/(topk|sag)pool/, "the edges of a graph are given, never computed"],
  [/^graph_utils\/|^gcn\/gcn_norm/, "a list of edges is the result: preparation of data"],
  [/^optim\//, "the optimizers are sgd, adam and adamw, with what their settings say"],
];
