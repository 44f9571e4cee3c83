/** Every claim that `docs/library.md` makes of a block holds in the compiled module. */
import { describe, expect, it } from "vitest";
import { biasReport } from "../../compiler/explain/index.js";
import { blocksOf, libraryFiles, rowOf } from "../../tools/library/page.js";
import { holds, verified } from "../../tools/verify/verify.js";

/** Blocks that give one number for the batch. */
const readsBatch = ["MatchedAccuracy"];

describe.each(libraryFiles.filter((path) => blocksOf(path).length > 0))("%s", (path) => {
  it.each(blocksOf(path).map((block) => [block.name.text, block] as const))(
    "claims of %s what holds",
    async (name, block) => {
      const row = rowOf(block);
      const findings = await verified(row);
      const wrong = [...findings].filter(([, checked]) => !holds(checked));
      expect(wrong, biasReport([row], findings)).toEqual([]);
      const alone = row.verdict.claims.filter(({ symmetry }) => symmetry.kind === "graphs");
      const independent = readsBatch.includes(name) ? [] : row.model.outputs;
      expect(alone.map((c) => c.output)).toEqual(independent);
    },
    120_000,
  );
});
