/**
 * Rows at hand: the row of a space that an expression stands on, and the rows it maps to.
 *
 * Which sender an edge has is read from the structures of the batch, once per edge, unless the walk knows it already.
 */

import type { StructureKind } from "../../../runtime/artifact.js";
import { bug } from "../../bug.js";
import type { KernelSlot } from "../../ir/kernel.js";
import { type RowMap, type Space, unitSpace } from "../../ir/space.js";
import type { Code } from "./code.js";
import type { Frame } from "./frame.js";
import type { Index, Local } from "./operand.js";
import type { Scope } from "./scope.js";

export interface Row {
  readonly id: number;
  readonly space: Space;
  /** Its number in the space; 0 of the batch. */
  readonly number: Index;
  readonly scope: Scope;
  /** Its place in the tile, for rows of the tile. */
  readonly place: Local<"i32"> | null;
  /** Rows it maps to. */
  readonly known: Map<RowMap, Row>;
  /** Of a non-zero met by its column: that column. */
  readonly column: Local<"i32"> | null;
}

/** From a row to the row it maps to. */
const structureOf: Readonly<Record<Exclude<RowMap["kind"], "all">, StructureKind>> = {
  sender: "senders",
  receiver: "receivers",
  graph: "graph_of",
  row: "rows",
};

export class Rows {
  readonly #code: Code;
  readonly #frame: Frame;
  readonly unit: Row;
  #next = 0;

  constructor(code: Code, frame: Frame) {
    this.#code = code;
    this.#frame = frame;
    this.unit = this.make(unitSpace, 0);
  }

  /** A row that the present scope knows the number of. */
  make(
    space: Space,
    number: Index,
    more: Partial<Pick<Row, "place" | "known" | "column">> = {},
  ): Row {
    const { place = null, known = new Map(), column = null } = more;
    return { id: this.#next++, space, number, scope: this.#code.scope, place, known, column };
  }

  /** The row that `row` maps to. */
  follow(row: Row, map: RowMap): Row {
    if (row.space !== map.from)
      bug(`${map.kind} of ${map.from.name} followed from ${row.space.name}`);
    const known = row.known.get(map);
    if (known) return known;
    const to = map.kind === "all" ? this.unit : this.#read(row, map, structureOf[map.kind]);
    row.known.set(map, to);
    return to;
  }

  #read(row: Row, map: RowMap, kind: StructureKind): Row {
    return this.#code.within(row.scope, () =>
      this.make(map.to, this.entry(kind, map.from, row.number)),
    );
  }

  /** One word of a structure. */
  entry(
    kind: StructureKind,
    of: Extract<KernelSlot, { kind: "structure" }>["of"],
    at: Index,
    ahead = 0,
  ): Local<"i32"> {
    const base = this.#frame.word({ kind: "structure", structure: kind, of });
    const code = this.#code;
    return code.hold(code.loadInt(code.add(base, code.mul(at, 4)), 4 * ahead));
  }
}
