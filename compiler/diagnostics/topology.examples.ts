/** For each code of topology.ts: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";
import { atoms, shop, twice, words } from "./example-programs.js";

const std = (name: string, file: string): string => `import { ${name} } from "std/${file}"`;
const pool = (rows: number): string =>
  `model Example {\n  nodes pixel: grid(8, 8)\n  nodes half: grid(${rows}, ${rows})\n  edges down: pixel -> half window(2, 2, stride: 2)\n  input x: pixel f32[4]\n  node half { y = max(sender.x) }\n  output y\n}\n`;
const sized = (layout: string): string =>
  `model Example {\n  nodes word: ${layout}\n  input x: word f32[4]\n  y = relu(x)\n  output y\n}\n`;
const joined = (set: string): string =>
  `model Example {\n  nodes atom\n  edges bond: atom -> ${set}\n  input x: atom f32[4]\n  node { y = sum(sender.x) }\n  output y\n}\n`;

export const topologyCodes: readonly CodeExample[] = [
  {
    code: "GN3001",
    title: "Several relations fit",
    example: twice("node { y = sum(sender.x) }\noutput y"),
    mended: twice("node { y = sum(sender.x) over near }\noutput y"),
  },
  {
    code: "GN3002",
    title: "No relation arrives",
    example: shop("node user { y = sum(receiver.b) }\noutput y"),
    mended: shop("node user { y = sum(receiver.b) by sender }\noutput y"),
  },
  {
    code: "GN3003",
    title: "offset without taps",
    example: words("y = Conv<2>(x) over complete\noutput y", std("Conv", "conv")),
    mended: words("y = Conv<2>(x) over window(3)\noutput y", std("Conv", "conv")),
  },
  {
    code: "GN3004",
    title: "A set without order",
    example: atoms("y = GRU<4>(x) over chain\noutput y", std("GRU", "recurrent")),
    mended: words("y = GRU<4>(x) over chain\noutput y", std("GRU", "recurrent")),
  },
  { code: "GN3005", title: "Window does not fit", example: pool(3), mended: pool(4) },
  {
    code: "GN3006",
    title: "Block needs one node set",
    example: shop("y = GCN<2>(a) over buys\noutput y", std("GCN", "graph")),
    mended: shop("y = SAGE<2>(b, a) over buys\noutput y", std("SAGE", "graph")),
  },
  {
    code: "GN3007",
    title: "Unknown topology",
    example: words("y = GRU<4>(x) over chian\noutput y", std("GRU", "recurrent")),
    mended: words("y = GRU<4>(x) over chain\noutput y", std("GRU", "recurrent")),
  },
  {
    code: "GN3008",
    title: "Arguments of a topology",
    example: words("y = GRU<4>(x) over chain(backward)\noutput y", std("GRU", "recurrent")),
    mended: words("y = GRU<4>(x) over chain(reverse)\noutput y", std("GRU", "recurrent")),
  },
  {
    code: "GN3009",
    title: "Relation joins other sets",
    example: shop("y = SAGE<2>(a, b) over buys\noutput y", std("SAGE", "graph")),
    mended: shop("y = SAGE<2>(b, a) over buys\noutput y", std("SAGE", "graph")),
  },
  {
    code: "GN3010",
    title: "Edges that only data can give",
    example: words("y = GRU<4>(x) over tree\noutput y", std("GRU", "recurrent")),
    mended: words(
      "edges up: word -> word tree\ny = GRU<4>(x) over up\noutput y",
      std("GRU", "recurrent"),
    ),
  },
  {
    code: "GN3011",
    title: "Topology without a node set",
    example: atoms("global { y = sum(sender.x) over complete }\noutput y"),
    mended: atoms("node { s = sum(sender.x) over complete }\nglobal { y = sum(s) }\noutput y"),
  },
  { code: "GN3012", title: "Unknown node set", example: joined("atoms"), mended: joined("atom") },
  {
    code: "GN3013",
    title: "Sizes of a node set",
    example: sized("seq(5)"),
    mended: sized("seq(max: 5)"),
  },
];
