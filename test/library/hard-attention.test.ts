/** Hard attention: one source goes forward for each target, drawn by its score while training; the softmax goes back. */
import { expect, it } from "vitest";
import { compileModel } from "../../compiler/compile.js";
import { load } from "../../runtime/index.js";
import { modelsOf } from "../generated/support/sources.js";
import { numbers } from "./open.js";

const width = 19;
const textOf = (block: string, score: string): string => `
import { Attend, AttendHard, General, Additive } from "std/align"
import { dot, scaled } from "std/core"
model M {
  nodes src: seq(max: 70)
  nodes tgt: seq
  edges look: src -> tgt complete
  input s: tgt f32[${width}]
  input h: src f32[${width}]
  c, a = ${block}(s, h, score: ${score})
  output c, a
}`;

async function opened(text: string) {
  const [model] = modelsOf("hard.gn", text);
  if (!model) throw new Error("no model");
  return load(await compileModel(model, { gradients: "all" }), { seed: 1 });
}

const graphs = [
  [50, 40],
  [1, 3],
  [7, 5],
  [0, 2],
  [70, 9],
  [3, 0],
].map(([n = 0, t = 0], g) => ({
  src: { count: n, h: numbers(n * width, 3 + g) },
  tgt: { count: t, s: numbers(t * width, 30 + g) },
}));

interface Said {
  readonly tgt: { readonly c: Float32Array };
  readonly look: { readonly a: Float32Array };
}

it.each(["dot", "scaled", "General", "Additive<33>"])(
  "chooses the source that scores best by %s, and no other",
  async (score) => {
    using hard = await opened(textOf("AttendHard", score));
    using soft = await opened(textOf("Attend", score));
    const said = hard.run(hard.batch(graphs)) as unknown as readonly Said[];
    const weighed = soft.run(soft.batch(graphs)) as unknown as readonly Said[];
    graphs.forEach(({ src, tgt }, g) => {
      for (let t = 0; t < tgt.count; t++) {
        const own = (of: readonly Said[] | undefined) =>
          Array.from(of?.[g]?.look.a.subarray(t * src.count, (t + 1) * src.count) ?? []);
        const soften = own(weighed);
        const best = soften.indexOf(Math.max(...soften));
        own(said).forEach((a, n) => {
          expect(Math.abs(a - (n === best ? 1 : 0))).toBeLessThan(1e-6);
        });
        const c = said[g]?.tgt.c.subarray(t * width, (t + 1) * width) ?? [];
        for (let i = 0; i < width; i++)
          expect(c[i]).toBeCloseTo(src.count === 0 ? 0 : (src.h[best * width + i] ?? 0), 5);
      }
    });
  },
);

it("goes back as the softmax does", async () => {
  using hard = await opened(textOf("AttendHard", "dot"));
  using soft = await opened(textOf("Attend", "dot"));
  const cotangents = graphs.map(({ tgt }, g) => ({
    tgt: { c: numbers(tgt.count * width, 90 + g) },
  }));
  const back = (model: typeof hard) =>
    model.pullback(model.batch(graphs), cotangents).inputs as unknown as readonly {
      readonly tgt: { readonly s: Float32Array };
    }[];
  const [one, other] = [back(hard), back(soft)];
  graphs.forEach(({ tgt }, g) => {
    const [mine, theirs] = [one[g]?.tgt.s, other[g]?.tgt.s];
    expect(mine?.length).toBe(tgt.count * width);
    expect(mine?.some((v) => Math.abs(v) > 1e-3) || tgt.count === 0 || g === 1 || g === 3).toBe(
      true,
    );
    mine?.forEach((v, i) => {
      expect(v).toBeCloseTo(theirs?.[i] ?? Number.NaN, 4);
    });
  });
});

it("draws by the softmax while training, one source whole", async () => {
  const [model] = modelsOf(
    "drawn.gn",
    `
import { AttendHard } from "std/align"
model M {
  nodes src: seq(max: 3)
  nodes tgt: seq
  edges look: src -> tgt complete
  input s: tgt f32[2]
  input h: src f32[2]
  param k: f32 = ones
  c, _ = AttendHard(s, h)
  loss k * c[0] * c[0]
  optimizer sgd(lr: 0)
}`,
  );
  if (!model) throw new Error("no model");
  using loaded = await load(await compileModel(model), { seed: 4 });
  const [chances, values, targets] = [[0.2, 0.3, 0.5], [1, 10, 100], 20_000];
  const graph = {
    src: { count: 3, h: values.flatMap((v, k) => [v, Math.log(chances[k] ?? 0)]) },
    tgt: { count: targets, s: Array.from({ length: 2 * targets }, (_, i) => i % 2) },
  };
  const squares = values.map((v) => v * v);
  const mean = squares.reduce((sum, v, k) => sum + v * (chances[k] ?? 0), 0);
  const spread = squares.reduce((sum, v, k) => sum + (v - mean) ** 2 * (chances[k] ?? 0), 0);
  const { loss } = loaded.trainer({ seed: 4 }).step([graph]);
  expect(Math.abs(loss - mean)).toBeLessThan(4 * Math.sqrt(spread / targets));
});
