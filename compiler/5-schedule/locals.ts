/**
 * Values that a kernel keeps in the scratch of its tile although nobody else needs them: operands of products, and
 * parts of the row that several stages or every turn of a loop would evaluate again.
 */
import { type Tensor, volume } from "../ir/tensor.js";
import { flopsInPlace, isFree, isImmediate, turnsOf } from "./cost.js";
import type { Group } from "./groups.js";
import { isReduction } from "./maps.js";
import { type Frame, visitInPlace } from "./reads.js";
import type { Region } from "./region.js";
import { frameOf, operandsOf } from "./work.js";

/** Flops per element from which on a value is not evaluated twice within a tile. */
const dearFlops = 10;

type Known = (t: Tensor) => boolean;

/** One definition evaluated in the kernel. */
interface Definition {
  readonly target: Tensor;
  readonly frame: Frame;
  readonly operands: readonly Tensor[];
}

export function localsOf(g: Group, known: Known, region: Region): ReadonlySet<Tensor> {
  const locals = new Set<Tensor>();
  const levels = region.levels !== null;
  const definitions: Definition[] = g.items.map(({ work }) => ({
    target: work.target,
    frame: frameOf(work, levels),
    operands: operandsOf(work),
  }));
  const readers = new Map<Tensor, Set<Tensor>>();
  const keep = (t: Tensor): void => {
    if (locals.has(t)) return;
    locals.add(t);
    definitions.push({ target: t, frame: { start: "row", base: null, levels }, operands: [] });
  };
  for (const d of definitions) scan(d, known, locals, keep, readers);
  for (const t of sharedParts(readers, known, locals)) keep(t);
  return locals;
}

/** Looks through one definition: what it wants stored is kept, who reads what of the row is noted. */
function scan(
  d: Definition,
  known: Known,
  locals: ReadonlySet<Tensor>,
  keep: (t: Tensor) => void,
  readers: Map<Tensor, Set<Tensor>>,
): void {
  if (d.operands.length > 0) {
    for (const t of d.operands) if (!known(t)) keep(t);
    return;
  }
  visitInPlace(d.target, d.frame, (t, where, user) => {
    if (known(t) || locals.has(t)) return false;
    if (where !== "row" || isImmediate(t)) return true;
    if (wantsKeeping(t, user, d, known)) {
      keep(t);
      return false;
    }
    const by = readers.get(t);
    if (by) by.add(d.target);
    else readers.set(t, new Set([d.target]));
    return true;
  });
}

/** Whether evaluating in place would repeat work, or is not possible. */
function wantsKeeping(t: Tensor, user: Tensor, d: Definition, known: Known): boolean {
  if (isReduction(t)) return true;
  if (isFree(t, known)) return false;
  if (user.op === "pull" && user.inputs[0] === t) return true;
  if (d.frame.start === "element") return true;
  const loop = turnsOf(d.target);
  return loop > volume(t.axes) && isDear(t, known);
}

/** Whether a value costs more than to keep it in scratch. */
function isDear(t: Tensor, known: Known): boolean {
  const dear = dearFlops * volume(t.axes);
  return flopsInPlace(t, known, dear) >= dear;
}

/** Parts that several definitions of the kernel would evaluate, the outermost of them. */
function sharedParts(
  readers: ReadonlyMap<Tensor, ReadonlySet<Tensor>>,
  known: Known,
  locals: ReadonlySet<Tensor>,
): readonly Tensor[] {
  const shared = [...readers].filter(
    ([t, by]) => by.size > 1 && !locals.has(t) && !isFree(t, known) && isDear(t, known),
  );
  const covered = new Set(shared.flatMap(([t, by]) => innerOf(t, by, shared)));
  return shared.map(([t]) => t).filter((t) => !covered.has(t));
}

/** Shared parts that only the same definitions read, through `t`. */
function innerOf(
  t: Tensor,
  by: ReadonlySet<Tensor>,
  shared: readonly (readonly [Tensor, ReadonlySet<Tensor>])[],
): readonly Tensor[] {
  return shared
    .filter(([x, others]) => x !== t && t.inputs.some((y) => y === x) && others.size <= by.size)
    .map(([x]) => x);
}
