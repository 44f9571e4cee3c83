/**
 * Memory for tensors: their own stretch of the arena, a place in an arena of parameters, partial results, panels.
 */
import { bug } from "../bug.js";
import type { Buffer, Place, Shortlist } from "../ir/kernel.js";
import { type Space, unitSpace } from "../ir/space.js";
import type { Axis, Tensor } from "../ir/tensor.js";
import type { Layouts } from "./layouts.js";
import type { NeededNonzeros } from "./needed-rows.js";

/** All buffers of a schedule; the same tensor lies at the same place in all programs. */
export class Buffers {
  readonly #layouts: Layouts;
  readonly #own = new Map<string, Buffer>();
  readonly #partials = new Map<string, Buffer>();
  readonly #panels = new Map<string, Panels>();
  readonly #shortlists = new Map<string, Shortlist>();
  readonly #all: Buffer[] = [];
  #next = 0;

  constructor(layouts: Layouts) {
    this.#layouts = layouts;
  }

  /** Those with memory of their own. */
  get all(): readonly Buffer[] {
    return this.#all;
  }

  /** Every matrix that was asked for as panels. */
  get panels(): readonly Panels[] {
    return [...this.#panels.values()];
  }

  /** Every shortlist that was asked for. */
  get shortlists(): readonly Shortlist[] {
    return [...this.#shortlists.values()];
  }

  own(t: Tensor, layout: readonly Axis[] = this.#layouts.of(t)): Buffer {
    const name = t.label ?? `${t.op}.${t.id}`;
    return this.#once(this.#own, `${t.id}|${ids(layout)}`, () =>
      this.#kept(name, t, layout, { kind: "buffer" }),
    );
  }

  partials(t: Tensor, of: Space): Buffer {
    return this.#once(this.#partials, `${t.id}|${of.kind}|${of.name}`, () =>
      this.#kept(`partials of ${t.label ?? `${t.op}.${t.id}`}`, t, this.#layouts.of(t), {
        kind: "partials",
        of,
      }),
    );
  }

  panelsOf(source: Tensor, { stack, rows, columns }: PanelAxes): Buffer {
    const key = `${source.id}|${ids(stack)}|${ids(rows)}|${ids(columns)}`;
    const known = this.#panels.get(key);
    if (known) return known.buffer;
    const name = `panels of ${source.label ?? `${source.op}.${source.id}`}`;
    const place: Place = { kind: "panels", stack, rows, columns };
    const buffer = this.#kept(name, source, [...stack, ...rows, ...columns], place);
    this.#panels.set(key, { source, buffer });
    return buffer;
  }

  shortlistOf({ mask, of, axis }: NeededNonzeros): Shortlist {
    const key = `${mask.id}|${of.name}|${axis.id}`;
    const known = this.#shortlists.get(key);
    if (known) return known;
    const list = (parts: Pick<Buffer, "name" | "space" | "layout" | "dtype">): Buffer => {
      const made: Buffer = { ...parts, id: this.#next++, place: { kind: "buffer" } };
      this.#all.push(made);
      return made;
    };
    const name = `needed non-zeros of ${of.name}`;
    const rows = list({ name, space: of, layout: [], dtype: "i32" });
    const values = list({ name: `values of ${name}`, space: of, layout: [], dtype: "f32" });
    const counts = list({
      name: `counts of ${name}`,
      space: unitSpace,
      layout: [axis],
      dtype: "i32",
    });
    const made = { mask, of, rows, values, counts };
    this.#shortlists.set(key, made);
    return made;
  }

  /** A place in an arena or in scratch: no memory of its own. */
  at(t: Tensor, layout: readonly Axis[], place: Place): Buffer {
    return {
      id: this.#next++,
      name: t.label ?? `${t.op}.${t.id}`,
      space: t.space,
      layout,
      dtype: t.dtype,
      place,
    };
  }

  #kept(name: string, t: Tensor, layout: readonly Axis[], place: Place): Buffer {
    if (layout.length !== t.axes.length) bug(`${name}: a layout of other axes`);
    const space = place.kind === "buffer" ? t.space : unitSpace;
    const made: Buffer = { id: this.#next++, name, space, layout, dtype: t.dtype, place };
    this.#all.push(made);
    return made;
  }

  #once(table: Map<string, Buffer>, key: string, make: () => Buffer): Buffer {
    const known = table.get(key);
    if (known) return known;
    const made = make();
    table.set(key, made);
    return made;
  }
}

/** The axes of a matrix, or of a stack of matrices, that is packed as panels. */
interface PanelAxes {
  readonly stack: readonly Axis[];
  readonly rows: readonly Axis[];
  readonly columns: readonly Axis[];
}

export interface Panels {
  readonly source: Tensor;
  readonly buffer: Buffer;
}

const ids = (axes: readonly Axis[]): string => axes.map((a) => a.id).join();
