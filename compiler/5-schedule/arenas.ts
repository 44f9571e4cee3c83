/**
 * Offsets of parameters, states and hyperparameters in their arenas, in words.
 *
 * The arenas of gradients and moments are laid out as that of the parameters. Every parameter begins at a multiple of
 * four words; the words between are never written and stay zero.
 */
import { hyperparameters } from "../../runtime/artifact.js";
import type { Arenas } from "../ir/kernel.js";
import type { Parameter } from "../ir/model.js";
import type { Program } from "../ir/program.js";

/** Words of settings for one optimizer: its hyperparameters, then the scale that clipping makes. */
export const settingsWords = hyperparameters.length + 1;

export function arenasOf({ model, optimizers }: Program): Arenas {
  const parameters = laidOut(model.parameters);
  const states = laidOut(model.states);
  const offsets = new Map(parameters.items.map(({ item, offset }) => [item, offset]));
  return {
    parameters: parameters.items.map(({ item, offset }) => ({ parameter: item, offset })),
    parameterWords: parameters.words,
    states: states.items.map(({ item, offset }) => ({ state: item, offset })),
    stateWords: states.words,
    optimizers: optimizers.map(({ optimizer }, i) => ({
      optimizer,
      ranges: rangesOf(optimizer.parameters, offsets),
      settings: i * settingsWords,
    })),
    settingsWords: optimizers.length * settingsWords,
  };
}

const aligned = (words: number): number => Math.ceil(words / 4) * 4;
const wordsOf = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);

function laidOut<T extends { readonly shape: readonly number[] }>(items: readonly T[]) {
  let words = 0;
  const placed = items.map((item) => {
    const offset = words;
    words += aligned(wordsOf(item.shape));
    return { item, offset };
  });
  return { items: placed, words };
}

/** The stretches that parameters take, neighbours joined. */
function rangesOf(
  parameters: readonly Parameter[],
  offsets: ReadonlyMap<Parameter, number>,
): readonly (readonly [number, number])[] {
  const pieces = parameters
    .map((p) => ({ first: offsets.get(p) ?? 0, words: aligned(wordsOf(p.shape)) }))
    .sort((a, b) => a.first - b.first);
  const ranges: [number, number][] = [];
  for (const { first, words } of pieces) {
    const last = ranges.at(-1);
    if (last && last[0] + last[1] === first) last[1] += words;
    else ranges.push([first, words]);
  }
  return ranges;
}
