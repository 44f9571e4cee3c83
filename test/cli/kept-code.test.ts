/** The command line starts with the code that the build has compiled, and without it where another Node, or none, has. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const cli = join(root, "dist/tools/cli/");
const damaged = mkdtempSync(join(tmpdir(), "gnc-kept-"));
afterAll(() => rmSync(damaged, { recursive: true }));

/** Loads the command line in a process of its own; of every chunk whether V8 took the code: null where there was none. */
function taken(...folders: readonly string[]): readonly (boolean | null)[] {
  const text = `
    import { Chunks } from ${JSON.stringify(pathToFileURL(join(root, "bin/kept-code.js")))};
    const kept = new Chunks(${folders.map((folder) => JSON.stringify(folder)).join()});
    if (typeof kept.load("main.cjs").main !== "function") throw new Error("no command line");
    const rejected = [...kept.scripts.values()].map((script) => script.cachedDataRejected ?? null);
    console.log(JSON.stringify(rejected.map((is) => is === null ? null : !is)));`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", text], {
    encoding: "utf8",
  });
  return JSON.parse(out);
}

const check = (...flags: readonly string[]): string =>
  execFileSync(
    process.execPath,
    [...flags, join(root, "bin/gnc.js"), "check", "--format", "json", "examples/karate/karate.gn"],
    { cwd: root, encoding: "utf8", stdio: "pipe" },
  );

test("V8 takes the code of every chunk that a start needs", () => {
  const all = taken(cli);
  expect(all.length).toBeGreaterThan(1);
  expect(new Set(all)).toEqual(new Set([true]));
});

test("code that V8 does not take is compiled from its text", () => {
  writeFileSync(join(damaged, "main-cjs"), "not code");
  expect(new Set(taken(cli, damaged))).toEqual(new Set([false, null]));
});

test("under other flags of V8 the command line starts without it and says the same", () => {
  expect(check("--no-opt")).toBe(check());
});

test("a Node that the build has kept nothing for starts from the text", () => {
  const text = `
    const { main } = require(${JSON.stringify(join(cli, "main.cjs"))});
    main(["node", "gnc", "check", "--format", "json", "examples/karate/karate.gn"]);`;
  const out = execFileSync(process.execPath, ["-e", text], { cwd: root, encoding: "utf8" });
  expect(out).toBe(check());
});
