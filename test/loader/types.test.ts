/** The types beside an artifact: `program.txt` says what must pass and, by `@ts-expect-error`, what must not. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileExample, projectFolder, root } from "./made.js";

const project = projectFolder();
const tsconfig = {
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    lib: ["es2022", "dom", "esnext.disposable"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    types: [],
    noEmit: true,
  },
};
if (!existsSync(join(root, "dist/runtime/index.d.ts")))
  throw new Error("types come from the build: npm run build");

function tsc(file: string): string {
  const args = ["-p", join(project.path, "tsconfig.json")];
  writeFileSync(args[1] as string, JSON.stringify({ ...tsconfig, files: [file] }));
  try {
    execFileSync(join(root, "node_modules/.bin/tsc"), args, { encoding: "utf8", stdio: "pipe" });
    return "";
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

beforeAll(async () => {
  for (const example of ["cora/gcn.gn", "karate/karate.gn", "mutag/mutag.gn"])
    await compileExample(example, project.path);
  const program = fileURLToPath(new URL("program.txt", import.meta.url));
  copyFileSync(program, join(project.path, "program.ts"));
});
afterAll(() => project.remove());

describe("the types of a loader", () => {
  it("let pass what is right and nothing that is wrong", () => {
    expect(tsc("program.ts")).toBe("");
  });

  it("know fields of edges and graphs, sets of a fixed size, and what is only for labels", () => {
    const text = `
import { Karate } from "./karate.js";
import { Mutag } from "./mutag.js";
const tie = { senders: [0], receivers: [1] };
const karate = await Karate.load();
karate.run({ tie });
const mutag = await Mutag.load();
const bond = { ...tie, order: [0] };
const u: Float32Array = mutag.run({ atom: { kind: [0, 1] }, bond }).global.logits;
mutag.trainer().step([{ atom: { kind: [0] }, bond, global: { class: 1 } }]);
// @ts-expect-error the class is missing
mutag.trainer().step([{ atom: { kind: [0] }, bond, global: {} }]);
export { u };
`;
    writeFileSync(join(project.path, "more.ts"), text);
    expect(tsc("more.ts")).toBe("");
  });

  it("show the shape of each field and parameter where a name is completed", () => {
    const types = readFileSync(join(project.path, "gcn.d.ts"), "utf8");
    expect(types).toContain("/** f32 [paper, 1433], row-major. */\n    x: Numbers | SparseRows;");
    expect(types).toContain('/** f32 [1433, 16] */\n  "h.W": readonly [1433, 16];');
    expect(types).toContain("/** index[7] [paper], row-major. */\n    y: Numbers;");
  });
});
