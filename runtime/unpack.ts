/**
 * The description of a model as an artifact holds it, read: columns become records, and characters slots.
 * `compiler/pack.description.ts` writes it.
 */
import {
  type Description,
  firstMark,
  kernelsOf,
  type Manifest,
  type Slot,
  tables,
} from "./artifact.js";

/** `written` becomes the manifest. */
export function unpack(written: Description): Manifest {
  const read = Object.fromEntries(tables.map((name) => [name, records(written[name])]));
  const manifest = Object.assign(written, read) as unknown as Manifest;
  const slots: readonly Slot[] = [
    ...manifest.buffers.map((_, buffer) => ({ buffer })),
    ...manifest.structures.map((_, structure) => ({ structure })),
    ...written.slots,
  ];
  for (const step of kernelsOf(Object.values(manifest.programs).flat())) {
    const marks = String(step.slots).split("");
    Object.assign(step, { slots: marks.map((mark) => slots[mark.charCodeAt(0) - firstMark]) });
  }
  return manifest;
}

function records(columns: object): readonly object[] {
  const all = Object.entries(columns) as [string, readonly unknown[]][];
  const rows = all[0]?.[1] ?? [];
  return rows.map((_, i) => Object.fromEntries(all.map(([name, column]) => [name, column[i]])));
}
