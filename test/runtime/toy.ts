/**
 * Artifacts made by hand, so that the runtime is tested without the compiler. `toy` is a small graph network:
 *
 *     edge { m = w * sender.x }   node { h = x + sum(m); out = a * h }   loss sq(out - y)   state s' = s + 1
 *
 * with sgd on `a`. `shell` wraps any manifest around a module without kernels.
 */
import binaryen from "binaryen";
import { describe } from "../../compiler/pack.description.js";
import { artifactVersion, type Manifest, type Slot, type Step } from "../../runtime/artifact.js";

const word = (k: number) => `(i32.load offset=${4 * k} (local.get $frame))`;
const at = (k: number, index: string) => `(i32.add ${word(k)} (i32.shl ${index} (i32.const 2)))`;
const f32 = (k: number, index: string) => `(f32.load ${at(k, index)})`;
const i32 = (k: number, index: string) => `(i32.load ${at(k, index)})`;
const zero = "(i32.const 0)";
const i = "(local.get $i)";
const next = (name: string) => `(i32.add (local.get $${name}) (i32.const 1))`;

/** `for (let name = from; name < to; name++) body` */
const loop = (name: string, from: string, to: string, body: string) => `
  (local.set $${name} ${from})
  (block $done_${name} (loop $again_${name}
    (br_if $done_${name} (i32.ge_s (local.get $${name}) ${to}))
    ${body}
    (local.set $${name} ${next(name)})
    (br $again_${name})))`;

const kernel = (name: string, body: string) => `
  (func (export "${name}") (param $frame i32) (param $begin i32) (param $end i32) (param $scratch i32)
    (local $i i32) (local $e i32) (local $s f32) (local $g f32) ${body})`;

const rows = (body: string) => loop("i", "(local.get $begin)", "(local.get $end)", body);
const sumEdges = (term: string) => `(local.set $s (f32.add (local.get $s) ${term}))`;

const difference = `(f32.sub ${f32(0, i)} ${f32(1, i)})`;
const mean = (k: number) =>
  `(f32.div (local.get $${k === 0 ? "s" : "g"}) (f32.convert_i32_s ${word(2)}))`;

const text = `(module
  (import "env" "memory" (memory 1 65536))
  (data (i32.const 0) "constants")
  ${kernel("edge", rows(`(f32.store ${at(2, i)} (f32.mul ${f32(0, i)} ${f32(1, i32(3, i))}))`))}
  ${kernel(
    "node",
    rows(`(local.set $s ${f32(0, i)})
      ${loop("e", i32(1, i), i32(1, next("i")), sumEdges(f32(2, "(local.get $e)")))}
      (f32.store ${at(3, i)} (local.get $s))
      (f32.store ${at(4, i)} (f32.mul (local.get $s) ${f32(5, zero)}))`),
  )}
  ${kernel(
    "loss",
    `${loop(
      "i",
      zero,
      word(2),
      `(local.set $s (f32.add (local.get $s) (f32.mul ${difference} ${difference})))
       (local.set $g (f32.add (local.get $g) (f32.mul (f32.const 2) (f32.mul ${difference} ${f32(5, i)}))))`,
    )}
    (f32.store ${word(3)} ${mean(0)})
    (f32.store ${word(4)} ${mean(1)})
    (f32.store ${word(6)} (local.get $s))
    (f32.store ${word(7)} (f32.convert_i32_s ${word(2)}))`,
  )}
  ${kernel("state", `(f32.store ${word(1)} (f32.add (f32.const 1) ${f32(0, zero)}))`)}
  ${kernel("schedule", `(f32.store ${word(0)} (f32.div (f32.const 0.1) (f32.add (f32.const 1) (f32.convert_i32_s (i32.load offset=8 ${word(1)})))))`)}
  ${kernel(
    "sgd",
    `(f32.store ${word(2)} (f32.add (f32.mul ${f32(2, zero)} (f32.const 0.5)) ${f32(1, zero)}))
    (f32.store ${word(0)} (f32.sub ${f32(0, zero)} (f32.mul ${f32(3, zero)} ${f32(2, zero)})))`,
  )}
  ${kernel(
    "cotangent",
    `${loop("i", zero, word(2), `(local.set $s (f32.add (local.get $s) (f32.mul ${f32(0, i)} ${f32(1, i)})))`)}
    (f32.store ${word(3)} (local.get $s))`,
  )}
  ${kernel(
    "backward",
    rows(`(local.set $s ${f32(0, i)})
      ${loop("e", i32(1, i), i32(1, next("i")), sumEdges(`(f32.mul ${f32(2, i32(3, "(local.get $e)"))} ${f32(0, i32(4, "(local.get $e)"))})`))}
      (f32.store ${at(5, i)} (f32.mul (local.get $s) ${f32(6, zero)}))`),
  )}
)`;

const kept = (name: string, space: string) => ({ name, space, width: 1, life: "kept" }) as const;
const passing = (name: string, space: string) =>
  ({ name, space, width: 1, life: "passing" }) as const;
const read = (name: string, space: string) => ({ name, space, width: 1, life: "read" }) as const;

const buffer = (b: number): Slot => ({ buffer: b });
const structure = (s: number): Slot => ({ structure: s });
const arena = (
  name: "parameters" | "gradients" | "moment1" | "states" | "next_states" | "settings",
): Slot => ({ arena: name, offset: 0 });
const B = {
  x: 0,
  w: 1,
  y: 2,
  m: 3,
  h: 4,
  out: 5,
  loss: 6,
  total: 7,
  rows: 8,
  cot: 9,
  dx: 10,
  dummy: 11,
};
const S = { receiver_start: 0, senders: 1, sender_start: 2, edge_of: 3, receiver_of: 4 };

const edges: Step = {
  kernel: "edge",
  domain: { over: "rows", space: "link" },
  slots: [buffer(B.w), buffer(B.x), buffer(B.m), structure(S.senders)],
};
const nodes: Step = {
  kernel: "node",
  domain: { over: "rows", space: "node" },
  slots: [
    buffer(B.x),
    structure(S.receiver_start),
    buffer(B.m),
    buffer(B.h),
    buffer(B.out),
    arena("parameters"),
  ],
};
const once = { over: "count", count: 1 } as const;
const loss = (gradient: Slot): Step => ({
  kernel: "loss",
  domain: once,
  slots: [
    buffer(B.out),
    buffer(B.y),
    { rows: "node" },
    buffer(B.loss),
    gradient,
    buffer(B.h),
    buffer(B.total),
    buffer(B.rows),
  ],
});

const scalar = { dtype: "f32", shape: [], range: null, sparse: false } as const;

export const toyManifest: Manifest = {
  version: artifactVersion,
  compiler: "by hand",
  model: "Toy",
  doc: null,
  sets: [{ name: "node", layout: { kind: "set", size: null } }],
  relations: [
    {
      name: "link",
      given: true,
      topology: { kind: "sparse", symmetric: false, selfLoops: false },
      senders: "node",
      receivers: "node",
    },
  ],
  inputs: [
    { name: "x", space: "node", ...scalar, neededToRun: true, buffer: B.x },
    { name: "w", space: "link", ...scalar, neededToRun: true, buffer: B.w },
    { name: "y", space: "node", ...scalar, neededToRun: false, buffer: B.y },
  ],
  outputs: [
    { name: "out", space: "node", dtype: "f32", shape: [], range: null, buffer: B.out },
    { name: "m", space: "link", dtype: "f32", shape: [], range: null, buffer: B.m },
  ],
  parameters: [
    { path: "a", shape: [], families: 0, offset: 0, init: { kind: "constant", value: 2 } },
  ],
  parameterWords: 1,
  states: [{ path: "s", shape: [], families: 0, offset: 0, init: { kind: "constant", value: 0 } }],
  stateWords: 1,
  optimizers: [{ kind: "sgd", ranges: [[0, 1]], settings: 0 }],
  settingsWords: 8,
  loss: { evaluate: B.loss, train: B.loss },
  metrics: [
    {
      name: "error",
      buffers: {
        evaluate: { total: B.total, rows: B.rows },
        train: { total: B.total, rows: B.rows },
      },
    },
  ],
  pullback: {
    cotangents: [{ output: "out", buffer: B.cot }],
    inputs: [{ path: "node.x", buffer: B.dx }],
  },
  buffers: [
    kept("x", "node"),
    kept("w", "link"),
    kept("y", "node"),
    passing("m", "link"),
    passing("h", "node"),
    read("out", "node"),
    kept("loss", "batch"),
    kept("total", "batch"),
    kept("rows", "batch"),
    kept("cotangent.out", "node"),
    read("dx", "node"),
    passing("ignored gradient", "batch"),
  ],
  structures: [
    { kind: "receiver_start", of: "link" },
    { kind: "senders", of: "link" },
    { kind: "sender_start", of: "link" },
    { kind: "edge_of", of: "link" },
    { kind: "receiver_of", of: "link" },
  ],
  programs: {
    infer: [edges, nodes],
    evaluate: [edges, nodes, loss(buffer(B.dummy))],
    train: [
      edges,
      nodes,
      loss(arena("gradients")),
      { kernel: "state", domain: once, slots: [arena("states"), arena("next_states")] },
    ],
    schedule: [{ kernel: "schedule", domain: once, slots: [arena("settings"), { control: true }] }],
    update: [
      {
        kernel: "sgd",
        domain: once,
        slots: [arena("parameters"), arena("gradients"), arena("moment1"), arena("settings")],
      },
    ],
    pullback: [
      edges,
      nodes,
      {
        kernel: "cotangent",
        domain: once,
        slots: [buffer(B.cot), buffer(B.h), { rows: "node" }, arena("gradients")],
      },
      {
        kernel: "backward",
        domain: { over: "rows", space: "node" },
        slots: [
          buffer(B.cot),
          structure(S.sender_start),
          buffer(B.w),
          structure(S.edge_of),
          structure(S.receiver_of),
          buffer(B.dx),
          arena("parameters"),
        ],
      },
    ],
  },
  reservedBytes: 10,
  scratchBytes: 64,
};

/** The bytes of a module with a manifest. */
function artifact(source: string, manifest: Manifest): Uint8Array {
  const module = binaryen.parseText(source);
  if (!module.validate()) throw new Error("the test's module is not valid");
  module.addCustomSection("gn.model", new TextEncoder().encode(JSON.stringify(describe(manifest))));
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/** The toy model, with parts of its manifest replaced. */
export const toy = (changes: Partial<Manifest> = {}): Uint8Array =>
  artifact(text, { ...toyManifest, ...changes });

/** A model without kernels: for checks of graphs and weights. */
export const shell = (changes: Partial<Manifest>): Uint8Array =>
  artifact('(module (import "env" "memory" (memory 1)))', {
    ...toyManifest,
    relations: [],
    inputs: [],
    outputs: [],
    parameters: [],
    parameterWords: 0,
    states: [],
    stateWords: 0,
    optimizers: [],
    loss: {},
    metrics: [],
    pullback: null,
    buffers: [],
    structures: [],
    programs: { infer: [] },
    reservedBytes: 0,
    ...changes,
  });

export interface ToyGraph {
  readonly node: { readonly x: number[]; readonly y?: number[] };
  readonly link: { readonly senders: number[]; readonly receivers: number[]; readonly w: number[] };
}

/** What the toy model computes, in plain loops. */
export function reference(graph: ToyGraph, a: number): { out: number[]; m: number[]; h: number[] } {
  const { senders, receivers, w } = graph.link;
  const h = [...graph.node.x];
  const m = senders.map((s, e) => (w[e] as number) * (graph.node.x[s] as number));
  receivers.forEach((r, e) => {
    h[r] = (h[r] as number) + (m[e] as number);
  });
  return { out: h.map((v) => a * v), m, h };
}
