/**
 * A manifest as an artifact holds it: in columns, which compress well. `runtime/unpack.ts` reads it back; what follows from
 * the rest is not written.
 */
import {
  type Columns,
  type Description,
  firstMark,
  type Manifest,
  type ProgramName,
  type Slot,
  type Step,
  type WrittenStep,
} from "../runtime/artifact.js";
import { bug } from "./bug.js";

export function describe({ programs, ...rest }: Manifest): Description {
  const slots = new Slots(rest.buffers.length, rest.structures.length);
  const written: Partial<Record<ProgramName, readonly WrittenStep[]>> = {};
  for (const [name, steps] of Object.entries(programs) as [ProgramName, readonly Step[]][])
    written[name] = steps.map((step) => writtenStep(step, slots));
  return {
    ...rest,
    inputs: columns(rest.inputs),
    outputs: columns(rest.outputs),
    parameters: columns(rest.parameters),
    structures: columns(rest.structures),
    buffers: columns(rest.buffers),
    slots: slots.others,
    programs: written,
  };
}

/** The one cast: `tsc` does not see that every field of the records becomes a column. */
function columns<T extends object>(records: readonly T[]): Columns<T> {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))] as (keyof T)[];
  const all = names.map((name) => [name, records.map((record) => record[name])] as const);
  return Object.fromEntries(all) as unknown as Columns<T>;
}

function writtenStep(step: Step, slots: Slots): WrittenStep {
  if ("steps" in step)
    return { ...step, steps: step.steps.map((inner) => writtenStep(inner, slots)) };
  return { ...step, slots: step.slots.map((slot) => slots.mark(slot)).join("") };
}

/** Behind these characters come surrogates, which stand for nothing alone and do not survive as UTF-8. */
const most = 0xd7ff - firstMark;

/** Numbers of slots: of the buffers, of the structures, and of all others by first use. */
class Slots {
  readonly #buffers: number;
  readonly #structures: number;
  readonly #known = new Map<string, number>();
  readonly others: Slot[] = [];

  constructor(buffers: number, structures: number) {
    this.#buffers = buffers;
    this.#structures = structures;
  }

  mark(slot: Slot): string {
    const number = this.#number(slot);
    if (number > most) bug(`more than ${most} slots`);
    return String.fromCharCode(firstMark + number);
  }

  #number(slot: Slot): number {
    if ("buffer" in slot) return slot.buffer;
    if ("structure" in slot) return this.#buffers + slot.structure;
    const key = JSON.stringify(slot);
    const number = this.#known.get(key) ?? this.others.push(slot) - 1;
    this.#known.set(key, number);
    return this.#buffers + this.#structures + number;
  }
}
