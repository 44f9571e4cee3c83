/**
 * Single values that come from outside: arrays of numbers of the right length and type, integers in their range. Comes in
 * as a user gave it; goes out as something `TypedArray.set` takes. Nothing is copied unless it must be converted.
 */
import type { DType } from "./artifact.js";
import { ascends } from "./edges.js";
import { fail } from "./errors.js";

/** One number after another, row-major. Typed arrays of any kind or plain arrays. */
export type Numbers = ArrayLike<number> | ArrayLike<bigint> | ArrayLike<boolean>;

/** A sparse feature matrix by rows (CSR): row i holds `values[k]` in column `indices[k]` for indptr[i] <= k < indptr[i+1]. */
export interface SparseRows {
  readonly indptr: Numbers;
  readonly indices: Numbers;
  readonly values: Numbers;
}

/** What integers may be; null ends are open. */
export type Range = { readonly low: number | null; readonly high: number | null } | null;

const describe = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;

/** An array of numbers under its name. Big integers become numbers. @throws GN5012 for anything else. */
export function numbers(value: unknown, name: string): ArrayLike<number> {
  if (typeof value === "number" || typeof value === "boolean") return [Number(value)];
  const isTyped = ArrayBuffer.isView(value) && !(value instanceof DataView);
  if (!isTyped && !Array.isArray(value))
    return fail(
      "GN5012",
      `${name} must be a typed array or an array of numbers, but is ${describe(value)}`,
    );
  const array = value as unknown as ArrayLike<unknown>;
  if (typeof array[0] === "bigint" || !array.length)
    return Float64Array.from(array as ArrayLike<bigint>, Number);
  if (!isTyped)
    for (let i = 0; i < array.length; i++)
      if (typeof array[i] !== "number" && typeof array[i] !== "boolean")
        fail(
          "GN5012",
          `${name}[${i}] must be a number, but is ${describe(array[i])} (arrays are flat, row-major)`,
        );
  return array as ArrayLike<number>;
}

/** Checks each of `values` against what its type allows. @throws GN5016, GN5017, and GN5018 if `finite` is asked for. */
export function checkValues(
  values: ArrayLike<number>,
  dtype: DType,
  range: Range,
  finite: boolean,
  name: string,
): void {
  if (dtype === "f32") {
    if (finite) checkFinite(values, name);
    return;
  }
  const low = dtype === "bool" ? 0 : (range?.low ?? -0x80000000);
  const high = dtype === "bool" ? 1 : (range?.high ?? 0x7fffffff);
  // The length is read once: slow code, which a first graph meets, asks for it by a call.
  for (let i = 0, end = values.length; i < end; i++) {
    const given = values[i] as number;
    if ((given | 0) === given && given >= low && given <= high) continue;
    const value = Number(given);
    if (value >= low && value <= high && Number.isInteger(value)) continue;
    if (!Number.isInteger(value)) fail("GN5017", `${name}[${i}] is ${value}, not a whole number`);
    fail("GN5016", `${name}[${i}] is ${value}, but must be ${low} .. ${high}`);
  }
}

/** @throws GN5018 naming the first number that is NaN or infinite. */
export function checkFinite(values: ArrayLike<number>, name: string): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i])) fail("GN5018", `${name}[${i}] is ${values[i]}`);
}

/** Checks that ends of edges are whole numbers below `count`. @throws GN5015 naming the edge and the bound. */
export function checkEnds(ends: ArrayLike<number>, count: number, set: string, name: string): void {
  for (let e = 0; e < ends.length; e++) {
    const end = ends[e] as number;
    if (!(end >= 0 && end < count && Number.isInteger(end)))
      fail("GN5015", `${name}[${e}] is ${end}, but ${set} has ${count} nodes`);
  }
}

/**
 * Sparse rows, checked: offsets ascend, columns are below `columns`. Dense rows become sparse.
 * @throws GN5012, GN5016, GN5023.
 */
export function readSparse(value: unknown, columns: number, name: string) {
  const { indptr, indices, values } = Object(value) as Partial<SparseRows>;
  if (!indptr || !indices || !values) return toSparse(numbers(value, name), columns, name);
  const sparse = {
    indptr: numbers(indptr, `${name}.indptr`),
    indices: numbers(indices, `${name}.indices`),
    values: numbers(values, `${name}.values`),
  };
  const { length } = sparse.values;
  const from = sparse.indptr;
  if (from[0] !== 0 || from[from.length - 1] !== length || !ascends(from, from))
    fail("GN5023", `${name}.indptr must ascend from 0 to the ${length} values`);
  if (sparse.indices.length !== length)
    fail("GN5023", `${name} has ${sparse.indices.length} indices, but ${length} values`);
  checkValues(sparse.indices, "i32", { low: 0, high: columns - 1 }, false, `${name}.indices`);
  return sparse;
}

function toSparse(dense: ArrayLike<number>, columns: number, name: string) {
  if (dense.length % columns)
    fail("GN5013", `${name} has ${dense.length / columns} rows of [${columns}]`);
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < dense.length; i++) {
    if (dense[i]) {
      indices.push(i % columns);
      values.push(dense[i] as number);
    }
    if (i % columns === columns - 1) indptr.push(values.length);
  }
  return { indptr, indices, values } as { [K in keyof SparseRows]: ArrayLike<number> };
}
