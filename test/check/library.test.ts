/** The library and the models of the field check clean; the module of texts is up to date. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { stdlib } from "../../stdlib/index.js";
import { checked, said, textOfFile } from "./support.js";

const models = ["graph", "physics", "charlm", "mnist", "seq2seq", "coverage"];

describe("the standard library", () => {
  it("is the text of its files", () => {
    const names = readdirSync(new URL("../../stdlib/", import.meta.url)).filter((f) =>
      f.endsWith(".gn"),
    );
    expect(Object.keys(stdlib).sort()).toEqual(names.map((f) => `std/${f.slice(0, -3)}`).sort());
    for (const f of names) expect(stdlib[`std/${f.slice(0, -3)}`]).toBe(textOfFile(`stdlib/${f}`));
  });
  it.each(Object.keys(stdlib))("%s checks on its own with made-up sizes", (name) => {
    expect(said(checked(stdlib[name] ?? "", name))).toEqual([]);
  });
});

describe("the models of the field", () => {
  it.each(models)("%s.gn checks without an error", (name) => {
    const result = checked(textOfFile(`test/fixtures/models/${name}.gn`), `${name}.gn`);
    expect(said(result).filter((line) => !line.startsWith("GN2008"))).toEqual([]);
    expect(result.models.length).toBeGreaterThan(0);
  });
});
