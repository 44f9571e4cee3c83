/** The models of the benchmark follow the language and the library. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkSource } from "../compiler/index.js";

const folder = new URL("../bench/models/", import.meta.url);

test.each(readdirSync(folder))("%s has no mistakes", (file) => {
  const text = readFileSync(new URL(file, folder), "utf8");
  const { models, diagnostics } = checkSource({ name: file, text });
  expect(diagnostics).toEqual([]);
  expect(models.length).toBeGreaterThan(0);
});
