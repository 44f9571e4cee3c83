/** Steps of the artifact: which function runs over what, and what its frame holds. */
import type {
  Domain,
  ManifestStructure,
  Slot,
  SpaceName,
  Step,
  StructureKind,
} from "../runtime/artifact.js";
import { bug } from "./bug.js";
import type {
  Buffer,
  EmittedKernel,
  EmittedModule,
  Kernel,
  KernelDomain,
  KernelSlot,
  Schedule,
  ScheduledStep,
} from "./ir/kernel.js";
import type { RecurrenceOrder } from "./ir/model.js";
import type { Space } from "./ir/space.js";

/** A space as the artifact names it. */
export const spaceName = (space: Space): SpaceName =>
  space.kind === "nonzeros" ? `nonzeros:${space.name}` : space.name;

/** `index(word)`, `levels(up, reverse)`. */
export function orderName(order: RecurrenceOrder): string {
  const of = order.kind === "index" ? order.set.name : order.relation.name;
  return `${order.kind}(${of}${order.reverse ? ", reverse" : ""})`;
}

/** Writes steps, and numbers the structures they ask for by first use. */
export class Frames {
  readonly #numbers: ReadonlyMap<Buffer, number>;
  readonly #emitted: ReadonlyMap<Kernel, EmittedKernel>;
  readonly #structures: ManifestStructure[] = [];

  constructor(schedule: Schedule, emitted: EmittedModule) {
    this.#numbers = new Map(schedule.buffers.map((b, i) => [b, i]));
    this.#emitted = new Map(emitted.kernels.map((k) => [k.kernel, k]));
  }

  get structures(): readonly ManifestStructure[] {
    return this.#structures;
  }

  steps(steps: readonly ScheduledStep[]): readonly Step[] {
    return steps.map((step): Step => {
      if (step.kind === "kernel") return this.#kernel(step.kernel);
      const order = orderName(step.order);
      return {
        levels: this.#structure("level_start", order),
        order,
        steps: this.steps(step.steps),
      };
    });
  }

  #kernel(kernel: Kernel): Step {
    const emitted = this.#emitted.get(kernel) ?? bug(`${kernel.name} was not emitted`);
    return {
      kernel: emitted.function,
      domain: this.#domain(kernel.domain),
      slots: emitted.slots.map((slot) => this.#slot(slot)),
    };
  }

  #domain(domain: KernelDomain): Domain {
    switch (domain.over) {
      case "rows":
      case "chunks":
        return { over: domain.over, space: spaceName(domain.space) };
      case "level":
        return { over: "level", structure: this.#structure("order", orderName(domain.order)) };
      case "count":
        return domain;
    }
  }

  #slot(slot: KernelSlot): Slot {
    switch (slot.kind) {
      case "buffer":
        return { buffer: this.#numbers.get(slot.buffer) ?? bug(`no memory: ${slot.buffer.name}`) };
      case "structure":
        return { structure: this.#structure(slot.structure, ownerName(slot.of)) };
      case "rows":
        return { rows: spaceName(slot.space) };
      case "chunkRows":
        return { chunkRows: spaceName(slot.space) };
      case "arena":
        return { arena: slot.arena, offset: slot.offset };
      case "control":
        return { control: true };
      case "constant":
        return { constant: slot.value };
    }
  }

  #structure(kind: StructureKind, of: string): number {
    const known = this.#structures.findIndex((s) => s.kind === kind && s.of === of);
    if (known >= 0) return known;
    return this.#structures.push({ kind, of }) - 1;
  }
}

const ownerName = (of: Space | RecurrenceOrder): string =>
  of.kind === "index" || of.kind === "levels" ? orderName(of) : spaceName(of);
