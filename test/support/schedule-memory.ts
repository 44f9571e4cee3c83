/** Memory of an interpreted schedule, and the positions of axes. */
import { bug } from "../../compiler/bug.js";
import type { Axis } from "../../compiler/ir/tensor.js";

/** Where on its axes a number lies. */
export type Position = ReadonlyMap<Axis, number>;

/** Words that know whether they were written. */
export class Words {
  readonly #values: Float64Array;
  readonly #written: Uint8Array;

  readonly name: string;

  constructor(name: string, length: number) {
    this.name = name;
    this.#values = new Float64Array(length);
    this.#written = new Uint8Array(length);
  }
  read(i: number): number {
    if (this.#written[i] !== 1) bug(`${this.name}[${i}] is read before it is written`);
    return this.#values[i] ?? 0;
  }
  write(i: number, value: number): void {
    if (i < 0 || i >= this.#values.length) bug(`${this.name}[${i}] is outside`);
    this.#values[i] = value;
    this.#written[i] = 1;
  }
  get all(): readonly number[] {
    return Array.from(this.#values, (_, i) => this.read(i));
  }
}

export const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/** All positions of some axes, row-major. */
export function positions(axes: readonly Axis[]): readonly Position[] {
  return axes.reduce<readonly Position[]>(
    (found, axis) =>
      found.flatMap((p) => range(0, axis.size).map((i) => new Map([...p, [axis, i]]))),
    [new Map()],
  );
}
