/** What functions that multiply matrices take. */
import type { Local } from "../operand.js";

export interface Shape {
  readonly inner: number;
  readonly columns: number;
  /** How many matrices take turns along a row of A and of C. */
  readonly stack: number;
  readonly scale: number;
  /** Whether what is below 0 is set to 0. */
  readonly rectified: boolean;
}

/** First elements of the blocks of A and C, whose rows lie one after another; the panels of B; rows of A. */
export type Operands<K> = { readonly [N in "a" | "c" | "panels" | "rows"]: K };

/** The first of the values that are added to each row of C; null: none are. */
export interface Addends<K> {
  readonly addends: K | null;
}

export type Matrices = Shape & Operands<Local<"i32">> & Addends<Local<"i32">>;

/** Bytes from one row to the next, of A or of C. */
export const strideOf = ({ stack }: Shape, width: number): number => 4 * stack * width;
