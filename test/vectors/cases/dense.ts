/** Linear layers, perceptrons, products of matrices, embeddings and lookups. */
import {
  call,
  extentOf,
  shapeOf,
  type Table,
  type Vector,
  type VectorCase,
} from "../support/case.js";
import { constant, type Source, tensor, View } from "../support/view.js";

/** The library's `Linear` on rows, however many axes they come in. */
function linear(vector: Vector): VectorCase {
  const [out, inn] = shapeOf(vector, "w/weight") as [number, number];
  return call({
    model: `import { Linear } from "std/core"
model M { nodes row; input x: row f32[${inn}]; y = Linear<${out}>(x); output y }`,
    graph: { row: { x: tensor("in/x").reshape(-1, inn) } },
    weights: {
      "y.W": tensor("w/weight").T,
      "y.b": vector.attrs.bias ? tensor("w/bias") : constant([out], 0),
    },
    outputs: { "row.y": tensor("out/y").reshape(-1, out) },
  });
}

/** The library's `MLP`: hidden layers are named by the loop, the last one `out`. */
function mlp(vector: Vector): VectorCase {
  const dims = vector.attrs.dims as readonly number[];
  const hidden = dims.slice(1, -1);
  const layers = hidden.map((_, i) => `y.x.${i}`).concat("y.out");
  const act = vector.attrs.activation as string;
  return call({
    model: `import { MLP } from "std/core"
fn gelu(x: f32) -> f32 { return 0.5 * x * (1 + erf(x / sqrt(2))) }
model M { nodes row; input x: row f32[${dims[0]}]; y = MLP<${dims.slice(1).join(", ")}>(x, act: ${act}); output y }`,
    graph: { row: { x: tensor("in/x") } },
    weights: Object.fromEntries(
      layers.flatMap((path, i) => [
        [`${path}.W`, tensor(`w/${2 * i}.weight`).T],
        [`${path}.b`, tensor(`w/${2 * i}.bias`)],
      ]),
    ),
    outputs: { "row.y": tensor("out/y") },
  });
}

/** `a @ b`, a's rows as nodes, one b for each graph. */
const product = (
  a: View,
  b: View,
  out: View,
  shapes: readonly [number, number, number],
  graphOf?: View,
): VectorCase =>
  call({
    model: `model M {
  nodes row
  input a: row f32[${shapes[1]}]
  input b: global f32[${shapes[1]}, ${shapes[2]}]
  node row { y = a @ global.b }
  output y
}`,
    graph: {
      row: { a: a.reshape(-1, shapes[1]) },
      global: { b: b.reshape(-1, shapes[1], shapes[2]) },
    },
    ...(graphOf ? { graphOf: { row: graphOf } } : {}),
    outputs: { "row.y": out.reshape(-1, shapes[2]) },
  });

/** 0 0 0 1 1 1 ..: the graph of each row when every graph has `size`. */
export const blocks = (graphs: number, size: number): View =>
  constant(
    [graphs * size],
    Array.from({ length: graphs * size }, (_, i) => Math.floor(i / size)),
  );

const [a, b, y] = [tensor("in/a"), tensor("in/b"), tensor("out/y")];

const products: Table = {
  "matmul/matmul_0": () => product(a, b, y, [3, 4, 5]),
  "matmul/matmul_1": () => product(a, b, y, [3, 4, 5], blocks(2, 3)),
  "matmul/matmul_2": () =>
    call({
      model: `model M {
  nodes row
  input a: row f32[4]
  input b: global f32[5, 4, 2]
  node row { y[h] = a @ global.b[h] }
  output y
}`,
      graph: { row: { a: a.reshape(6, 4) }, global: { b: b.reshape(1, 5, 4, 2) } },
      outputs: { "row.y": y.permute(0, 2, 1, 3).reshape(6, 5, 2) },
    }),
  "matmul/matmul_3": () =>
    call({
      model: `model M { input a: global f32[4]; input b: global f32[4, 3]; y = a @ b; output y }`,
      graph: { global: { a: a.reshape(1, 4), b: b.reshape(1, 4, 3) } },
      outputs: { "global.y": y.reshape(1, 3) },
    }),
  "einsum/einsum_0": () => product(a, b, y, [3, 4, 5]),
  "einsum/einsum_1": () =>
    call({
      model: `import { dot } from "std/core"
model M {
  nodes query, key
  edges look: key -> query complete
  input a: query f32[4]
  input b: key f32[4]
  edge look { y = dot(receiver.a, sender.b) }
  output y
}`,
      graph: { query: { a: a.reshape(12, 4) }, key: { b: b.reshape(20, 4) } },
      graphOf: { query: blocks(4, 3), key: blocks(4, 5) },
      outputs: { "look.y": y.reshape(60) },
    }),
  "einsum/einsum_2": () => product(a, b, y, [3, 4, 2], blocks(2, 3)),
  "einsum/einsum_3": () =>
    call({
      model: `model M { input a: global f32[2, 3, 4]; y[k, j, i] = a[i, j, k]; output y }`,
      graph: { global: { a: a.reshape(1, 2, 3, 4) } },
      outputs: { "global.y": y.reshape(1, 4, 3, 2) },
    }),
  "einsum/einsum_4": () =>
    call({
      model: `model M { input a: global f32[4, 4]; y[i] = a[i, i]; output y }`,
      graph: { global: { a: a.reshape(1, 4, 4) } },
      outputs: { "global.y": y.reshape(1, 4) },
    }),
};

const embedded = (
  name: string,
  size: number,
  dim: number,
): string => `import { Embedding } from "std/core"
model M { nodes row; input ${name}: row index[${size}]; y = Embedding<${size}, ${dim}>(${name}); output y }`;

const embeddings: Table = {
  "embedding/embedding": () =>
    call({
      model: embedded("token", 10, 4),
      graph: { row: { token: tensor("in/index").reshape(15) } },
      weights: { "y.E": tensor("w/weight") },
      outputs: { "row.y": y.reshape(15, 4) },
    }),
  "embedding/embedding_padding_idx0": () =>
    call({
      model: `model M {
  nodes row
  input token: row index[10]
  param E: f32[10, 4]
  node row { y = select(token == 0, stop(E[token]), E[token]) }
  output y
}`,
      graph: { row: { token: tensor("in/index").reshape(15) } },
      weights: { E: tensor("w/weight") },
      outputs: { "row.y": y.reshape(15, 4) },
    }),
  "embedding/embedding_bag_mean": () =>
    call({
      model: `import { Embedding } from "std/core"
model M {
  nodes row
  input token: row index[10]
  e = Embedding<10, 4>(token)
  global { y = mean(e) }
  output y
}`,
      graph: { row: { token: tensor("in/index").reshape(15) } },
      graphOf: { row: blocks(3, 5) },
      weights: { "e.E": tensor("w/weight") },
      outputs: { "global.y": y },
    }),
  "index/gather_rows": () =>
    call({
      model: embedded("i", 6, 3),
      graph: { row: { i: tensor("in/index") } },
      weights: { "y.E": tensor("in/x") },
      outputs: { "row.y": y },
    }),
  "index/gather_elements": () =>
    call({
      model: `model M { nodes row; input x: row f32[3]; input i, j: row index[3]; y = [x[i], x[j]]; output y }`,
      graph: {
        row: { x: tensor("in/x"), i: tensor("in/index").at(1, 0), j: tensor("in/index").at(1, 1) },
      },
      outputs: { "row.y": y },
    }),
};

/** Edges from values to the slots they go to. */
const scattered =
  (reducer: string): ((vector: Vector) => VectorCase) =>
  (vector) => {
    const [rows, width] = shapeOf(vector, "in/src") as [number, number];
    return call({
      model: `model M {
  nodes item, slot
  edges goes: item -> slot
  input src: item f32[${width}]
  node slot { y = ${reducer}(sender.src) }
  output y
}`,
      graph: {
        item: { src: tensor("in/src") },
        slot: { count: constant([1], extentOf(vector, "out/y", 0)) },
        goes: {
          senders: constant(
            [rows],
            Array.from({ length: rows }, (_, i) => i),
          ),
          receivers: tensor("in/index"),
        },
      },
      outputs: { "slot.y": y },
    });
  };

/** Where row i and column j of a matrix of `width` columns lie. */
const cell = (i: View, j: View, width: number): View =>
  new View((from: Source) => {
    const [rows, columns] = [i.read(from), j.read(from)];
    if (!rows || !columns) return null;
    const data = Array.from(rows.data, (row, k) => row * width + (columns.data[k] as number));
    return { shape: rows.shape, data };
  });

const scatters: Table = {
  "index/index_add": scattered("sum"),
  "index/scatter_reduce_sum": scattered("sum"),
  "index/scatter_reduce_mean": scattered("mean"),
  "index/scatter_reduce_amax": scattered("max"),
  "index/scatter_reduce_amin": scattered("min"),
  "index/scatter_add_2d": () =>
    call({
      model: `model M {
  nodes row
  input src: row f32[3]
  input i, j, k: row index[5]
  y = one_hot(i) * src[0] + one_hot(j) * src[1] + one_hot(k) * src[2]
  output y
}`,
      graph: {
        row: {
          src: tensor("in/src"),
          i: tensor("in/index").at(1, 0),
          j: tensor("in/index").at(1, 1),
          k: tensor("in/index").at(1, 2),
        },
      },
      outputs: { "row.y": y },
    }),
  "index/index_put_accumulate": () =>
    call({
      model: `model M {
  nodes item, slot
  edges goes: item -> slot
  input v: item f32
  input x: slot f32
  node slot { y = x + sum(sender.v) }
  output y
}`,
      graph: {
        item: { v: tensor("in/v") },
        slot: { x: tensor("in/x").reshape(18) },
        goes: {
          senders: constant([7], [0, 1, 2, 3, 4, 5, 6]),
          receivers: cell(tensor("in/i"), tensor("in/j"), 3),
        },
      },
      outputs: { "slot.y": y.reshape(18) },
    }),
};

export const dense: Table = {
  "linear/linear_5x3_b7": linear,
  "linear/linear_16x10_b2x3": linear,
  "linear/linear_8x8_b4_nobias": linear,
  "mlp/mlp_relu_6_16_4": mlp,
  "mlp/mlp_tanh_5_12_12_3": mlp,
  "mlp/mlp_gelu_8_32_2": mlp,
  ...products,
  ...embeddings,
  ...scatters,
};
