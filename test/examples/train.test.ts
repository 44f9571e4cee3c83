/** `gnc train` runs every example from files of data: those that come with it, and those that its script writes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { script } from "./script.js";

const folder = mkdtempSync(join(tmpdir(), "gnc-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A model's file and name, the file of data to train on, and what tells the example's script how much of it to make. */
interface Example {
  readonly file: string;
  readonly model?: string;
  readonly data: string;
  readonly made?: readonly string[];
}

const examples: readonly Example[] = [
  { file: "cora/gcn.gn", data: "examples/cora/cora.safetensors" },
  { file: "cora/gat.gn", data: "examples/cora/cora.safetensors" },
  { file: "karate/karate.gn", data: "examples/karate/karate.safetensors" },
  { file: "mutag/mutag.gn", data: "examples/mutag/train.safetensors" },
  { file: "cnn-digits/cnn.gn", model: "Digits", data: "examples/cnn-digits/test.safetensors" },
  { file: "char-lm/charlm.gn", model: "CharLSTM", data: "train", made: ["--count", "24"] },
  { file: "translate/translate.gn", model: "Additive", data: "train", made: ["--count", "32"] },
  {
    file: "physics/physics.gn",
    model: "Balls",
    data: "Balls-train",
    made: ["--world", "Balls", "--count", "1"],
  },
  { file: "non-local/twins.gn", model: "Embedded", data: "train", made: ["--count", "32"] },
  {
    file: "nri-springs/springs.gn",
    model: "Springs",
    data: "springs-train",
    made: ["--count", "32", "--held", "8"],
  },
];

it.each(examples)("$file", { timeout: 300_000 }, async ({ file, model, data, made }) => {
  const [name = ""] = file.split("/");
  if (made) await script(`examples/${name}/data.mjs`, "--into", join(folder, name), ...made);
  const which = model ? ["--model", model] : [];
  const found = made ? join(folder, name, `${data}.safetensors`) : data;
  const train = ["train", `examples/${file}`, ...which, "--data", found];
  const log = await script("bin/gnc.js", ...train, "--epochs", "2", "--log");
  const losses = log
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { epoch?: number; loss?: number })
    .flatMap(({ epoch, loss }) => (epoch === undefined || loss === undefined ? [] : [loss]));
  expect(losses.length, log).toBeGreaterThanOrEqual(2);
  expect(losses.every(Number.isFinite), log).toBe(true);
});
