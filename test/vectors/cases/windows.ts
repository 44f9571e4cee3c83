/** Convolution and pooling on sequences and grids, with the library's blocks: the topology says window and stride. */
import { call, shapeOf, type Table, type Vector, type VectorCase } from "../support/case.js";
import { constant, tensor, type View } from "../support/view.js";
import { imports } from "./graph-text.js";

/** One number for every axis, or PyTorch's list of equal ones. */
const same = (value: unknown, fallback: number): number =>
  (Array.isArray(value) ? value[0] : (value ?? fallback)) as number;

/** Images as rows, channels last: one graph for each image. */
const channelsLast = (name: string, shape: readonly number[]): View => {
  const places = shape.slice(2).map((_, k) => k + 2);
  const channels = shape[1] as number;
  return tensor(name)
    .permute(0, ...places, 1)
    .reshape(-1, channels);
};

const placesOf = (shape: readonly number[]): number => shape.slice(2).reduce((a, b) => a * b, 1);

const graphOf = (shape: readonly number[]): View => {
  const size = placesOf(shape);
  const count = (shape[0] as number) * size;
  return constant(
    [count],
    Array.from({ length: count }, (_, i) => Math.floor(i / size)),
  );
};

interface Windowed {
  readonly std?: Readonly<Record<string, string>>;
  /** Parameters and equations that make y on `far` of x on `near`. */
  readonly text: string;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation?: number;
  /** Whether x is at the receivers, as in a transposed convolution. */
  readonly transposed?: boolean;
  readonly weights?: Readonly<Record<string, View>>;
}

function windowed(vector: Vector, said: Windowed): VectorCase {
  const [from, to] = [shapeOf(vector, "in/x"), shapeOf(vector, "out/y")];
  const grid = (shape: readonly number[]) => `grid(${shape.slice(2).join(", ")})`;
  const taps = from.slice(2).map(() => said.kernel);
  const ends = said.transposed ? "far -> near" : "near -> far";
  return call({
    model: `${imports(said.std)}
model M {
  nodes near: ${grid(from)}
  nodes far: ${grid(to)}
  edges look: ${ends} window(${taps.join(", ")}, stride: ${said.stride}, pad: ${said.padding}, dilation: ${said.dilation ?? 1})
  input x: near f32[${from[1]}]
  ${said.text}
  output y
}`,
    graph: {
      near: { x: channelsLast("in/x", from) },
      far: { count: constant([1], placesOf(to) * (to[0] as number)) },
    },
    graphOf: { near: graphOf(from), far: graphOf(to) },
    weights: said.weights ?? {},
    outputs: { "far.y": channelsLast("out/y", to) },
  });
}

/** `[O, I, k..]` as `[Taps, I, O]`. */
const taps = (vector: Vector): View => {
  const shape = shapeOf(vector, "w/weight");
  const [out, inn] = shape as [number, number];
  const places = shape.slice(2).map((_, k) => k + 2);
  return tensor("w/weight")
    .permute(...places, 1, 0)
    .reshape(-1, inn, out);
};

function convolved(vector: Vector): VectorCase {
  const { attrs } = vector;
  const groups = (attrs.groups as number) ?? 1;
  const out = attrs.out_channels as number;
  const bias = attrs.bias === false ? constant([out], 0) : tensor("w/bias");
  const kernel = same(attrs.kernel_size, 1);
  const dilation = same(attrs.dilation, 1);
  const padding = attrs.padding === "same" ? ((kernel - 1) * dilation) / 2 : same(attrs.padding, 0);
  const common = { kernel, dilation, padding, stride: same(attrs.stride, 1) };
  if (groups === 1)
    return windowed(vector, {
      std: { conv: "Conv" },
      text: `y = Conv<${out}>(x)`,
      ...common,
      weights: { "y.W": taps(vector), "y.b": bias },
    });
  const depthwise = groups === attrs.in_channels;
  const [outs, ins, ...kernels] = shapeOf(vector, "w/weight") as [number, number, ...number[]];
  const places = kernels.map((_, k) => k + 3);
  const grouped = tensor("w/weight")
    .reshape(groups, outs / groups, ins, ...kernels)
    .permute(...places, 0, 2, 1);
  return windowed(vector, {
    std: { conv: depthwise ? "Depthwise" : "Grouped" },
    text: `param b: f32[${out}]
  z = ${depthwise ? "Depthwise" : `Grouped<${groups}, ${out}>`}(x)
  y = z + b`,
    ...common,
    weights: {
      "z.W": depthwise
        ? grouped.reshape(-1, groups)
        : grouped.reshape(-1, groups, ins, outs / groups),
      b: bias,
    },
  });
}

/** `[I, O, k..]` as `[Taps, I, O]`. */
function transposed(vector: Vector): VectorCase {
  const { attrs } = vector;
  const [ins, outs, ...kernels] = shapeOf(vector, "w/weight") as [number, number, ...number[]];
  const groups = (attrs.groups as number) ?? 1;
  const common = {
    kernel: same(attrs.kernel_size, 1),
    stride: same(attrs.stride, 1),
    padding: same(attrs.padding, 0),
    transposed: true,
  };
  if (groups === 1)
    return windowed(vector, {
      std: { conv: "Upsample" },
      text: `param b: f32[${outs}]\n  z = Upsample<${outs}>(x)\n  y = z + b`,
      ...common,
      weights: {
        "z.W": tensor("w/weight")
          .permute(...kernels.map((_, k) => k + 2), 0, 1)
          .reshape(-1, ins, outs),
        b: tensor("w/bias"),
      },
    });
  const part = ins / groups;
  return windowed(vector, {
    text: `param W: f32[${kernels.reduce((a, b) => a * b, 1)}, ${groups}, ${part}, ${outs}]
  param b: f32[${groups * outs}]
  node near { p[g < ${groups}, i < ${part}] = x[g * ${part} + i] }
  edge look { tap: index[${kernels.reduce((a, b) => a * b, 1)}] = offset; m[g] = receiver.p[g] @ W[tap, g] }
  node far { z[g] = sum(m[g]) by sender; y = flatten(z) + b }`,
    ...common,
    weights: {
      W: tensor("w/weight")
        .reshape(groups, part, outs, ...kernels)
        .permute(...kernels.map((_, k) => k + 3), 0, 1, 2)
        .reshape(-1, groups, part, outs),
      b: tensor("w/bias"),
    },
  });
}

/** The library's pooling, or the same words: `reduced` of the senders. */
const pooled =
  (
    text: string,
    fixed?: { readonly kernel: number; readonly stride: number },
  ): ((vector: Vector) => VectorCase) =>
  (vector) => {
    const { attrs } = vector;
    const kernel = fixed?.kernel ?? same(attrs.kernel_size, 1);
    return windowed(vector, {
      ...(text.includes("Pool") ? { std: { conv: text } } : {}),
      text: text.includes("Pool") ? `y = ${text}(x)` : `node far { y = ${text} }`,
      kernel,
      stride: fixed?.stride ?? same(attrs.stride, kernel),
      padding: same(attrs.padding, 0),
      dilation: same(attrs.dilation, 1),
    });
  };

const convolutions = [
  ..."conv1d_0 conv1d_1_str2_pad2 conv1d_2_dil2_pad2_gro2 conv1d_3_biaFalse conv1d_5_padsame conv1d_6".split(
    " ",
  ),
  ..."conv2d_0 conv2d_1_pad1 conv2d_3_dil2 conv2d_4_gro2_pad1 conv2d_5_gro6_pad1_str2 conv2d_6_biaFalse conv2d_7 conv2d_8_padsame".split(
    " ",
  ),
];
const transposes = ["conv_transpose1d_0", "conv_transpose2d_1", "conv_transpose2d_2"];
const named = (
  family: string,
  ids: readonly string[],
  make: (vector: Vector) => VectorCase,
): Table => Object.fromEntries(ids.map((id) => [`${family}/${id}`, make]));

export const windows: Table = {
  ...named("conv", convolutions, convolved),
  ...named("conv", transposes, transposed),
  ...named(
    "pool",
    ["maxpool1d_0", "maxpool1d_1", "maxpool2d_2", "maxpool2d_3", "maxpool2d_5"],
    pooled("MaxPool"),
  ),
  ...named("pool", ["avgpool1d_6", "avgpool2d_7", "avgpool2d_9"], pooled("MeanPool")),
  "pool/avgpool2d_8": pooled("sum(sender.x) / 9"),
  "pool/adaptiveavgpool2d_11": pooled("MeanPool", { kernel: 2, stride: 2 }),
  "pool/lppool2d_14": pooled("sqrt(sum(sender.x * sender.x))"),
  "pool/adaptiveavgpool2d_10": (vector) =>
    call({
      model: `import { MeanReadout } from "std/readout"
model M { nodes near: grid(5, 6); input x: near f32[3]; y = MeanReadout(x); output y }`,
      graph: { near: { x: channelsLast("in/x", shapeOf(vector, "in/x")) } },
      graphOf: { near: graphOf(shapeOf(vector, "in/x")) },
      outputs: { "global.y": tensor("out/y").reshape(2, 3) },
    }),
};
