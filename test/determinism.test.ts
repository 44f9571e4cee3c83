/** The same text gives the same bytes, the same seed the same numbers, whatever the process. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const gnc = join(root, "bin/gnc.js");
if (!existsSync(join(root, "dist/tools/cli/main.cjs")))
  throw new Error("processes run what is built: npm run build");

/** Standard output of one process, as a hash. `--stack-size` and `--no-opt` change how V8 runs, and must change nothing else. */
function hashOf(flags: readonly string[], ...args: readonly string[]): string {
  const out = execFileSync(process.execPath, [...flags, gnc, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 2 ** 26,
  });
  return createHash("sha256").update(out).digest("hex");
}

const model = "examples/mutag/mutag.gn";
const data = ["--data", "examples/mutag/train.safetensors"];

describe("over processes", () => {
  it("the same text gives the same bytes", () => {
    const compile = (flags: readonly string[]) => hashOf(flags, "compile", model, "-o", "-");
    expect(compile(["--no-opt", "--random-seed=1"])).toBe(compile(["--random-seed=2"]));
  });

  it("the same seed gives the same weights, another seed others", () => {
    const options = [...data, "--epochs", "2", "--weights-out", "-"];
    const train = (seed: string, flags: readonly string[] = [], ...more: readonly string[]) =>
      hashOf(flags, "train", model, ...options, "--seed", seed, ...more);
    const first = train("4");
    expect(train("4", ["--liftoff-only"])).toBe(first);
    expect(train("4", [], "--threads", "3")).toBe(first);
    expect(train("5")).not.toBe(first);
  });
});
