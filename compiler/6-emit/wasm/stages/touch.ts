/**
 * Reads of what a walk will gather, some edges ahead: one word of each line of the caches. Rows that lie anywhere in a
 * large buffer come from far, and the sums over a row wait for too few of them at a time; a loop that only reads keeps
 * many on their way. Nothing is computed, so no bit depends on it.
 */
import type { StructureKind } from "../../../../runtime/artifact.js";
import { type RowMap, receiverOf, senderOf } from "../../../ir/space.js";
import { type Tensor, volume } from "../../../ir/tensor.js";
import { run as call } from "../call.js";
import type { Code } from "../code.js";
import type { Evaluator } from "../expressions/evaluator.js";
import type { I32, Local } from "../operand.js";
import { readBy, type StageContext } from "./context.js";

/** Bytes of a line of the caches. */
const line = 64;
/** How many lines a row has that this pays for. Of longer ones the machine fetches the rest by itself. */
const lines = { least: 2, most: 16 };
/** Buffers of fewer bytes are in a cache that is near enough. */
const large = 2 ** 22;
/** Bytes that are read ahead at most: a part of the second cache. */
const ahead = 2 ** 18;

/** Reads what the elements of the tile gather from afar, if anything has rows of at least so many lines. */
export function touch(
  map: RowMap,
  targets: readonly Tensor[],
  c: StageContext,
  least: number = lines.least,
): void {
  const list = listOf(map);
  if (!list || !c.tile.contiguous) return;
  const { code, e, frame, places } = c;
  const { begin, end } = c.tile;
  const structure = (kind: StructureKind) =>
    frame.word({ kind: "structure", structure: kind, of: map.from });
  for (const source of gathered(targets, list.across, e)) {
    const bytes = 4 * volume(e.bufferOf(source).layout);
    if (bytes < least * line || bytes > lines.most * line) continue;
    const part: Part = {
      starts: structure(list.starts),
      begin,
      end,
      numbers: structure(list.numbers),
      base: places.start(e.bufferOf(source), e.rows.make(list.across.to, 0)),
      rows: frame.word({ kind: "rows", space: list.across.to }),
    };
    call(code, `touch_rows_of_${bytes}`, { ...part }, (own, p) => touchRows(own, p, bytes));
  }
}

interface Listed {
  readonly starts: StructureKind;
  /** The rows of the other end, edge by edge as they are walked. */
  readonly numbers: StructureKind;
  readonly across: RowMap;
}

/** How the edges of a relation that comes with the data are listed. */
function listOf(map: RowMap): Listed | null {
  if (map.kind !== "receiver" && map.kind !== "sender") return null;
  const { relation } = map;
  if (relation.topology.kind !== "sparse") return null;
  return map.kind === "receiver"
    ? { starts: "receiver_start", numbers: "senders", across: senderOf(relation) }
    : { starts: "sender_start", numbers: "receiver_of", across: receiverOf(relation) };
}

/** The buffers of which rows at the other end are read to compute some tensors. */
function gathered(targets: readonly Tensor[], across: RowMap, e: Evaluator): ReadonlySet<Tensor> {
  const found = new Set<Tensor>();
  for (const t of targets.flatMap((target) => [...readBy(target, e)])) {
    if (t.op !== "pull" || t.attrs.map !== across || t.attrs.slots.length > 0) continue;
    const [source] = t.inputs;
    if (source && e.stored(source)?.place.kind === "buffer") found.add(source);
  }
  return found;
}

/** The rows of the tile, the list of their edges, and all rows at the other end. */
interface Part {
  readonly starts: Local<"i32">;
  readonly begin: Local<"i32">;
  readonly end: Local<"i32">;
  readonly numbers: Local<"i32">;
  readonly base: Local<"i32">;
  readonly rows: Local<"i32">;
}

/** Reads a word in each line of the rows of so many bytes that edges come from. */
function touchRows(code: Code, part: Part, bytes: number): void {
  const { starts, begin, end, numbers, base, rows } = part;
  const { i32 } = code.ops;
  const word = (list: I32, place: I32) =>
    code.hold(code.loadInt(i32.add(list, i32.shl(place, code.int(2)))));
  code.when(i32.gt_s(rows, code.int(Math.floor(large / bytes))), () => {
    const first = word(starts, begin);
    const most = code.add(first, Math.ceil(ahead / bytes));
    code.loop(first, code.min(most, word(starts, end)), 1, (place) => {
      const row = code.hold(code.int(code.add(base, code.mul(word(numbers, place), bytes))));
      for (let at = 0; at < bytes; at += line) code.touch(row, at);
    });
  });
}
