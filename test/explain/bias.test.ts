/** `gnc explain MODEL`: which symmetries are claimed, of the library's models and of models made to keep or break one. */
import { describe, expect, it } from "vitest";
import { biasOf, type Row } from "../../compiler/explain/bias/bias.js";
import { biasReport } from "../../compiler/explain/bias/report.js";
import type { Verdict } from "../../compiler/explain/bias/symmetry.js";
import { verdictOf } from "../../compiler/explain/bias/verdict.js";
import {
  biasWords,
  footprintWords,
  sharingWords,
  symmetryWords,
} from "../../compiler/explain/bias/words.js";
import { modelsOf } from "../generated/support/sources.js";
import { whole } from "../library/models.js";
import { planted } from "./support/planted.js";

const claimed = ({ claims }: Verdict): readonly string[] => [
  ...new Set(claims.map(({ symmetry }) => symmetryWords(symmetry))),
];
const refused = ({ refusals }: Verdict): readonly string[] =>
  refusals.map(({ symmetry, why }) => `${symmetryWords(symmetry)}: ${why.what}`);

describe("a claim is made where it follows, and only there:", () => {
  it.each(planted)("$name", ({ name, text, claims, refusals }) => {
    const [model] = modelsOf(name, text);
    expect.assert(model);
    const verdict = verdictOf(model);
    expect({ claims: claimed(verdict), refusals: refused(verdict) }).toEqual({ claims, refusals });
  });
});

const rowsOf = (name: string): readonly Row[] => {
  for (const { file, text } of whole) {
    const model =
      text.includes(`model ${name} `) && modelsOf(file, text).find((m) => m.name === name);
    if (model) return biasOf(model);
  }
  return [];
};

describe("the rows of", () => {
  it("a convolutional network are its table 1", () => {
    const rows = rowsOf("Mnist").map((row) => [
      row.instances.join(" "),
      row.declaration,
      biasWords(row).join(", "),
      ...row.verdict.claims.map((c) =>
        [symmetryWords(c.symmetry), footprintWords(c)].join(" ").trim(),
      ),
    ]);
    const graphs = "graphs of a batch are independent";
    const inside = (sees: string): string => `where all it sees is inside (${sees})`;
    expect(rows).toEqual([
      ["", "Mnist", "locality", graphs],
      ["a", "Conv", "locality", graphs, `translation of pixel ${inside("pixel -1..1 x -1..1")}`],
      ["b", "Residual", "locality", graphs, `translation of half ${inside("half -2..2 x -2..2")}`],
      [
        "b.2",
        "MaxPool",
        "locality",
        graphs,
        `translation of pixel, half by multiples of 2 ${inside("pixel 0..1 x 0..1")}`,
      ],
      [
        "b.h.2 b.out.2",
        "Conv",
        "locality",
        graphs,
        `translation of half ${inside("half -1..1 x -1..1")}`,
      ],
      [
        "c",
        "Residual",
        "locality",
        graphs,
        `translation of quarter ${inside("quarter -2..2 x -2..2")}`,
      ],
      [
        "c.2",
        "MaxPool",
        "locality",
        graphs,
        `translation of half, quarter by multiples of 2 ${inside("half 0..1 x 0..1")}`,
      ],
      [
        "c.h.2 c.out.2",
        "Conv",
        "locality",
        graphs,
        `translation of quarter ${inside("quarter -1..1 x -1..1")}`,
      ],
      ["logits", "Flatten", "a set: no relation between its nodes", graphs],
    ]);
  });

  it("a dense network share nothing", () => {
    const [, dense] = rowsOf("MnistMLP");
    expect.assert(dense);
    expect(biasWords(dense)).toEqual(["weak: all-to-all, nothing shared"]);
    expect(dense.sharing.map(sharingWords)).toEqual([
      "one per place of pixel and place of hidden: nothing shared",
      "one per place of hidden: nothing shared",
    ]);
  });

  it("relative attention say that its tables go by distance", () => {
    const relative = rowsOf("CovSeq").find((row) => row.declaration === "Relative");
    const tables = relative?.sharing.filter(({ parameter }) => parameter.path.startsWith("rs.R"));
    expect(tables?.map(sharingWords)).toEqual([
      "one per distance of places of word, the same at every place",
      "one per distance of places of word, the same at every place",
    ]);
  });

  it("edge types say that a matrix is picked by data", () => {
    const rgcn = rowsOf("CovGraph").find((row) => row.declaration === "RGCN");
    expect(rgcn?.sharing.map((s) => `${s.parameter.path}: ${sharingWords(s)}`)).toEqual([
      "W: one per value of type_, the same for every edge of bond",
      "W0: the same for every atom",
    ]);
  });

  it("a decoder list its recurrence", () => {
    const text = biasReport(rowsOf("Align"));
    expect(text).toContain("s: Bahdanau (std/align)");
    expect(text).toMatch(/recurrence +from the first tgt on: before, a, c, s\n/);
  });

  it("uses of one block that are alike are one", () => {
    const rows = rowsOf("NRI").filter((row) => row.declaration === "NRIStep");
    expect(rows.map((row) => row.instances)).toEqual([["decode"]]);
  });
});
