/**
 * Where stored values lie: the address of a position of a row in a buffer, an arena, the scratch of the tile or the
 * partial results of a chunk. Every part of an address is added up in the scope that knows it.
 */
import { bug } from "../../bug.js";
import type { Buffer } from "../../ir/kernel.js";
import { type Axis, volume } from "../../ir/tensor.js";
import type { Code } from "./code.js";
import type { Frame } from "./frame.js";
import { at, type Position, weighted } from "./index.js";
import type { Index, Local } from "./operand.js";
import type { Row } from "./rows.js";
import { Memo, type Scope } from "./scope.js";

export type Positions = ReadonlyMap<Axis, Position>;

/** An address: a variable and a number of bytes known while compiling. */
export interface Address {
  readonly base: Index;
  readonly offset: number;
}

interface Term {
  readonly key: string;
  readonly scope: Scope;
  readonly make: () => Index;
}

function outermost([first, ...more]: readonly Term[]): Scope {
  let scope = first?.scope ?? bug("no terms");
  for (const t of more) if (t.scope.depth < scope.depth) scope = t.scope;
  return scope;
}

/** The distance in words between neighbours on each axis of a layout. */
export function strides(layout: readonly Axis[]): ReadonlyMap<Axis, number> {
  return new Map(layout.map((axis, i) => [axis, volume(layout.slice(i + 1))]));
}

export class Places {
  readonly #code: Code;
  readonly #frame: Frame;
  readonly #sums = new Memo<{ readonly value: Index }>();
  readonly #bases = new Map<Buffer, Term>();
  readonly #strides = new Map<Buffer, ReadonlyMap<Axis, number>>();
  /** The chunk that partial results are for. */
  chunk: Row | null = null;

  constructor(code: Code, frame: Frame) {
    this.#code = code;
    this.#frame = frame;
  }

  /** Σ positions * strides of the layout, in words. */
  place(buffer: Buffer, positions: Positions): Position {
    const parts: (readonly [Position, number])[] = [];
    for (const [axis, stride] of this.#stridesOf(buffer)) {
      const position = positions.get(axis) ?? bug(`no position on ${axis.name} of ${buffer.name}`);
      parts.push([position, stride]);
    }
    return weighted(parts);
  }

  #stridesOf(buffer: Buffer): ReadonlyMap<Axis, number> {
    const known = this.#strides.get(buffer) ?? strides(buffer.layout);
    this.#strides.set(buffer, known);
    return known;
  }

  address(buffer: Buffer, row: Row, positions: Positions): Address {
    return this.addressOf(buffer, row, this.place(buffer, positions));
  }

  /** The address of a place of the row. */
  addressOf(buffer: Buffer, row: Row, place: Position): Address {
    const terms = [this.#base(buffer)];
    this.#addRow(buffer, row, terms);
    this.#addAtoms(place, terms);
    const offset =
      4 * place.constant + (buffer.place.kind === "scratch" ? 4 * buffer.place.offset : 0);
    if (offset >= 0) return { base: this.#sum(terms), offset };
    terms.push({ key: String(offset), scope: this.#code.root, make: () => offset });
    return { base: this.#sum(terms), offset: 0 };
  }

  #base(buffer: Buffer): Term {
    const known = this.#bases.get(buffer) ?? this.#makeBase(buffer);
    this.#bases.set(buffer, known);
    return known;
  }

  #makeBase(buffer: Buffer): Term {
    const scope = this.#code.root;
    const { place } = buffer;
    if (place.kind === "scratch") return { key: "scratch", scope, make: () => this.#code.scratch };
    if (place.kind === "arena") {
      const { arena, offset } = place;
      const make = (): Index => this.#frame.word({ kind: "arena", arena, offset });
      return { key: `${arena}+${offset}`, scope, make };
    }
    const make = (): Index => this.#frame.word({ kind: "buffer", buffer });
    return { key: `buffer${buffer.id}`, scope, make };
  }

  #addRow(buffer: Buffer, row: Row, terms: Term[]): void {
    const { kind } = buffer.place;
    if (kind === "arena") return;
    const code = this.#code;
    const bytes = 4 * volume(buffer.layout);
    if (kind === "partials") {
      const { id, scope, number } = this.chunk ?? bug(`${buffer.name} outside of chunks`);
      if (number === 0) return;
      terms.push({ key: `chunk${id}*${bytes}`, scope, make: () => code.mul(number, bytes) });
      return;
    }
    const number = kind === "scratch" ? row.place : row.number;
    if (number === null) bug(`scratch ${buffer.name} is read off its tile`);
    if (number === 0) return;
    const make = (): Index => code.mul(number, bytes);
    terms.push({ key: `${kind}row${row.id}*${bytes}`, scope: row.scope, make });
  }

  #addAtoms(place: Position, terms: Term[]): void {
    const code = this.#code;
    for (const [{ id, scope, local, unit }, factor] of place.terms) {
      if (!local) continue;
      const make = (): Index => code.mul(local, (factor * 4) / unit);
      terms.push({ key: `${factor}*${id}`, scope, make });
    }
  }

  /** Adds terms from the outermost scope to the innermost; each partial sum is computed once in its scope. */
  #sum(terms: readonly Term[]): Index {
    const code = this.#code;
    let left = terms;
    let key = "";
    let sum: Index = 0;
    while (left.length > 0) {
      const scope = outermost(left);
      const [here, inner]: [Term[], Term[]] = [[], []];
      for (const t of left) (t.scope === scope ? here : inner).push(t);
      left = inner;
      for (const t of here) key += `|${t.key}`;
      const before: Index = sum;
      const make = (): { readonly value: Index } => {
        const total = here.reduce<Index>((s, t) => code.add(s, t.make()), before);
        return { value: typeof total === "number" ? total : code.hold(total) };
      };
      sum = this.#sums.once(scope, key, () => code.within(scope, make)).value;
    }
    return sum;
  }

  /** Where the value of a row begins. */
  start(buffer: Buffer, row: Row): Local<"i32"> {
    return this.pointer(buffer, row, new Map(buffer.layout.map((axis) => [axis, at(0)] as const)));
  }

  /** The address as one variable. */
  pointer(buffer: Buffer, row: Row, positions: Positions): Local<"i32"> {
    const { base, offset } = this.address(buffer, row, positions);
    return this.#code.hold(this.#code.int(this.#code.add(base, offset)));
  }
}
