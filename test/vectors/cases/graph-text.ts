/** What the vectors on graphs have in common: one node set, one relation, features of both. */
import { type CallCase, call, type VectorCase } from "../support/case.js";
import { tensor, type View } from "../support/view.js";

/** Senders and receivers of `in/edge_index`. */
export const endsOf = (name: string) => ({
  senders: tensor(name).at(0, 0),
  receivers: tensor(name).at(0, 1),
});

interface OnGraph {
  /** Names by module: `{ graph: "GCN" }` imports from "std/graph". */
  readonly std?: Readonly<Record<string, string>>;
  /** Declarations before the model. */
  readonly before?: string;
  /** What the relation promises: `(self_loops)`. */
  readonly topology?: string;
  /** Features of a node; default 5. */
  readonly width?: number;
  /** Inputs besides x. */
  readonly inputs?: string;
  /** Sections and equations that make the outputs. */
  readonly text: string;
  /** Names of the outputs; default y. */
  readonly output?: string;
  readonly node?: Readonly<Record<string, View>>;
  readonly link?: Readonly<Record<string, View>>;
  readonly global?: Readonly<Record<string, View>>;
  readonly ends?: { readonly senders: View; readonly receivers: View };
  readonly graphOf?: View;
  readonly weights?: CallCase["weights"];
  readonly twins?: CallCase["twins"];
  readonly unread?: CallCase["unread"];
  readonly outputs?: CallCase["outputs"];
}

export const imports = (std: Readonly<Record<string, string>> = {}): string =>
  Object.entries(std)
    .map(([module, names]) => `import { ${names} } from "std/${module}"\n`)
    .join("");

/** A case on `nodes atom` and `edges link: atom -> atom`. */
export function onGraph(said: OnGraph): VectorCase {
  return call({
    model: `${imports(said.std)}${said.before ?? ""}
model M {
  nodes atom
  edges link: atom -> atom sparse${said.topology ?? ""}
  input x: atom f32[${said.width ?? 5}]
  ${said.inputs ?? ""}
  ${said.text}
  output ${said.output ?? "y"}
}`,
    graph: {
      atom: { x: tensor("in/x"), ...said.node },
      link: { ...(said.ends ?? endsOf("in/edge_index")), ...said.link },
      ...(said.global ? { global: said.global } : {}),
    },
    ...(said.graphOf ? { graphOf: { atom: said.graphOf } } : {}),
    weights: said.weights ?? {},
    ...(said.twins ? { twins: said.twins } : {}),
    ...(said.unread ? { unread: said.unread } : {}),
    outputs: said.outputs ?? { "atom.y": tensor("out/y") },
  });
}

/** A PyTorch `Linear` as ours: `path.W` and `path.b`. */
export const linear = (path: string, name: string): Record<string, View> => ({
  [`${path}.W`]: tensor(`w/${name}.weight`).T,
  [`${path}.b`]: tensor(`w/${name}.bias`),
});

/** A PyTorch `Sequential` of Linear, activation, Linear as our `MLP<H, Out>`. */
export const perceptron = (path: string, name: string): Record<string, View> => ({
  ...linear(`${path}.x.0`, `${name}.0`),
  ...linear(`${path}.out`, `${name}.2`),
});

/** `[heads * out, in]` as our `[Heads, In, Out]`. */
export const headed = (view: View, heads: number): View =>
  view.reshape(heads, -1, 5).permute(0, 2, 1);
