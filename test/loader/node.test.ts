/** The loader of an example as a program of a user runs it in Node, from another folder and as a copy elsewhere. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileExample, projectFolder, root } from "./made.js";

const project = projectFolder();
beforeAll(() => compileExample("karate/karate.gn", project.path));
afterAll(() => project.remove());

const program = `
import { readFileSync } from "node:fs";
import { graphsFrom, readSafetensors } from "gnc/runtime";
import { Karate } from "./karate.js";
const model = await Karate.load({ seed: 3 });
const file = readSafetensors(readFileSync(process.argv[2])).tensors;
const graphs = graphsFrom(file, model.signature);
let last;
for await (last of model.trainer().fit(graphs, { epochs: 5 }));
console.log(JSON.stringify({ loss: last.loss, logits: [...model.run(graphs)[0].member.logits] }));
`;

function run(folder: string): { readonly loss: number; readonly logits: readonly number[] } {
  writeFileSync(join(folder, "program.mjs"), program);
  const args = [join(folder, "program.mjs"), join(root, "examples/karate/karate.safetensors")];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", cwd: "/" }));
}

describe("the loader in Node", () => {
  it("finds the artifact beside itself, wherever both lie", () => {
    const here = run(project.path);
    expect(here.logits.length).toBe(68);
    expect(here.loss).toBeGreaterThan(0);
    const copy = join(project.path, "copy");
    mkdirSync(copy);
    for (const file of ["karate.js", "karate.wasm"])
      cpSync(join(project.path, file), join(copy, file));
    expect(run(copy)).toEqual(here);
  });
});
