/** Pairs of sentences as numbers, and a tenth of them that no model is trained on: all pairs of one English sentence go together. */
import { readFileSync } from "node:fs";

const lines = readFileSync(new URL("pairs.tsv", import.meta.url), "utf8")
  .trim()
  .split("\n");
const pairs = lines.map((line) => line.split("\t").map((side) => side.split(" ")));

/** FNV-1a: the same tenth on any machine. */
function hash(text) {
  let h = 0x811c9dc5;
  for (const character of text) h = Math.imul(h ^ character.codePointAt(0), 0x01000193);
  return h >>> 0;
}
const isHeld = ([english]) => hash(english.join(" ")) % 10 === 0;
const [training, held] = [pairs.filter((pair) => !isHeld(pair)), pairs.filter(isHeld)];

/** Words in the order of first use in what is trained on, behind the end and the unknown word. */
function vocabulary(side) {
  const words = ["<end>", "<unknown>", ...new Set(training.flatMap((pair) => pair[side]))];
  const numbers = new Map(words.map((word, i) => [word, i]));
  return { words, read: (list) => Int32Array.from(list, (word) => numbers.get(word) ?? 1) };
}
export const english = vocabulary(0);
export const french = vocabulary(1);

/** A source sentence, read to its end. @param {readonly string[]} words */
export const source = (words) => ({ word: french.read([...words, "<end>"]) });

const graph = ([target, words]) => ({
  src: source(words),
  tgt: { next: english.read([...target, "<end>"]) },
});
export const trainingPairs = training.map(graph);
export const heldPairs = held.map(graph);
