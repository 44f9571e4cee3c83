/**
 * The lists of numbers by which kernels find the rows that belong to a row (`ManifestStructure`): how long each is, and
 * which programs read it. A relation that comes without data needs none with an entry per edge to be walked.
 */
import type { Manifest, ManifestStructure, SpaceName, Step } from "../../runtime/artifact.js";

export interface ListReport {
  readonly name: string;
  /** The relation, set, order or non-zeros that it is about. */
  readonly of: string;
  readonly size: ListSize;
  readonly programs: readonly string[];
}

/** An entry for each row of a space, and so many besides. */
export interface ListSize {
  readonly space: SpaceName | null;
  readonly more: number;
}

/** All lists, by first use. */
export const listsOf = (manifest: Manifest): readonly ListReport[] =>
  manifest.structures.map((structure, i) => ({
    name: structure.kind,
    of: structure.of,
    size: sizeOf(structure, manifest),
    programs: Object.entries(manifest.programs).flatMap(([name, steps]) =>
      (steps ?? []).some((step) => reads(step, i)) ? [name] : [],
    ),
  }));

function reads(step: Step, structure: number): boolean {
  if ("steps" in step)
    return step.levels === structure || step.steps.some((inner) => reads(inner, structure));
  const { domain, slots } = step;
  const orders = domain.over === "level" && domain.structure === structure;
  return orders || slots.some((slot) => "structure" in slot && slot.structure === structure);
}

/** Words, as far as the sizes of the batch tell: levels are as many as the longest graph has. */
/** How long a list is. */
export function sizeOf({ kind, of }: ManifestStructure, manifest: Manifest): ListSize {
  const words = (space: SpaceName, more = 0): ListSize => ({ space, more });
  const relation = manifest.relations.find(({ name }) => name === of);
  switch (kind) {
    case "receiver_start":
      return words(relation?.receivers ?? of, 1);
    case "sender_start":
      return words(relation?.senders ?? of, 1);
    case "first_sender":
      return words(relation?.receivers ?? of);
    case "first_receiver":
      return words(relation?.senders ?? of);
    case "graph_start":
      return words("global", 1);
    case "row_start":
      return words(inputOf(manifest, of)?.space ?? of, 1);
    case "column_start":
      return { space: null, more: columns(inputOf(manifest, of)) + 1 };
    case "order":
    case "level_start":
      return words(rowsOfOrder(manifest, of));
    default:
      return words(of);
  }
}

const inputOf = ({ inputs }: Manifest, of: string) =>
  inputs.find(({ space, name }) => of === `nonzeros:${space}.${name}`);

const columns = (input: ReturnType<typeof inputOf>): number =>
  (input?.shape ?? []).reduce((n, size) => n * size, 1);

/** `index(word)`, `levels(up, reverse)`: the set whose rows are put in order. */
function rowsOfOrder({ relations }: Manifest, order: string): SpaceName {
  const [, of = order] = /\((.+?)(?:, reverse)?\)$/.exec(order) ?? [];
  return relations.find(({ name }) => name === of)?.receivers ?? of;
}
