/**
 * `gnc explain MODEL --verify`: every claim is tried in the compiled module, on random graphs. What should be equal is equal to
 * rounding: sums over a neighbourhood may be taken in another order, and nothing else changes.
 */

import { probeOf, shiftedOf } from "../../compiler/explain/bias/probe.js";
import type { Claim, Symmetry } from "../../compiler/explain/bias/symmetry.js";
import type { Checked, Row } from "../../compiler/explain/index.js";
import { compileModel } from "../../compiler/index.js";
import type { Model } from "../../compiler/ir/model.js";
import { type Model as Loaded, load } from "../../runtime/index.js";
import { nothingYet, worse } from "./compare.js";
import { type Random, randomFrom, randomWeights } from "./rows.js";
import { check, elsewhere, moved, stretched } from "./symmetries.js";

/**
 * The largest difference that is rounding, over the largest magnitude of an output. A sum of n float32 numbers of about equal
 * size is off by sqrt(n) 2^-24 or so, 1e-6 for the longest here; where nearly equal numbers are subtracted (a variance), what is
 * left is smaller than the rounding by ten or a hundred. A broken symmetry moves an output by about its own size.
 */
export const tolerance = 1e-4;

/** Graphs and weights are drawn anew for each. */
const seeds = [1, 2, 3];

/** What was found of each claim of a row. */
export async function verified(
  row: Row,
  claims: readonly Claim[] = row.verdict.claims,
): Promise<ReadonlyMap<Claim, Checked>> {
  const found = new Map<Claim, Checked>(claims.map((claim) => [claim, nothingYet]));
  const compiled = await compileModel(row.model, { gradients: "none" });
  for (const group of bySymmetry(claims)) {
    const [first] = group;
    if (!first) continue;
    const tried = await trialOf(first.symmetry, group, row.model, compiled);
    for (const seed of seeds)
      for (const [claim, checked] of await tried(seed))
        found.set(claim, worse(found.get(claim) ?? nothingYet, checked));
  }
  return found;
}

/** Whether numbers were compared, and none differs by more than rounding. */
export const holds = ({ deviation, compared }: Checked): boolean =>
  compared > 0 && deviation <= tolerance;

type Trial = (seed: number) => Promise<ReadonlyMap<Claim, Checked>>;

/** A symmetry is one object for all claims of it that share a run. */
async function trialOf(
  symmetry: Symmetry,
  claims: readonly Claim[],
  model: Model,
  compiled: Uint8Array,
): Promise<Trial> {
  if (
    symmetry.kind === "translation" &&
    symmetry.component.sets.every((s) => s.layout.kind !== "grid")
  ) {
    const probe = probeOf(model, symmetry.carried);
    const artifact = await compileModel(probe.model, { gradients: "none" });
    return (seed) =>
      opened(artifact, probe.model, seed, (loaded, random) =>
        stretched(symmetry.component, claims, probe, loaded, random),
      );
  }
  if (symmetry.kind === "differences") {
    const shifted = shiftedOf(model, symmetry.component.sets);
    const artifact = await compileModel(shifted.model, { gradients: "none" });
    return (seed) =>
      opened(artifact, shifted.model, seed, (loaded, random) =>
        elsewhere(claims, shifted, loaded, random),
      );
  }
  return (seed) =>
    opened(compiled, model, seed, (loaded, random) =>
      symmetry.kind === "translation"
        ? moved(symmetry.component, claims, { model, loaded }, random)
        : check(symmetry, claims, { model, loaded }, random),
    );
}

async function opened<T>(
  artifact: Uint8Array,
  model: Model,
  seed: number,
  use: (loaded: Loaded, random: Random) => T,
): Promise<T> {
  const random = randomFrom(seed, model.name);
  using loaded = await load(artifact, { seed, weights: randomWeights(model, random) });
  return use(loaded, random);
}

/** Claims of one symmetry together: they are read off the same runs. */
function bySymmetry(claims: readonly Claim[]): readonly (readonly Claim[])[] {
  const groups = new Map<unknown, Claim[]>();
  for (const claim of claims) {
    const { symmetry } = claim;
    const key =
      symmetry.kind === "permutation"
        ? symmetry.set
        : symmetry.kind === "edge order"
          ? symmetry.relation
          : symmetry.kind === "graphs"
            ? "graphs"
            : symmetry;
    groups.set(key, [...(groups.get(key) ?? []), claim]);
  }
  return [...groups.values()];
}
