/** Windows that differ by axis, hang over the border or go round it: an image is one row, and binders say what is seen. */
import { call, shapeOf, type Table, type Vector, type VectorCase } from "../support/case.js";
import { define } from "../support/onnx.js";
import { tensor } from "../support/view.js";

/** `a`, one image in each graph, to `y`. */
function onImage(vector: Vector, text: string, convolution = false): VectorCase {
  const [from, to] = [shapeOf(vector, "in/x"), shapeOf(vector, "out/y")];
  const weight = convolution ? shapeOf(vector, "w/weight") : [];
  return call({
    model: `model M {
  nodes image
  input a: image f32[${from.slice(1).join(", ")}]
  ${convolution ? `param W: f32[${weight.join(", ")}]\n  param b: f32[${weight[0]}]` : ""}
  node image {
    ${text}
  }
  output y
}`,
    graph: { image: { a: tensor("in/x") } },
    weights: convolution ? { W: tensor("w/weight"), b: tensor("w/bias") } : {},
    outputs: { "image.y": tensor("out/y").reshape(...to) },
  });
}

const shapeOfImage = (vector: Vector): readonly number[] => shapeOf(vector, "out/y").slice(1);

export const byAxis: Table = {
  "conv/conv1d_4_pad1_padcircular": (vector) =>
    onImage(
      vector,
      define(
        "y",
        shapeOfImage(vector),
        "sum[c, k](a[c, mod(i1 + k + 7, 8)] * W[i0, c, k]) + b[i0]",
      ),
      true,
    ),
  "conv/conv2d_2_str2x1_pad1x2": (vector) =>
    onImage(
      vector,
      `p[c < 2, r < 10, s < 14] = select(r >= 1 and r < 9 and s >= 2 and s < 12, a[c, clip(r - 1, 0, 7), clip(s - 2, 0, 9)], 0)
    ${define("y", shapeOfImage(vector), "sum[c, k, l](p[c, 2 * i1 + k, i2 + l] * W[i0, c, k, l]) + b[i0]")}`,
      true,
    ),
  "pool/maxpool2d_4": (vector) =>
    onImage(
      vector,
      `p[c < 2, r < 8, s < 6] = select(r < 7 and s < 5, a[c, clip(r, 0, 6), clip(s, 0, 4)], -3e38)
    ${define("y", shapeOfImage(vector), "max[k < 2, l < 2](p[i0, 2 * i1 + k, 2 * i2 + l])")}`,
    ),
  "pool/adaptivemaxpool2d_12": (vector) =>
    onImage(
      vector,
      define("y", shapeOfImage(vector), "max[k < 3, l < 2](a[i0, 3 * i1 + k, 2 * i2 + l])"),
    ),
  "pool/adaptiveavgpool1d_13": (vector) =>
    onImage(
      vector,
      define("y", shapeOfImage(vector), "mean[k < 3](a[i0, clip(floor(2.5 * i1), 0, 7) + k])"),
    ),
};
