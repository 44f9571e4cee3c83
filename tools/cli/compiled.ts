/** A `.gn` file compiled with its kernels in reach, and a batch for it: what `explain --cost` and `bench` work on. */
import type { Compiled } from "../../compiler/index.js";
import type { GraphInput } from "../../runtime/index.js";
import { readSource } from "./files.js";
import { readGraphs } from "./models.js";
import { allSizes, type SizeFlags, share } from "./sizes.js";
import { checkedOrExit, theModel } from "./sources.js";

/** @throws Usage, for a compiled model: it does not say what its kernels compute. */
export async function compiledSource(path: string, model: string | undefined): Promise<Compiled> {
  const checked = checkedOrExit(readSource(path), { taken: true });
  const { compileInParts } = await import("../../compiler/index.js");
  return compileInParts(theModel(checked, model));
}

/** Graphs from a file, or random ones of the sizes that are given. */
export async function graphsFor(
  { model, manifest }: Compiled,
  { data, size = {} }: SizeFlags,
): Promise<readonly GraphInput[]> {
  if (data !== undefined) return readGraphs(data, { signature: manifest });
  const { graphInput, randomGraph, sharedFields } = await import("../verify/graphs.js");
  const { randomFrom } = await import("../verify/rows.js");
  const random = randomFrom(0, "bench");
  const sizes = allSizes(manifest, size);
  const graphs = sizes.global ?? 1;
  const shared = sharedFields(model, random);
  return Array.from({ length: graphs }, (_, g) => {
    const wished = (name: string): number => share(sizes[name] ?? 0, g, graphs);
    const made = randomGraph(
      model,
      (set) => wished(set.name),
      random,
      shared,
      (space) => wished(space.kind === "nonzeros" ? `nonzeros:${space.name}` : space.name),
    );
    return graphInput(made);
  });
}
