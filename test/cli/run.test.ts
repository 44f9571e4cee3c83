/** `gnc run`, `train`, `inspect` and `bind` as commands: numbers, files, exit codes, Ctrl-C. */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensors } from "../../runtime/index.js";
import { ended, Folder, root, said } from "./support.js";

let folder: Folder;
const data = ["--data", "karate.safetensors"];
const train = (...more: string[]) => ["train", "karate.gn", ...data, "--seed", "3", ...more];

beforeAll(async () => {
  folder = new Folder();
  await folder.gnc(["compile", "karate.gn"]);
  await folder.gnc(train("--epochs", "12", "--weights-out", "w.safetensors"));
});
afterAll(() => folder.remove());

describe("gnc run", () => {
  it("prints a summary of the outputs", async () => {
    const { code, stdout, stderr } = await folder.gnc(["run", "karate.gn", ...data]);
    expect(code).toBe(0);
    expect(stderr).toContain("nothing is trained; weights are drawn with seed 0");
    expect(stdout).toMatch(/^member\.logits {2}\[34, 2\] {2}-\d/);
  });

  it("writes outputs, the same from source text and from the module", async () => {
    const weights = [...data, "--weights", "w.safetensors"];
    await folder.gnc(["run", "karate.gn", ...weights, "--out", "a.safetensors"]);
    const { out } = await folder.gnc(["run", "karate.wasm", ...weights, "--out", "-"]);
    expect(out.equals(folder.read("a.safetensors"))).toBe(true);
    expect(readSafetensors(new Uint8Array(out)).tensors.get("member.logits")?.shape).toEqual([
      34, 2,
    ]);
  });
});

describe("--threads", () => {
  it("changes nothing but the time", async () => {
    const outputs = (...more: string[]) =>
      folder.gnc(["run", "karate.wasm", ...data, "--out", "-", ...more]);
    const [one, two] = [await outputs(), await outputs("--threads", "2")];
    expect(two.code).toBe(0);
    expect(two.out.equals(one.out)).toBe(true);
  });

  it("takes a whole number from 1 to 64", async () => {
    const none = await folder.gnc(["run", "karate.wasm", ...data, "--threads", "0"]);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("Write a whole number, 1 or more.");
    const many = await folder.gnc(train("--threads", "65"));
    expect(many.code).toBe(3);
    expect(many.stderr).toMatch(/^error\[GN5008\]: karate\.gn: threads must be a whole number/);
  });
});

describe("gnc bind", () => {
  it("puts weights into the module, from which it then runs", async () => {
    const bound = await folder.gnc(["bind", "karate.wasm", "w.safetensors", "-o", "bound.wasm"]);
    expect(bound.code).toBe(0);
    const { stdout } = await folder.gnc(["run", "bound.wasm", ...data]);
    const given = await folder.gnc(["run", "karate.wasm", ...data, "--weights", "w.safetensors"]);
    expect(stdout).toBe(given.stdout);
  });

  it("refuses the weights of another model, and writes nothing", async () => {
    const { code, stderr } = await folder.gnc([
      "bind",
      "karate.wasm",
      "karate.safetensors",
      "-o",
      "no.wasm",
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error\[GN503\d\]: karate\.safetensors: /);
    expect(folder.has("no.wasm")).toBe(false);
  });
});

describe("gnc inspect", () => {
  it("says what a module is", async () => {
    const { code, stdout } = await folder.gnc(["inspect", "karate.wasm"]);
    expect(code).toBe(0);
    expect(stdout).toContain("member.logits: f32[2]");
    expect(stdout).toContain("h.W: f32[34, 8]");
  });

  it("gives the manifest to programs", async () => {
    const { stdout } = await folder.gnc(["inspect", "karate.wasm", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ model: "Karate" });
  });

  it("asks for a module", async () => {
    const { code, stderr } = await folder.gnc(["inspect", "karate.gn"]);
    expect(code).toBe(2);
    expect(stderr).toContain("gnc compile karate.gn");
  });
});

describe("gnc train", () => {
  it("ends with the scores on standard output and progress on standard error", async () => {
    const { code, stdout, stderr } = await folder.gnc(train("--epochs", "12"));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Karate after 12 epochs: loss 0\.\d+ {2}accuracy\.rest [01]\.\d{4}\n$/);
    expect(stderr).toMatch(/epoch 12\/12 {2}0 s left at [\d.]+ steps\/s {2}loss .*\n$/);
  });

  it("prints JSON lines with --log", async () => {
    const { stdout } = await folder.gnc(train("--epochs", "3", "--log"));
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.epoch)).toEqual([1, 2, 3, undefined]);
    expect(lines[3]).toMatchObject({
      done: true,
      epochs: 3,
      metrics: { "accuracy.rest": expect.any(Number) },
    });
  });

  it("saves a checkpoint on Ctrl-C, from which --resume gives the bits of an uninterrupted run", async () => {
    await folder.gnc(train("--epochs", "4000", "--weights-out", "whole.safetensors"));
    const child = folder.start(train("--epochs", "4000", "--log", "--checkpoint", "c.safetensors"));
    const end = ended(child);
    await said(child.stdout, /"epoch":20,/);
    child.kill("SIGINT");
    const { code, stderr } = await end;
    expect(code).toBe(130);
    expect(stderr).toMatch(/stopped after \d+ epochs; go on with --resume c\.safetensors/);
    const rest = train(
      "--epochs",
      "4000",
      "--resume",
      "c.safetensors",
      "--weights-out",
      "parts.safetensors",
    );
    expect((await folder.gnc(rest)).code).toBe(0);
    expect(folder.read("parts.safetensors").equals(folder.read("whole.safetensors"))).toBe(true);
  });

  it("saves a checkpoint at the end when asked, and asks for more epochs to go on", async () => {
    await folder.gnc(train("--epochs", "2", "--checkpoint", "end.safetensors"));
    const { code, stderr } = await folder.gnc(
      train("--epochs", "2", "--resume", "end.safetensors"),
    );
    expect(code).toBe(2);
    expect(stderr).toContain("give more than 2");
  });
});

describe("errors of data", () => {
  it("names the file, the key and what the model takes", async () => {
    const { code, stderr } = await folder.gnc([
      "run",
      "karate.gn",
      "--data",
      `${root}examples/cora/cora.safetensors`,
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error\[GN5011\]: .*cora\.safetensors: cites\.\w+ is no input/);
    expect(stderr).toContain("Karate takes member.club, member.known, tie.senders, tie.receivers");
  });

  it("says so when a file holds no tensors", async () => {
    const { code, stderr } = await folder.gnc(["run", "karate.gn", "--data", "karate.gn"]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error\[GN5034\]: karate\.gn: /);
  });

  it("says so when weights are no weights", async () => {
    const { code, stderr } = await folder.gnc([
      "run",
      "karate.gn",
      ...data,
      "--weights",
      "karate.wasm",
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error\[GN5034\]: karate\.wasm: /);
  });

  it("says so when a module is cut off", async () => {
    writeFileSync(folder.at("cut.wasm"), folder.read("karate.wasm").subarray(0, 500));
    const { code, stderr } = await folder.gnc(["inspect", "cut.wasm"]);
    expect(code).toBe(2);
    expect(stderr).toContain("damaged");
  });
});

describe("wrong use", () => {
  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["no command", [], /Usage: gnc/],
    ["an unknown command", ["chekc"], /unknown command 'chekc'\n\(Did you mean check\?\)/],
    [
      "an unknown option",
      ["run", "karate.gn", "--dat", "x"],
      /unknown option '--dat'\n\(Did you mean --data\?\)/,
    ],
    ["no data", ["train", "karate.gn"], /gnc train karate\.gn --data FILE/],
    ["a missing file", ["check", "none.gn"], /cannot read none\.gn: there is no such file/],
    ["a folder", ["check", "."], /cannot read \.: it is a folder/],
    ["a number that is none", train("--epochs", "x"), /Write a whole number/],
    ["zero epochs", train("--epochs", "0"), /1 or more/],
    ["a format that is none", ["check", "karate.gn", "--format", "xml"], /pretty, json, github/],
    [
      "weights twice",
      train("--weights", "w.safetensors", "--resume", "w.safetensors"),
      /leave --weights out/,
    ],
    ["standard input twice", ["run", "-", "--data", "-"], /read only once/],
    ["watching standard input", ["compile", "-", "--watch"], /cannot be watched/],
    [
      "a model that is not there",
      ["run", "karate.gn", ...data, "--model", "Nope"],
      /it declares Karate/,
    ],
    [
      "an output in a file",
      ["compile", "karate.gn", "-o", "karate.gn/x"],
      /what should be its folder is a file/,
    ],
  ];
  it.each(wrong)("%s ends with 2 and says what to write", async (_, args, words) => {
    const { code, stderr, stdout } = await folder.gnc(args);
    expect(stderr + stdout).toMatch(words);
    expect(code).toBe(2);
  });

  it("has a help text with examples for each command", async () => {
    const { stdout, code } = await folder.gnc(["--help"]);
    expect(code).toBe(0);
    for (const command of ["check", "fmt", "compile", "run", "train", "inspect", "explain", "bind"])
      expect(stdout).toContain(`  ${command} `);
    expect((await folder.gnc(["train", "--help"])).stdout).toContain(
      "Examples:\n  gnc train cora.gn",
    );
  });
});
