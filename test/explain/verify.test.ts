/** Every claim about the library holds in the compiled module; claims that are forced on models that break them do not. */
import { afterAll, describe, expect, it } from "vitest";
import { biasOf, type Row } from "../../compiler/explain/bias/bias.js";
import { nothing } from "../../compiler/explain/bias/footprint.js";
import type { Claim } from "../../compiler/explain/bias/symmetry.js";
import { symmetryWords } from "../../compiler/explain/bias/words.js";
import { holds, verified } from "../../tools/verify/verify.js";
import { modelsOf } from "../generated/support/sources.js";
import { library } from "../library/models.js";
import { planted } from "./support/planted.js";

const table: string[] = [];
afterAll(() => console.log(table.join("\n")));

/** Claims of a row that did not hold, with what was found. */
async function failuresOf(model: string, row: Row): Promise<readonly string[]> {
  const found = await verified(row);
  const worst = Math.max(0, ...[...found.values()].map((c) => c.deviation));
  const compared = [...found.values()].reduce((n, c) => n + c.compared, 0);
  const name = `${model} ${row.instances[0] ?? ""} ${row.declaration}`;
  table.push(`${name}: ${found.size} claims, ${compared} numbers, ${worst.toExponential(1)}`);
  return [...found].flatMap(([claim, checked]) =>
    holds(checked)
      ? []
      : [
          `${name}: ${symmetryWords(claim.symmetry)} of ${claim.output.name}: ${JSON.stringify(checked)}`,
        ],
  );
}

describe.each(library)("every claim holds of $file", ({ file, text }) => {
  it.each(modelsOf(file, text).map((model) => [model.name, model] as const))(
    "%s",
    async (name, model) => {
      const failures: string[] = [];
      for (const row of biasOf(model)) failures.push(...(await failuresOf(name, row)));
      expect(failures).toEqual([]);
    },
    300_000,
  );
});

describe("every claim holds of a model where", () => {
  it.each(planted)("$name", async ({ name, text }) => {
    const failures: string[] = [];
    for (const model of modelsOf(name, text))
      for (const row of biasOf(model)) failures.push(...(await failuresOf(name, row)));
    expect(failures).toEqual([]);
  });
});

/** A claim that does not follow is far from holding: a thousand times what rounding may do. */
const far = 1e-1;

/** The row of a planted model, and what comes out when it is said to have some symmetry. */
async function forced(name: string, text: string, claimsOf: (row: Row) => readonly Claim[]) {
  const [model] = modelsOf(name, text);
  expect.assert(model);
  const [row] = biasOf(model);
  expect.assert(row);
  const found = await verified(row, claimsOf(row));
  return [...found].map(([{ symmetry }, { deviation, compared }]) => {
    table.push(`forced, ${name}: ${symmetryWords(symmetry)}: ${deviation.toExponential(1)}`);
    return { symmetry: symmetryWords(symmetry), far: deviation > far, compared: compared > 0 };
  });
}

describe("a claim that is forced does not hold where", () => {
  it.each(planted.filter((p) => p.refusals.length > 0))("$name", async ({ name, text }) => {
    const found = await forced(name, text, ({ verdict }) =>
      verdict.refusals.map(({ symmetry, output }) => ({ symmetry, output, footprint: nothing })),
    );
    expect(found).toEqual(found.map(({ symmetry }) => ({ symmetry, far: true, compared: true })));
  });

  const textOf = (name: string): string => planted.find((p) => p.name === name)?.text ?? "";

  it("the border of an image counts as its inside", async () => {
    const name = "a convolution moves with the image";
    const [found] = await forced(name, textOf(name), ({ verdict }) =>
      verdict.claims.flatMap((c) =>
        c.symmetry.kind === "translation" ? [{ ...c, footprint: nothing }] : [],
      ),
    );
    expect(found?.far).toBe(true);
  });

  it("a recurrence is begun anew in the middle", async () => {
    const name = "a recurrence takes the same step everywhere";
    const [found] = await forced(name, textOf(name), ({ verdict }) =>
      verdict.claims.flatMap((c) =>
        c.symmetry.kind === "translation"
          ? [{ ...c, symmetry: { ...c.symmetry, carried: [] } }]
          : [],
      ),
    );
    expect(found?.far).toBe(true);
  });
});
