/** `docs/inductive-biases.md` shows what `gnc explain` prints of the survey's models. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { biasOf } from "../../compiler/explain/bias/bias.js";
import { biasTable } from "../../compiler/explain/bias/markdown.js";
import { biasReport } from "../../compiler/explain/bias/report.js";
import type { Claim } from "../../compiler/explain/bias/symmetry.js";
import type { Checked } from "../../compiler/explain/index.js";
import { holds, verified } from "../../tools/verify/verify.js";
import { modelsOf } from "../generated/support/sources.js";

const page = readFileSync("docs/inductive-biases.md", "utf8");
const file = "examples/survey/survey.gn";
const models = modelsOf(file, readFileSync(file, "utf8")).map((model) => biasOf(model));

it("shows the table as it comes out, with every claim tried", async () => {
  const findings = new Map<Claim, Checked>();
  for (const row of models.flat())
    for (const [claim, checked] of await verified(row)) {
      expect(holds(checked), `${row.declaration}: ${claim.symmetry.kind}`).toBe(true);
      expect(checked.deviation, "below 1e-6, as the page says").toBeLessThan(1e-6);
      findings.set(claim, checked);
    }
  expect(page).toContain(`<!-- table -->\n${biasTable(models, findings)}<!-- end -->`);
});

it("says of every block that graphs of a batch are independent", () => {
  for (const { model, verdict } of models.flat()) {
    const alone = verdict.claims.filter(({ symmetry }) => symmetry.kind === "graphs");
    expect(alone.map((c) => c.output)).toEqual(model.outputs);
  }
});

it("shows the rows of a convolution as they come out", () => {
  const rows = models.find(([row]) => row?.declaration === "Convolutional") ?? [];
  expect(page).toContain(`\`\`\`text\n${biasReport(rows)}\`\`\``);
});
