/** What is said of inferred relations: their bound, and the share that is right whatever the types are called. */
import { describe, expect, it } from "vitest";
import { numbers, openText } from "./open.js";

const permutations = (items: readonly number[]): readonly (readonly number[])[] =>
  items.length === 0
    ? [[]]
    : items.flatMap((first) =>
        permutations(items.filter((i) => i !== first)).map((rest) => [first, ...rest]),
      );

describe.each([2, 3, 4])("of %i types", (types) => {
  const range = Array.from({ length: types }, (_, k) => k);

  it("finds the best of all namings, one for the batch", async () => {
    using model = await openText(`import { MatchedAccuracy } from "std/nri"
model M {
  nodes body
  edges pair: body -> body complete(strict)
  input logits: pair f32[${types}]
  input kind: pair index[${types}]
  share = MatchedAccuracy(logits, kind)
  output share
}`);
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const graphs = [3, 1, 4].map((count, g) => {
        const pairs = count * (count - 1);
        const kind = Int32Array.from(numbers(pairs, seed + 10 * g), (v) =>
          Math.floor(((v + 1) / 2) * types),
        );
        // mostly right under another name, so that the names matter
        const logits = numbers(pairs * types, seed + 100 * g);
        kind.forEach((k, e) => {
          const named = e * types + ((k + seed) % types);
          logits[named] = (logits[named] ?? 0) + 1;
        });
        return { body: { count }, pair: { logits, kind } };
      });
      const guessed = graphs.flatMap(({ pair: { logits, kind } }) =>
        Array.from(kind, (truth, e) => {
          const own = Array.from(logits.subarray(e * types, (e + 1) * types));
          return [own.indexOf(Math.max(...own)), truth] as const;
        }),
      );
      const best = Math.max(
        ...permutations(range).map(
          (names) => guessed.filter(([guess, truth]) => names[guess] === truth).length,
        ),
      );
      const said = model.run(model.batch(graphs)) as { global: { share: Float32Array } }[];
      for (const { global } of said) expect(global.share[0]).toBeCloseTo(best / guessed.length, 6);
    }
  });

  it("bounds by what series and types cost, and a graph of nothing costs nothing", async () => {
    using model = await openText(`import { kl_uniform } from "std/core"
import { NRIBound, series_nll } from "std/nri"
model M {
  nodes body
  edges pair: body -> body complete(strict)
  input mu, x: body f32[5, 2]
  input p: pair f32[${types}]
  elbo = NRIBound(series_nll(mu, x, 0.1), kl_uniform(p))
  output elbo
}`);
    const [mu, x] = [numbers(30, 1), numbers(30, 2)];
    const raw = numbers(6 * types, 3).map((v) => Math.exp(v));
    const p = raw.map((v, n) => {
      const first = n - (n % types);
      return v / raw.subarray(first, first + types).reduce((a, b) => a + b, 0);
    });
    const nll = mu.reduce((sum, m, n) => sum + (m - (x[n] ?? 0)) ** 2 / (2 * 0.1), 0);
    const kl = p.reduce((sum, q) => sum + q * Math.log(q * types), 0);
    const said = (graph: object) =>
      (model.run(graph) as { global: { elbo: Float32Array } }).global.elbo[0];
    expect(said({ body: { count: 3, mu, x }, pair: { p } })).toBeCloseTo((nll + kl) / 3, 4);
    expect(said({ body: { count: 0, mu: [], x: [] }, pair: { p: [] } })).toBe(0);
  });
});

it("leaves a place that sees none as it is, in every form of the non-local block", async () => {
  using model = await openText(`
import { NonLocalGaussian, NonLocalEmbedded, NonLocalDot, NonLocalConcat } from "std/nonlocal"
model M {
  nodes place
  input x: place f32[3]
  gaussian = NonLocalGaussian<2>(x) over complete(strict)
  embedded = NonLocalEmbedded<2>(x) over complete(strict)
  product = NonLocalDot<2>(x) over complete(strict)
  pairs = NonLocalConcat<2>(x) over complete(strict)
  output gaussian, embedded, product, pairs
}`);
  const x = numbers(3, 1);
  expect(model.run({ place: { x } }).place).toEqual({
    gaussian: x,
    embedded: x,
    product: x,
    pairs: x,
  });
});
