/**
 * Lists of the elements of a block, in scratch, for what must have its elements in memory: draws for many edges that
 * are not numbered one after another, values of four elements at once. Of edges that nobody lists, this is the only list.
 */
import { bug } from "../../../bug.js";
import { type RowMap, receiverOf, senderOf } from "../../../ir/space.js";
import type { Tensor } from "../../../ir/tensor.js";
import type { Evaluator } from "../expressions/evaluator.js";
import { iteratorOf } from "../iterators/choose.js";
import type { Index, Local } from "../operand.js";
import { type Block, rowWords } from "./blocks.js";
import type { StageContext } from "./context.js";
import { type Elements, type List, listOf } from "./elements.js";
import { isNarrow } from "./stash.js";

/** Words of the list for an element: its number, that of its row, its tap, two ends at most. */
const parts = 5;

/** Words of scratch that an element takes beside the values that are kept of it. */
export function listWords(map: RowMap, tensors: readonly Tensor[], e: Evaluator): number {
  if (map.kind === "all") return 0;
  const { at, numbers } = iteratorOf(map);
  const draws = numbers === null && tensors.some((t) => t.op === "random");
  const narrow = at === null && tensors.some((t) => isNarrow(t, e));
  return draws || narrow ? parts : 0;
}

/** The elements of a block as a list; `words` are all that an element takes, those of the list last. */
export function listBlock(
  map: RowMap,
  block: Block,
  each: Elements,
  words: number | null,
  c: StageContext,
): List {
  const list = listOf(map, block, c.e);
  if (words === null) return list;
  const { code } = c;
  const { i32 } = code.ops;
  const most = Math.floor(rowWords / words);
  const begin = 4 * (c.scratch.words(0) + (words - parts) * most);
  const part = (i: number): Local<"i32"> =>
    code.hold(code.int(code.add(code.scratch, begin + 4 * i * most)));
  const [numbers, bases, taps] = [part(0), part(1), part(2)];
  const ends = endsOf(map).map((end, i) => [end, part(3 + i)] as const);
  const word = (of: Local<"i32">, place: Local<"i32">): Index =>
    i32.add(of, i32.shl(place, code.int(2)));
  each((element) => {
    const place = element.place ?? bug("an element off its block");
    const write = (to: Local<"i32">, value: Index): void =>
      code.storeInt(word(to, place), 0, code.int(value));
    write(numbers, element.number);
    write(bases, c.e.rows.follow(element, map).number);
    for (const [end, to] of ends) write(to, c.e.rows.follow(element, end).number);
    if (element.tap) write(taps, element.tap());
  });
  return { count: list.count, numbers: { list: numbers }, at: (place) => elementAt(place) };

  function elementAt(place: Local<"i32">): ReturnType<List["at"]> {
    const { rows } = c.e;
    const read = (of: Local<"i32">) => (): Index => code.loadInt(word(of, place));
    const base = block.base(code.hold(code.loadInt(word(bases, place))));
    const known = new Map([
      [map, base],
      ...ends.map(([end, from]) => [end, rows.make(end.to, read(from))] as const),
    ]);
    return rows.make(map.from, read(numbers), { place, known, tap: read(taps) });
  }
}

/** The rows that an element maps to, other than that whose elements are listed. */
function endsOf(map: RowMap): readonly RowMap[] {
  if (map.kind === "sender") return [receiverOf(map.relation)];
  if (map.kind === "receiver") return [senderOf(map.relation)];
  if (map.from.kind !== "edges") return bug(`a list by ${map.kind}`);
  return [receiverOf(map.from), senderOf(map.from)];
}
