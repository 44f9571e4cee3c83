/** Small models, each with one thing that keeps a symmetry or breaks it. */

export interface Planted {
  readonly name: string;
  readonly text: string;
  /** Symmetries of the output `y`, in words. */
  readonly claims: readonly string[];
  /** What each symmetry that is not there is broken by. */
  readonly refusals: readonly string[];
}

const graphs = "graphs of a batch are independent";

const model = (body: string, imports = ""): string => `${imports}
model M {
${body}
  output y
}
`;

const gcn = 'import { GCN } from "std/graph"';
const conv = 'import { Conv } from "std/conv"';
const recurrent = 'import { RNN, Bidirectional } from "std/recurrent"';

const onGraph = `  nodes paper
  edges cites: paper -> paper
  input x: paper f32[3]`;
const onGrid = `  nodes im: grid(6, 7)
  input x: im f32[2]`;
const onSequence = `  nodes word: seq(max: 20)
  input x: word f32[3]`;

const inTime = (chain: string): string =>
  `translation in time: every step along ${chain} is the same, given the state before it`;

export const planted: readonly Planted[] = [
  {
    name: "a graph convolution keeps what data numbers",
    text: model(`${onGraph}\n  y = GCN<4>(x)`, gcn),
    claims: ["permutation of paper", "order of the edges of cites", graphs],
    refusals: [],
  },
  {
    name: "a positional lookup tells nodes apart",
    text: model(
      `  nodes paper: set(9)
  edges cites: paper -> paper
  input x: paper f32[3]
  param P: f32[9, 3] = normal(1)
  node paper { z = x + P[index] }
  y = GCN<4>(z)`,
      gcn,
    ),
    claims: ["order of the edges of cites", graphs],
    refusals: ["permutation of paper: `index`"],
  },
  {
    name: "a norm over the batch ties its graphs",
    text: model(`${onGraph}\n  fn_ = GCN<4>(x)\n  y = spread(fn_)`, gcn).replace(
      "model M",
      "fn spread(x: f32[D]) -> f32[D] { return x - mean(x) by batch }\nmodel M",
    ),
    claims: ["permutation of paper", "order of the edges of cites"],
    refusals: [`${graphs}: a value of the whole batch`],
  },
  {
    name: "noise on nodes goes by their numbers",
    text: model(`${onGraph}\n  node paper { z[i < 3] = x[i] + uniform() }\n  y = GCN<4>(z)`, gcn),
    claims: ["order of the edges of cites"],
    refusals: [
      "permutation of paper: random draws of numbered rows",
      `${graphs}: random draws, which go on from graph to graph`,
    ],
  },
  {
    name: "noise on edges goes by their order, and an edge may come twice",
    text: model(
      `${onGraph}\n  input w: cites f32\n  edge cites { a = uniform() }\n  node paper { y = sum(a * w * sender.x) over cites }`,
    ),
    claims: [],
    refusals: [
      "permutation of paper: random draws of numbered rows",
      "order of the edges of cites: random draws of numbered edges",
      `${graphs}: random draws, which go on from graph to graph`,
    ],
  },
  {
    name: "dropout draws in training alone",
    text: model(
      `${onGraph}\n  y = GCN<4>(dropout(x))`,
      `${gcn}\nimport { dropout } from "std/core"`,
    ),
    claims: ["permutation of paper", "order of the edges of cites", graphs],
    refusals: [],
  },
  {
    name: "a convolution moves with the image",
    text: model(`${onGrid}\n  y = Conv<3>(x) over window(3, 3)`, conv),
    claims: [graphs, "translation of im"],
    refusals: ["permutation of im: `offset`"],
  },
  {
    name: "a position added to the image does not",
    text: model(
      `${onGrid}\n  param P: f32[42, 2] = normal(1)\n  node im { z = x + P[index] }\n  y = Conv<3>(z) over window(3, 3)`,
      conv,
    ),
    claims: [graphs],
    refusals: ["permutation of im: `index`", "translation of im: `index`"],
  },
  {
    name: "a mean over a window sees how many there are, at the border alone",
    text: model(
      `${onGrid}\n  edges near: im -> im window(3, 5)\n  node im { y = mean(sender.x) + count(near) }`,
    ),
    claims: [graphs, "translation of im"],
    refusals: ["permutation of im: the order of near"],
  },
  {
    name: "strides move by their multiples",
    text: model(
      `  nodes im: grid(8, 8)
  nodes half: grid(4, 4)
  edges down: im -> half window(2, 2, stride: 2)
  input x: im f32[2]
  m = MaxPool(x) over down
  y = Upsample<3>(m) over down`,
      'import { MaxPool, Upsample } from "std/conv"',
    ),
    claims: [graphs, "translation of im, half by multiples of 2"],
    refusals: ["permutation of im: the order of down"],
  },
  {
    name: "weights of the places of an image share nothing",
    text: model(`${onGrid}\n  y = Flatten<3>(x)`, 'import { Flatten } from "std/conv"'),
    claims: [graphs],
    refusals: ["permutation of im: `index`"],
  },
  {
    name: "a convolution of the whole, too, sees where the image ends",
    text: model(
      `${onGrid}\n  z = Conv<2>(x) over window(3, 3)\n  node im { y = z + global.all }\n  global { all = mean(x) }`,
      conv,
    ),
    claims: [graphs],
    refusals: ["permutation of im: `offset`"],
  },
  {
    name: "a recurrence takes the same step everywhere",
    text: model(`${onSequence}\n  y = RNN<4>(x) over chain`, recurrent),
    claims: [graphs, inTime("chain(word)"), "prefix: a place of word sees none behind it"],
    refusals: ["permutation of word: the order of chain(word)"],
  },
  {
    name: "a clock in a recurrence does not",
    text: model(
      `${onSequence}\n  node word { z[i < 3] = x[i] + index }\n  y = RNN<4>(z) over chain`,
      recurrent,
    ),
    claims: [graphs, "prefix: a place of word sees none behind it"],
    refusals: [
      "permutation of word: `index`",
      `${inTime("chain(word)")}: \`index\``,
      "suffix: a place of word sees none before it, nor how many there are: `index`",
    ],
  },
  {
    name: "both directions see all, and take the same steps",
    text: model(`${onSequence}\n  y = Bidirectional<4>(x)`, recurrent),
    claims: [graphs, inTime("chain(word), chain(reverse)(word)")],
    refusals: ["permutation of word: the order of chain(word)"],
  },
  {
    name: "the length of a sequence is behind every place",
    text: model(
      `${onSequence}\n  h = RNN<4>(x) over chain\n  node word { y = h / count(word) }`,
      recurrent,
    ),
    claims: [graphs],
    refusals: ["permutation of word: the order of chain(word)"],
  },
  {
    name: "a recurrence that reads a window sees all that came before",
    text: model(
      `${onSequence}\n  z = Conv<3>(x) over window(3)\n  y = RNN<4>(z) over chain`,
      `${conv}\n${recurrent}`,
    ),
    claims: [graphs],
    refusals: ["permutation of word: `offset`"],
  },
  {
    name: "differences of places move along",
    text: model(
      `${onSequence}
  param R: f32[5, 3] = normal(1)
  edges near: word -> word window(5)
  edge near { r: index[5] = clip(sender.index - receiver.index, -2, 2) + 2 }
  node word { y = sum(sender.x * R[r]) }`,
    ),
    claims: [graphs, "translation of word", "places of word count by their differences alone"],
    refusals: ["permutation of word: the order of near"],
  },
  {
    name: "attention to what came before, with positions",
    text: model(
      `${onSequence}
  param P: f32[20, 3] = normal(1)
  node word { z = x + P[index] }
  y = MultiHead<1>(z, z) over causal`,
      'import { MultiHead } from "std/transformer"',
    ),
    claims: [graphs, "prefix: a place of word sees none behind it"],
    refusals: [
      "permutation of word: `index`",
      "translation of word: `index`",
      "suffix: a place of word sees none before it, nor how many there are: `index`",
    ],
  },
  {
    name: "attention to all, without positions, does not know of order",
    text: model(
      `${onSequence}\n  y = MultiHead<1>(x, x) over complete`,
      'import { MultiHead } from "std/transformer"',
    ),
    claims: ["permutation of word", graphs],
    refusals: [],
  },
  {
    name: "a tree is what its edges say",
    text: model(
      `  nodes part\n  edges up: part -> part tree\n  input x: part f32[3]\n  y, _ = TreeLSTM<4>(x)`,
      'import { TreeLSTM } from "std/recurrent"',
    ),
    claims: ["permutation of part", "order of the edges of up", graphs],
    refusals: [],
  },
];
