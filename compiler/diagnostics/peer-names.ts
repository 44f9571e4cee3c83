/** What users of other libraries write, and how it is said here: hints for names that mean nothing. */

const fromCore = (name: string): string => `\`${name}\` of "std/core"`;
const fromGraph = (name: string): string => `\`${name}\` of "std/graph"`;

const concatenation = "concatenation is written `[a, b]`";
const aggregation = "messages are added up by `node { y = sum(sender.x) }`";
const product = "a product of matrices is written `x @ W`";
const axes = "axes are named, not moved: `y[i, j] = x[j, i]`, or `flatten(x)` to join them";
const loops = "loops at nodes are part of the relation: `edges e: a -> a sparse(self_loops)`";

/** By the name in lower case, without underscores. */
const words: ReadonlyMap<string, string> = new Map([
  ["dense", `a layer with one weight matrix is ${fromCore("Linear<Out>")}`],
  ["gcnconv", `this is ${fromGraph("GCN")}`],
  ["graphconv", `this is ${fromGraph("GCN")}`],
  ["gatconv", `this is ${fromGraph("GAT")}`],
  ["gatv2conv", `this is ${fromGraph("GATv2")}`],
  ["sageconv", `this is ${fromGraph("SAGE")}`],
  ["ginconv", `this is ${fromGraph("GIN")}`],
  ["rgcnconv", `this is ${fromGraph("RGCN")}`],
  ["conv1d", 'this is `Conv<Out>(x) over window(5)`, with `Conv` of "std/conv"'],
  ["conv2d", 'this is `Conv<Out>(x) over window(3, 3)`, with `Conv` of "std/conv"'],
  ["maxpool2d", 'this is `MaxPool` of "std/conv", over a window between two grids'],
  ["globalmeanpool", 'this is `MeanReadout` of "std/readout", or `global { g = mean(x) }`'],
  ["globaladdpool", 'this is `SumReadout` of "std/readout", or `global { g = sum(x) }`'],
  ["globalmaxpool", 'this is `MaxReadout` of "std/readout", or `global { g = max(x) }`'],
  ["batchnorm1d", `this is ${fromCore("BatchNorm")}`],
  ["multiheadattention", 'this is `MultiHead<Heads>` of "std/transformer"'],
  ["nllloss", `take ${fromCore("cross_entropy")}: it wants logits, without a softmax`],
  ["crossentropyloss", `this is ${fromCore("cross_entropy")}`],
  ["bceloss", `this is ${fromCore("binary_cross_entropy")}`],
  ["mseloss", `this is ${fromCore("mse")}`],
  ["meansquare", `this is ${fromCore("mse")}`],
  ["meansquarederror", `this is ${fromCore("mse")}`],
  ["l1loss", `this is ${fromCore("mae")}`],
  ["meanabsoluteerror", `this is ${fromCore("mae")}`],
  ["cat", concatenation],
  ["concat", concatenation],
  ["concatenate", concatenation],
  ["stack", concatenation],
  ["scatter", aggregation],
  ["scatteradd", aggregation],
  ["segmentsum", aggregation],
  ["propagate", aggregation],
  ["aggregate", aggregation],
  ["matmul", product],
  ["mm", product],
  ["bmm", product],
  ["einsum", `${product}, a sum over an axis \`sum[i](a[i] * b[i])\``],
  ["transpose", axes],
  ["permute", axes],
  ["reshape", axes],
  ["view", axes],
  ["squeeze", axes],
  ["unsqueeze", axes],
  ["selfloops", loops],
  ["addselfloops", loops],
  ["where", "a choice is written `select(c, a, b)`"],
  ["ifelse", "a choice is written `select(c, a, b)`"],
  ["swish", `this is ${fromCore("silu")}`],
  ["square", `this is ${fromCore("sq")}`],
  ["avg", "this is `mean`"],
  ["average", "this is `mean`"],
  ["std", "this is `sqrt(var(..))`"],
  ["len", "a number of nodes or edges is `count(..)`"],
  ["ln", "the natural logarithm is `log`"],
]);

/** What to write for a word of another library; null if it is none that we know. */
export const saidHere = (name: string): string | null =>
  words.get(name.toLowerCase().replaceAll("_", "")) ?? null;
