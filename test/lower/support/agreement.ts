/** Checks a lowered model against the meaning of its text, in both modes. */
import { expect } from "vitest";
import { numberSites } from "../../../compiler/2-lower/draws.js";
import { rootTexts } from "../../../compiler/2-lower/equations.js";
import type { Model } from "../../../compiler/ir/model.js";
import { Interpreter } from "./interpret.js";
import { type Batch, evaluation, run } from "./run.js";

export function expectAgreement(model: Model, batch: Batch): void {
  const modes =
    model.losses.length > 0 ? (["inference", "training"] as const) : (["inference"] as const);
  const sites = numberSites([...model.fields.map((f) => f.value), ...rootTexts(model)]);
  for (const mode of modes) {
    const got = run(model, batch, mode);
    const want = new Interpreter(evaluation(batch), mode === "training", sites);
    for (const [name, values] of Object.entries(want.outputs(model)))
      expectClose(`${mode} ${name}`, got.outputs[name], values);
    const means = model.losses
      .map((o) => want.totals(o))
      .map(([total, rows]) => total / Math.max(rows, 1));
    if (model.losses.length > 0)
      expectClose(`${mode} loss`, [got.loss ?? Number.NaN], [means.reduce((a, b) => a + b, 0)]);
    for (const m of model.metrics)
      expectClose(`${mode} ${m.name}`, got.metrics[m.name], want.totals(m));
    for (const s of model.states)
      if (s.next && mode === "training")
        expectClose(
          s.path,
          got.states[s.path],
          want.at(s.next, { kind: "unit", name: "batch" }, 0).data,
        );
  }
}

function expectClose(
  what: string,
  got: readonly number[] | undefined,
  want: readonly number[],
): void {
  expect(got?.length, what).toBe(want.length);
  want.forEach((v, i) => {
    const far = Math.abs((got?.[i] ?? Number.NaN) - v);
    if (!(far <= 1e-9 * Math.max(1, Math.abs(v)))) expect(got?.[i], `${what}[${i}]`).toBe(v);
  });
}
