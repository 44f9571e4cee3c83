/** For each code of shapes.ts: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";
import { atoms, using, words } from "./example-programs.js";

const labels = (classes: number): string =>
  atoms(
    `param W: f32[4, 3]\ninput label: atom index[${classes}]\ny = x @ W\noutput y\nloss cross_entropy(y, label)`,
    using("cross_entropy"),
  );
const heads = (count: number): string =>
  atoms(
    `y = Heads<${count}>(x)\noutput y`,
    "block Heads<H>(x: node f32[D]) -> node f32[D] {\n  const K = D / H\n  node { z[h < H, k < K] = x[h * K + k]; y = flatten(z) }\n  return y\n}",
  );
const stack = (sizes: string): string =>
  atoms(
    "y = Deep<4>(x)\noutput y",
    `${using("Linear")}\n\nfn Deep<${sizes}>(x: f32[D]) -> f32[D] {\n  for H in Sizes { x = Linear<H>(x) }\n  return x\n}`,
  );
const unbound = (generics: string): string =>
  `block Choose${generics}(x: node f32[D]) -> node f32[D] {\n  param W: f32[K, D]\n  node { y = sum[k](W[k]) * x }\n  return y\n}\n`;

export const shapeCodes: readonly CodeExample[] = [
  {
    code: "GN2101",
    title: "Wrong kind of element",
    example: atoms("y = not x\noutput y"),
    mended: atoms("y = not (x > 0)\noutput y"),
  },
  {
    code: "GN2102",
    title: "Wrong number of axes",
    example: atoms("y = dot(x[0], x[1])\noutput y", using("dot")),
    mended: atoms("y = dot(x, x)\noutput y", using("dot")),
  },
  {
    code: "GN2103",
    title: "Wrong kind of argument",
    example: atoms("y = dot(x > 0, x)\noutput y", using("dot")),
    mended: atoms("y = dot(relu(x), x)\noutput y", using("dot")),
  },
  {
    code: "GN2104",
    title: "Inner dimensions of @",
    example: atoms("param W: f32[8, 2]\ny = x @ W\noutput y"),
    mended: atoms("param W: f32[4, 2]\ny = x @ W\noutput y"),
  },
  {
    code: "GN2105",
    title: "Element-wise shapes differ",
    example: atoms("param w: f32[3]\ny = x * w\noutput y"),
    mended: atoms("param w: f32[3]\ny[i] = x * w[i]\noutput y"),
  },
  {
    code: "GN2106",
    title: "Ranges of a binder disagree",
    example: atoms("input z: atom f32[3]\ny[i] = x[i] * z[i]\noutput y"),
    mended: atoms("input z: atom f32[3]\ny[i < 3] = x[i] * z[i]\noutput y"),
  },
  {
    code: "GN2107",
    title: "Binder without a range",
    example: atoms("y[i] = 2 * x\noutput y"),
    mended: atoms("y[i < 3] = i * x\noutput y"),
  },
  {
    code: "GN2108",
    title: "Negative shift",
    example: atoms("y[i] = x[i] - x[i - 1]\noutput y"),
    mended: atoms("y[i] = x[i + 1] - x[i]\noutput y"),
  },
  { code: "GN2109", title: "Dimension never bound", example: unbound(""), mended: unbound("<K>") },
  {
    code: "GN2110",
    title: "Number of results",
    example: atoms("y, z = relu(x)\noutput y, z"),
    mended: atoms("y = relu(x)\noutput y"),
  },
  {
    code: "GN2111",
    title: "Dimension bound to two values",
    example: atoms(
      "input z: atom f32[3]\nlet f = Linear<2>\ny = f(x) + f(z)\noutput y",
      using("Linear"),
    ),
    mended: atoms(
      "input z: atom f32[3]\nlet f = Linear<2>\nlet g = Linear<2>\ny = f(x) + g(z)\noutput y",
      using("Linear"),
    ),
  },
  { code: "GN2112", title: "Dimension not whole", example: heads(3), mended: heads(2) },
  {
    code: "GN2113",
    title: "Parts not equal",
    example: atoms("[a, b, c] = x\ny = a + b + c\noutput y"),
    mended: atoms("[a, b] = x\ny = a + b\noutput y"),
  },
  {
    code: "GN2114",
    title: "Parts do not add up",
    example: atoms("[a: f32[1], b: f32[2]] = x\ny = [a, b]\noutput y"),
    mended: atoms("[a: f32[1], b: f32[3]] = x\ny = [a, b]\noutput y"),
  },
  {
    code: "GN2115",
    title: "Index beyond an axis",
    example: atoms("y = x[4]\noutput y"),
    mended: atoms("y = x[3]\noutput y"),
  },
  {
    code: "GN2116",
    title: "Integer without bounds as an index",
    example: words("param P: f32[8, 4]\nnode word { y = x + P[index] }\noutput y"),
    mended: words("param P: f32[8, 4]\nnode word { y = x + P[min(index, 7)] }\noutput y"),
  },
  {
    code: "GN2117",
    title: "Not an integer",
    example: atoms("y = x[x[0]]\noutput y"),
    mended: atoms("y = x[clip(round(x[0]), 0, 3)]\noutput y"),
  },
  { code: "GN2118", title: "More labels than classes", example: labels(5), mended: labels(3) },
  { code: "GN2119", title: "Fewer labels than classes", example: labels(2), mended: labels(3) },
  {
    code: "GN2120",
    title: "Negative dimension",
    example: atoms("param w: f32[3 - 4]\ny = x * w[0]\noutput y"),
    mended: atoms("param w: f32[4 - 3]\ny = x * w[0]\noutput y"),
  },
  {
    code: "GN2121",
    title: "Number of generics",
    example: atoms("y = Linear<2, 3>(x)\noutput y", using("Linear")),
    mended: atoms("y = Linear<2>(x)\noutput y", using("Linear")),
  },
  {
    code: "GN2122",
    title: "Function argument of the wrong kind",
    example: atoms(
      "y = apply(x, dot)\noutput y",
      `${using("dot")}\n\nfn apply(x: f32[D], f = relu) -> f32[D] { return f(x) }`,
    ),
    mended: atoms(
      "y = apply(x, tanh)\noutput y",
      "fn apply(x: f32[D], f = relu) -> f32[D] { return f(x) }",
    ),
  },
  {
    code: "GN2123",
    title: "Type needed in a recurrence",
    example: words("node word {\n  s = x + sum(sender.t) over chain\n  t = tanh(s)\n}\noutput t"),
    mended: words(
      "node word {\n  s: f32[4] = x + sum(sender.t) over chain\n  t = tanh(s)\n}\noutput t",
    ),
  },
  {
    code: "GN2124",
    title: "Too many indices",
    example: atoms("y = x[0, 1]\noutput y"),
    mended: atoms("y = x[0] + x[1]\noutput y"),
  },
  {
    code: "GN2125",
    title: "Leading axes of a concatenation",
    example: atoms(
      "param V: f32[2, 3]\nparam W: f32[3, 3]\ny = x @ flatten2([V, W])\noutput y",
      "fn flatten2(a: f32[I, J]) -> f32[4, J] {\n  y[i < 4, j < J] = a[0, j]\n  return y\n}",
    ),
    mended: atoms(
      "param V: f32[2, 3]\nparam W: f32[2, 3]\ny = x @ flatten2([V, W])\noutput y",
      "fn flatten2(a: f32[I, J]) -> f32[4, J] {\n  y[i < 4, j < J] = a[0, j]\n  return y\n}",
    ),
  },
  {
    code: "GN2126",
    title: "Scalar where an axis is needed",
    example: atoms("y = softmax(x[0])\noutput y"),
    mended: atoms("y = softmax(x)\noutput y"),
  },
  {
    code: "GN2127",
    title: "Function array without an index",
    example: atoms("let f[2] = Linear<4>\ny = f(x)\noutput y", using("Linear")),
    mended: atoms("let f[2] = Linear<4>\ny = f[0](x) + f[1](x)\noutput y", using("Linear")),
  },
  {
    code: "GN2128",
    title: "Index on one function",
    example: atoms("let f = Linear<4>\ny = f[0](x)\noutput y", using("Linear")),
    mended: atoms("let f = Linear<4>\ny = f(x)\noutput y", using("Linear")),
  },
  {
    code: "GN2129",
    title: "Indices of a function array",
    example: atoms("let f[2, 2] = Linear<4>\ny = f[0](x)\noutput y", using("Linear")),
    mended: atoms("let f[2, 2] = Linear<4>\ny = f[0, 1](x)\noutput y", using("Linear")),
  },
  {
    code: "GN2130",
    title: "Not an index[N]",
    example: atoms("y = one_hot(round(x[0]))\noutput y"),
    mended: atoms("y = one_hot(clip(round(x[0]), 0, 2))\noutput y"),
  },
  {
    code: "GN2131",
    title: "Arguments of a built-in function",
    example: atoms("y = relu(x, 2)\noutput y"),
    mended: atoms("y = relu(x)\noutput y"),
  },
  {
    code: "GN2132",
    title: "Not a dimension",
    example: atoms("param w: f32[x]\ny = x * w\noutput y"),
    mended: atoms("param w: f32[4]\ny = x * w\noutput y"),
  },
  {
    code: "GN2133",
    title: "Size too large",
    example: atoms("param w: f32[99999 * 99999]\ny = x * w[0]\noutput y"),
    mended: atoms("param w: f32[9999]\ny = x * w[0]\noutput y"),
  },
  {
    code: "GN2134",
    title: "Not a list of sizes",
    example: stack("Sizes"),
    mended: stack("Sizes..."),
  },
  {
    code: "GN2135",
    title: "Unknown initialiser",
    example: atoms("param w: f32[4] = one\ny = x * w\noutput y"),
    mended: atoms("param w: f32[4] = ones\ny = x * w\noutput y"),
  },
  {
    code: "GN2136",
    title: "Not a binder",
    example: atoms("y = sum[2](x)\noutput y"),
    mended: atoms("y = sum[i](x[i])\noutput y"),
  },
  {
    code: "GN2137",
    title: "Dimension has the name of a constant",
    example: "const D = 4\nfn total(x: f32[D]) -> f32 { return sum[i](x[i]) }\n",
    mended: "fn total(x: f32[D]) -> f32 { return sum[i](x[i]) }\n",
  },
  {
    code: "GN2138",
    title: "Sparse field becomes dense",
    example: atoms("input s: atom f32[900] sparse\ny = x + (s + 1)[0]\noutput y"),
    mended: atoms("input s: atom f32[900] sparse\nparam W: f32[900, 4]\ny = x + s @ W\noutput y"),
  },
  {
    code: "GN2140",
    title: "Sparse input of another kind",
    example: atoms("input s: atom f32[9, 9] sparse\noutput x"),
    mended: atoms("input s: atom f32[9] sparse\noutput x"),
  },
  {
    code: "GN2139",
    title: "Rows of different shapes",
    example: atoms("for t < 2 {\n  x = [x, x]\n  mu[t] = x\n}\noutput mu"),
    mended: atoms("for t < 2 {\n  x = relu(x)\n  mu[t] = x\n}\noutput mu"),
  },
];
