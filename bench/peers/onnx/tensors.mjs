/** Constants and inputs of models. */
export const f32 = (data, ...dims) => ({ dims, data });
export const i64 = (data, ...dims) => ({ dims, data: BigInt64Array.from(data, BigInt) });
export const zeros = (...dims) => f32(new Float32Array(dims.reduce((a, b) => a * b, 1)), ...dims);
export const scalar = (value) => f32(Float32Array.of(value), 1);
/** A vector or a matrix with so many columns. */
export const vector = (data) => f32(data, data.length);
export const matrix = (data, columns) => f32(data, data.length / columns, columns);

/** The transposed matrix of rows of so many columns. */
export function turned(data, columns) {
  const rows = data.length / columns;
  const out = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j];
  return out;
}
