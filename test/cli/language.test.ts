/** `gnc check`, `fmt`, `explain` and `compile` as commands: what they print, what they write, how they end. */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ended, Folder, said } from "./support.js";

let folder: Folder;
beforeAll(() => {
  folder = new Folder();
  writeFileSync(folder.at("wrong.gn"), "fn f(x: f32) -> f32 {\n  return x + z\n}\n");
  writeFileSync(folder.at("untidy.gn"), "fn f( x : f32 )->f32 {\nreturn x+1 }\n");
});
afterAll(() => folder.remove());

describe("gnc check", () => {
  it("says on standard error that there is nothing wrong", async () => {
    const { code, stdout, stderr } = await folder.gnc(["check", "karate.gn"]);
    expect([code, stdout, stderr]).toEqual([0, "", "karate.gn: no problems\n"]);
  });

  it("ends with 1 and shows the place of what is wrong", async () => {
    const { code, stderr } = await folder.gnc(["check", "karate.gn", "wrong.gn"]);
    expect(code).toBe(1);
    expect(stderr).toContain("--> wrong.gn:2:14");
  });

  it("prints one object a line for programs", async () => {
    const { code, stdout } = await folder.gnc(["check", "wrong.gn", "--format", "json"]);
    expect(code).toBe(1);
    const [first] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(first).toMatchObject({
      file: "wrong.gn",
      severity: "error",
      start: { line: 2, column: 14 },
    });
    expect(first.code).toMatch(/^GN2\d{3}$/);
  });

  it("prints annotations for GitHub", async () => {
    const { stdout } = await folder.gnc(["check", "wrong.gn", "--format", "github"]);
    expect(stdout).toMatch(/^::error file=wrong\.gn,line=2,/);
  });

  it("reads standard input for -", async () => {
    const { code, stderr } = await folder.gnc(["check", "-"], folder.read("wrong.gn"));
    expect(code).toBe(1);
    expect(stderr).toContain("--> <stdin>:2:14");
  });

  it("knows a compiled model and tensors by their bytes", async () => {
    const tensors = await folder.gnc(["check", "karate.safetensors"]);
    expect(tensors.code).toBe(2);
    expect(tensors.stderr).toContain("holds tensors");
    writeFileSync(folder.at("model.gn"), Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    const module = await folder.gnc(["check", "model.gn"]);
    expect(module.code).toBe(2);
    expect(module.stderr).toContain("gnc inspect model.gn");
  });
});

describe("gnc fmt", () => {
  it("only tells with --check", async () => {
    const { code, stderr } = await folder.gnc(["fmt", "--check", "karate.gn", "untidy.gn"]);
    expect(code).toBe(1);
    expect(stderr).toBe("untidy.gn is not formatted; run `gnc fmt untidy.gn`\n");
  });

  it("writes from standard input to standard output", async () => {
    const { code, stdout } = await folder.gnc(["fmt", "-"], folder.read("untidy.gn"));
    expect(code).toBe(0);
    expect(stdout).toContain("fn f(x: f32) -> f32 {");
  });

  it("leaves a file alone that it cannot read, and writes the others", async () => {
    writeFileSync(folder.at("broken.gn"), "fn f( {\n");
    const { code, stderr } = await folder.gnc(["fmt", "broken.gn", "untidy.gn"]);
    expect(code).toBe(1);
    expect(stderr).toContain("error[GN1");
    expect(folder.read("broken.gn").toString()).toBe("fn f( {\n");
    expect(folder.read("untidy.gn").toString()).toContain("fn f(x: f32) -> f32 {");
  });
});

describe("gnc explain", () => {
  it("prints the page of a code, however it is written", async () => {
    const { code, stdout } = await folder.gnc(["explain", "gn5015"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# GN5015: /);
  });

  it("names codes near one that is none", async () => {
    const { code, stderr } = await folder.gnc(["explain", "GN5099"]);
    expect(code).toBe(2);
    expect(stderr).toContain("near it: GN50");
  });

  it("gives the memory of a model as formulas", async () => {
    const { code, stdout } = await folder.gnc(["explain", "karate.gn", "--memory"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/logits\S*\s+member\s+2\s+8 \* member/);
    expect(stdout).toContain("No value is stored per edge");
    expect(stdout).toMatch(/senders\s+tie\s+4 \* tie\s+bind, infer/);
    expect(stdout).toContain("With an entry per edge: tie.");
    expect(stdout).toMatch(/peak, the sum of:\n {2}always +\d+\n/);
  });

  it("adds the memory up for sizes that are given", async () => {
    const args = ["explain", "karate.gn", "--memory", "--size", "tie=190"];
    const { code, stdout } = await folder.gnc(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ {2}= \d+ bytes, in training \d+ bytes/);
  });

  it("gives what the kernels of a model do as formulas", async () => {
    const { code, stdout } = await folder.gnc(["explain", "karate.gn", "--cost"]);
    expect(code).toBe(0);
    expect(stdout).toContain("infer, each `run`");
    expect(stdout).toContain("h: h = tanh(GCN<8>(one_hot(who)))  (karate.gn:");
    expect(stdout).toMatch(/FLOPs +[^=\n]*\* member[^=\n]*\n/);
    expect(stdout).toContain("gradient of logits.W");
    expect(stdout).toContain("Bounds are for a core of an AMD EPYC Genoa (documented)");
  });

  it("gives them as numbers for data, on a machine of one's own", async () => {
    const { code, stdout } = await folder.gnc([
      ...["explain", "karate.gn", "--cost", "--format", "json"],
      ...["--data", "karate.safetensors", "--machine", "flops=10,cached=20"],
    ]);
    expect(code).toBe(0);
    const { model, sizes, machine, programs } = JSON.parse(stdout);
    expect(model).toBe("Karate");
    expect(sizes).toMatchObject({ member: 34, tie: 190 });
    expect(machine).toMatchObject({ flops: 10, cached: 20, memory: 24 });
    const [{ program, kernels, total }] = programs;
    expect(program).toBe("infer");
    const sum = kernels.reduce(
      (n: number, k: { flops: { value: number } }) => n + k.flops.value,
      0,
    );
    expect(total.flops.value).toBe(sum);
    expect(total.flops.value).toBeGreaterThan(0);
  });

  it.each([
    [["--cost", "--size", "tie"], "write --size NAME=COUNT"],
    [["--cost", "--size", "foe=3"], "it has member, tie, global"],
    [["--cost", "--size", "global=1"], "give --size tie=.."],
    [["--cost", "--size", "tie=3", "--data", "karate.safetensors"], "leave --size out"],
    [["--cost", "--machine", "speed=3"], "write documented, measured, or flops=.."],
    [["--cost", "--format", "markdown"], "--format json"],
    [["--size", "tie=3"], "--data and --size belong to --cost and --memory"],
  ])("says what is wrong with %j", async (flags, help) => {
    const { code, stderr } = await folder.gnc(["explain", "karate.gn", ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain(help);
  });

  it("says what a model assumes, block by block", async () => {
    const { code, stdout } = await folder.gnc(["explain", "karate.gn"]);
    expect(code).toBe(0);
    expect(stdout).toContain("not claimed  permutation of member: `index`, karate.gn:12");
    expect(stdout).toMatch(/h: GCN \(std\/graph\)[\s\S]*invariance +permutation of member\n/);
  });

  it("tries what it says", async () => {
    const { code, stdout } = await folder.gnc(["explain", "karate.gn", "--verify"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/permutation of member: checked, \d+ numbers differ by at most \S+e-\d/);
  });

  it("says it for programs, too", async () => {
    const { stdout } = await folder.gnc(["explain", "karate.gn", "--format", "json"]);
    const [{ model, rows }] = JSON.parse(stdout);
    expect(model).toBe("Karate");
    expect(rows[1]).toMatchObject({
      declaration: "GCN",
      bias: ["arbitrary: the edges of the data"],
    });
    expect(rows[0].claims).toContainEqual({
      kind: "edge order",
      relation: "tie",
      output: "logits",
    });
  });
});

describe("gnc compile", () => {
  it("writes the module and its loader", async () => {
    const { code, stderr } = await folder.gnc([
      "compile",
      "karate.gn",
      "-o",
      "out/k.wasm",
      "--stats",
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /Karate: out\/k\.wasm, \d+ bytes \(\d+ gzipped\)[\s\S]*schedule +[\d.]+ ms/,
    );
    expect(WebAssembly.validate(new Uint8Array(folder.read("out/k.wasm")))).toBe(true);
    expect(folder.read("out/k.js").toString()).toContain('new URL("./k.wasm", import.meta.url)');
    expect(folder.read("out/k.d.ts").toString()).toContain("export interface KarateGraph");
  });

  it("goes from standard input to standard output", async () => {
    const { code, out } = await folder.gnc(["compile", "-", "-o", "-"], folder.read("karate.gn"));
    expect(code).toBe(0);
    expect(out.equals(folder.read("out/k.wasm"))).toBe(true);
  });

  it("writes nothing when something is wrong", async () => {
    const { code } = await folder.gnc(["compile", "wrong.gn"]);
    expect(code).toBe(1);
    expect(folder.has("wrong.wasm") || folder.has("wrong.js")).toBe(false);
  });

  it.each(["ast", "model", "tensor", "gradient", "kernel", "wat"])(
    "prints the stage %s",
    async (stage) => {
      const { code, stdout, stderr } = await folder.gnc(["compile", "karate.gn", "--emit", stage]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout.length).toBeGreaterThan(200);
    },
  );

  it("prints each rewrite that fires", async () => {
    const args = ["compile", "karate.gn", "--emit", "kernel", "--trace", "optimize"];
    const { stderr } = await folder.gnc(args);
    expect(stderr).toMatch(/^[a-z].*\n {2}.+\n {2}-> .+/m);
  });

  it("names the models of a file when it needs one", async () => {
    const two = `${folder.read("karate.gn")}\nmodel Two { nodes a; input x: a f32[2]; y = x; output y }\n`;
    writeFileSync(folder.at("two.gn"), two);
    const { code, stderr } = await folder.gnc(["compile", "two.gn", "--emit", "model"]);
    expect(code).toBe(2);
    expect(stderr).toContain("declares Karate, Two\n  = help: choose one with --model NAME");
  });

  it("compiles again when an imported file changes, and goes on after an error", async () => {
    const text = (width: string) =>
      `fn Layer(x: f32[4]) -> f32[2] {\n  param W: f32[4, ${width}]\n  return x @ W\n}\n`;
    writeFileSync(folder.at("layers.gn"), text("2"));
    writeFileSync(
      folder.at("watched.gn"),
      'import { Layer } from "./layers"\n\nmodel M {\n  nodes a\n  input x: a f32[4]\n  y = Layer(x)\n  output y\n}\n',
    );
    const child = folder.start(["compile", "watched.gn", "--watch"]);
    const end = ended(child);
    await said(child.stderr, /watching watched\.gn/);
    const wrong = said(child.stderr, /error\[GN/);
    writeFileSync(folder.at("layers.gn"), text("3"));
    await wrong;
    const again = said(child.stderr, /M: watched\.wasm/);
    writeFileSync(folder.at("layers.gn"), text("2"));
    await again;
    child.kill("SIGINT");
    await end;
  });
});
