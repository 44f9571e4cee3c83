/** `docs/library.md` is what the library and its analysis give. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { libraryPage } from "../../tools/library/page.js";

it("is written by scripts/library-page.mjs", () => {
  expect(readFileSync("docs/library.md", "utf8")).toBe(libraryPage());
});
