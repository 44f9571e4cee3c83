/** For each code of names.ts: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";
import { atoms, using } from "./example-programs.js";

export const nameCodes: readonly CodeExample[] = [
  {
    code: "GN2001",
    title: "Unknown name",
    example: atoms("y = relu(xs)\noutput y"),
    mended: atoms("y = relu(x)\noutput y"),
  },
  {
    code: "GN2002",
    title: "Name defined in two sections",
    example: atoms("edge { y = sender.x }\nnode { y = sum(sender.x) }\noutput y"),
    mended: atoms("edge { m = sender.x }\nnode { y = sum(m) }\noutput y"),
  },
  {
    code: "GN2003",
    title: "Binder borrows a name",
    example: atoms("y[x < 4] = 2.0\noutput y"),
    mended: atoms("y[i < 4] = 2.0 * x[i]\noutput y"),
  },
  {
    code: "GN2004",
    title: "Name assigned twice",
    example: atoms("y = relu(x)\ny = tanh(x)\noutput y"),
    mended: atoms("h = relu(x)\ny = tanh(h)\noutput y"),
  },
  {
    code: "GN2005",
    title: "Space and field of one name",
    example: atoms("bond = relu(x)\noutput bond"),
    mended: atoms("y = relu(x)\noutput y"),
  },
  {
    code: "GN2006",
    title: "Unused import",
    example: atoms("y = sq(x)\noutput y", using("sq", "dot")),
    mended: atoms("y = sq(x)\noutput y", using("sq")),
  },
  {
    code: "GN2007",
    title: "Unused parameter",
    example: atoms("param w: f32[4]\ny = relu(x)\noutput y"),
    mended: atoms("param w: f32[4]\ny = relu(x * w)\noutput y"),
  },
  {
    code: "GN2008",
    title: "Unused field",
    example: atoms("z = tanh(x)\ny = relu(x)\noutput y"),
    mended: atoms("z = tanh(x)\ny = relu(z)\noutput y"),
  },
  {
    code: "GN2009",
    title: "Import of a missing name",
    example: atoms("y = relu(x)\noutput y", using("relo")),
    mended: atoms("y = elu(x)\noutput y", using("elu")),
  },
  {
    code: "GN2010",
    title: "Import of a missing file",
    example: atoms("y = relu(x)\noutput y", 'import { sq } from "std/cores"'),
    mended: atoms("y = sq(x)\noutput y", 'import { sq } from "std/core"'),
  },
  {
    code: "GN2011",
    title: "Cyclic imports (the file is example.gn)",
    example: atoms(
      "y = double(x)\noutput y",
      'import { double } from "./example"\n\nfn double(x: f32) -> f32 { return 2 * x }',
    ),
    mended: atoms("y = double(x)\noutput y", "fn double(x: f32) -> f32 { return 2 * x }"),
  },
  {
    code: "GN2012",
    title: "Output with a prime",
    example: atoms("x' = relu(x)\noutput x'"),
    mended: atoms("y = relu(x)\noutput y"),
  },
  {
    code: "GN2013",
    title: "Rows never filled",
    example: atoms("for t < 0 { mu[t] = x }\noutput mu"),
    mended: atoms("for t < 3 { mu[t] = x }\noutput mu"),
  },
  {
    code: "GN2014",
    title: "Not a function",
    example: atoms("y = x(1)\noutput y"),
    mended: atoms("y = x[1]\noutput y"),
  },
  {
    code: "GN2015",
    title: "Function used as a value",
    example: atoms("y = x + relu\noutput y"),
    mended: atoms("y = x + relu(x)\noutput y"),
  },
  {
    code: "GN2016",
    title: "No such parameter",
    example: atoms("y = leaky_relu(x, rate: 0.1)\noutput y", using("leaky_relu")),
    mended: atoms("y = leaky_relu(x, slope: 0.1)\noutput y", using("leaky_relu")),
  },
  {
    code: "GN2017",
    title: "Too many arguments",
    example: atoms("y = sq(x, 2)\noutput y", using("sq")),
    mended: atoms("y = sq(x)\noutput y", using("sq")),
  },
  {
    code: "GN2018",
    title: "Argument given twice",
    example: atoms("y = leaky_relu(x, x: x)\noutput y", using("leaky_relu")),
    mended: atoms("y = leaky_relu(x)\noutput y", using("leaky_relu")),
  },
  {
    code: "GN2019",
    title: "Missing argument",
    example: atoms("y = dot(x)\noutput y", using("dot")),
    mended: atoms("y = dot(x, x)\noutput y", using("dot")),
  },
  {
    code: "GN2020",
    title: "Parameter without type and default",
    example: "fn double(x) -> f32 { return 2 }\n",
    mended: "fn double(x: f32) -> f32 { return 2 * x }\n",
  },
  {
    code: "GN2021",
    title: "Declared twice",
    example: "fn f(x: f32) -> f32 { return x }\nfn f(x: f32) -> f32 { return 2 * x }\n",
    mended: "fn f(x: f32) -> f32 { return x }\nfn g(x: f32) -> f32 { return 2 * x }\n",
  },
  {
    code: "GN2022",
    title: "Declaration instantiates itself",
    example: "fn f(x: f32) -> f32 { return 1 + f(x) }\n",
    mended: "fn f(x: f32) -> f32 { return 1 + x }\n",
  },
  {
    code: "GN2023",
    title: "Calls nested too deep",
    example: atoms(
      "y = again(x, again)\noutput y",
      "fn again(x: f32, f = relu) -> f32 { return f(x, f) }",
    ),
    mended: atoms(
      "y = again(x, tanh)\noutput y",
      "fn again(x: f32, f = relu) -> f32 { return f(f(x)) }",
    ),
  },
  {
    code: "GN2024",
    title: "Unrolls to too many equations",
    example: atoms("for i < 9000 { for j < 9000 { x = relu(x) } }\ny = x\noutput y"),
    mended: atoms("for i < 3 { for j < 3 { x = relu(x) } }\ny = x\noutput y"),
  },
  {
    code: "GN2025",
    title: "Small-letter function owns nothing",
    example: "fn scale(x: f32) -> f32 {\n  param w: f32\n  return w * x\n}\n",
    mended: "fn Scale(x: f32) -> f32 {\n  param w: f32\n  return w * x\n}\n",
  },
  {
    code: "GN2026",
    title: "Item that belongs elsewhere",
    example: "block Same(x: node f32[D]) -> node f32[D] {\n  loss 1\n  return x\n}\n",
    mended: "block Same(x: node f32[D]) -> node f32[D] { return x }\n",
  },
];
