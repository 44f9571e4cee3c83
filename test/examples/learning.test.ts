/** The examples in short: each script runs as a user would run it, and what it trains learns. */
import { expect, it } from "vitest";
import { script } from "./script.js";

const found = async <Found>(example: string): Promise<Found> =>
  JSON.parse(await script(`examples/${example}/reproduce.mjs`, "--short")) as Found;

it("char-lm learns from the text, and writes one character after another", async () => {
  const { first, loss, text } = await found<{ first: number; loss: number; text: string }>(
    "char-lm",
  );
  // Before it has learnt anything all 65 characters are alike.
  expect(first).toBeCloseTo(Math.log(65), 1);
  // To know how often each occurs gives 3.31 nats; 60 steps give better than that.
  expect(loss).toBeLessThan(3.25);
  expect(text).toHaveLength(40);
});

it("cnn-digits tells digits apart after five epochs of one image in ten", async () => {
  const accuracies = await found<number[]>("cnn-digits");
  expect(accuracies).toHaveLength(5);
  expect(accuracies.at(-1)).toBeGreaterThan(0.8);
});

it("translate learns with and without attention", async () => {
  const results = await found<{ name: string; losses: number[]; held: number }[]>("translate");
  expect(results.map(({ name }) => name)).toEqual(["NoAttention", "Additive"]);
  // To know how often each word occurs gives 4.52 nats.
  for (const { losses, held } of results) {
    expect(losses[1]).toBeLessThan(losses[0] as number);
    expect(held).toBeLessThan(4.3);
  }
});

it("physics beats constant velocity after few steps", async () => {
  const ratios = await found<Record<string, number>>("physics");
  expect(ratios.String).toBeGreaterThan(10);
  expect(ratios.Balls).toBeGreaterThan(3);
});

it("non-local finds the twin of a symbol anywhere on a grid", async () => {
  // To say "no" always is right for about 56 %.
  expect((await found<{ right: number }>("non-local")).right).toBeGreaterThan(0.75);
});
