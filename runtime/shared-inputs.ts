/** Inputs on `batch` have one row for all graphs, so all must give the same. `load` fetches it with models that have one. */
import type { Manifest } from "./artifact.js";
import { fail } from "./errors.js";
import type { CheckedGraph } from "./graph.js";

/** @throws GN5024 */
export function checkShared({ inputs }: Manifest, graphs: readonly CheckedGraph[]): void {
  inputs.forEach(({ space, name }, i) => {
    if (space !== "batch") return;
    const [first, ...others] = graphs.map(({ fields }) => String(Object.values(fields[i] ?? [])));
    const g = others.findIndex((other) => other !== first) + 1;
    if (g)
      fail(
        "GN5024",
        `batch.${name} is one value for all graphs, but graphs 0 and ${g} differ in it`,
      );
  });
}
