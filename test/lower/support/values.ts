/** Numbers for tests: many, different, of both signs, the same every time. */
export function numbers(n: number, seed = 1): number[] {
  let state = seed * 7919 + 17;
  return Array.from({ length: n }, () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647) * 2 - 1;
  });
}

/** Rows of `width` numbers. */
export const rowsOf = (values: readonly number[], width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));

/** x @ W, row-major. */
export function matmul(x: readonly number[], w: readonly number[], inner: number): number[] {
  const columns = w.length / inner;
  return rowsOf(x, inner).flatMap((row) =>
    Array.from({ length: columns }, (_, j) =>
      row.reduce((sum, v, k) => sum + v * (w[k * columns + j] ?? Number.NaN), 0),
    ),
  );
}
