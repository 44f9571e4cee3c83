/**
 * First values of parameters and states. Each tensor draws from a stream of its own, keyed by the seed and its name in a
 * weights file, so that adding a layer leaves the others as they were; members of a family are drawn one by one.
 */
import type { Manifest, ManifestInitializer } from "./artifact.js";
import { normals, uniforms } from "./random.js";
import { volume } from "./safetensors.js";
import { piecesOf } from "./weights.js";

/** First values of every tensor of a weights file, by name. */
export function drawWeights(manifest: Manifest, seed: number): Record<string, Float32Array> {
  const drawn: Record<string, Float32Array> = {};
  for (const { name, shape, of } of piecesOf(manifest)) {
    const out = new Float32Array(volume(shape));
    initialize(out, shape, of.init, seed, name);
    drawn[name] = out;
  }
  return drawn;
}

/** Fills `out`, one tensor of the given shape (row-major). Glorot & Bengio 2010, eq. 16; He et al. 2015, eq. 10. */
export function initialize(
  out: Float32Array,
  shape: readonly number[],
  init: ManifestInitializer,
  seed: number,
  name: string,
): void {
  if (init.kind === "constant") out.fill(init.value);
  else if (init.kind === "glorot") {
    const bound = Math.sqrt(6 / (init.fanIn + init.fanOut));
    fillUniform(out, -bound, bound, seed, name);
  } else if (init.kind === "uniform") fillUniform(out, init.low, init.high, seed, name);
  else {
    const std =
      init.kind === "he" ? Math.sqrt(2 / init.fanIn) : init.kind === "normal" ? init.std : 1;
    const next = normals(seed, name);
    for (let i = 0; i < out.length; i++) out[i] = std * next();
    if (init.kind === "orthogonal") orthonormalize(out, shape.at(-1) ?? 1);
  }
}

function fillUniform(out: Float32Array, low: number, high: number, seed: number, name: string) {
  const next = uniforms(seed, name);
  for (let i = 0; i < out.length; i++) out[i] = low + (high - low) * next();
}

/**
 * Turns a matrix of normal numbers with `columns` columns into one with orthonormal columns (rows, if it is wide), by
 * modified Gram-Schmidt in double precision: the Q of a QR whose R has a positive diagonal (Saxe et al. 2014).
 */
function orthonormalize(out: Float32Array, columns: number): void {
  const rows = out.length / columns;
  const wide = columns > rows;
  const [count, length] = wide ? [rows, columns] : [columns, rows];
  const at = (vector: number, i: number) => (wide ? vector * columns + i : i * columns + vector);
  const vectors = Array.from({ length: count }, (_, v) =>
    Float64Array.from({ length }, (_, i) => out[at(v, i)] as number),
  );
  vectors.forEach((vector, v) => {
    for (const other of vectors.slice(0, v)) {
      const along = dot(vector, other);
      for (let i = 0; i < length; i++)
        vector[i] = (vector[i] as number) - along * (other[i] as number);
    }
    const norm = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < length; i++) out[at(v, i)] = vector[i] = (vector[i] as number) / norm;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
