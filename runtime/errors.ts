/**
 * The one error class of the runtime. Codes are GN5001 and up; their titles stand in `codes.ts`, for the docs alone.
 * A message names the field, the index and the bound: `cites.receivers[17] is 2708, but paper has 2708 nodes`.
 */

/** What every function of the runtime throws. `code` is stable; `message` begins with it. */
export class GnError extends Error {
  override readonly name = "GnError";
  readonly code: string;

  constructor(code: string, text: string, cause?: unknown) {
    super(`${code}: ${text}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export function fail(code: string, text: string, cause?: unknown): never {
  throw new GnError(code, text, cause);
}

/** `, did you mean x?` for the nearest of `known` within two edits, else a list of what there is. */
export function suggest(name: string, known: readonly string[]): string {
  const near = known
    .map((word) => [distance(name.toLowerCase(), word.toLowerCase()), word] as const)
    .sort(([a], [b]) => a - b)[0];
  if (near && near[0] <= Math.max(2, name.length / 3)) return `; did you mean ${near[1]}?`;
  return known.length ? `; there is ${known.slice(0, 8).join(", ")}` : "";
}

/** Levenshtein distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const letter of a) {
    let left = Infinity;
    row = row.map((above, j) => {
      const swapped = (row[j - 1] ?? Infinity) + (letter === b[j - 1] ? 0 : 1);
      left = Math.min(swapped, above + 1, left + 1);
      return left;
    });
  }
  return row[b.length] as number;
}
