/** Small models that use what the standard library holds, and the checked form of a text. */
import { check } from "../../../compiler/1-check/check.js";
import { Problems } from "../../../compiler/diagnostics/problems.js";
import { parseSource } from "../../../compiler/diagnostics/syntax.js";
import type { Model } from "../../../compiler/ir/model.js";
import { stdlib } from "../../../stdlib/index.js";

/** The models of a text; its errors, if it has any, are thrown. */
export function modelsOf(name: string, text: string): readonly Model[] {
  const problems = new Problems();
  const file = parseSource({ name, text }, problems);
  const resolve = (path: string) => {
    const found = stdlib[path];
    return found === undefined ? null : parseSource({ name: path, text: found }, problems);
  };
  const { models } = check(file, resolve, problems);
  const errors = problems.all.filter((p) => p.severity === "error").map((p) => p.message);
  if (errors.length > 0) throw new Error(`${name}: ${errors.join("; ")}`);
  return models;
}

const graph = (body: string, imports: string): string => `${imports}
model Test {
  nodes atom
  edges bond: atom -> atom sparse(self_loops)
  input x: atom f32[4]
  input e: bond f32[3]
  input kind: bond index[3]
  input y: atom index[2]
  input keep: atom bool
  ${body}
}`;

const sequence = (body: string, imports: string): string => `${imports}
model Test {
  nodes word: seq(max: 8)
  nodes out: seq(max: 8)
  edges look: word -> out complete
  input x: word f32[4]
  input t: out f32[4]
  ${body}
}`;

const from = (path: string, ...names: string[]): string =>
  `import { ${names.join(", ")} } from "std/${path}"`;

/** A model for each family of the library, by name. */
export const libraryModels: Readonly<Record<string, string>> = {
  GCN: graph(
    `h = relu(GCN<5>(dropout(x, 0.5)))
  logits = GCN<2>(dropout(h, 0.5))
  output logits
  loss cross_entropy(logits, y) where keep
  metric accuracy(logits, y) where keep
  optimizer adam(lr: 0.01)`,
    `${from("graph", "GCN")}\n${from("core", "dropout", "cross_entropy", "accuracy")}`,
  ),
  GAT: graph(
    `z = GAT<2, 3>(x, 0.3)
  flat = flatten(z)
  w = GATv2<2, 2>(flat)
  output w
  loss sum[i](flatten(w)[i])`,
    from("graph", "GAT", "GATv2"),
  ),
  neighbours: graph(
    `a = SAGE<3>(x, x)
  b = SAGEPool<5, 3>(a)
  c = GIN<4, 3>(b)
  d = RGCN<3, 4>(c, kind)
  f = GatedGraph<2, 3>(d, kind)
  g = MPNN<2, 4>(f, e)
  s = Set2Set<2>(g)
  u = DeepSets<4, 3>(g)
  output g, s, u`,
    from("graph", "SAGE", "SAGEPool", "GIN", "RGCN", "GatedGraph", "MPNN", "Set2Set", "DeepSets"),
  ),
  network: graph(
    `s = DeepSets<4, 3>(x)
  z = EncodeProcessDecode<3, 2>(e, x, s)
  output z`,
    from("graph", "DeepSets", "EncodeProcessDecode"),
  ),
  norms: graph(
    `a = BatchNorm(x)
  b = GraphNorm(a)
  c = LayerNorm(b)
  d = gumbel_softmax(c)
  f = gumbel_hard(c)
  output a, b, c, d, f
  loss mse(c, d)
  optimizer sgd(lr: 0.1)`,
    from("core", "BatchNorm", "GraphNorm", "LayerNorm", "gumbel_softmax", "gumbel_hard", "mse"),
  ),
  recurrent: sequence(
    `a = RNN<3>(x) over chain
  b = Bidirectional<3>(a) over chain
  h, c = LSTM<3>(b) over chain
  last = Last(h)
  output h, c, last`,
    from("recurrent", "RNN", "LSTM", "Bidirectional", "Last"),
  ),
  tree: `${from("recurrent", "TreeLSTM", "Root")}
model Test {
  nodes word
  edges up: word -> word tree
  input x: word f32[4]
  h, c = TreeLSTM<3>(x)
  root = Root(h)
  output h, c, root
}`,
  decoders: sequence(
    `s, c, a = Bahdanau<5, 3>(x, t) over look
  m = Luong<4>(x, t) over look
  output s, c, a, m`,
    from("align", "Bahdanau", "Luong"),
  ),
  alignment: sequence(
    `c, a = Attend(t, x, score: General) over look
  p, _ = AttendPlace(t, x) over look
  n, _ = AttendNear<1>(t, x) over look
  q, _ = AttendPredicted<3, 2>(t, x) over look
  output c, a, p, n, q`,
    from("align", "Attend", "General", "AttendPlace", "AttendNear", "AttendPredicted"),
  ),
  transformer: sequence(
    `m = Encoder<2, 2, 6>(x)
  r = RelativeStack<2, 2, 2>(m) over complete
  d = Decoder<1, 2, 6>(t, r) over look
  p = PreNorm<2, 8>(m) over causal
  output r, d, p`,
    from("transformer", "Encoder", "RelativeStack", "Decoder", "PreNorm"),
  ),
  convolution: `${from("conv", "Conv", "Depthwise", "Grouped", "MaxPool", "MeanPool", "Upsample", "Residual", "Flatten")}
model Test {
  nodes pixel: grid(4, 4)
  nodes half: grid(2, 2)
  edges pool: pixel -> half window(2, 2, stride: 2)
  input x: pixel f32[4]
  a = Conv<4>(x) over window(3, 3)
  b = Depthwise(a) over window(3, 3, dilation: 2)
  c = Grouped<2, 6>(b) over window(3, 3)
  d = Residual<6>(c)
  f = MaxPool(d) over pool
  g = MeanPool(d) over pool
  h = Upsample<3>(g) over pool
  k = Flatten<3>(f)
  output f, h, k
}`,
  nonlocal: `${from("nonlocal", "NonLocalGaussian", "NonLocalEmbedded", "NonLocalDot", "NonLocalConcat")}
model Test {
  nodes place
  input x: place f32[4]
  a = NonLocalGaussian<2>(x) over complete
  b = NonLocalEmbedded<2>(a) over complete
  c = NonLocalDot<2>(b) over complete
  d = NonLocalConcat<2>(c) over complete
  output d
}`,
  inference: `${from("nri", "NRIEncoder", "NRIStep")}
${from("core", "gumbel_softmax", "mse")}
model Test {
  nodes body
  edges pair: body -> body complete(strict)
  input x: body f32[6, 2]
  logits = NRIEncoder<4, 3>(x) over pair
  z = gumbel_softmax(logits, 0.5)
  let step = NRIStep<4, 3>
  now = x[0]
  for t < 5 { given = select(mod(t, 3) == 0, x[t], now); now = step(given, z); mu[t] = now }
  truth[t] = x[t + 1]
  node { far = mean[t](mse(mu[t], truth[t])) }
  output mu
  loss far
}`,
  dense: `${from("dense", "Dense")}
model Test {
  nodes a: set(3)
  nodes b: set(2)
  edges full: a -> b complete
  input x: a f32
  y = Dense(x) over full
  output y
}`,
  writer: `${from("core", "dot", "LayerNorm")}
${from("transformer", "PreNorm")}
block GPT<Layers, Heads>(token: node index[5]) -> node f32[5] {
  param E: f32[5, 4]
  param P: f32[4, 4]
  node { x = E[token] + P[index] }
  for i < Layers { x = PreNorm<Heads, 8>(x) over causal }
  h = LayerNorm(x)
  logits[v] = dot(h, E[v])
  return logits
}
model Test {
  nodes char: seq(max: 4)
  input prompt: char index[5]
  input given:  char bool
  input heat:   batch f32
  node char {
    token = select(given, prompt, max(sender.guess) over chain)
    noise[v < 5] = -log(-log(uniform()))
    guess = argmax(logits + batch.heat * noise)
  }
  logits = GPT<2, 2>(token)
  output token
}`,
};
