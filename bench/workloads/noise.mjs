/** Numbers that every peer can make alike: a 32-bit hash of (index, salt). */

/** Uniform in [-0.5, 0.5). */
export function noise(index, salt) {
  let h = (Math.imul(index, 2654435761) + Math.imul(salt, 40503)) >>> 0;
  h ^= h >>> 15;
  h = Math.imul(h, 2246822519);
  h ^= h >>> 13;
  h = Math.imul(h, 3266489917);
  h ^= h >>> 16;
  return (h >>> 0) / 2 ** 32 - 0.5;
}

export function noises(count, salt, scale = 1) {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = noise(i, salt) * scale;
  return values;
}

/** A matrix whose product with inputs of variance 1 has variance 1: LeCun et al. 1998, section 4.6. */
export const matrix = (inputs, outputs, salt) =>
  noises(inputs * outputs, salt, Math.sqrt(12 / inputs));

/** Gains of a norm, round one. */
export const gains = (count, salt) => noises(count, salt, 0.2).map((v) => 1 + v);

/** Integers from 0 to size - 1. */
export function integers(count, size, salt) {
  const values = new Int32Array(count);
  for (let i = 0; i < count; i++)
    values[i] = Math.min(size - 1, Math.floor((noise(i, salt) + 0.5) * size));
  return values;
}
