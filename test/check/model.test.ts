/** Small programs and the flat models they become: read each golden before you accept it. */
import { describe, expect, it } from "vitest";
import { printModel } from "../../compiler/ir/model.print.js";
import { checked, said } from "./support.js";

const head = "nodes atom\nedges bond: atom -> atom\ninput x: atom f32[4]\n";
const program = (lines: string, before = "", first = head): string =>
  `${before}\nmodel Small {\n${first}${lines}\n}\n`;
const words = "nodes word: seq\ninput x: word f32[4]\n";

const programs: Readonly<Record<string, string>> = {
  "graph-convolution": program("y = relu(GCN<2>(x))\noutput y", 'import { GCN } from "std/graph"'),
  attention: program("y = flatten(GAT<2, 3>(x))\noutput y", 'import { GAT } from "std/graph"'),
  dropout: program("y = dropout(x, 0.25)\noutput y", 'import { dropout } from "std/core"'),
  "batch-norm": program("y = BatchNorm(x)\noutput y", 'import { BatchNorm } from "std/core"'),
  "function-array": program(
    "input kind: bond index[3]\nlet f[3] = Linear<2>\nedge { m = f[kind](sender.x); a = sum[k](f[k](receiver.x)) }\nnode { y = sum(m + a) }\noutput y",
    'import { Linear } from "std/core"',
  ),
  "lifted-function": program(
    "y = Bump(x)\noutput y",
    "fn Bump(x: f32) -> f32 {\n  param w: f32[2] = ones\n  v = [x, x * x]\n  return sum[i](v[i] * w[i])\n}",
  ),
  loop: program("for t < 2 {\n  x = tanh(x)\n  mu[t] = x\n}\noutput mu"),
  sharing: program(
    "let f = Linear<4>\ny = f(f(x))\nz = Linear<4>(Linear<4>(y))\noutput z",
    'import { Linear } from "std/core"',
  ),
  recurrence: program(
    "y = RNN<3>(x) over chain(reverse)\noutput y",
    'import { RNN } from "std/recurrent"',
    words,
  ),
  tree: program(
    "h: f32[4] = x\nnode { s: f32[4] = tanh(x + sum(sender.s)) }\noutput s, h",
    "",
    "nodes atom\nedges up: atom -> atom tree\ninput x: atom f32[4]\n",
  ),
  spaces: program(
    "input u: global f32[4]\nnode { a = softmax(x[0]) by graph; q = sum(sender.x where sender.x[0] > 0, empty: x) + global.u }\nglobal { r = sum(a * x) / count(atom) }\noutput q, r",
  ),
  training: program(
    "input label: atom index[3]\ninput train, val: atom bool\ny = Linear<3>(x)\noutput y\nloss cross_entropy(y, label) where train\nmetric accuracy(y, label) where train, val\noptimizer adam(lr: 0.1 * pow(0.5, floor(step / 10)), weight_decay: 1e-4) for y",
    'import { Linear, cross_entropy, accuracy } from "std/core"',
  ),
};

describe("models", () => {
  it.each(Object.keys(programs))("%s", async (name) => {
    const result = checked(programs[name] ?? "");
    expect(said(result)).toEqual([]);
    await expect(result.models.map(printModel).join("\n")).toMatchFileSnapshot(
      `goldens/${name}.model.txt`,
    );
  });

  it("takes the defaults of a model's own generics", () => {
    const { models } = checked(
      "model Sized<H = 4, D = 2 * H> {\nnodes atom\ninput x: atom f32[H]\nnode { y = flatten([x, x]) }\nz: f32[D] = y\noutput z\n}",
    );
    expect(models[0]?.outputs.map(({ field }) => field.type.shape)).toEqual([[8]]);
  });

  it("names relations that topology words make, the same words once", () => {
    const { models } = checked(
      program(
        "a = GRU<2>(x) over chain\nb = GRU<2>(x) over chain\ny = [a, b]\noutput y",
        'import { GRU } from "std/recurrent"',
        words,
      ),
    );
    expect(models[0]?.relations.map((r) => r.name)).toEqual(["chain(word)"]);
  });

  it("writes parameters by the paths of a weights file", () => {
    const { models } = checked(
      program(
        "h = relu(GCN<16>(x))\ny = MLP<8, 2>(h)\noutput y",
        'import { GCN } from "std/graph"\nimport { MLP } from "std/core"',
      ),
    );
    expect(models[0]?.parameters.map((p) => p.path)).toEqual([
      "h.W", "h.b", "y.x.0.W", "y.x.0.b", "y.out.W", "y.out.b",
    ]); // biome-ignore format: one line reads better
  });

  it("knows which inputs are needed to run", () => {
    const { models } = checked(programs.training ?? "");
    expect(models[0]?.inputs.map((i) => `${i.name} ${i.neededToRun}`)).toEqual([
      "x true",
      "label false",
      "train false",
      "val false",
    ]);
  });
});
