/** The text: characters as numbers, windows of it as graphs, and its last tenth, which no model is trained on. */
import { readFileSync } from "node:fs";
import { randomInt, randomLcg } from "d3-random";

/** Sorted by code point: the number of a character is its place here. */
export const characters = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
export const context = 64;

/** @param {string} text */
export const encode = (text) =>
  Int32Array.from(text, (character) => {
    const at = characters.indexOf(character);
    if (at < 0) throw new RangeError(`the models know no ${JSON.stringify(character)}`);
    return at;
  });

const all = encode(readFileSync(new URL("shakespeare.txt", import.meta.url), "utf8"));
const cut = Math.floor(all.length * 0.9);

/** The characters from `at` on, each with the one that follows. */
const windowAt = (at) => ({
  char: { token: all.slice(at, at + context), next: all.slice(at + 1, at + context + 1) },
});

/** As many windows as are asked for, from places of the first nine tenths drawn at random. */
export function trainingWindows(count, seed = 1) {
  const place = randomInt.source(randomLcg(seed))(cut - context);
  return Array.from({ length: count }, () => windowAt(place()));
}

/** The last tenth, window after window; `every` takes one of so many. */
export function heldWindows(every = 1) {
  const windows = [];
  for (let at = cut; at + context < all.length; at += context * every) windows.push(windowAt(at));
  return windows;
}
