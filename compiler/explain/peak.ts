/**
 * How much memory a model takes at most, as formulas: what it always has, what lies there as long as a batch is bound, and
 * the most that any program holds at once while it runs.
 */
import {
  kernelsOf,
  livesOf,
  type Manifest,
  type ManifestBuffer,
  type ProgramName,
} from "../../runtime/artifact.js";
import { Formula, type Sizes } from "./formula.js";
import { listsOf } from "./lists.js";

/** What a program holds at one of its steps. */
export interface Held {
  readonly program: ProgramName;
  readonly step: number;
  readonly bytes: Formula;
}

export interface Peak {
  /** Constants, parameters, states and what is packed from them. */
  readonly always: number;
  /** Gradients, moments, next states and hyperparameters, once a trainer is made. */
  readonly training: number;
  /** Inputs, lists, frames and scratch: from when a batch is bound. */
  readonly bound: Formula;
  /** For no sizes is any other step of any program larger than all of these. */
  readonly held: readonly Held[];
}

/** `64 * paper` bytes and so on. */
const bytesOf = ({ width, space }: ManifestBuffer): Formula => Formula.rows(space, 4 * width);

export function peakOf(manifest: Manifest): Peak {
  const { buffers, parameterWords, stateWords, settingsWords, programs } = manifest;
  const kept = Formula.sum(buffers.filter((b) => b.life === "kept").map(bytesOf));
  const lists = Formula.sum(
    listsOf(manifest).map(({ size }) =>
      Formula.of(4 * size.more).plus(
        size.space === null ? Formula.zero : Formula.rows(size.space, 4),
      ),
    ),
  );
  const frames = kernelsOf(Object.values(programs).flat())
    .map(({ slots }) => 16 * Math.ceil(slots.length / 4))
    .reduce((a, b) => a + b, 0);
  const work = Formula.of(frames + manifest.scratchBytes);
  const trains = manifest.optimizers.length > 0;
  return {
    always: manifest.reservedBytes + 16 + 4 * (parameterWords + stateWords) + kept.each(""),
    training: trains ? 4 * (3 * parameterWords + stateWords + settingsWords) : 0,
    bound: Formula.sum([kept.growing, lists, work]),
    held: largest(heldBy(manifest)),
  };
}

/** Bytes in all while a batch of these sizes is run, or trained on. */
export function peakAt(
  { always, training, bound, held }: Peak,
  sizes: Sizes,
  trains: boolean,
): number {
  const most = Math.max(0, ...held.map((h) => h.bytes.at(sizes)));
  return always + (trains ? training : 0) + bound.at(sizes) + most;
}

/** What passes, step by step. */
function heldBy(manifest: Manifest): readonly Held[] {
  const lives = livesOf(manifest);
  return Object.entries(manifest.programs).flatMap(([program, steps]) =>
    (steps ?? []).map((_, step): Held => {
      const live = manifest.buffers.filter((buffer, i) => {
        const life = lives[i]?.[program];
        return buffer.life !== "kept" && life && life[0] <= step && step <= life[1];
      });
      return { program: program as ProgramName, step, bytes: Formula.sum(live.map(bytesOf)) };
    }),
  );
}

/** Those that may be the largest: no other covers them. */
function largest(all: readonly Held[]): readonly Held[] {
  const found: Held[] = [];
  for (const one of all) {
    if (found.some((f) => f.bytes.covers(one.bytes))) continue;
    const left = found.filter((f) => !one.bytes.covers(f.bytes));
    found.splice(0, found.length, ...left, one);
  }
  return found.filter((f) => !f.bytes.isZero);
}
