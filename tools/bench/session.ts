/**
 * A compiled model with a batch in its memory, ready to run one kernel after another: what `load` makes, with the engine
 * in reach. Nothing of it is part of the runtime that users ship.
 */
import type { ProgramName } from "../../runtime/artifact.js";
import { type Assembled, assemble } from "../../runtime/assemble.js";
import { Engine } from "../../runtime/engine.js";
import { fail } from "../../runtime/errors.js";
import { type GraphInput, GraphReader } from "../../runtime/graph.js";
import { drawWeights } from "../../runtime/initialize.js";
import { levelOrders } from "../../runtime/level-order.js";
import { readManifest } from "../../runtime/load.js";
import { moreMakers } from "../../runtime/more-structures.js";
import { checkShared } from "../../runtime/shared-inputs.js";
import * as topologies from "../../runtime/topology.js";
import { Weights } from "../../runtime/weights.js";

export interface Session {
  readonly engine: Engine;
  readonly contents: Assembled;
}

const training = ["gradients", "moment1", "moment2", "next_states", "settings"] as const;

/** @throws GN5010 to GN5024 when a graph does not fit the model, GN5043 when it does not fit into memory. */
export async function openSession(
  artifact: Uint8Array,
  graphs: readonly GraphInput[],
  programs: readonly ProgramName[],
): Promise<Session> {
  const module = await WebAssembly.compile(new Uint8Array(artifact));
  const manifest = readManifest(module);
  const reader = new GraphReader(manifest, false, topologies);
  const at = (g: number): string => (graphs.length === 1 ? "" : `graphs[${g}].`);
  const read = graphs.map((graph, g) => reader.read(graph, at(g)));
  const trains = programs.includes("train");
  for (const [g, { fields }] of read.entries())
    for (const [i, { space, name, buffer, neededToRun }] of manifest.inputs.entries())
      if (!fields[i] && buffer !== null && (trains || neededToRun))
        fail("GN5010", `${at(g)}${space}.${name} is missing`);
  const contents = assemble(manifest, read, { ...topologies, levelOrders, checkShared });
  const engine = new Engine(manifest, module, { moreMakers });
  new Weights(() => engine, false).load(drawWeights(manifest, 0));
  engine.control(0, 0);
  engine.needs(...programs);
  if (trains) engine.reserve(training);
  engine.bind(contents);
  return { engine, contents };
}

/** Rows by space, and levels of recurrences, as formulas of costs name them. */
export function sizesOf({ rows, orders }: Assembled): Record<string, number> {
  const { batch: _, ...spaces } = rows;
  const levels = Object.entries(orders).map(([name, { level_start }]) => [
    name.replace(/^\w+\((.+?)(, reverse)?\)$/, "levels($1)"),
    level_start.length - 1,
  ]);
  return { ...spaces, ...Object.fromEntries(levels) };
}
