/**
 * Threads of a model: workers with instances of its module over one memory. Comes in: calls of kernels and recurrences.
 * Goes out: the same, those that take long done in parts by all threads. Bits never depend on how a range is cut.
 *
 * A call ends when all its parts are done, so kernels run one after another as they do on one thread.
 */
import type { Manifest } from "./artifact.js";
import type { Assembled } from "./assemble.js";
import { type Groups, groupsOf } from "./by-graphs.js";
import { fail } from "./errors.js";
import type { KernelFunction, Plan, Recurrence } from "./plan.js";
import { mostPages, sharedModule } from "./shared-module.js";
import { Team } from "./team.js";
import { checkShared } from "./workers.js";

const most = 64;
/** What a call must be expected to take to be worth waking others, in ms: that takes some 10 us. */
const worthwhile = 0.1;
/** What a part is expected to take at least, in ms, and how many parts there are at most for each thread. */
const partTime = 0.02;
const partsEach = 32;
/** Kernels are less good at few rows: so many in a part, and so many graphs in a group. */
const rowsEach = 64;
const graphsEach = 8;
/** That holds where so many parts or groups are left for each thread. */
const fewEach = 8;

export class Threads {
  readonly #team: Team;
  readonly #from: number;
  /** Of functions that `spread` has given. */
  readonly #numbers = new Map<KernelFunction, number>();
  #memory: WebAssembly.Memory | null = null;
  /** Whose table lies on the board. */
  #tabled: Groups | null = null;

  /**
   * @param from What a call must be expected to take to be shared, in ms.
   * @throws GN5008 when there can be no threads.
   */
  constructor(count: number, source: unknown, from = worthwhile) {
    if (!(Number.isInteger(count) && count > 0 && count <= most))
      fail("GN5008", `threads must be a whole number from 1 to ${most}, but is ${count}`);
    if (source instanceof WebAssembly.Module)
      fail(
        "GN5008",
        "a compiled module cannot have its memory shared: give `load` the bytes of the artifact, its URL or a response",
      );
    checkShared();
    this.#team = new Team(count, count * partsEach);
    this.#from = from;
  }

  /** The artifact as it must be compiled. */
  readonly shared = (bytes: BufferSource): Uint8Array<ArrayBuffer> =>
    sharedModule(
      ArrayBuffer.isView(bytes)
        ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        : new Uint8Array(bytes),
    );

  /** The memory of the model. Some systems cannot set aside 4 GiB of addresses: there it may grow less. */
  readonly share = (initial: number): WebAssembly.Memory => {
    for (let maximum = mostPages; ; maximum /= 2)
      try {
        this.#memory = new WebAssembly.Memory({ initial, maximum, shared: true });
        return this.#memory;
      } catch (cause) {
        if (maximum / 2 < Math.max(initial, 1024))
          fail("GN5043", "there is no room for shared memory", cause);
      }
  };

  /** The kernel, with others to help. */
  spread(name: string, call: KernelFunction): KernelFunction {
    const kernel = this.#team.add(name, call);
    const pace = new Pace();
    const spread: KernelFunction = (frame, begin, end, scratch) => {
      const rows = end - begin;
      const expected = pace.of(rows);
      const from = performance.now();
      if (rows < 2 || expected < this.#from) {
        call(frame, begin, end, scratch);
        pace.add(rows, performance.now() - from);
        return;
      }
      const each = rowsOfPart(rows, expected, this.#team.size);
      this.#team.board.job.set([kernel, frame, begin, end, each, scratch]);
      let done = 0;
      const until = this.#team.together(Math.ceil(rows / each), (part) => {
        done += Math.min(each, rows - (part - 1) * each);
      });
      pace.add(done, until - from);
    };
    this.#numbers.set(spread, kernel);
    return spread;
  }

  /** Has the recurrences of a plan done by groups of graphs. */
  adopt(plan: Plan, manifest: Manifest, batch: Assembled): void {
    const known = new Map<Recurrence, { readonly groups: Groups | null; readonly pace: Pace }>();
    const mostGroups = Math.max(
      this.#team.size,
      Math.min(this.#team.size * fewEach, Math.floor(batch.graphs.length / graphsEach)),
    );
    const execute = plan.execute.bind(plan);
    plan.execute = (call, begin, end) => {
      if ("kernel" in call) return execute(call, begin, end);
      const found = known.get(call) ?? {
        groups: groupsOf(call, manifest, batch, mostGroups),
        pace: new Pace(),
      };
      known.set(call, found);
      const { groups, pace } = found;
      const rows = groups?.first.at(-1) ?? 0;
      const from = performance.now();
      if (!groups || groups.count < 2 || pace.of(rows) < this.#from || !this.#table(groups)) {
        execute(call, begin, end);
        pace.add(rows, performance.now() - from);
        return;
      }
      this.#team.board.job.set([
        -1,
        groups.steps.length,
        groups.levels,
        groups.count,
        0,
        plan.scratch,
      ]);
      let done = 0;
      const until = this.#team.together(groups.count, (part) => {
        done += (groups.first[part] as number) - (groups.first[part - 1] as number);
      });
      pace.add(done, until - from);
    };
  }

  /** Puts a recurrence on the board, if there is room for it. */
  #table(groups: Groups): boolean {
    if (this.#tabled === groups) return true;
    const { table } = this.#team.board;
    const steps = groups.steps.flatMap(({ call, frame }) => [
      this.#numbers.get(call) as number,
      frame,
    ]);
    if (steps.length + groups.cuts.length > table.length) return false;
    table.set(steps);
    table.set(groups.cuts, steps.length);
    this.#tabled = groups;
    return true;
  }

  /** Starts the workers, when all kernels are known; every thread gets scratch. @throws GN5009. */
  async start(module: WebAssembly.Module, manifest: Manifest): Promise<void> {
    const bytes = apart(manifest.scratchBytes);
    Object.assign(manifest, { scratchBytes: bytes * this.#team.size });
    await this.#team.start(module, this.#memory as WebAssembly.Memory, bytes);
  }

  end(): void {
    this.#team.end();
  }
}

/** How long rows take, as measured: the first measure counts whole, later ones a quarter. */
class Pace {
  #msPerRow = 0;

  of(rows: number): number {
    return this.#msPerRow * rows;
  }

  add(rows: number, ms: number): void {
    if (rows > 0) this.#msPerRow += (ms / rows - this.#msPerRow) * (this.#msPerRow ? 0.25 : 1);
  }
}

/** Bytes such that two threads do not write to one line of the cache, nor to the one that is fetched with it. */
const apart = (bytes: number): number => Math.ceil(bytes / 128 + 1) * 128;

/** Several parts for each thread, so that one that comes late does less; in whole tiles where there are enough rows. */
function rowsOfPart(rows: number, ms: number, threads: number): number {
  const parts = Math.max(threads, Math.floor(ms / partTime));
  const tiles = Math.ceil(rows / rowsEach);
  if (tiles >= threads * fewEach)
    return rowsEach * Math.ceil(tiles / Math.min(parts, threads * partsEach));
  const each = Math.ceil(rows / Math.min(parts, threads * fewEach, rows));
  const tile = each >= 16 ? 4 : 1;
  return Math.ceil(each / tile) * tile;
}
