/** Attention of several heads in sequences: masks, biases of scores, relative positions. */
import {
  call,
  extentOf,
  present,
  shapeOf,
  type Table,
  type Vector,
  type VectorCase,
} from "../support/case.js";
import { tensor, type View } from "../support/view.js";
import { blocks } from "./dense.js";
import { imports } from "./graph-text.js";

interface Heads {
  readonly heads: number;
  /** Names of the inputs; keys and values are those of the queries when not given. */
  readonly query: string;
  readonly key?: string;
  readonly value?: string;
  /** Weights and biases of queries, keys and values, `[H K, D]` and `[H K]`. */
  readonly maps: readonly (readonly [weight: View, bias: View | null])[];
  readonly out: readonly [weight: View, bias: View | null];
  readonly causal?: boolean;
  /** Keys that are not attended. */
  readonly drop?: View;
  /** A number for each pair of places, to be added to the scores. */
  readonly bias?: View;
  /** Tables of relative positions, for keys and for values; they may be one. */
  readonly tables?: readonly [keys: View, values: View | null];
  /** Whether the weights are an output. */
  readonly weighed: boolean;
}

/** How long and wide everything is. */
interface Sizes {
  readonly graphs: number;
  readonly length: number;
  readonly width: number;
  readonly keys: number;
  readonly keyWidth: number;
  readonly valueWidth: number;
  /** Features of one head. */
  readonly part: number;
  /** The farthest relative position. */
  readonly clip: number;
  /** Whether keys are of another node set. */
  readonly cross: boolean;
}

function sizesOf(vector: Vector, { query, key, value, heads }: Heads): Sizes {
  const [graphs, length, width] = shapeOf(vector, query) as [number, number, number];
  const { max_relative_positions: positions, max_relative_position: position } = vector.attrs;
  const keyWidth = key ? extentOf(vector, key, 2) : width;
  return {
    graphs,
    length,
    width,
    keys: key ? extentOf(vector, key, 1) : length,
    keyWidth,
    valueWidth: value ? extentOf(vector, value, 2) : keyWidth,
    part: width / heads,
    clip: Number(positions ?? position ?? 0),
    cross: key !== undefined,
  };
}

/** Vaswani et al. 2017, 3.2, with the biases of PyTorch and the terms of Shaw et al. 2018. */
function attended(vector: Vector, said: Heads): VectorCase {
  const sizes = sizesOf(vector, said);
  const { graphs, length, width, keys, keyWidth, valueWidth, cross } = sizes;
  const drop = said.drop?.reshape(graphs * keys);
  const key = said.key && tensor(said.key).reshape(graphs * keys, keyWidth);
  const value = said.value && tensor(said.value).reshape(graphs * keys, valueWidth);
  const query = tensor(said.query).reshape(graphs * length, width);
  return call({
    model: textOf(said, sizes),
    graph: {
      query: present({ q: query, drop: cross ? null : drop }),
      ...(key ? { key: present({ k: key, v: value || null, drop }) } : {}),
    },
    graphOf: present({
      query: blocks(graphs, length),
      key: cross ? blocks(graphs, keys) : null,
    }),
    weights: weightsOf(said, sizes),
    outputs: present({
      "query.y": tensor("out/y").reshape(graphs * length, width),
      "look.a": said.weighed ? weighedBy(said, sizes) : null,
    }),
  });
}

/** Weights as the vectors lay them out, `[B, H, Lq, Lk]`, by edge. */
function weighedBy({ causal, heads }: Heads, { graphs, length, keys }: Sizes): View {
  const edges = causal ? lower(length) : all(length * keys);
  return tensor("out/attn")
    .permute(0, 2, 3, 1)
    .reshape(graphs, length * keys, heads)
    .pick(1, edges)
    .reshape(graphs * edges.length, heads);
}

function weightsOf({ heads, maps, out, tables, bias }: Heads, sizes: Sizes) {
  const { part, width, keyWidth, valueWidth } = sizes;
  const widths = [width, keyWidth, valueWidth];
  const projections = maps.flatMap(([weight, shift], i) => [
    [`W${"qkv"[i]}`, weight.reshape(heads, part, widths[i] as number).permute(0, 2, 1)] as const,
    [`b${"qkv"[i]}`, shift?.reshape(heads, part)] as const,
  ]);
  return present({
    ...Object.fromEntries(projections),
    Wo: out[0].T,
    bo: out[1],
    RK: tables?.[0],
    RV: tables?.[1],
    A: bias,
  });
}

function textOf(said: Heads, { width, keyWidth, valueWidth, part, clip, cross }: Sizes): string {
  const { heads, tables, maps, out, bias, drop, causal, value, weighed } = said;
  const key = cross ? "key" : "query";
  const [k, v] = cross ? ["k", value ? "v" : "k"] : ["q", "q"];
  const when = (condition: unknown, text: string) => (condition ? text : "");
  const plus = (letter: string) => when(maps[0]?.[1], ` + b${letter}[h]`);
  const [near, far] = tables ? [" + RK[r]", tables[1] ? " + RV[r]" : " + RK[r]"] : ["", ""];
  const score = bias
    ? `dot(receiver.u[h], sender.s[h]) / sqrt(${part}) + A[receiver.index, sender.index]`
    : `scaled(receiver.u[h], sender.s[h]${near})`;
  return `${imports({ core: bias ? "dot" : "scaled" })}
model M {
  nodes query: seq(max: 8)
  ${when(cross, "nodes key: seq(max: 8)")}
  edges look: ${key} -> query ${causal ? "causal" : "complete"}
  input q: query f32[${width}]
  ${when(cross, `input k: key f32[${keyWidth}]`)}
  ${when(value, `input v: key f32[${valueWidth}]`)}
  ${when(drop, `input drop: ${key} bool`)}
  param Wq: f32[${heads}, ${width}, ${part}]
  param Wk: f32[${heads}, ${keyWidth}, ${part}]
  param Wv: f32[${heads}, ${valueWidth}, ${part}]
  ${when(maps[0]?.[1], `param bq, bk, bv: f32[${heads}, ${part}]`)}
  param Wo: f32[${width}, ${width}]
  ${when(out[1], `param bo: f32[${width}]`)}
  ${when(tables, `param RK${when(tables?.[1], ", RV")}: f32[${2 * clip + 1}, ${part}]`)}
  ${when(bias, "param A: f32[8, 8]")}
  node query { u[h] = q @ Wq[h]${plus("q")} }
  node ${key} { s[h] = ${k} @ Wk[h]${plus("k")}; w[h] = ${v} @ Wv[h]${plus("v")} }
  edge look {
    ${when(tables, `r = clip(sender.index - receiver.index, -${clip}, ${clip}) + ${clip}`)}
    a[h] = softmax(${score}${when(drop, " where not sender.drop")}) by receiver
  }
  node query {
    m[h] = sum(a[h] * (sender.w[h]${far}))
    y = flatten(m) @ Wo${when(out[1], " + bo")}
  }
  output y${when(weighed, ", a")}
}`;
}

/** 0, 1, .. */
export const all = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** Places of a square matrix on and below the diagonal. */
const lower = (length: number): readonly number[] =>
  all(length * length).filter((i) => i % length <= Math.floor(i / length));

/** One third of PyTorch's stacked projections. */
const third = (name: string, at: number): View => tensor(name).slice(0, 8 * at, 8 * at + 8);

/** A matrix with zeros around it, as long as a sequence may be. */
const widened = (view: View): View =>
  view.map(({ shape, data }) => {
    const [rows, columns] = shape as [number, number];
    return {
      shape: [8, 8],
      data: Array.from({ length: 64 }, (_, i) => {
        const [r, c] = [Math.floor(i / 8), i % 8];
        return r < rows && c < columns ? (data[r * columns + c] as number) : 0;
      }),
    };
  });

const torch =
  (more: Partial<Heads> = {}): ((vector: Vector) => VectorCase) =>
  (vector) => {
    const separate = vector.tensors["w/q_proj_weight"] !== undefined;
    const biased = vector.tensors["w/in_proj_bias"] !== undefined;
    const cross = vector.tensors["in/k"] !== undefined;
    const mask = vector.tensors["in/key_padding_mask"] !== undefined;
    return attended(vector, {
      heads: 2,
      query: "in/q",
      ...(cross ? { key: "in/k" } : {}),
      ...(vector.tensors["in/v"] ? { value: "in/v" } : {}),
      maps: ["q", "k", "v"].map((letter, at) => [
        separate ? tensor(`w/${letter}_proj_weight`) : third("w/in_proj_weight", at),
        biased ? third("w/in_proj_bias", at) : null,
      ]),
      out: [tensor("w/out_proj.weight"), biased ? tensor("w/out_proj.bias") : null],
      ...(mask ? { drop: tensor("in/key_padding_mask") } : {}),
      weighed: true,
      ...more,
    });
  };

const linearOf = (name: string): readonly [View, View] => [
  tensor(`w/${name}.weight`),
  tensor(`w/${name}.bias`),
];

function openNmt(vector: Vector): VectorCase {
  const relative = vector.tensors["in/x"] !== undefined;
  return attended(vector, {
    heads: vector.attrs.heads as number,
    query: relative ? "in/x" : "in/q",
    ...(relative ? {} : { key: "in/k", value: "in/v" }),
    maps: ["query", "keys", "values"].map((name) => linearOf(`linear_${name}`)),
    out: linearOf("final_linear"),
    ...(relative
      ? {
          drop: tensor("in/mask"),
          tables: [tensor("w/relative_positions_embeddings.weight"), null] as const,
        }
      : {}),
    weighed: true,
  });
}

function separateTables(vector: Vector): VectorCase {
  const cross = vector.tensors["in/k"] !== undefined;
  return attended(vector, {
    heads: vector.attrs.heads as number,
    query: "in/q",
    ...(cross ? { key: "in/k" } : {}),
    maps: ["q", "k", "v"].map((name) => linearOf(`fc_${name}`)),
    out: linearOf("fc_o"),
    causal: vector.tensors["in/mask"] !== undefined,
    tables: [
      tensor("w/relative_position_k.embeddings_table"),
      tensor("w/relative_position_v.embeddings_table"),
    ],
    weighed: false,
  });
}

const causalMask = { causal: true };

export const heads: Table = {
  "attention/mha_self": torch(),
  "attention/mha_self_causal": torch(causalMask),
  "attention/mha_self_padding": torch(),
  "attention/mha_self_causal_padding": torch(causalMask),
  "attention/mha_cross": torch(),
  "attention/mha_cross_padding_nobias": torch(),
  "attention/mha_kdim_vdim": torch(),
  "attention/mha_float_mask": torch({ bias: widened(tensor("in/attn_mask")) }),
  "attention/opennmt_mha_clip2": openNmt,
  "attention/opennmt_mha_clip3": openNmt,
  "attention/scaled_dot_product": () =>
    call({
      model: `import { scaled } from "std/core"
model M {
  nodes query
  nodes key
  edges look: key -> query complete
  input q: query f32[5]
  input k: key f32[5]
  input v: key f32[7]
  edge look { a = softmax(scaled(receiver.q, sender.k)) by receiver }
  node query { y = sum(a * sender.v) }
  output y
}`,
      graph: {
        query: { q: tensor("in/q").reshape(24, 5) },
        key: { k: tensor("in/k").reshape(36, 5), v: tensor("in/v").reshape(36, 7) },
      },
      graphOf: { query: blocks(6, 4), key: blocks(6, 6) },
      outputs: { "query.y": tensor("out/y").reshape(24, 7) },
    }),
  "shaw_relative/opennmt_shared_kv_clip2_len6": openNmt,
  "shaw_relative/opennmt_shared_kv_clip3_len3": openNmt,
  "shaw_relative/separate_kv_0_h2_L5x5": separateTables,
  "shaw_relative/separate_kv_1_h3_L7x7": separateTables,
  "shaw_relative/separate_kv_2_h2_L3x6": separateTables,
};
