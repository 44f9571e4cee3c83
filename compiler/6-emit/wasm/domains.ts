/** The loops round the stages of a kernel: over tiles of rows, of a level, of chunks, or none for plain counts. */
import { bug } from "../../bug.js";
import type { Kernel, KernelDomain, Stage } from "../../ir/kernel.js";
import { type Space, unitSpace } from "../../ir/space.js";
import type { Tensor } from "../../ir/tensor.js";
import type { Code } from "./code.js";
import type { Evaluator } from "./expressions/evaluator.js";
import { neededTiles } from "./needed.js";
import type { Index, Local } from "./operand.js";
import type { Row } from "./rows.js";
import { clear } from "./stages/chunks.js";
import type { StageContext, Tile } from "./stages/context.js";
import { runFinished } from "./stages/finish.js";

type Frameless = Omit<StageContext, "tile">;

/** Writes the whole kernel. */
export function runKernel(c: Frameless): void {
  const { code } = c;
  const { domain } = c.kernel;
  switch (domain.over) {
    case "rows":
      if (domain.space.kind === "unit") {
        code.when(code.ops.i32.lt_s(code.begin, code.end), () => stages({ ...c, tile: once(c) }));
        break;
      }
      tiles(c.code.begin, c.code.end, domain, c);
      break;
    case "level":
      tiles(c.code.begin, c.code.end, domain, c);
      break;
    case "chunks":
      chunks(domain.space, domain, c);
      break;
    case "count":
      stages({ ...c, tile: countTile(c) });
  }
}

const stages = (c: StageContext): void => {
  const { domain, stages: all } = c.kernel;
  runFinished(domain.over === "chunks" ? joined(all) : all, c);
};

/** Partial sums over all rows are read by nothing in their kernel: those side by side share a loop. */
function joined(stages: readonly Stage[]): readonly Stage[] {
  const all: Stage[] = [];
  for (const stage of stages) {
    const last = all.at(-1);
    const same = stage.kind === "walk" && last?.kind === "walk" && last.map === stage.map;
    if (same && stage.map.kind === "all") {
      all[all.length - 1] = { ...last, targets: [...last.targets, ...stage.targets] };
    } else all.push(stage);
  }
  return all;
}

function tiles(begin: Index, end: Index, domain: KernelDomain, c: Frameless): void {
  const { code, kernel } = c;
  const last = code.hold(code.int(end));
  if (kernel.needed) {
    neededTiles(code.hold(code.int(begin)), last, kernel.needed, c, stages);
    return;
  }
  code.loop(begin, last, c.kernel.tile, (first) => {
    const stop = code.hold(code.int(code.min(code.add(first, c.kernel.tile), last)));
    stages({ ...c, tile: rowTile(first, stop, domain, c) });
  });
}

/** A chunk's partial results begin at nothing; its tiles add to them in order. */
function chunks(space: Space, domain: KernelDomain, c: Frameless): void {
  const { code, frame, places, e } = c;
  const rows = frame.word({ kind: "rows", space });
  const size = frame.word({ kind: "chunkRows", space });
  code.loop(code.begin, code.end, 1, (chunk) => {
    places.chunk = e.rows.make(space, chunk);
    const begin = code.hold(code.ops.i32.mul(chunk, size));
    const end = code.hold(code.int(code.min(code.ops.i32.add(begin, size), rows)));
    for (const target of partialTargets(c.kernel)) {
      clear(target, e.rows.unit, { ...c, tile: rowTile(begin, end, domain, c) });
    }
    tiles(begin, end, domain, c);
  });
  places.chunk = null;
}

/** Targets of the kernel that are partial results. */
function partialTargets({ stages: all, stored }: Kernel): readonly Tensor[] {
  const targets = all.flatMap((stage) => {
    if (stage.kind === "walk") return stage.targets;
    if (stage.kind === "softmax") return [stage.lse, ...stage.sums];
    return "target" in stage ? [stage.target] : [];
  });
  return targets.filter((t) => stored.get(t)?.place.kind === "partials");
}

function rowTile(begin: Local<"i32">, end: Local<"i32">, domain: KernelDomain, c: Frameless): Tile {
  const { code, e } = c;
  if (domain.over === "count") bug("a count has no rows");
  const row: Tile["row"] = (at) => {
    const place = code.hold(code.int(code.sub(at, begin)));
    if (domain.over !== "level") return e.rows.make(domain.space, at, { place });
    return e.rows.make(domain.space, e.rows.entry("order", domain.order, at), { place });
  };
  const each: Tile["each"] = (body) => code.loop(begin, end, 1, (at) => body(row(at)));
  return { begin, end, contiguous: domain.over !== "level", row, each };
}

/** The one row of the batch. */
const once = ({ code, e }: Frameless): Tile => ({
  begin: code.begin,
  end: code.end,
  contiguous: true,
  row: () => batchRow(code, e),
  each: (body) => body(batchRow(code, e)),
});

/** It is the first of its tile. */
const batchRow = (code: Code, e: Evaluator): Row =>
  e.rows.make(unitSpace, 0, { place: code.hold(code.int(0)) });

/** A kernel over a plain count works on the batch. */
function countTile({ code, e }: Frameless): Tile {
  return {
    begin: code.begin,
    end: code.end,
    contiguous: true,
    row: () => e.rows.unit,
    each: (body) => code.loop(code.begin, code.end, 1, () => body(e.rows.unit)),
  };
}
