/** The full text of a few messages: the place, both shapes, who fixed each size, what to write. */
import { describe, expect, it } from "vitest";
import { render } from "../../compiler/diagnostics/render.js";
import { checked } from "./support.js";

const programs: Readonly<Record<string, string>> = {
  "inner-dimensions": `block Project<Out>(x: node f32[In]) -> node f32[Out] {
  param W: f32[1024, Out]
  node { z = x @ W }
  return z
}
model Cora {
  nodes paper
  input x: paper f32[1433]
  h = Project<8>(x)
  output h
}
`,
  "accidental-recurrence": `block Diffuse(x: node f32[D]) -> node f32[D] {
  node { h = 0.5 * x + 0.5 * mean(sender.h) }
  return h
}
model Heat {
  nodes atom
  edges bond: atom -> atom
  input x: atom f32[4]
  y = Diffuse(x)
  output y
}
`,
};

describe("messages", () => {
  it.each(Object.keys(programs))("%s", async (name) => {
    const { problems } = checked(programs[name] ?? "");
    await expect(render(problems.all, "pretty")).toMatchFileSnapshot(`goldens/${name}.txt`);
  });

  it("says one cause once, however much depends on it", () => {
    const { problems } = checked(
      "model M {\n  nodes atom\n  input x: atom f32[4]\n  a = relu(z)\n  b = a + x\n  c = b @ a\n  output c\n}\n",
    );
    expect(problems.all.map((d) => d.code)).toEqual(["GN2001"]);
  });

  it("says many causes in one run", () => {
    const { problems } = checked(
      "model M {\n  nodes atom\n  input x: atom f32[4]\n  a = relu(z)\n  b = x[9]\n  c = not x\n  output a, b, c\n}\n",
    );
    expect(problems.all.map((d) => d.code)).toEqual(["GN2001", "GN2115", "GN2101"]);
  });
});
