/**
 * How the elements of a row along a map are met. The elements of all rows, row after row, are one list, of which each
 * row has a run; stages count places in that list. Whether the list is anywhere in memory is the iterator's affair.
 */
import type { StructureKind } from "../../../../runtime/artifact.js";
import type { RowMap } from "../../../ir/space.js";
import type { Evaluator } from "../expressions/evaluator.js";
import type { Index, Local } from "../operand.js";
import type { Row } from "../rows.js";

/** The run of a row in the list of all elements, and how much of it is wanted. */
export interface Run {
  readonly row: Row;
  readonly first: Local<"i32">;
  readonly begin: Local<"i32">;
  readonly end: Local<"i32">;
  /** Whether less may be wanted than all. */
  readonly cut: boolean;
}

/** An element met: its place in the list, and what makes it a row. */
export type Visit = (place: () => Index, element: Met) => void;

export interface Met {
  readonly number: Index | (() => Index);
  /** Rows it maps to; that of the walk is known besides. */
  readonly known?: Iterable<readonly [RowMap, Row]>;
  readonly tap?: () => Index;
}

export interface Iterator {
  /** Where the run of each row begins. */
  readonly starts: StructureKind;
  /** Writes a loop over a run, in order. */
  readonly each: (run: Run, e: Evaluator, visit: Visit) => void;
  /** The element at any place of the list, where that can be told from the place alone. */
  readonly at: ((place: Local<"i32">, e: Evaluator) => Met) | null;
  /** The list of the numbers of elements; "places": they are the places; null: nobody has listed them. */
  readonly numbers: StructureKind | "places" | null;
  /** The most elements that a row can have. */
  readonly most: number;
}
