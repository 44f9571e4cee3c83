/** The library as a program reaches it: less text, the same places, the same models. */
import { expect, it } from "vitest";
import { checkSource } from "../compiler/index.js";
import { reachedLibrary } from "../compiler/library-part.js";
import { stdlib } from "../stdlib/index.js";

const library = {
  "std/a":
    "fn one(x: f32) -> f32 { return x }\n/// Twice.\nfn two(x: f32) -> f32 { return one(one(x)) }\nfn three(x: f32) -> f32 { return x }\n",
  "std/b": 'import { one, two } from "std/a"\n\nfn four(x: f32) -> f32 { return two(x) }\n',
};

it("reaches what a declaration names, and keeps every place", () => {
  const reached = reachedLibrary(library, [{ path: "std/b", names: ["four"] }]);
  expect(reached["std/b"]).toContain('import { two      } from "std/a"\n\nfn four');
  expect(reached["std/a"]).toContain("fn one");
  expect(reached["std/a"]).toContain("fn two");
  expect(reached["std/a"]).not.toContain("fn three");
  expect(reached["std/a"]?.indexOf("fn two")).toBe(library["std/a"].indexOf("fn two"));
  expect(reached["std/a"]?.split("\n").length).toBe(library["std/a"].split("\n").length);
});

it("is whole for who asks what is not there, so that near names can be told", () => {
  expect(reachedLibrary(library, [{ path: "std/a", names: ["for"] }])).toBe(library);
});

it("reads every declaration of the library on its own", () => {
  for (const [path, text] of Object.entries(stdlib)) {
    for (const [, name] of text.matchAll(/^(?:fn|block) (\w+)/gm)) {
      const program = `import { ${name} } from "${path}"\n`;
      const { diagnostics } = checkSource({ name: "test.gn", text: program });
      expect(diagnostics.map(({ code }) => code)).toEqual(["GN2006"]);
    }
  }
});
