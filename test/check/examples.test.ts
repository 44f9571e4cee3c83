/** Every code has a program that shows it and nothing else, and a mended form that is clean. */
import { describe, expect, it } from "vitest";
import { nameCodes } from "../../compiler/diagnostics/names.js";
import { recurrenceCodes } from "../../compiler/diagnostics/recurrence.js";
import { shapeCodes } from "../../compiler/diagnostics/shapes.js";
import { spaceCodes } from "../../compiler/diagnostics/spaces.js";
import { topologyCodes } from "../../compiler/diagnostics/topology.js";
import { trainingCodes } from "../../compiler/diagnostics/training.js";
import { checked } from "./support.js";

const all = [
  nameCodes,
  shapeCodes,
  spaceCodes,
  topologyCodes,
  recurrenceCodes,
  trainingCodes,
].flat();

describe("the examples of all codes", () => {
  it("has each code once", () => {
    expect(new Set(all.map((c) => c.code)).size).toBe(all.length);
  });
  it.each(all)("$code $title: the program has it and nothing else", ({ code, example }) => {
    const { problems } = checked(example);
    expect([...new Set(problems.all.map((d) => d.code))]).toEqual([code]);
    for (const d of problems.all) expect(d.hint ?? d.code).not.toBe("");
  });
  it.each(all)("$code $title: the mended program is clean", ({ mended }) => {
    expect(checked(mended).problems.all.map((d) => `${d.code} ${d.message}`)).toEqual([]);
  });
});
