/**
 * Runs a schedule in float64, stage by stage, so that scheduling is tested without any emitter.
 *
 * Definitions are evaluated in place, one number at a time, down to what the kernel has stored. Memory remembers what
 * was written; reading anything else is an error, as is reading scratch of a row outside of the tile.
 */
import { bug } from "../../compiler/bug.js";
import type { Evaluation } from "../../compiler/ir/evaluate.js";
import {
  type Buffer,
  type Kernel,
  panelsIn,
  panelWidth,
  type Schedule,
  type ScheduledStep,
  type Stage,
} from "../../compiler/ir/kernel.js";
import type { RecurrenceOrder } from "../../compiler/ir/model.js";
import { type RowMap, receiverOf, type Space, senderOf } from "../../compiler/ir/space.js";
import { type Axis, type Tensor, volume } from "../../compiler/ir/tensor.js";
import { InPlace } from "./in-place.js";
import { type Position, positions, range, Words } from "./schedule-memory.js";

type ProgramName = keyof Schedule["programs"];

/** Rows per chunk: small, so that toy batches have several. */
const chunkRows = 3;

/** The rows of a tile, in order. */
interface Tile {
  readonly rows: readonly number[];
  readonly scratch: Words;
}

export class ScheduleRun {
  readonly #schedule: Schedule;
  readonly #data: Evaluation;
  readonly #memory = new Map<Buffer | string, Words>();
  readonly #members = new Map<RowMap, readonly (readonly number[])[]>();

  constructor(schedule: Schedule, data: Evaluation) {
    this.#schedule = schedule;
    this.#data = data;
    this.#load();
  }

  /** Runs a program; what `prepare`, `bind` and `bind_more` leave stays. */
  run(name: ProgramName): void {
    this.#steps(this.#schedule.programs[name]?.steps ?? []);
  }

  /** All words of a buffer, row-major. */
  values(buffer: Buffer): readonly number[] {
    return this.#words(buffer).all;
  }

  /** A stretch of an arena. */
  arena(name: string, offset: number, words: number): readonly number[] {
    const arena = this.#memory.get(name) ?? bug(`no arena ${name}`);
    return Array.from({ length: words }, (_, i) => arena.read(offset + i));
  }

  // ---- memory ----------------------------------------------------------------------------

  #load(): void {
    const { arenas, ends } = this.#schedule;
    const arena = (name: string, length: number): Words => {
      const words = new Words(name, length);
      this.#memory.set(name, words);
      return words;
    };
    const parameters = arena("parameters", arenas.parameterWords);
    arena("gradients", arenas.parameterWords);
    const states = arena("states", arenas.stateWords);
    arena("next_states", arenas.stateWords);
    arena("settings", arenas.settingsWords);
    const fill = (words: Words, from: ArrayLike<number> | undefined, offset: number): void => {
      Array.from(from ?? []).forEach((v, i) => {
        words.write(offset + i, v);
      });
    };
    for (const p of arenas.parameters) {
      fill(parameters, this.#data.params.get(p.parameter.path), p.offset);
    }
    for (const s of arenas.states) fill(states, this.#data.states.get(s.state.path), s.offset);
    for (const [path, buffer] of ends.inputs) {
      fill(this.#words(buffer), this.#data.inputs.get(path), 0);
    }
  }

  #words(buffer: Buffer): Words {
    const { place } = buffer;
    const key = place.kind === "arena" ? place.arena : buffer;
    const known = this.#memory.get(key);
    if (known) return known;
    const made = new Words(buffer.name, this.#lengthOf(buffer));
    this.#memory.set(key, made);
    return made;
  }

  #lengthOf({ place, space, layout }: Buffer): number {
    if (place.kind === "partials") return 16 * volume(layout);
    if (place.kind === "panels") return panelsIn(place).words;
    return this.#data.rows(space) * volume(layout);
  }

  /** Where a value of a row lies; scratch knows the rows of the tile only. */
  #at(buffer: Buffer, row: number, position: Position, tile: Tile): readonly [Words, number] {
    const { place, layout } = buffer;
    const column = layout.reduce((n, a) => n * a.size + (position.get(a) ?? bug("no axis")), 0);
    const width = volume(layout);
    if (place.kind === "arena") return [this.#words(buffer), place.offset + column];
    if (place.kind !== "scratch") return [this.#words(buffer), row * width + column];
    const local = tile.rows.indexOf(row);
    if (local < 0) bug(`${buffer.name} is read outside of its tile`);
    return [tile.scratch, place.offset + local * width + column];
  }

  // ---- steps -----------------------------------------------------------------------------

  #steps(steps: readonly ScheduledStep[]): void {
    for (const step of steps) {
      if (step.kind === "kernel") this.#kernel(step.kernel, null);
      else
        for (const rows of this.#levels(step.order)) {
          for (const inner of step.steps) {
            if (inner.kind !== "kernel") bug("levels within levels");
            this.#kernel(inner.kernel, rows);
          }
        }
    }
  }

  #kernel(kernel: Kernel, level: readonly number[] | null): void {
    const { domain } = kernel;
    if (domain.over === "count") {
      const tile = { rows: range(0, domain.count), scratch: new Words("scratch", kernel.scratch) };
      for (const stage of kernel.stages) this.#alone(stage, kernel, tile);
      return;
    }
    const all = level ?? range(0, this.#data.rows(domain.space));
    if (domain.over !== "chunks") {
      this.#rows(kernel, all, -1);
      return;
    }
    for (let c = 0; c * chunkRows < all.length; c++) {
      this.#clear(kernel, c);
      this.#rows(kernel, all.slice(c * chunkRows, (c + 1) * chunkRows), c);
    }
  }

  #clear(kernel: Kernel, chunk: number): void {
    for (const buffer of kernel.stored.values()) {
      if (buffer.place.kind !== "partials") continue;
      const width = volume(buffer.layout);
      for (let i = 0; i < width; i++) this.#words(buffer).write(chunk * width + i, 0);
    }
  }

  #rows(kernel: Kernel, rows: readonly number[], chunk: number): void {
    const tileRows = Math.min(kernel.tile, 2);
    for (let i = 0; i < rows.length; i += tileRows) {
      const scratch = new Words(`scratch of ${kernel.name}`, kernel.scratch);
      const tile = { rows: rows.slice(i, i + tileRows), scratch };
      for (const stage of kernel.stages) this.#stage(stage, kernel, tile, chunk);
    }
  }

  #inPlace(kernel: Kernel, tile: Tile): InPlace {
    return new InPlace(this.#data, this.#members, (t, row, position) => {
      const buffer = kernel.stored.get(t);
      if (!buffer) return null;
      const [words, i] = this.#at(buffer, row, position, tile);
      return words.read(i);
    });
  }

  #stage(stage: Stage, kernel: Kernel, tile: Tile, chunk: number): void {
    const expressions = this.#inPlace(kernel, tile);
    switch (stage.kind) {
      case "map":
      case "reduce":
      case "collect":
        this.#define(stage.target, kernel, tile, expressions);
        return;
      case "walk":
        for (const t of stage.targets) this.#walk(t, stage.map, kernel, tile, chunk, expressions);
        return;
      case "softmax":
        for (const t of [stage.lse, ...stage.sums]) this.#define(t, kernel, tile, expressions);
        return;
      case "product":
        this.#product(stage, kernel, tile);
        return;
      case "outer":
        this.#outer(stage, kernel, tile, chunk, expressions);
        return;
      default:
        bug(`${stage.kind} over rows`);
    }
  }

  #buffer(t: Tensor, kernel: Kernel): Buffer {
    return kernel.stored.get(t) ?? bug(`${kernel.name}: ${t.op} ${t.id} is not stored`);
  }

  #define(t: Tensor, kernel: Kernel, tile: Tile, expressions: InPlace): void {
    const buffer = this.#buffer(t, kernel);
    for (const row of tile.rows) this.#defineRow(t, buffer, row, tile, expressions);
  }

  #defineRow(t: Tensor, buffer: Buffer, row: number, tile: Tile, expressions: InPlace): void {
    for (const position of positions(buffer.layout)) {
      const [words, i] = this.#at(buffer, row, position, tile);
      words.write(i, expressions.define(t, row, position));
    }
  }

  #walk(
    t: Tensor,
    map: RowMap,
    kernel: Kernel,
    tile: Tile,
    chunk: number,
    expressions: InPlace,
  ): void {
    if (chunk >= 0 && map.kind === "all") {
      this.#sum(t, kernel, tile, chunk, expressions);
      return;
    }
    if (t.space !== map.from) {
      this.#define(t, kernel, tile, expressions);
      return;
    }
    const buffer = this.#buffer(t, kernel);
    for (const row of tile.rows) {
      for (const e of expressions.members(map, row)) {
        this.#defineRow(t, buffer, e, tile, expressions);
      }
    }
  }

  #sum(t: Tensor, kernel: Kernel, tile: Tile, chunk: number, expressions: InPlace): void {
    const buffer = this.#buffer(t, kernel);
    for (const position of positions(buffer.layout)) {
      const [words, i] = this.#at(buffer, chunk, position, tile);
      const terms = tile.rows.map((row) => expressions.term(t, row, position));
      words.write(i, words.read(i) + terms.reduce((a, b) => a + b, 0));
    }
  }

  #product(
    { target, left, panels, stack, over, columns }: Stage & { readonly kind: "product" },
    kernel: Kernel,
    tile: Tile,
  ): void {
    if (target.op !== "product") bug("a product of something else");
    const [to, from] = [this.#buffer(target, kernel), this.#buffer(left, kernel)];
    const free = to.layout.slice(0, to.layout.length - columns.length);
    const same = (a: readonly Axis[], b: readonly Axis[]) => a.every((x, i) => x === b[i]);
    if (!same(from.layout, [...free, ...over]) || !same(to.layout, [...free, ...columns])) {
      bug("a product whose sides lie otherwise");
    }
    const leading = free.length - stack.length;
    if (!same(free.slice(leading), stack)) bug("a stack that lies otherwise");
    const depth = volume(over);
    const width = panelWidth(volume(columns));
    const each = width * Math.ceil(volume(columns) / width) * depth;
    const place = (axes: readonly Axis[], at: Position): number =>
      axes.reduce((m, a) => m * a.size + (at.get(a) ?? 0), 0);
    for (const row of tile.rows) {
      for (const position of positions(to.layout)) {
        const n = place(columns, position);
        const first = each * place(stack, position);
        let sum = 0;
        positions(over).forEach((k, i) => {
          const [words, at] = this.#at(from, row, new Map([...position, ...k]), tile);
          const panel = first + width * (Math.floor(n / width) * depth + i) + (n % width);
          sum += words.read(at) * this.#words(panels).read(panel);
        });
        const [words, at] = this.#at(to, row, position, tile);
        words.write(at, sum * target.attrs.scale);
      }
    }
  }

  #outer(
    { target, left, right, over, stack }: Stage & { readonly kind: "outer" },
    kernel: Kernel,
    tile: Tile,
    chunk: number,
    expressions: InPlace,
  ): void {
    if (target.op !== "product") bug("a product of something else");
    const buffer = this.#buffer(target, kernel);
    for (const x of [left, right]) {
      const { layout } = this.#buffer(x, kernel);
      if (![...over, ...stack].every((a, i) => layout[i] === a)) bug("a side that lies otherwise");
    }
    if (!stack.every((a, i) => buffer.layout[i] === a)) bug("a stack that lies otherwise");
    for (const position of positions(buffer.layout)) {
      const [words, i] = this.#at(buffer, chunk, position, tile);
      const terms = tile.rows.flatMap((row) =>
        positions(over).map((summed) => {
          const at = new Map([...position, ...summed]);
          return expressions.read(left, row, at) * expressions.read(right, row, at);
        }),
      );
      const before = buffer.place.kind === "partials" ? words.read(i) : 0;
      const sum = terms.reduce((a, b) => a + b, 0);
      words.write(i, before + sum * target.attrs.scale);
    }
  }

  /** Stages that count something other than rows. */
  #alone(stage: Stage, kernel: Kernel, tile: Tile): void {
    const expressions = this.#inPlace(kernel, tile);
    switch (stage.kind) {
      case "collect":
      case "columns":
      case "map":
        this.#defineRow(stage.target, this.#buffer(stage.target, kernel), 0, tile, expressions);
        return;
      case "combine": {
        const chunks = Math.ceil(this.#data.rows(stage.of) / chunkRows);
        const buffer = this.#buffer(stage.target, kernel);
        for (const position of positions(buffer.layout)) {
          const parts = range(0, chunks).map((c) => {
            const [words, i] = this.#at(stage.partials, c, position, tile);
            return words.read(i);
          });
          const [words, i] = this.#at(buffer, 0, position, tile);
          words.write(
            i,
            parts.reduce((a, b) => a + b, 0),
          );
        }
        return;
      }
      case "pack":
        this.#pack(stage, expressions);
        return;
      case "shortlist":
        return; // sums are worked out over all non-zeros
      default:
        bug(`${stage.kind} is not interpreted`);
    }
  }

  #pack({ source, panels }: Stage & { readonly kind: "pack" }, expressions: InPlace): void {
    const { place } = panels;
    if (place.kind !== "panels") bug("panels elsewhere");
    const columns = positions(place.columns);
    const width = panelWidth(columns.length);
    const each = width * Math.ceil(columns.length / width) * volume(place.rows);
    positions(place.stack).forEach((s, of) => {
      positions(place.rows).forEach((k, i) => {
        columns.forEach((c, n) => {
          const at =
            each * of + width * (Math.floor(n / width) * volume(place.rows) + i) + (n % width);
          const position = new Map([...s, ...k, ...c]);
          this.#words(panels).write(at, expressions.read(source, 0, position));
        });
      });
    });
  }

  // ---- recurrences -----------------------------------------------------------------------

  #levels(order: RecurrenceOrder): readonly (readonly number[])[] {
    const set = order.kind === "index" ? order.set : order.relation.receivers;
    const level =
      order.kind === "index" ? this.#indexLevels(set) : this.#treeLevels(order.relation);
    const count = Math.max(-1, ...level) + 1;
    const rows = range(0, count).map((l) =>
      range(0, this.#data.rows(set)).filter((row) => level[row] === l),
    );
    return order.reverse ? [...rows].reverse() : rows;
  }

  #indexLevels(set: Space): readonly number[] {
    return Array.from(this.#data.fact("index", set));
  }

  #treeLevels(relation: RowMap["from"] & { readonly kind: "edges" }): readonly number[] {
    const s = this.#data.mapIndex(senderOf(relation));
    const r = this.#data.mapIndex(receiverOf(relation));
    const level = new Array<number>(this.#data.rows(relation.receivers)).fill(0);
    for (let pass = 0; pass < level.length; pass++) {
      s.forEach((from, e) => {
        const to = r[e] ?? 0;
        level[to] = Math.max(level[to] ?? 0, (level[from] ?? 0) + 1);
      });
    }
    return level;
  }
}
