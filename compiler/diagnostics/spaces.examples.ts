/** For each code of spaces.ts: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";
import { atoms, shop, twice } from "./example-programs.js";

const same = "block Same(x: node f32[D]) -> node f32[D] { return relu(x) }";
const pair = "block Pair(a: node f32[D], b: node f32[D]) -> node f32[D] { return a + b }";
const graphOnly = "block Squash(u: global f32[D]) -> global f32[D] { return tanh(u) }";
const scaled =
  "block Scaled(x: node f32[D], w: f32[D]) -> node f32[D] {\n  node { y = x * w }\n  return y\n}";

export const spaceCodes: readonly CodeExample[] = [
  {
    code: "GN2201",
    title: "Node field bare on an edge",
    example: atoms("edge { m = x }\nnode { y = sum(m) }\noutput y"),
    mended: atoms("edge { m = sender.x }\nnode { y = sum(m) }\noutput y"),
  },
  {
    code: "GN2202",
    title: "Edge field bare on a node",
    example: atoms("edge { m = sender.x }\nnode { y = m }\noutput y"),
    mended: atoms("edge { m = sender.x }\nnode { y = sum(m) }\noutput y"),
  },
  {
    code: "GN2203",
    title: "Global field bare",
    example: atoms("input u: global f32[4]\nnode { y = x + u }\noutput y"),
    mended: atoms("input u: global f32[4]\nnode { y = x + global.u }\noutput y"),
  },
  {
    code: "GN2204",
    title: "sender. outside an edge",
    example: atoms("node { y = sender.x }\noutput y"),
    mended: atoms("node { y = sum(sender.x) }\noutput y"),
  },
  {
    code: "GN2205",
    title: "Field of the other end",
    example: shop("edge { m = receiver.a }\nnode item { y = sum(m) }\noutput y"),
    mended: shop("edge { m = sender.a }\nnode item { y = sum(m) }\noutput y"),
  },
  {
    code: "GN2206",
    title: "Field of another node set",
    example: shop("node item { y = a }\noutput y"),
    mended: shop("node item { y = sum(sender.a) }\noutput y"),
  },
  {
    code: "GN2207",
    title: "Own field inside an aggregation",
    example: atoms("node { y = sum(sender.x * x) }\noutput y"),
    mended: atoms("node { y = sum(sender.x * receiver.x) }\noutput y"),
  },
  {
    code: "GN2208",
    title: "Nothing to run over",
    example: atoms("param w: f32[4]\nnode { y = x * sum(w) }\noutput y"),
    mended: atoms("param w: f32[4]\nnode { y = x * sum[i](w[i]) }\noutput y"),
  },
  {
    code: "GN2209",
    title: "Aggregation over two spaces",
    example: shop("global { y = sum(a + b) }\noutput y"),
    mended: shop("global { y = sum(a) + sum(b) }\noutput y"),
  },
  {
    code: "GN2210",
    title: "Own space without by",
    example: atoms("node { y = sum(x) }\noutput y"),
    mended: atoms("node { y = sum(sender.x) }\noutput y"),
  },
  {
    code: "GN2211",
    title: "Nested aggregation",
    example: atoms("edge { m = sender.x }\nnode { y = sum(sum(m)) }\noutput y"),
    mended: atoms("edge { m = sender.x }\nnode { s = sum(m); y = sum(sender.s) }\noutput y"),
  },
  {
    code: "GN2212",
    title: "by receiver without edges",
    example: atoms("node { y = sum(x) by receiver }\noutput y"),
    mended: atoms("node { y = sum(sender.x) by receiver }\noutput y"),
  },
  {
    code: "GN2213",
    title: "Shape of empty:",
    example: atoms("node { y = sum(sender.x, empty: x[0]) }\noutput y"),
    mended: atoms("node { y = sum(sender.x, empty: x) }\noutput y"),
  },
  {
    code: "GN2214",
    title: "where is not a bool",
    example: atoms("node { y = sum(sender.x where sender.x[0]) }\noutput y"),
    mended: atoms("node { y = sum(sender.x where sender.x[0] > 0) }\noutput y"),
  },
  {
    code: "GN2215",
    title: "Sum of an index",
    example: atoms("input kind: atom index[5]\nnode { y = x * sum(sender.kind) }\noutput y"),
    mended: atoms("input kind: atom index[5]\nnode { y = x * max(sender.kind) }\noutput y"),
  },
  {
    code: "GN2216",
    title: "softmax of an integer",
    example: atoms(
      "input kind: atom index[5]\nedge { a = softmax(sender.kind) by receiver }\nnode { y = sum(a * sender.x) }\noutput y",
    ),
    mended: atoms(
      "input kind: atom index[5]\nparam w: f32[5]\nedge { a = softmax(w[sender.kind]) by receiver }\nnode { y = sum(a * sender.x) }\noutput y",
    ),
  },
  {
    code: "GN2217",
    title: "Field of another relation",
    example: twice(
      "edge bond { m = sender.x }\nedge near { k = m + sender.x }\nnode { y = sum(k) }\noutput y",
    ),
    mended: twice(
      "edge bond { m = sender.x }\nnode { s = sum(m) }\nedge near { k = sender.s + sender.x }\nnode { y = sum(k) }\noutput y",
    ),
  },
  {
    code: "GN2218",
    title: "Two spaces outside a section",
    example: shop("y = a + b\noutput y"),
    mended: shop("node item { y = sum(sender.a) + b }\noutput y"),
  },
  {
    code: "GN2219",
    title: "No such section",
    example: atoms("edge bonds { m = sender.x }\nnode { y = sum(m) }\noutput y"),
    mended: atoms("edge bond { m = sender.x }\nnode { y = sum(m) }\noutput y"),
  },
  {
    code: "GN2220",
    title: "One word for two spaces",
    example: shop("y = Pair(a, b)\noutput y", pair),
    mended: shop("y = Pair(b, b)\noutput y", pair),
  },
  {
    code: "GN2221",
    title: "Argument on the wrong kind of space",
    example: atoms("y = Squash(x)\noutput y", graphOnly),
    mended: atoms("global { u = sum(x) }\ny = Squash(u)\noutput y", graphOnly),
  },
  {
    code: "GN2222",
    title: "Block called in a section",
    example: atoms("node { y = Same(x) }\noutput y", same),
    mended: atoms("y = Same(x)\noutput y", same),
  },
  {
    code: "GN2223",
    title: "Returned on another space",
    example: "block Total(x: node f32[D]) -> global f32[D] { return x }\n",
    mended:
      "block Total(x: node f32[D]) -> global f32[D] {\n  global { u = sum(x) }\n  return u\n}\n",
  },
  {
    code: "GN2224",
    title: "Every edge reads the same end",
    example: atoms("node { y = sum(receiver.x) }\noutput y"),
    mended: atoms("node { y = sum(sender.x) }\noutput y"),
  },
  {
    code: "GN2225",
    title: "index where there is none",
    example: "fn double(x: f32) -> f32 { return x * index }\n",
    mended: "fn double(x: f32, place: i32) -> f32 { return x * place }\n",
  },
  {
    code: "GN2226",
    title: "Field for a parameter without a space",
    example: atoms("y = Scaled(x, x)\noutput y", scaled),
    mended: atoms("param w: f32[4]\ny = Scaled(x, w)\noutput y", scaled),
  },
  {
    code: "GN2227",
    title: "softmax by keeps its space",
    example: atoms("node { y = softmax(sender.x[0]) by receiver }\noutput y"),
    mended: atoms(
      "edge { a = softmax(sender.x[0]) by receiver }\nnode { y = sum(a * sender.x) }\noutput y",
    ),
  },
  {
    code: "GN2228",
    title: "Aggregation of features in a function",
    example: "fn total(x: f32[D]) -> f32[D] { return sum(x) }\n",
    mended: "fn total(x: f32[D]) -> f32 { return sum[i](x[i]) }\n",
  },
  {
    code: "GN2229",
    title: "No group here",
    example: twice(
      "edge near { k = sender.x }\nedge bond { m = sum(k) }\nnode { y = sum(m) }\noutput y",
    ),
    mended: twice(
      "edge near { k = sender.x }\nnode { s = sum(k) }\nedge bond { m = sender.s }\nnode { y = sum(m) }\noutput y",
    ),
  },
  {
    code: "GN2230",
    title: "Dot on what has no parts",
    example: atoms("y = x.first\noutput y"),
    mended: atoms("y = x[0]\noutput y"),
  },
  {
    code: "GN2231",
    title: "by or over on a value",
    example: atoms("y = relu(x) by graph\noutput y"),
    mended: atoms("node { y = x - mean(x) by graph }\noutput y"),
  },
  {
    code: "GN2232",
    title: "count of what?",
    example: atoms("node { y = x * count(x) }\noutput y"),
    mended: atoms("node { y = x * count(edge) }\noutput y"),
  },
  {
    code: "GN2233",
    title: "No such space",
    example: atoms("input z: atoms f32[4]\ny = x + z\noutput y"),
    mended: atoms("input z: atom f32[4]\ny = x + z\noutput y"),
  },
  {
    code: "GN2234",
    title: "Input without a space",
    example: atoms("input z: f32[4]\ny = x + z\noutput y"),
    mended: atoms("input z: atom f32[4]\ny = x + z\noutput y"),
  },
  {
    code: "GN2235",
    title: "where outside an aggregation",
    example: atoms("y = relu(x where x[0] > 0)\noutput y"),
    mended: atoms("y = select(x[0] > 0, relu(x), 0)\noutput y"),
  },
];
