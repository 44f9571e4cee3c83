/** The standard library as text. Written by scripts/stdlib.mjs from the .gn files beside it: edit those. */
export const stdlib: Readonly<Record<string, string>> = {
  "std/align": `import { sq, dot, Linear } from "std/core"
import { LSTMCell, GRUCell } from "std/recurrent"
/// Bahdanau et al. 2015, A.1.2.
fn Additive<A>(s: f32[S], h: f32[H]) -> f32 {
  param W: f32[S, A]
  param U: f32[H, A]
  param v: f32[A]
  return dot(v, tanh(s @ W + h @ U))
}
/// Luong et al. 2015, 3.1, "general".
fn General(s: f32[S], h: f32[H]) -> f32 {
  param W: f32[S, H]
  return dot(s @ W, h)
}
/// Luong et al. 2015, 3.1, "concat".
fn Concat<A>(s: f32[S], h: f32[H]) -> f32 {
  param W: f32[S + H, A]
  param v: f32[A]
  return dot(v, tanh([s, h] @ W))
}
/// Luong et al. 2015, eq. 7: global attention with any score.
block Attend(s: receiver f32[S], h: sender f32[H], score = dot) -> receiver f32[H], edge f32 {
  edge     { a = softmax(score(receiver.s, sender.h)) by receiver }
  receiver { c = sum(a * sender.h) }
  return c, a
}
/// Luong et al. 2015, eq. 8, "location": the score depends on the target's state and the source's place alone.
block AttendPlace(s: receiver f32[S], h: sender f32[H]) -> receiver f32[H], edge f32 {
  param W: f32[S, Max]
  receiver { at = s @ W }
  edge     { i: index[Max] = sender.index; a = softmax(receiver.at[i]) by receiver }
  receiver { c = sum(a * sender.h) }
  return c, a
}
/// Luong et al. 2015, 3.2, local-m: a window round the same place.
block AttendNear<Radius>(s: receiver f32[S], h: sender f32[H], score = dot) -> receiver f32[H], edge f32 {
  edge     { a = softmax(score(receiver.s, sender.h) where abs(sender.index - receiver.index) <= Radius) by receiver }
  receiver { c = sum(a * sender.h) }
  return c, a
}
/// Luong et al. 2015, eq. 9-10, local-p: a Gaussian round a predicted place.
block AttendPredicted<A, Radius>(s: receiver f32[S], h: sender f32[H], score = dot) -> receiver f32[H], edge f32 {
  let place = Linear<A>
  param v: f32[A]
  global   { n = count(sender) }
  receiver { p = global.n * sigmoid(dot(v, tanh(place(s)))) }
  edge {
    far = sender.index - receiver.p
    a = softmax(score(receiver.s, sender.h) where abs(far) <= Radius) by receiver
        * exp(-2 * sq(far / Radius))
  }
  receiver { c = sum(a * sender.h) }
  return c, a
}
/// Xu et al. 2015, 4.1: one source for each target, drawn by its score while training and the best one afterwards. What is
/// chosen goes forward and the softmax goes back: Jang et al. 2017, 2.2. The argmax is taken over places, so sources want
/// \`seq(max: ..)\`.
block AttendHard(s: receiver f32[S], h: sender f32[H], score = dot, tau = 1) -> receiver f32[H], edge f32 {
  edge {
    place: index[Max] = sender.index
    e = score(receiver.s, sender.h)
    drawn = select(training, e - log(-log(uniform() + 1e-9)), e)
    soft = softmax(drawn / tau) by receiver
    at = one_hot(place)
  }
  receiver {
    there = sum(at)
    seen = sum(drawn * at)
    best = argmax(select(there > 0, seen, -1e30))
  }
  edge     { hard = select(place == receiver.best, 1, 0); a = soft + stop(hard - soft) }
  receiver { c = sum(a * sender.h) }
  return c, a
}
/// Bahdanau et al. 2015, eq. 4-6: an alignment inside a recurrence.
block Bahdanau<A, H>(h: sender f32[S], y: receiver f32[E], start: global f32[H] = 0) -> receiver f32[H], receiver f32[S], edge f32 {
  let score = Additive<A>
  let cell = GRUCell
  receiver { before = sum(sender.s, empty: global.start) over chain }
  edge     { a = softmax(score(receiver.before, sender.h)) by receiver }
  receiver { c = sum(a * sender.h); s = cell([y, c], before) }
  return s, c, a
}
/// Luong et al. 2015, 3.3: the decoder with input feeding: the last attentional state is read again.
block Luong<H>(h: sender f32[S], y: receiver f32[E], start: global f32[H] = 0, score = General) -> receiver f32[H] {
  let cell = LSTMCell
  let mix = Linear<H>
  receiver {
    before: f32[H] = sum(sender.s, empty: global.start) over chain
    memory = sum(sender.m) over chain
    fed = sum(sender.out) over chain
    s, m = cell([y, fed], before, memory)
  }
  edge     { a = softmax(score(receiver.s, sender.h)) by receiver }
  receiver { c = sum(a * sender.h); out = tanh(mix([c, s])) }
  return out
}
`,
  "std/conv": `import { BatchNorm } from "std/core"
/// LeCun et al. 1989. 1-D on a seq, 1-D to 3-D on a grid: the topology says the window, the stride, the dilation and the padding.
block Conv<Out>(x: sender f32[In]) -> receiver f32[Out] {
  param W: f32[Taps, In, Out] = he(fan: Taps * In)
  param b: f32[Out]
  edge     { tap: index[Taps] = offset; m = sender.x @ W[tap] }
  receiver { y = sum(m) + b }
  return y
}
/// Chollet 2017: one filter for each channel.
block Depthwise(x: sender f32[C]) -> receiver f32[C] {
  param W: f32[Taps, C] = he(fan: Taps)
  edge     { tap: index[Taps] = offset; m = sender.x * W[tap] }
  receiver { y = sum(m) }
  return y
}
/// Krizhevsky et al. 2012: channels in groups that do not mix.
block Grouped<G, Out>(x: sender f32[In]) -> receiver f32[Out] {
  const P = In / G
  const Q = Out / G
  param W: f32[Taps, G, P, Q] = he(fan: Taps * P)
  sender   { part[g < G, p < P] = x[g * P + p] }
  edge     { tap: index[Taps] = offset; m[g] = sender.part[g] @ W[tap, g] }
  receiver { z[g] = sum(m[g]); y = flatten(z) }
  return y
}
/// The largest of what the window sees. Ranzato et al. 2007.
block MaxPool(x: sender f32[C]) -> receiver f32[C] { receiver { y = max(sender.x) } return y }
/// The mean of what the window sees: the subsampling of LeCun et al. 1998, without its weights.
block MeanPool(x: sender f32[C]) -> receiver f32[C] { receiver { y = mean(sender.x) } return y }
/// The transposed convolution, Zeiler et al. 2010: the same window, walked from the other end.
block Upsample<Out>(x: receiver f32[In]) -> sender f32[Out] {
  param W: f32[Taps, In, Out] = he(fan: Taps * In)
  edge   { tap: index[Taps] = offset; m = receiver.x @ W[tap] }
  sender { y = sum(m) by sender }
  return y
}
/// He et al. 2016, eq. 1.
block Residual<C>(x: node f32[C]) -> node f32[C] {
  h = relu(BatchNorm(Conv<C>(x) over window(3, 3)))
  return relu(x + BatchNorm(Conv<C>(h) over window(3, 3)))
}
/// Weights indexed by the place alone: a flatten and a linear layer.
block Flatten<Out>(x: node f32[C]) -> global f32[Out] {
  param W: f32[N, C, Out] = glorot
  param b: f32[Out]
  node   { i: index[N] = index; m = x @ W[i] }
  global { y = sum(m) + b }
  return y
}
`,
  "std/core": `/// The square.
fn sq(x: f32) -> f32 { return x * x }
/// Maas et al. 2013.
fn leaky_relu(x: f32, slope = 0.01) -> f32 { return select(x > 0, x, slope * x) }
/// Clevert et al. 2016.
fn elu(x: f32) -> f32 { return select(x > 0, x, exp(min(x, 0)) - 1) }
/// Hendrycks & Gimpel 2016, the tanh form.
fn gelu(x: f32) -> f32 { return 0.5 * x * (1 + tanh(0.7978845608 * (x + 0.044715 * x * x * x))) }
/// Ramachandran et al. 2017, swish with beta 1.
fn silu(x: f32) -> f32 { return x * sigmoid(x) }
/// log(1 + e^x), safe for any x.
fn softplus(x: f32) -> f32 { return max(x, 0) + log(1 + exp(-abs(x))) }
/// The inner product of two vectors.
fn dot(a: f32[D], b: f32[D]) -> f32 { return sum[i](a[i] * b[i]) }
/// Vaswani et al. 2017, eq. 1: the inner product over the root of its length.
fn scaled(a: f32[D], b: f32[D]) -> f32 { return dot(a, b) / sqrt(D) }

/// Srivastava et al. 2014, scaled while training so that nothing changes afterwards.
fn dropout(x: f32[D], rate = 0.5) -> f32[D] {
  keep[i < D] = uniform() >= rate
  y[i] = select(not training or keep[i], x[i] / select(training, 1 - rate, 1), 0)
  return y
}
/// Jang et al. 2017, eq. 2: a soft draw from a categorical.
fn gumbel_softmax(logits: f32[K], tau = 1) -> f32[K] {
  g[k < K] = -log(-log(uniform()))
  return softmax((logits + g) / tau)
}
/// Jang et al. 2017, 2.2, straight-through: hard forward, soft gradient.
fn gumbel_hard(logits: f32[K], tau = 1) -> f32[K] {
  soft = gumbel_softmax(logits, tau)
  hard = one_hot(argmax(soft))
  return hard - stop(soft) + soft
}

/// x W + b.
fn Linear<Out>(x: f32[In]) -> f32[Out] {
  param W: f32[In, Out] = glorot
  param b: f32[Out]     = zeros
  return x @ W + b
}
/// Hidden layers with \`act\`, a linear one last.
fn MLP<Hidden..., Out>(x: f32[In], act = relu) -> f32[Out] {
  for H in Hidden { x = act(Linear<H>(x)) }
  return Linear<Out>(x)
}
/// One learned row for each index.
fn Embedding<Size, D>(i: index[Size]) -> f32[D] {
  param E: f32[Size, D] = normal(0.02)
  return E[i]
}
/// Ba et al. 2016, eq. 3: over the features of one element.
fn LayerNorm(x: f32[D], eps = 1e-5) -> f32[D] {
  param gain:  f32[D] = ones
  param shift: f32[D] = zeros
  m = mean[i](x[i])
  v = mean[i](sq(x[i] - m))
  return (x - m) * rsqrt(v + eps) * gain + shift
}
/// Ioffe & Szegedy 2015, algorithm 1, over all elements of whatever space it is used on; running statistics when not training.
fn BatchNorm(x: f32[D], momentum = 0.1, eps = 1e-5) -> f32[D] {
  param gain:  f32[D] = ones
  param shift: f32[D] = zeros
  state centre: f32[D] = zeros
  state spread: f32[D] = ones
  m = mean(x) by batch
  v = var(x) by batch
  n = sum(1) by batch
  centre' = (1 - momentum) * centre + momentum * m
  spread' = (1 - momentum) * spread + momentum * v * n / max(n - 1, 1)
  return (x - select(training, m, centre)) * rsqrt(select(training, v, spread) + eps) * gain + shift
}
/// Cai et al. 2021: over the nodes of one graph, with a learned share of the mean.
fn GraphNorm(x: f32[D], eps = 1e-5) -> f32[D] {
  param gain, keep: f32[D] = ones
  param shift: f32[D] = zeros
  y = x - keep * mean(x) by graph
  return y * rsqrt(mean(sq(y)) by graph + eps) * gain + shift
}
/// Vaswani et al. 2017, 3.5: sines and cosines of the position.
fn Sinusoid<D>(position: i32) -> f32[D] {
  pe[i < D] = select(mod(i, 2) == 0, sin(position * pow(1e4, -i / D)), cos(position * pow(1e4, (1 - i) / D)))
  return pe
}

/// The negative logarithm of the softmax, at the label.
fn cross_entropy(logits: f32[C], y: index[C]) -> f32 { return -log_softmax(logits)[y] }
/// Of a logit, for a label 0 or 1.
fn binary_cross_entropy(logit: f32, y: f32) -> f32 { return softplus(logit) - y * logit }
/// The mean squared error.
fn mse(a: f32[D], b: f32[D]) -> f32 { return mean[i](sq(a[i] - b[i])) }
/// The mean absolute error.
fn mae(a: f32[D], b: f32[D]) -> f32 { return mean[i](abs(a[i] - b[i])) }
/// The negative logarithm of N(x; mean, variance), averaged over the features. Nix & Weigend 1994.
fn gaussian_nll(mean_: f32[D], variance: f32[D], x: f32[D]) -> f32 {
  return mean[i](0.5 * (log(6.283185307 * variance[i]) + sq(x[i] - mean_[i]) / variance[i]))
}
/// KL(p | q) of two categoricals, in nats. Kullback & Leibler 1951.
fn kl_categorical(p: f32[K], q: f32[K]) -> f32 { return sum[k](p[k] * (log(p[k] + 1e-16) - log(q[k] + 1e-16))) }
/// KL(p | uniform) of a categorical, in nats.
fn kl_uniform(p: f32[K]) -> f32 { return sum[k](p[k] * log(K * p[k] + 1e-16)) }

/// 1 where the largest logit is that of the label.
fn accuracy(logits: f32[C], y: index[C]) -> f32 { return select(argmax(logits) == y, 1, 0) }
/// 1 where the sign of the logit says the label 0 or 1.
fn binary_accuracy(logit: f32, y: f32) -> f32 { return select((logit > 0) == (y > 0.5), 1, 0) }
`,
  "std/dense": `/// Fully connected: every pair, nothing shared. Weights are indexed by both ends.
block Dense(x: sender f32) -> receiver f32 {
  param W: f32[N, M] = glorot
  param b: f32[M]
  edge     { i: index[N] = sender.index; j: index[M] = receiver.index; m = W[i, j] * sender.x }
  receiver { k: index[M] = index; y = sum(m) + b[k] }
  return y
}
`,
  "std/graph": `import { leaky_relu, dot, dropout, Linear, MLP } from "std/core"
import { LSTMCell, GRUCell } from "std/recurrent"

/// Kipf & Welling 2017, eq. 2: D^-1/2 A D^-1/2 X W. A node that nothing reaches weighs 0.
block GCN<Out>(x: node f32[In]) -> node f32[Out] {
  param W: f32[In, Out]
  param b: f32[Out]
  node { n = count(edge); d = select(n > 0, rsqrt(max(n, 1)), 0) }
  node { y = sum(sender.d * receiver.d * sender.x) @ W + b }
  return y
}
/// Velickovic et al. 2018, eq. 1-6.
block GAT<Heads, Out>(x: node f32[In], rate = 0) -> node f32[Heads, Out] {
  param W: f32[Heads, In, Out]
  param from_, to: f32[Heads, Out]
  node { z[h] = x @ W[h]; s[h] = dot(z[h], from_[h]); r[h] = dot(z[h], to[h]) }
  edge { a = dropout(softmax(leaky_relu(sender.s + receiver.r, 0.2)) by receiver, rate) }
  node { y[h] = sum(a[h] * sender.z[h]) }
  return y
}
/// Brody et al. 2022, eq. 7: the score sees both ends before it is weighed.
block GATv2<Heads, Out>(x: node f32[In]) -> node f32[Heads, Out] {
  param Ws, Wr: f32[Heads, In, Out]
  param v: f32[Heads, Out]
  node { s[h] = x @ Ws[h]; r[h] = x @ Wr[h] }
  edge { a[h] = softmax(dot(v[h], leaky_relu(sender.s[h] + receiver.r[h], 0.2))) by receiver }
  node { y[h] = sum(a[h] * sender.s[h]) }
  return y
}
/// Hamilton et al. 2017, algorithm 1 with the mean aggregator. Works between two sets as well.
block SAGE<Out>(x: receiver f32[A], from_: sender f32[B]) -> receiver f32[Out] {
  let near = Linear<Out>
  let own  = Linear<Out>
  receiver { y = own(x) + near(mean(sender.from_)) }
  return y
}
/// Hamilton et al. 2017, eq. 3: the pooling aggregator.
block SAGEPool<H, Out>(x: node f32[In]) -> node f32[Out] {
  let near = Linear<H>
  let join = Linear<Out>
  node { m = relu(near(x)); y = join([x, max(sender.m)]) }
  return y
}
/// Xu et al. 2019, eq. 4.1: sums of neighbours, told apart from the own value by eps.
block GIN<Hidden..., Out>(x: node f32[In]) -> node f32[Out] {
  param eps: f32
  let f = MLP<Hidden..., Out>
  node { y = f((1 + eps) * x + sum(sender.x)) }
  return y
}
/// Schlichtkrull et al. 2018, eq. 2: one weight per edge type.
block RGCN<Types, Out>(x: node f32[In], type_: edge index[Types]) -> node f32[Out] {
  param W: f32[Types, In, Out]
  param W0: f32[In, Out]
  edge { one = one_hot(type_) }
  node { n = sum(one) }
  edge { m = sender.x @ W[type_] / receiver.n[type_] }
  node { y = x @ W0 + sum(m) }
  return y
}
/// Li et al. 2016, eq. 1-6: a gated update from messages with one matrix per edge type.
block GatedGraph<Steps, Types>(x: node f32[H], type_: edge index[Types]) -> node f32[H] {
  param A: f32[Types, H, H]
  let cell = GRUCell
  for t < Steps { node { x = cell(sum(sender.x @ A[type_]), x) } }
  return x
}
/// Gilmer et al. 2017, section 5.1: a network makes each edge's matrix; one row of it per output.
block MPNN<Steps, H>(x: node f32[H], e: edge f32[E]) -> node f32[H] {
  let row[H] = MLP<H, H>
  let cell = GRUCell
  edge { A[i] = row[i](e) }
  for t < Steps {
    edge { m[i] = dot(A[i], sender.x) }
    node { x = cell(sum(m), x) }
  }
  return x
}
/// Vinyals et al. 2016, eq. 3-7: read a set by attention, a few times.
block Set2Set<Steps>(x: node f32[D]) -> global f32[2 * D] {
  let cell = LSTMCell
  global { q: f32[D] = 0; c: f32[D] = 0; r: f32[D] = 0 }
  for t < Steps {
    global { q, c = cell([q, r], q, c) }
    node   { a = softmax(dot(x, global.q)) by graph }
    global { r = sum(a * x) }
  }
  return [q, r]
}
/// Zaheer et al. 2017, theorem 2: no relation at all.
block DeepSets<H, Out>(x: node f32[D]) -> global f32[Out] {
  global { y = MLP<H, Out>(sum(MLP<H, H>(x))) }
  return y
}
/// Battaglia et al. 2018, figure 3 and algorithm 1: e, v, u in turn.
block GN<E, X, U>(e: edge f32[A], x: node f32[B], u: global f32[C], phi_e = MLP<64, E>, phi_v = MLP<64, X>, phi_u = MLP<64, U>) -> edge f32[E], node f32[X], global f32[U] {
  edge   { e' = phi_e([e, sender.x, receiver.x, global.u]) }
  node   { x' = phi_v([sum(e'), x, global.u]) }
  global { u' = phi_u([sum(e'), sum(x'), u]) }
  return e', x', u'
}
/// Battaglia et al. 2018, figure 6b: encode, process with one core for ten steps, decode.
block EncodeProcessDecode<L, Out>(e: edge f32[A], x: node f32[B], u: global f32[C]) -> node f32[Out] {
  let core = GN<L, L, L>
  edge   { e0 = MLP<L, L>(e) }
  node   { x0 = MLP<L, L>(x) }
  global { u0 = MLP<L, L>(u) }
  e1 = e0; x1 = x0; u1 = u0
  for t < 10 { e1, x1, u1 = core([e0, e1], [x0, x1], [u0, u1]) }
  return MLP<L, Out>(x1)
}
`,
  "std/nonlocal": `import { dot } from "std/core"
/// Wang et al. 2018, eq. 2 and 6, Gaussian: f over its sum is a softmax. \`Wz\` begins at 0: the block changes nothing at first.
block NonLocalGaussian<C>(x: node f32[D]) -> node f32[D] {
  param Wg: f32[D, C]
  param Wz: f32[C, D] = zeros
  node { g = x @ Wg }
  edge { f = softmax(dot(receiver.x, sender.x)) by receiver }
  node { y = sum(f * sender.g) @ Wz + x }
  return y
}
/// Wang et al. 2018, eq. 3, embedded Gaussian: the same of projected ends.
block NonLocalEmbedded<C>(x: node f32[D]) -> node f32[D] {
  param Wt, Wp, Wg: f32[D, C]
  param Wz: f32[C, D] = zeros
  node { theta = x @ Wt; phi = x @ Wp; g = x @ Wg }
  edge { f = softmax(dot(receiver.theta, sender.phi)) by receiver }
  node { y = sum(f * sender.g) @ Wz + x }
  return y
}
/// Wang et al. 2018, eq. 4: the product itself, over the number of places.
block NonLocalDot<C>(x: node f32[D]) -> node f32[D] {
  param Wt, Wp, Wg: f32[D, C]
  param Wz: f32[C, D] = zeros
  node { theta = x @ Wt; phi = x @ Wp; g = x @ Wg }
  edge { f = dot(receiver.theta, sender.phi) }
  node { y = (sum(f * sender.g) / max(count(edge), 1)) @ Wz + x }
  return y
}
/// Wang et al. 2018, eq. 5: a learned score of both ends, over the number of places.
block NonLocalConcat<C>(x: node f32[D]) -> node f32[D] {
  param Wt, Wp, Wg: f32[D, C]
  param w: f32[2 * C]
  param Wz: f32[C, D] = zeros
  node { theta = x @ Wt; phi = x @ Wp; g = x @ Wg }
  edge { f = relu(dot(w, [receiver.theta, sender.phi])) }
  node { y = (sum(f * sender.g) / max(count(edge), 1)) @ Wz + x }
  return y
}
`,
  "std/nri": `import { elu, sq, dot, Linear, BatchNorm } from "std/core"

/// Kipf et al. 2018, with the reference code's layers: Linear, ELU, Linear, ELU, batch norm.
fn Layer<H>(x: f32[In]) -> f32[H] { return BatchNorm(elu(Linear<H>(elu(Linear<H>(x))))) }

/// Kipf et al. 2018, eq. 5-8: from trajectories to logits of the edge types.
block NRIEncoder<H, K>(x: node f32[Steps, D]) -> edge f32[K] {
  node { a = Layer<H>(flatten(x)) }
  edge { b = Layer<H>([sender.a, receiver.a]) }
  node { c = Layer<H>(sum(b) / count(node)) }
  edge { d = Layer<H>([sender.c, receiver.c, b]); logits = Linear<K>(d) }
  return logits
}
/// A convolution along the steps of a series, without padding, and a rectifier.
fn AlongTime<Taps, Out>(x: f32[Steps, In]) -> f32[Steps - Taps + 1, Out] {
  param W: f32[Taps, In, Out] = he(fan: Taps * Out)
  param b: f32[Out]           = zeros
  y[t < Steps - Taps + 1] = relu(sum[k](x[t + k] @ W[k]) + b)
  return y
}
/// Batch norm over all elements and all steps of their series, channel by channel.
fn SeriesNorm(x: f32[Steps, C], momentum = 0.1, eps = 1e-5) -> f32[Steps, C] {
  param gain:  f32[C] = ones
  param shift: f32[C] = zeros
  state centre: f32[C] = zeros
  state spread: f32[C] = ones
  m[c] = mean(mean[t](x[t, c])) by batch
  v[c] = mean(mean[t](sq(x[t, c] - m[c]))) by batch
  n = Steps * sum(1) by batch
  centre' = (1 - momentum) * centre + momentum * m
  spread' = (1 - momentum) * spread + momentum * v * n / max(n - 1, 1)
  a = select(training, m, centre)
  s = rsqrt(select(training, v, spread) + eps) * gain
  y[t] = (x[t] - a) * s + shift
  return y
}
/// The series of both ends side by side, convolved twice and averaged by attention over time: the reference code's CNN. Its
/// attention has a bias, which a softmax does not see.
block PairSeries<H>(x: node f32[Steps, D]) -> edge f32[H] {
  let guess = Linear<H>
  param w: f32[H] = normal(0.1)
  edge {
    both[t] = [sender.x[t], receiver.x[t]]
    conv1 = AlongTime<5, H>(both)
    norm1 = SeriesNorm(conv1)
    half[t, i] = max(norm1[2 * t, i], norm1[2 * t + 1, i])
    conv2 = AlongTime<5, H>(half)
    norm2 = SeriesNorm(conv2)
    score[t] = dot(w, norm2[t])
    a = softmax(score)
    g[t] = guess(norm2[t])
    y[i] = mean[t](a[t] * g[t, i])
  }
  return y
}
/// Kipf et al. 2018, 3.1 and appendix: the encoder that convolves over time, for long series of any speed.
block NRIConvEncoder<H, K>(x: node f32[Steps, D]) -> edge f32[K] {
  q = PairSeries<H>(x)
  edge { b = Layer<H>(q) }
  node { c = Layer<H>(sum(b) / count(node)) }
  edge { d = Layer<H>([sender.c, receiver.c, b]); logits = Linear<K>(d) }
  return logits
}

/// x W + b, begun as small as the reference code begins its decoders: with larger weights their steps drift apart at first.
fn Small<Out>(x: f32[In]) -> f32[Out] {
  param W: f32[In, Out] = he(fan: 6 * In)
  param b: f32[Out]     = zeros
  return x @ W + b
}
/// What one type of edge says, between states or between hidden states.
fn NRIMessage<H>(x: f32[In], act = relu) -> f32[H] { return act(Small<H>(act(Small<H>(x)))) }
/// By how much a state changes.
fn NRIChange<H, D>(x: f32[In]) -> f32[D] { return Small<D>(relu(Small<H>(relu(Small<H>(x))))) }

/// Kipf et al. 2018, eq. 10-11: one step. Type 0 means no edge (skip_first), so there are K - 1 networks.
block NRIStep<H, K>(x: node f32[D], z: edge f32[K]) -> node f32[D] {
  let message[K - 1] = NRIMessage<H>
  let change = NRIChange<H, D>
  edge { m = sum[k](z[k + 1] * message[k]([sender.x, receiver.x])) }
  node { y = x + change([x, sum(m)]) }
  return y
}
/// The same step of C stretches of each trajectory at once.
block NRISteps<H, K>(x: node f32[C, D], z: edge f32[K]) -> node f32[C, D] {
  let message[K - 1] = NRIMessage<H>
  let change = NRIChange<H, D>
  edge { m[j] = sum[k](z[k + 1] * message[k]([sender.x[j], receiver.x[j]])) }
  node { s = sum(m); y[j] = x[j] + change([x[j], s[j]]) }
  return y
}
/// The gates of the reference code's recurrent decoder: all three see the state x and what neighbours said, m.
fn NRIGates<H>(x: f32[D], m: f32[H], h: f32[H]) -> f32[H] {
  let see = Small<3 * H>
  param U: f32[H, 3 * H] = he(fan: 6 * H)
  [xr, xz, xn] = see(x)
  [mr, mz, mn] = m @ U
  z = sigmoid(xz + mz)
  return (1 - z) * tanh(xn + sigmoid(xr + mr) * mn) + z * h
}
/// Kipf et al. 2018, 3.5, as the reference code has it: messages between hidden states, a mean over types, the sum over
/// neighbours divided by the number of features, then the gates.
block NRIStepRNN<H, K>(x: node f32[D], h: node f32[H], z: edge f32[K]) -> node f32[D], node f32[H] {
  let message[K - 1] = NRIMessage<H>
  let change = NRIChange<H, D>
  edge { m = sum[k](z[k + 1] * message[k]([sender.h, receiver.h], act: tanh)) / (K - 1) }
  node { h' = NRIGates<H>(x, sum(m) / D, h); y = x + change(h') }
  return y, h'
}

/// Kipf et al. 2018, 3.6: the negative logarithm of N(x; mu, variance) of a predicted series, without its constant.
fn series_nll(mu: f32[T, D], x: f32[T, D], variance = 5e-5) -> f32 {
  return sum[t, d](sq(mu[t, d] - x[t, d])) / (2 * variance)
}
/// Kipf et al. 2018, eq. 3, to be made small: what series and edge types cost together, for each node.
block NRIBound(nll: node f32, kl: edge f32) -> global f32 {
  global { elbo = (sum(nll) + sum(kl)) / max(count(node), 1) }
  return elbo
}
/// The share of edges whose type is right when types are named in the best way, one for the whole batch: up to four types.
block MatchedAccuracy(logits: edge f32[K], type_: edge index[K]) -> global f32 {
  edge { guess = argmax(logits); both[i < 4, j < 4] = select(guess == i and type_ == j, 1, 0) }
  global {
    share = mean(both) by batch
    top[i, j] = max(share[0, i] + share[1, j], share[0, j] + share[1, i])
    low[i, j] = max(share[2, i] + share[3, j], share[2, j] + share[3, i])
    y = max(max(max(top[0, 1] + low[2, 3], top[0, 2] + low[1, 3]), max(top[0, 3] + low[1, 2], top[1, 2] + low[0, 3])), max(top[1, 3] + low[0, 2], top[2, 3] + low[0, 1]))
  }
  return y
}
`,
  "std/physics": `import { MLP } from "std/core"

/// Battaglia et al. 2016, eq. 1-3: effects of relations, then the objects' own dynamics.
block Interaction<Effect, Out>(o: node f32[S], r: edge f32[R], ext: node f32[X]) -> node f32[Out], edge f32[Effect] {
  let phi_R = MLP<150, 150, 150, 150, Effect>
  let phi_O = MLP<100, Out>
  edge { e = phi_R([sender.o, receiver.o, r]) }
  node { p = phi_O([o, ext, sum(e)]) }
  return p, e
}
/// Battaglia et al. 2016, section 2, phi_A: something of the whole system, as its energy, from the sum over its objects.
block Abstract<Hidden, Out>(p: node f32[D]) -> global f32[Out] {
  global { y = MLP<Hidden, Out>(sum(p)) }
  return y
}
`,
  "std/readout": `import { Linear } from "std/core"

/// From nodes to the graph: sums keep counts, Xu et al. 2019, section 4.
block SumReadout(x: node f32[D]) -> global f32[D] { global { y = sum(x) } return y }
/// The mean does not see how large a graph is: global average pooling, Lin et al. 2014, 3.2.
block MeanReadout(x: node f32[D]) -> global f32[D] { global { y = mean(x) } return y }
/// The largest of each feature: which kinds of node there are.
block MaxReadout(x: node f32[D]) -> global f32[D] { global { y = max(x) } return y }
/// Attention pooling: a learned score weighs the nodes of a graph, Yang et al. 2016, eq. 5-7.
block AttentionReadout<A>(x: node f32[D]) -> global f32[D] {
  let look = Linear<A>
  param v: f32[A] = normal(0.1)
  node   { a = softmax(sum[i](tanh(look(x))[i] * v[i])) by graph }
  global { y = sum(a * x) }
  return y
}
/// Gated sum, Li et al. 2016, eq. 7, without its outer tanh.
block GatedReadout<Out>(x: node f32[D]) -> global f32[Out] {
  let gate  = Linear<Out>
  let value = Linear<Out>
  global { y = sum(sigmoid(gate(x)) * tanh(value(x))) }
  return y
}
`,
  "std/recurrent": `/// Elman 1990: the relation is a chain, the weights are the same at every step.
block RNN<H>(x: node f32[In], start: global f32[H] = 0) -> node f32[H] {
  param W: f32[In, H]
  param U: f32[H, H] = orthogonal
  param b: f32[H]
  node { h' = tanh(x @ W + sum(sender.h', empty: global.start) @ U + b) }
  return h'
}
/// Hochreiter & Schmidhuber 1997, with the forget gates of Gers et al. 2000.
fn LSTMCell(x: f32[In], h: f32[H], c: f32[H]) -> f32[H], f32[H] {
  param W: f32[In, 4 * H]
  param U: f32[H, 4 * H]
  param b: f32[4 * H]
  [i, f, g, o] = x @ W + h @ U + b
  c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
  return sigmoid(o) * tanh(c'), c'
}
/// Cho et al. 2014, eq. 5-8, with the reset gate behind the product.
fn GRUCell(x: f32[In], h: f32[H]) -> f32[H] {
  param W: f32[In, 3 * H]
  param U: f32[H, 3 * H]
  param b, d: f32[3 * H]
  [xr, xz, xn] = x @ W + b
  [hr, hz, hn] = h @ U + d
  z = sigmoid(xz + hz)
  return (1 - z) * tanh(xn + sigmoid(xr + hr) * hn) + z * h
}
/// The cell along a relation, usually \`chain\`; its first state is read where nothing arrives.
block LSTM<H>(x: node f32[In], h0: global f32[H] = 0, c0: global f32[H] = 0) -> node f32[H], node f32[H] {
  let cell = LSTMCell
  node { h, c = cell(x, sum(sender.h, empty: global.h0), sum(sender.c, empty: global.c0)) }
  return h, c
}
/// The cell of Cho et al. along a relation.
block GRU<H>(x: node f32[In], start: global f32[H] = 0) -> node f32[H] {
  let cell = GRUCell
  node { h = cell(x, sum(sender.h, empty: global.start)) }
  return h
}
/// Layers of LSTM, each along the chain.
block Stacked<Layers, H>(x: node f32[In]) -> node f32[H] {
  for i < Layers { x, _ = LSTM<H>(x) over chain }
  return x
}
/// Schuster & Paliwal 1997: both directions, side by side.
block Bidirectional<H>(x: node f32[In]) -> node f32[2 * H] {
  return [GRU<H>(x) over chain, GRU<H>(x) over chain(reverse)]
}
/// Sutskever et al. 2014: the source, read from its end, leaves one pair of states in each layer, and the target goes on from
/// there. The relation only says which sets are meant; nothing runs along it.
block EncoderDecoder<Layers, H>(x: sender f32[S], y: receiver f32[E]) -> receiver f32[H] {
  for i < Layers {
    x, c = LSTM<H>(x) over chain(reverse)
    y, _ = LSTM<H>(y, First(x), First(c)) over chain
  }
  return y
}
/// Child-sum Tree-LSTM, Tai et al. 2015, eq. 2-8: edges run from child to parent.
block TreeLSTM<H>(x: node f32[In]) -> node f32[H], node f32[H] {
  param W: f32[In, 3 * H]
  param U: f32[H, 3 * H]
  param b: f32[3 * H]
  param Wf: f32[In, H]
  param Uf: f32[H, H]
  param bf: f32[H] = ones
  edge { f = sigmoid(receiver.x @ Wf + sender.h @ Uf + bf) }
  node {
    [i, o, u] = x @ W + sum(sender.h) @ U + b
    c = sigmoid(i) * tanh(u) + sum(f * sender.c)
    h = sigmoid(o) * tanh(c)
  }
  return h, c
}
/// The field at the last place.
block Last(x: node f32[D]) -> global f32[D]  { global { y = sum(x where index == count(node) - 1) } return y }
/// The field at the first place.
block First(x: node f32[D]) -> global f32[D] { global { y = sum(x where index == 0) } return y }
/// The sum of the field over the roots of a tree, from which no edge leaves.
block Root(x: node f32[D]) -> global f32[D]  { node { up = count(edge) by sender } global { y = sum(x where up == 0) } return y }
`,
  "std/transformer": `import { gelu, scaled, dropout, Linear, LayerNorm, Sinusoid } from "std/core"
/// Vaswani et al. 2017, 3.2.2: over \`complete\` self- or cross-attention, over \`causal\` a decoder's.
block MultiHead<Heads>(q: receiver f32[D], kv: sender f32[E]) -> receiver f32[D] {
  const K = D / Heads
  param Wq: f32[Heads, D, K]
  param Wk, Wv: f32[Heads, E, K]
  param Wo: f32[Heads, K, D] = glorot(fan: D)
  receiver { query[h] = q @ Wq[h] }
  sender   { key[h] = kv @ Wk[h]; value[h] = kv @ Wv[h] }
  edge     { a[h] = softmax(scaled(receiver.query[h], sender.key[h])) by receiver }
  receiver { head[h] = sum(a[h] * sender.value[h]); y = sum[h](head[h] @ Wo[h]) }
  return y
}
/// Shaw et al. 2018, eq. 3-4, distances clipped as in 3.2. The tables are handed in, so layers may share them.
block Relative<Heads, Clip>(x: node f32[D], RK: f32[2 * Clip + 1, K], RV: f32[2 * Clip + 1, K]) -> node f32[D] {
  param Wq, Wk, Wv: f32[Heads, D, K]
  param Wo: f32[Heads, K, D] = glorot(fan: D)
  node { q[h] = x @ Wq[h]; k[h] = x @ Wk[h]; v[h] = x @ Wv[h] }
  edge {
    r = clip(sender.index - receiver.index, -Clip, Clip) + Clip
    a[h] = softmax(scaled(receiver.q[h], sender.k[h] + RK[r])) by receiver
  }
  node { head[h] = sum(a[h] * (sender.v[h] + RV[r])); y = sum[h](head[h] @ Wo[h]) }
  return y
}
/// Layers that share one pair of tables.
block RelativeStack<Layers, Heads, Clip>(x: node f32[D]) -> node f32[D] {
  const K = D / Heads
  param RK, RV: f32[2 * Clip + 1, K] = normal(0.02)
  for i < Layers { x = LayerNorm(x + Relative<Heads, Clip>(x, RK, RV)) }
  return x
}
/// Vaswani et al. 2017, eq. 2.
fn FFN<F>(x: f32[D], act = relu) -> f32[D] { return Linear<D>(act(Linear<F>(x))) }

/// Vaswani et al. 2017, 3.1: the norm behind the sum.
block PostNorm<Heads, F>(x: node f32[D], rate = 0.1) -> node f32[D] {
  y = LayerNorm(x + dropout(MultiHead<Heads>(x, x), rate))
  return LayerNorm(y + dropout(FFN<F>(y), rate))
}
/// Xiong et al. 2020: the norm before the sub-layer.
block PreNorm<Heads, F>(x: node f32[D], act = gelu) -> node f32[D] {
  n = LayerNorm(x)
  y = x + MultiHead<Heads>(n, n)
  return y + FFN<F>(LayerNorm(y), act: act)
}
/// Vaswani et al. 2017, figure 1, left.
block Encoder<Layers, Heads, F>(x: node f32[D]) -> node f32[D] {
  node { h = x * sqrt(D) + Sinusoid<D>(index) }
  for i < Layers { h = PostNorm<Heads, F>(h) over complete }
  return h
}
/// Vaswani et al. 2017, figure 1, right.
block DecoderLayer<Heads, F>(y: receiver f32[D], memory: sender f32[D]) -> receiver f32[D] {
  a = LayerNorm(y + MultiHead<Heads>(y, y) over causal)
  b = LayerNorm(a + MultiHead<Heads>(a, memory))
  return LayerNorm(b + FFN<F>(b))
}
/// The layers of the right half, over a memory.
block Decoder<Layers, Heads, F>(y: receiver f32[D], memory: sender f32[D]) -> receiver f32[D] {
  receiver { h = y * sqrt(D) + Sinusoid<D>(index) }
  for i < Layers { h = DecoderLayer<Heads, F>(h, memory) }
  return h
}
`,
};
