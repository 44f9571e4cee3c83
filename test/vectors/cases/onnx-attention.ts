/** Attention and rotary places of ONNX, with several query heads for each head of keys. */
import type { Table } from "../support/case.js";
import { define, indexed, type Operator, onnx } from "../support/onnx.js";

const named = (prefix: string, names: readonly string[], make: Table[string]): Table =>
  Object.fromEntries(names.map((name) => [`onnx/${prefix}${name}`, make]));

interface Sizes {
  readonly batch: number;
  readonly heads: number;
  /** Query heads of each head of keys. */
  readonly shared: number;
  readonly queries: number;
  readonly keys: number;
  readonly past: number;
  readonly width: number;
  readonly depth: number;
  readonly flat: boolean;
}

function sizesOf(o: Operator): Sizes {
  const [q, k, v] = [o.shape(0), o.shape(1), o.shape(2)];
  const flat = q.length === 3;
  const at = (shape: readonly number[], axis: number) => shape.at(axis) as number;
  const queryHeads = flat ? o.attribute("q_num_heads", 1) : at(q, 1);
  const heads = flat ? o.attribute("kv_num_heads", 1) : at(k, 1);
  return {
    batch: at(q, 0),
    heads,
    shared: queryHeads / heads,
    queries: at(q, -2),
    keys: at(k, -2),
    past: o.has(4) ? at(o.shape(4), 2) : 0,
    width: flat ? at(q, -1) / queryHeads : at(q, -1),
    depth: flat ? at(v, -1) / heads : at(v, -1),
    flat,
  };
}

/** One of K and V with what is in the cache before it. */
function cached(name: string, of: string, cache: string, width: number, s: Sizes): string {
  const now = (j: string) =>
    `${of}${indexed(s.flat ? ["n", j, `${width} * h + l`] : ["n", "h", j, "l"])}`;
  const ranged = `[n < ${s.batch}, h < ${s.heads}, j < ${s.past + s.keys}, l < ${width}]`;
  const value =
    s.past > 0
      ? `select(j < ${s.past}, ${cache}[n, h, clip(j, 0, ${s.past - 1}), l], ${now(`clip(j - ${s.past}, 0, ${s.keys - 1})`)})`
      : `1.0 * ${now("j")}`;
  return `${name}${ranged} = ${value}`;
}

/** The mask at a query head, `shared * h + u`; keys behind its end are not seen. */
function masked(o: Operator, s: Sizes): string {
  const tests: string[] = [];
  let bias = "";
  if (o.has(3)) {
    const mask = o.shape(3);
    const last = (mask.at(-1) as number) - 1;
    const key = last + 1 < s.keys + s.past ? `clip(j, 0, ${last})` : "j";
    const lead = mask
      .slice(0, -2)
      .map((n, k) => (n === 1 ? 0 : k === mask.length - 4 ? "n" : `${s.shared} * h + u`));
    const at = `d${indexed([...lead, "i", key])}`;
    if (o.type(3) === "bool") tests.push(at);
    else bias = ` + ${at}`;
    if (last + 1 < s.keys + s.past) tests.push(`j <= ${last}`);
  }
  if (o.attribute("is_causal", 0)) tests.push(`j <= i + ${s.past}`);
  if (o.has(6)) tests.push("j < g[n]");
  const value = `s[n, h, u, i, j]${bias}`;
  return tests.length > 0 ? `select(${tests.join(" and ")}, ${value}, log(0.0))` : value;
}

/** Vaswani et al. 2017 as the operator has it: scaled, masked, capped, weighed. */
const attention = onnx((o) => {
  const s = sizesOf(o);
  const ranged = `[n < ${s.batch}, h < ${s.heads}, u < ${s.shared}, i < ${s.queries}, j < ${s.keys + s.past}]`;
  const head = `${s.shared} * h + u`;
  const query = `a${indexed(s.flat ? ["n", "i", `${s.width * s.shared} * h + ${s.width} * u + l`] : ["n", head, "i", "l"])}`;
  const scale = o.attribute("scale", 1 / Math.sqrt(s.width));
  const cap = o.attribute("softcap", 0);
  const lines = [
    cached("p", "b", "e", s.width, s),
    cached("r", "c", "f", s.depth, s),
    `s${ranged} = ${scale} * sum[l](${query} * p[n, h, j, l])`,
    `m${ranged} = ${masked(o, s)}`,
    `x${ranged} = ${cap > 0 ? `${cap} * tanh(m[n, h, u, i, j] / ${cap})` : "1.0 * m[n, h, u, i, j]"}`,
    `t[n, h, u, i] = softmax(x[n, h, u, i])`,
    `y${indexed(s.flat ? ["n", "i", "h", "u", "l"] : ["n", "h", "u", "i", "l"])} = sum[j](t[n, h, u, i, j] * r[n, h, j, l])`,
  ];
  if (o.outputs[1]) lines.push("z = 1.0 * p");
  if (o.outputs[2]) lines.push("w = 1.0 * r");
  if (o.outputs[3]) lines.push(`v = 1.0 * ${"smxt"[o.attribute("qk_matmul_output_mode", 0)]}`);
  return lines.join("\n    ");
});

/** Su et al. 2021: pairs of features are turned by the angle of their place. */
const rotary = onnx((o) => {
  const width = o.shape(0).at(-1) as number;
  const turned = o.attribute("rotary_embedding_dim", 0) || width;
  const half = turned / 2;
  const place = o.has(3) ? `mod(d[i0, i2], ${o.shape(1)[0]})` : "";
  const at = (name: string, k: string) =>
    `${name}${indexed(o.has(3) ? [place, k] : ["i0", "i2", k])}`;
  const interleaved = o.attribute("interleaved", 0) === 1;
  const feature = (which: "real" | "imaginary", j: string) =>
    `a[i0, i1, i2, ${interleaved ? `2 * ${j} + ${which === "real" ? 0 : 1}` : which === "real" ? j : `${j} + ${half}`}]`;
  const shape = o.out();
  const lead = `i0 < ${shape[0]}, i1 < ${shape[1]}, i2 < ${shape[2]}`;
  const lines = [
    `p[${lead}, k < ${half}] = ${at("b", "k")} * ${feature("real", "k")} - ${at("c", "k")} * ${feature("imaginary", "k")}`,
    `q[${lead}, k < ${half}] = ${at("c", "k")} * ${feature("real", "k")} + ${at("b", "k")} * ${feature("imaginary", "k")}`,
    interleaved
      ? `t[${lead}, k < ${half}, o < 2] = select(o == 0, p[i0, i1, i2, k], q[i0, i1, i2, k])\n    r[${lead}] = flatten(t[i0, i1, i2])`
      : `r[${lead}] = [p[i0, i1, i2], q[i0, i1, i2]]`,
    turned === width
      ? define("y", shape, `r[i0, i1, i2, i3]`)
      : define(
          "y",
          shape,
          `select(i3 < ${turned}, r[i0, i1, i2, clip(i3, 0, ${turned - 1})], a[i0, i1, i2, i3])`,
        ),
  ];
  return lines.join("\n    ");
});

const flat = [
  "",
  "_causal",
  "_diff_heads_sizes_attn_mask",
  "_diff_heads_sizes_causal",
  "_diff_heads_sizes_softcap",
  "_gqa",
  "_gqa_attn_mask",
  "_gqa_scaled",
  "_gqa_with_past_and_present",
  "_scaled",
  "_transpose_verification",
  "_with_past_and_present_qk_matmul",
  "_with_past_and_present_qk_matmul_bias",
  "_with_past_and_present_qk_matmul_softmax",
];
const headed = [
  "attn_mask",
  "attn_mask_3d",
  "attn_mask_4d",
  "attn_mask_bool",
  "attn_mask_bool_4d",
  "diff_heads_mask4d_padded_kv",
  "diff_heads_sizes_attn_mask",
  "diff_heads_sizes_causal",
  "diff_heads_sizes_softcap",
  "diff_heads_with_past_and_present_mask3d",
  "diff_heads_with_past_and_present_mask4d",
  "gqa_attn_mask",
  "gqa_scaled",
  "gqa_softcap",
  "scaled",
  "with_past_and_present",
  "with_past_and_present_qk_matmul",
  "with_past_and_present_qk_matmul_bias_3d_mask",
  "with_past_and_present_qk_matmul_bias_4d_mask",
  "with_past_and_present_qk_matmul_bias_4d_mask_causal",
  "with_qk_matmul_bias",
  "with_qk_matmul_softmax",
];

export const onnxAttention: Table = {
  ...named("attention_3d", flat, attention),
  ...named("attention_4d_", headed, attention),
  ...named(
    "rotary_embedding",
    [
      "",
      "_interleaved",
      "_no_position_ids_interleaved",
      "_no_position_ids_rotary_dim",
      "_with_rotary_dim",
    ],
    rotary,
  ),
};
