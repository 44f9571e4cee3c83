/** What newcomers write, and the full text of what they are told: read each golden as that person before you accept it. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { render } from "../../compiler/diagnostics/render.js";
import { checked, textOfFile } from "./support.js";

const folder = "test/check/slips";
const names = readdirSync(new URL(`../../${folder}/`, import.meta.url))
  .filter((f) => f.endsWith(".gn"))
  .map((f) => f.slice(0, -3));

describe("slips of newcomers", () => {
  it.each(names)("%s", async (name) => {
    const { problems } = checked(textOfFile(`${folder}/${name}.gn`), `${name}.gn`);
    await expect(render(problems.all, "pretty")).toMatchFileSnapshot(`slips/${name}.txt`);
  });

  it("blames no line of the library", () => {
    for (const name of names)
      for (const d of checked(textOfFile(`${folder}/${name}.gn`), `${name}.gn`).problems.all)
        expect(d.primary.span.source.name, name).toBe(`${name}.gn`);
  });
});
