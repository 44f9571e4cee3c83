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
    const place = this.place(buffer, positions);
    const terms = [this.#base(buffer), ...this.#row(buffer, row), ...this.#terms(place)];
    const offset =
      4 * place.constant + (buffer.place.kind === "scratch" ? 4 * buffer.place.offset : 0);
    if (offset >= 0) return { base: this.#sum(terms), offset };
    const back: Term = { key: String(offset), scope: this.#code.root, make: () => offset };
    return { base: this.#sum([...terms, back]), offset: 0 };
  }

  #base(buffer: Buffer): Term {
    const root = this.#code.root;
    const { place } = buffer;
    if (place.kind === "scratch")
      return { key: "scratch", scope: root, make: () => this.#code.scratch };
    if (place.kind === "arena") {
      const { arena, offset } = place;
      return {
        key: `${arena}+${offset}`,
        scope: root,
        make: () => this.#frame.word({ kind: "arena", arena, offset }),
      };
    }
    return {
      key: `buffer${buffer.id}`,
      scope: root,
      make: () => this.#frame.word({ kind: "buffer", buffer }),
    };
  }

  #row(buffer: Buffer, row: Row): readonly Term[] {
    const { place } = buffer;
    if (place.kind === "arena") return [];
    const code = this.#code;
    const bytes = 4 * volume(buffer.layout);
    const number = this.#number(buffer, row);
    if (number.value === 0) return [];
    return [
      {
        key: `${number.key}*${bytes}`,
        scope: number.scope,
        make: () => code.mul(number.value, bytes),
      },
    ];
  }

  #number(
    buffer: Buffer,
    row: Row,
  ): { readonly key: string; readonly scope: Scope; readonly value: Index } {
    if (buffer.place.kind === "partials") {
      const chunk = this.chunk ?? bug(`${buffer.name} outside of chunks`);
      return { key: `chunk${chunk.id}`, scope: chunk.scope, value: chunk.number };
    }
    const value = buffer.place.kind === "scratch" ? row.place : row.number;
    if (value === null) bug(`scratch ${buffer.name} is read off its tile`);
    return { key: `${buffer.place.kind}row${row.id}`, scope: row.scope, value };
  }

  #terms(place: Position): readonly Term[] {
    const code = this.#code;
    return [...place.terms].flatMap(([atom, factor]) => {
      const { id, scope, local, unit } = atom;
      if (!local) return [];
      return [{ key: `${factor}*${id}`, scope, make: () => code.mul(local, (factor * 4) / unit) }];
    });
  }

  /** Adds terms from the outermost scope to the innermost; each partial sum is computed once in its scope. */
  #sum(terms: readonly Term[]): Index {
    const code = this.#code;
    let left = terms;
    let key = "";
    let sum: Index = 0;
    while (left.length > 0) {
      const scope = outermost(left);
      const here = left.filter((t) => t.scope === scope);
      left = left.filter((t) => t.scope !== scope);
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
