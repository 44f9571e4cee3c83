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
import type { Index, Local, V128 } from "./operand.js";
import { Memo, type Scope } from "./scope.js";

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
  /** It stands for four rows, one in each lane. */
  readonly four: Four | null;
}

export type Four = readonly [Row, Row, Row, Row];

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
  readonly #numbers = new Memo<Local<"v128">>();
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
    more: Partial<Pick<Row, "place" | "known" | "column" | "four">> = {},
  ): Row {
    const { place = null, known = new Map(), column = null, four = null } = more;
    const { scope } = this.#code;
    return { id: this.#next++, space, number, scope, place, known, column, four };
  }

  /** Four rows as one, for vectors of a value in four rows. */
  together(four: Four, place: Row["place"] = null): Row {
    const [{ space, number }] = four;
    return this.make(space, number, { four, place });
  }

  /** The numbers of the rows in four lanes. */
  numbers(row: Row): Local<"v128"> {
    return this.#numbers.once(row.scope, String(row.id), () =>
      this.#code.within(row.scope, () => {
        const code = this.#code;
        const { i32x4 } = code.ops;
        const all = (row.four ?? [row]).map(({ number }) => code.int(number));
        const [first = code.int(0), ...rest] = all;
        const start: V128 = i32x4.splat(first);
        return code.hold(rest.reduce<V128>((v, n, i) => i32x4.replace(v, i + 1, n), start));
      }),
    );
  }

  /** The row that `row` maps to. */
  follow(row: Row, map: RowMap): Row {
    if (row.space !== map.from)
      bug(`${map.kind} of ${map.from.name} followed from ${row.space.name}`);
    const known = row.known.get(map);
    if (known) return known;
    const to = map.kind === "all" ? this.unit : this.#follow(row, map, structureOf[map.kind]);
    row.known.set(map, to);
    return to;
  }

  #follow(row: Row, map: RowMap, kind: StructureKind): Row {
    if (!row.four) return this.#read(row, map, kind);
    const [a, b, c, d] = row.four.map((one) => this.follow(one, map));
    if (!a || !b || !c || !d) bug("four rows are wanted");
    if (a === b && b === c && c === d) return a;
    return this.#code.within(row.scope, () => this.together([a, b, c, d]));
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
