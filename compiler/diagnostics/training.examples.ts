/** For each code of training.ts: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";
import { atoms, using } from "./example-programs.js";

const trained = (lines: string): string =>
  atoms(`y = Linear<2>(x)\noutput y\n${lines}`, using("Linear"));
const loss = "loss y[0] * y[0] + y[1] * y[1]";
const labelled = (features: string): string =>
  atoms(
    `input label: atom index[3]\ny = Linear<3>(${features})\noutput y\nloss cross_entropy(y, label)`,
    using("Linear", "cross_entropy"),
  );
const tracking = (next: string): string =>
  `fn Tracking(x: f32[D]) -> f32[D] {\n  state centre: f32[D] = zeros\n  centre' = ${next}\n  return x - centre\n}\n`;
const twin = (name: string, size: number): string =>
  `model ${name} {\n  nodes atom\n  input x: atom f32[4]\n  y = Linear<${size}>(x)\n  output y\n}\n`;

export const trainingCodes: readonly CodeExample[] = [
  {
    code: "GN4001",
    title: "Loss is not a scalar",
    example: trained("loss y * y"),
    mended: trained(loss),
  },
  {
    code: "GN4002",
    title: "Loss depends on no parameter",
    example: atoms("y = relu(x)\noutput y\nloss y[0]"),
    mended: trained(loss),
  },
  {
    code: "GN4003",
    title: "No gradient reaches a parameter",
    example: trained("loss 1.0 * argmax(y)"),
    mended: trained("loss 1.0 - softmax(y)[0]"),
  },
  {
    code: "GN4004",
    title: "Optimizer path matches nothing",
    example: trained(`${loss}\noptimizer adam(lr: 0.1) for z`),
    mended: trained(`${loss}\noptimizer adam(lr: 0.1) for y`),
  },
  {
    code: "GN4005",
    title: "Parameter served twice",
    example: trained(`${loss}\noptimizer adam(lr: 0.1) for y\noptimizer sgd(lr: 0.1) for y`),
    mended: trained(`${loss}\noptimizer adam(lr: 0.1) for y\noptimizer sgd(lr: 0.1)`),
  },
  {
    code: "GN4006",
    title: "State updated twice",
    example: atoms("let norm = BatchNorm\ny = norm(norm(x))\noutput y", using("BatchNorm")),
    mended: atoms(
      "let first = BatchNorm\nlet second = BatchNorm\ny = second(first(x))\noutput y",
      using("BatchNorm"),
    ),
  },
  {
    code: "GN4007",
    title: "State not equal for the batch",
    example: tracking("x"),
    mended: tracking("mean(x) by batch"),
  },
  {
    code: "GN4008",
    title: "Unknown optimizer",
    example: trained(`${loss}\noptimizer adan(lr: 0.1)`),
    mended: trained(`${loss}\noptimizer adam(lr: 0.1)`),
  },
  {
    code: "GN4009",
    title: "Unknown setting of an optimizer",
    example: trained(`${loss}\noptimizer adam(rate: 0.1)`),
    mended: trained(`${loss}\noptimizer adam(lr: 0.1)`),
  },
  {
    code: "GN4010",
    title: "Setting is not one number",
    example: trained(`${loss}\noptimizer adam(lr: x[0])`),
    mended: trained(`${loss}\noptimizer adam(lr: 0.1)`),
  },
  {
    code: "GN4011",
    title: "step outside an optimizer",
    example: atoms("y = x * step\noutput y"),
    mended: atoms("y = x * 2\noutput y"),
  },
  {
    code: "GN4012",
    title: "An output reads its label",
    example: labelled("[x, one_hot(label)]"),
    mended: labelled("x"),
  },
  {
    code: "GN4013",
    title: "Twins of different shapes",
    example: `${using("Linear")}\n\n${twin("Train", 2)}${twin("Write", 3)}`,
    mended: `${using("Linear")}\n\n${twin("Train", 2)}${twin("Write", 2)}`,
  },
  {
    code: "GN4014",
    title: "Output is no field",
    example: atoms("param w: f32[4]\ny = x * w\noutput y, w"),
    mended: atoms("param w: f32[4]\ny = x * w\noutput y"),
  },
];
