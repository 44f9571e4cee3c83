/** Interaction networks and non-local blocks. */
import {
  call,
  present,
  shapeOf,
  type Table,
  type Vector,
  type VectorCase,
} from "../support/case.js";
import { tensor, type View } from "../support/view.js";
import { blocks } from "./dense.js";
import { linear } from "./graph-text.js";

/** Of one-hot columns `[.., nodes, edges]`, the node of each edge, counted over all graphs. */
const ends = (name: string): View =>
  tensor(name).map(({ shape, data }) => {
    const [nodes, edges] = shape.slice(-2) as [number, number];
    const graphs = data.length / (nodes * edges);
    const found = Array.from({ length: graphs * edges }, (_, i) => {
      const [g, e] = [Math.floor(i / edges), i % edges];
      const node = Array.from({ length: nodes }, (_, n) => data[(g * nodes + n) * edges + e]);
      return g * nodes + node.indexOf(1);
    });
    return { shape: [found.length], data: found };
  });

interface Names {
  readonly objects: string;
  readonly senders: string;
  readonly receivers: string;
  readonly info: string;
  readonly relational: string;
  readonly object: string;
}

/** Battaglia et al. 2016 with the layers of one of two authors; `order` says what the relational network reads. */
const interaction =
  (names: Names, order: string, rectified: boolean): ((vector: Vector) => VectorCase) =>
  (vector) => {
    const shape = shapeOf(vector, names.objects);
    const [nodes, width] = shape.slice(-2) as [number, number];
    const graphs = shape.length === 3 ? (shape[0] as number) : 1;
    const out = (name: string, layer: number) =>
      shapeOf(vector, `w/${name}.${layer}.weight`)[0] as number;
    const relational = [0, 2, 4, 6].map((layer) => out(names.relational, layer));
    const object = [0, 2].map((layer) => out(names.object, layer));
    const info = shapeOf(vector, names.info).at(-1) as number;
    return call({
      model: `import { MLP } from "std/core"
model M {
  nodes object
  edges relation: object -> object
  input o: object f32[${width}]
  input r: relation f32[${info}]
  let phi_R = MLP<${relational.join(", ")}>
  let phi_O = MLP<${object.join(", ")}>
  edge relation { e = ${rectified ? "relu" : ""}(phi_R([${order}, r])) }
  node object { y = phi_O([o, sum(e)]) }
  output y
}`,
      graph: {
        object: { o: tensor(names.objects).reshape(-1, width) },
        relation: {
          senders: ends(names.senders),
          receivers: ends(names.receivers),
          r: tensor(names.info).reshape(-1, info),
        },
      },
      graphOf: { object: blocks(graphs, nodes) },
      weights: {
        ...linear("phi_R.x.0", `${names.relational}.0`),
        ...linear("phi_R.x.1", `${names.relational}.2`),
        ...linear("phi_R.x.2", `${names.relational}.4`),
        ...linear("phi_R.out", `${names.relational}.6`),
        ...linear("phi_O.x.0", `${names.object}.0`),
        ...linear("phi_O.out", `${names.object}.2`),
      },
      outputs: { "object.y": tensor("out/y") },
    });
  };

const higgsfield = interaction(
  {
    objects: "in/objects",
    senders: "in/sender_relations",
    receivers: "in/receiver_relations",
    info: "in/relation_info",
    relational: "relational_model.layers",
    object: "object_model.layers",
  },
  "sender.o, receiver.o",
  true,
);
const toruowo = interaction(
  {
    objects: "in/obj",
    senders: "in/rs",
    receivers: "in/rr",
    info: "in/ra",
    relational: "rm.model",
    object: "om.model",
  },
  "receiver.o, sender.o",
  true,
);

type Form = "embedded_gaussian" | "dot_product" | "gaussian" | "concatenation";

const scores: Readonly<Record<Form, string>> = {
  embedded_gaussian: "softmax(dot(receiver.theta, sender.phi)) by receiver",
  dot_product: "dot(receiver.theta, sender.phi) / receiver.n",
  gaussian: "softmax(dot(receiver.x, sender.phi)) by receiver",
  concatenation: "relu(dot(w, [receiver.theta, sender.phi])) / receiver.n",
};

type Kind = "1d" | "2d_bn" | "2d_sub";

const last = "z = (y - m) * rsqrt(s + 1e-5) * gain + shift + x";

/** Wang et al. 2018 with the biases of the reference code, perhaps batch norm, perhaps keys pooled by two. */
function nonlocalText(form: Form, kind: Kind, extents: readonly number[]): string {
  const [sub, norm, embedded] = [kind === "2d_sub", kind === "2d_bn", form !== "gaussian"];
  const when = (condition: boolean, text: string) => (condition ? text : "");
  const keys = sub ? "small" : "place";
  const pool = (name: string) => (sub ? `max(sender.${name}) over pool` : `1.0 * ${name}`);
  const half = extents.map((n) => n / 2).join(", ");
  return `import { dot } from "std/core"
model M {
  nodes place: grid(${extents.join(", ")})
  ${when(sub, `nodes small: grid(${half})`)}
  ${when(sub, "edges pool: place -> small window(2, 2, stride: 2)")}
  edges look: ${keys} -> place complete
  input x: place f32[4]
  param Wg${when(embedded, ", Wt, Wp")}: f32[4, 2]
  param bg${when(embedded, ", bt, bp")}: f32[2]
  param Wz: f32[2, 4]
  param bz: f32[4]
  ${when(form === "concatenation", "param w: f32[4]")}
  ${when(norm, "param gain, shift: f32[4]")}
  node place {
    ${embedded ? "theta = x @ Wt + bt; p = x @ Wp + bp" : "p = 1.0 * x"}
    g0 = x @ Wg + bg
  }
  node ${keys} { phi = ${pool("p")}; g = ${pool("g0")} }
  ${when(scores[form].includes("receiver.n"), "node place { n = count(look) }")}
  edge look { map = ${scores[form]} }
  node place {
    y = sum(map * sender.g) over look @ Wz + bz
    ${norm ? `m = mean(y) by batch; s = var(y) by batch; ${last}` : "z = y + x"}
  }
  output z, map
}`;
}

function nonlocalWeights(form: Form, kind: Kind): Readonly<Record<string, View>> {
  const [sub, norm, embedded] = [kind === "2d_sub", kind === "2d_bn", form !== "gaussian"];
  const pooledName = (name: string) => (sub ? `${name}.0` : name);
  const map = (letter: string, name: string, inn: number, out: number) => ({
    [`W${letter}`]: tensor(`w/${name}.weight`).reshape(out, inn).T,
    [`b${letter}`]: tensor(`w/${name}.bias`),
  });
  return {
    ...map("g", pooledName("g"), 4, 2),
    ...map("z", norm ? "W.0" : "W", 2, 4),
    ...(embedded ? { ...map("t", "theta", 4, 2), ...map("p", pooledName("phi"), 4, 2) } : {}),
    ...present({
      w: form === "concatenation" ? tensor("w/concat_project.0.weight").reshape(4) : null,
      gain: norm ? tensor("w/W.1.weight") : null,
      shift: norm ? tensor("w/W.1.bias") : null,
    }),
  };
}

const statistics = "statistics are compared in norm/";

const nonlocal =
  (form: Form, kind: Kind): ((vector: Vector) => VectorCase) =>
  (vector) => {
    const shape = shapeOf(vector, "in/x");
    const [graphs, , ...extents] = shape as [number, number, ...number[]];
    const places = extents.map((_, k) => k + 2);
    const channelsLast = (name: string) =>
      tensor(name)
        .permute(0, ...places, 1)
        .reshape(-1, 4);
    const total = extents.reduce((a, b) => a * b, 1);
    return call({
      model: nonlocalText(form, kind, extents),
      graph: { place: { x: channelsLast("in/x") } },
      graphOf: present({
        place: blocks(graphs, total),
        small: kind === "2d_sub" ? blocks(graphs, total / 4) : null,
      }),
      weights: nonlocalWeights(form, kind),
      unread: {
        "buf_after/W.1.running_mean": statistics,
        "buf_after/W.1.running_var": statistics,
      },
      outputs: { "place.z": channelsLast("out/z"), "look.map": tensor("out/nl_map").reshape(-1) },
    });
  };

export const physics: Table = {
  "interaction_network/higgsfield_n3": higgsfield,
  "interaction_network/higgsfield_n4": higgsfield,
  "interaction_network/toruowo_n3": toruowo,
  "interaction_network/toruowo_n4": toruowo,
  ...Object.fromEntries(
    (Object.keys(scores) as Form[]).flatMap((form) =>
      (["1d", "2d_bn", "2d_sub"] as const).map((kind) => [
        `nonlocal/${form}_${kind}`,
        nonlocal(form, kind),
      ]),
    ),
  ),
};
