/**
 * Rows at hand: the row of a space that an expression stands on, and the rows it maps to.
 *
 * A walk knows the ends of the edges it meets (`iterators/`); elsewhere they are read from the structures of the batch,
 * once per edge. Numbers that nothing asks for are never computed.
 */

import type { StructureKind } from "../../../runtime/artifact.js";
import { bug } from "../../bug.js";
import type { KernelSlot } from "../../ir/kernel.js";
import { graphOf, type RowMap, type Space, unitSpace } from "../../ir/space.js";
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
  /** The row whose elements are walked, of which it is one. */
  readonly base: Row | null;
  /** Of a non-zero met by its column: that column, and where its value is listed. */
  readonly column: Local<"i32"> | null;
  readonly listed: Listed | null;
  /** Of an edge of a window met in a walk: its tap. */
  readonly tap: (() => Index) | null;
  /** It stands for four rows, one in each lane. */
  readonly four: Four | null;
}

interface Listed {
  readonly values: KernelSlot;
  readonly at: Local<"i32">;
}

export type Four = readonly [Row, Row, Row, Row];

/** From a row to the row it maps to. */
const structureOf: Readonly<Record<Exclude<RowMap["kind"], "all">, StructureKind>> = {
  sender: "senders",
  receiver: "receivers",
  graph: "graph_of",
  row: "rows",
};

/** What may be known of a row besides its number. */
type Known = Pick<Row, "place" | "known" | "base" | "column" | "listed" | "tap" | "four">;

class NumberedRow implements Row {
  readonly id: number;
  readonly space: Space;
  readonly scope: Scope;
  readonly place: Row["place"];
  readonly known: Row["known"];
  readonly base: Row["base"];
  readonly column: Row["column"];
  readonly listed: Row["listed"];
  readonly tap: Row["tap"];
  readonly four: Row["four"];
  readonly #number: () => Index;

  constructor(
    id: number,
    space: Space,
    scope: Scope,
    number: () => Index,
    { place, known, base, column, listed, tap, four }: Partial<Known>,
  ) {
    this.id = id;
    this.space = space;
    this.scope = scope;
    this.place = place ?? null;
    this.known = known ?? new Map();
    this.base = base ?? null;
    this.column = column ?? null;
    this.listed = listed ?? null;
    this.tap = tap ?? null;
    this.four = four ?? null;
    this.#number = number;
  }

  get number(): Index {
    return this.#number();
  }
}

export class Rows {
  readonly #code: Code;
  readonly #frame: Frame;
  readonly unit: Row;
  readonly #numbers = new Memo<Local<"v128">>();
  readonly #facts = new Memo<{ readonly value: Index }>();
  readonly #things = new Map<object, number>();
  #next = 0;

  constructor(code: Code, frame: Frame) {
    this.#code = code;
    this.#frame = frame;
    this.unit = this.make(unitSpace, 0);
  }

  /** A row that the present scope knows the number of, or can compute when it is asked for. */
  make(space: Space, number: Index | (() => Index), more: Partial<Known> = {}): Row {
    const { scope } = this.#code;
    const value = typeof number === "function" ? later(this.#code, number) : () => number;
    return new NumberedRow(this.#next++, space, scope, value, more);
  }

  /** Four rows as one, for vectors of a value in four rows. */
  together(four: Four, place: Row["place"] = null): Row {
    const [first] = four;
    return this.make(first.space, () => first.number, { four, place });
  }

  /** Something that follows from the row and a set or a map alone: computed once, where the row is known. */
  fact(row: Row, of: object, key: string, make: () => Index): Index {
    const number = this.#things.get(of) ?? this.#things.size;
    this.#things.set(of, number);
    return this.#facts.once(row.scope, `${row.id} ${number} ${key}`, () => ({
      value: held(this.#code, row.scope, make),
    })).value;
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
    // an edge is in the graph of its ends
    if (map.kind === "graph" && row.base) return this.follow(row.base, graphOf(row.base.space));
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
    return this.word({ kind: "structure", structure: kind, of }, at, ahead);
  }

  /** One word of a list. */
  word(list: KernelSlot, at: Index, ahead = 0): Local<"i32"> {
    const base = this.#frame.word(list);
    const code = this.#code;
    return code.hold(code.loadInt(code.add(base, code.mul(at, 4)), 4 * ahead));
  }
}

const held = (code: Code, scope: Scope, make: () => Index): Index =>
  code.within(scope, () => {
    const value = make();
    return typeof value === "number" ? value : code.hold(value);
  });

/** Computed in the present scope, but only once it is asked for. */
export function later(code: Code, make: () => Index): () => Index {
  const { scope } = code;
  let value: Index | null = null;
  return () => {
    value ??= held(code, scope, make);
    return value;
  };
}
