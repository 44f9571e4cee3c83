/**
 * Scratch of a tile: how many rows it has, and where in scratch its values lie. A value lives from the stage that
 * writes it to the last that reads it; values that never live together share words.
 */
import { type Tensor, volume } from "../ir/tensor.js";

/** Bytes of scratch for one tile: what stays in the first cache, and what stays at least near. */
const nearest = 32768;
const budget = 65536;
/** Where every tile goes through more than eight times as many bytes of partial sums: that those pass by less often. */
const most = 262144;
const tiles = [64, 32, 16, 8, 4];
/** Fewer rows than these make products slow: rather than that, values go to buffers. */
const smallTile = 16;

export interface ScratchWish {
  /** What each stage reads and writes. */
  readonly uses: readonly (readonly Tensor[])[];
  /** Values that must lie in scratch. */
  readonly locals: ReadonlySet<Tensor>;
  /** Values that may. */
  readonly passing: ReadonlySet<Tensor>;
  /** The most rows that a tile may have. */
  readonly limit: number;
  /** Words of partial sums. */
  readonly sums: number;
}

export interface Scratch {
  readonly tile: number;
  /** Words. */
  readonly scratch: number;
  readonly offsets: ReadonlyMap<Tensor, number>;
}

export function scratchFor({ uses, locals, passing, limit, sums }: ScratchWish): Scratch {
  const lives = livesOf(uses);
  const byWidth = [...passing].sort((a, b) => volume(a.axes) - volume(b.axes));
  let found = columnsOf([...locals, ...byWidth], lives);
  while (byWidth.length > 0 && 4 * Math.min(smallTile, limit) * found.width > budget) {
    byWidth.pop();
    found = columnsOf([...locals, ...byWidth], lives);
  }
  const { width, columns } = found;
  const wide = sums > 2 * budget ? Math.min(most, sums) : null;
  const fits = (n: number): boolean =>
    n <= limit && 4 * n * width <= (wide ?? (n > smallTile ? nearest : budget));
  const tile = tiles.find(fits) ?? Math.min(4, limit);
  const offsets = new Map([...columns].map(([t, column]) => [t, column * tile]));
  return { tile, scratch: width * tile, offsets };
}

/** The first and the last stage that touches a value. */
type Lives = ReadonlyMap<Tensor, readonly [first: number, last: number]>;

function livesOf(uses: ScratchWish["uses"]): Lives {
  const lives = new Map<Tensor, readonly [number, number]>();
  uses.forEach((tensors, i) => {
    for (const t of tensors) lives.set(t, [lives.get(t)?.[0] ?? i, i]);
  });
  return lives;
}

/** First fit, the widest first: words of a row before each value, and words of a row in all. */
function columnsOf(tensors: readonly Tensor[], lives: Lives) {
  const columns = new Map<Tensor, number>();
  const sorted = [...tensors].sort((a, b) => volume(b.axes) - volume(a.axes));
  let width = 0;
  for (const t of sorted) {
    const beside = [...columns]
      .filter(([x]) => overlap(lives.get(x), lives.get(t)))
      .map(([x, column]) => [column, column + volume(x.axes)] as const)
      .sort((a, b) => a[0] - b[0]);
    let at = 0;
    for (const [first, end] of beside) {
      if (at + volume(t.axes) <= first) break;
      at = Math.max(at, end);
    }
    columns.set(t, at);
    width = Math.max(width, at + volume(t.axes));
  }
  return { width, columns };
}

type Life = readonly [number, number] | undefined;

const overlap = (a: Life, b: Life): boolean =>
  a !== undefined && b !== undefined && a[0] <= b[1] && b[0] <= a[1];
