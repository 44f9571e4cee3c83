/**
 * A recurrence watched level by level: after each level the outputs of its rows are read, and whoever reads may stop there.
 * On a sequence that writes itself a level is one token of each graph.
 */
import { livesOf, type Manifest, type ManifestOutput, type Step } from "./artifact.js";
import type { Assembled } from "./assemble.js";
import type { Engine } from "./engine.js";
import { fail } from "./errors.js";
import { group, type OutputArray } from "./fields.js";
import { originOf } from "./graph.js";
import type { Used } from "./model.js";
import type { Recurrence } from "./plan.js";
import { volume } from "./safetensors.js";

/** What one level gave one graph. */
export interface Level<Outputs> {
  /** Counted from 0. */
  readonly level: number;
  /** The nodes of this level, by their places in the graph, ascending; none where the graph has fewer levels. */
  readonly nodes: Int32Array;
  /** Outputs as `run` gives them, with one row for each of `nodes`; those that no level computes are left out. */
  readonly outputs: Partial<Outputs>;
}

/** A recurrence of `infer`, and the outputs that are complete, row by row, when a level is. */
interface Watched {
  readonly step: number;
  readonly order: string;
  readonly outputs: readonly ManifestOutput[];
}

/** The set whose rows an order lists: `index(word, reverse)` is about `word`, `levels(up)` about the receivers of `up`. */
export function orderedSet({ relations }: Manifest, order: string): string {
  const [, kind, of = ""] = /^(index|levels)\((.+?)(?:, reverse)?\)$/.exec(order) ?? [];
  const relation = kind === "levels" && relations.find(({ name }) => name === of);
  return relation ? relation.receivers : of;
}

/** The last recurrence that computes outputs: what comes before it, an encoder perhaps, runs without a stop. */
function watchedOf(engine: Engine): Watched | null {
  const { outputs, structures, programs } = engine.manifest;
  const lives = livesOf(engine.manifest);
  const steps: readonly Step[] = programs.infer ?? [];
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i] as Step;
    if (!("steps" in step)) continue;
    const order = structures[step.levels]?.of ?? "";
    const space = orderedSet(engine.manifest, order);
    const ready = outputs.filter((output) => {
      const life = lives[output.buffer]?.infer;
      return output.space === space && life && life[0] <= i;
    });
    if (ready.length) return { step: i, order, outputs: ready };
  }
  return null;
}

/** Runs `infer`, and stops after each level, counted from 0, of the recurrence that is its step `watched`. */
function* levels(engine: Engine, watched: number): Generator<number, void, undefined> {
  const plan = engine.prepared("infer");
  const { uses } = engine;
  for (const [i, call] of plan.calls.entries()) {
    const count = i === watched && "starts" in call ? call.starts.length - 1 : 0;
    if (i !== watched) plan.execute(call, 0, 0);
    for (let level = 0; level < count; level++) {
      plan.level(call as Recurrence, level);
      yield level;
      if (engine.uses !== uses)
        fail(
          "GN5007",
          `${engine.manifest.model} was used for something else while a stream of it was open`,
        );
    }
  }
}

/** A copy of some rows of an output on nodes, numbered over the batch. */
function readRows(
  engine: Engine,
  { dtype, shape, buffer }: ManifestOutput,
  rows: Int32Array,
): OutputArray {
  const [at, width] = [engine.wordOf(buffer), volume(shape)];
  const view = dtype === "f32" ? engine.memory.f32 : engine.memory.i32;
  const values = view.slice(0, rows.length * width);
  rows.forEach((row, i) => {
    values.set(view.subarray(at + row * width, at + (row + 1) * width), i * width);
  });
  return dtype === "bool" ? Uint8Array.from(values) : values;
}

type Levels = Generator<Level<Record<string, Record<string, OutputArray>>>[], void, undefined>;

/** Level after level one `Level`, or one for each graph; null when no output is computed by a recurrence. */
export function streamLevels({ engine, batch, contents }: Used): Generator<unknown> | null {
  const watched = watchedOf(engine);
  return watched && one(read(engine, contents, watched), batch.single);
}

function* one(levels: Levels, single: boolean): Generator<unknown> {
  for (const each of levels) yield single ? each[0] : each;
}

function* read(engine: Engine, batch: Assembled, { step, order, outputs }: Watched): Levels {
  const { order: rows, level_start: starts } = batch.orders[order] as Assembled["orders"][string];
  const space = (outputs[0] as ManifestOutput).space;
  const first = batch.starts[space] as Int32Array;
  for (const level of levels(engine, step)) {
    let from = starts[level] as number;
    const end = starts[level + 1] as number;
    yield batch.graphs.map((graph, g) => {
      const origin = originOf(graph, space);
      const place = (row: number) => {
        const node = row - (first[g] as number);
        return origin ? (origin[node] as number) : node;
      };
      const begin = from;
      // Rows ascend within a level, so each graph's stand together.
      while (from < end && (rows[from] as number) < (first[g + 1] as number)) from++;
      const own = rows.slice(begin, from);
      if (origin) own.sort((a, b) => place(a) - place(b));
      const values = outputs.map(
        (output) => [space, output.name, readRows(engine, output, own)] as const,
      );
      return { level, nodes: own.map(place), outputs: group(values) };
    });
  }
}
