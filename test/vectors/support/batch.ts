/**
 * The fields of a case as one batch: flat, all graphs one after the other, and cut into graphs, as the runtime wants
 * them. What comes back per graph is put into the order of the flat rows again.
 */
import type { GraphInput, Numbers } from "../../../runtime/index.js";
import type { Common } from "./case.js";
import type { Source, Tensor, View } from "./view.js";

/** What a batch must know of a model: its sets, and the ends of its relations. */
export interface Spaces {
  readonly sets: readonly string[];
  readonly relations: readonly {
    readonly name: string;
    readonly given: boolean;
    readonly receivers: string;
    readonly senders: string;
  }[];
}

export interface FlatBatch {
  readonly graphs: number;
  /** Of every row of a set or a given relation its graph; of `global` the graphs themselves. */
  readonly graphOf: ReadonlyMap<string, Int32Array>;
  readonly ends: ReadonlyMap<string, Ends>;
  /** By space, then name. */
  readonly fields: ReadonlyMap<string, ReadonlyMap<string, Tensor>>;
}

export interface Ends {
  readonly senders: Int32Array;
  readonly receivers: Int32Array;
}

export function flatten(given: Common, spaces: Spaces, values: Source): FlatBatch {
  const fields = new Map<string, Map<string, Tensor>>();
  for (const [space, views] of Object.entries(given.graph))
    fields.set(
      space,
      new Map(Object.entries(views).map(([name, v]) => [name, mustRead(v, values)])),
    );
  const graphOf = new Map<string, Int32Array>();
  for (const set of spaces.sets) {
    const ids = given.graphOf?.[set];
    const rows = ids ? Int32Array.from(mustRead(ids, values).data) : null;
    graphOf.set(set, rows ?? new Int32Array(countRows(set, fields.get(set))));
  }
  const graphs =
    given.graphs ?? 1 + Math.max(0, ...[...graphOf.values()].flatMap((ids) => [...ids]));
  graphOf.set(
    "global",
    Int32Array.from({ length: graphs }, (_, g) => g),
  );
  const ends = new Map<string, Ends>();
  for (const { name, given: comesWithData, receivers: set } of spaces.relations) {
    if (!comesWithData) {
      const ids = given.graphOf?.[name];
      if (ids) graphOf.set(name, Int32Array.from(mustRead(ids, values).data));
      else if (fields.has(name) && graphs === 1)
        graphOf.set(name, new Int32Array(countRows(name, fields.get(name))));
      continue;
    }
    const end = (which: string) => Int32Array.from(fields.get(name)?.get(which)?.data ?? []);
    const [senders, receivers] = [end("senders"), end("receivers")];
    ends.set(name, { senders, receivers });
    graphOf.set(
      name,
      receivers.map((r) => graphOf.get(set)?.[r] ?? 0),
    );
  }
  return { graphs, graphOf, ends, fields };
}

function mustRead(view: View, values: Source): Tensor {
  const t = view.read(values);
  if (!t) throw new Error("a field of a graph has no value");
  return t;
}

/** Nodes of a set: what its fields say, or its `count`. */
function countRows(set: string, fields: ReadonlyMap<string, Tensor> | undefined): number {
  const count = fields?.get("count");
  if (count) return Number(count.data[0]);
  for (const [name, { shape }] of fields ?? []) {
    if (name.endsWith(".indptr")) return (shape[0] as number) - 1;
    if (!name.includes(".")) return shape[0] as number;
  }
  throw new Error(`no field says how many ${set} there are`);
}

/** The rows of each graph, in flat order. */
export function rowsByGraph(graphOf: Int32Array, graphs: number): readonly number[][] {
  const rows: number[][] = Array.from({ length: graphs }, () => []);
  for (const [row, g] of graphOf.entries()) rows[g]?.push(row);
  return rows;
}

/** The batch cut into graphs. */
export function cut(batch: FlatBatch, spaces: Spaces): GraphInput[] {
  const rows = new Map(
    Array.from(batch.graphOf, ([space, ids]) => [space, rowsByGraph(ids, batch.graphs)]),
  );
  const local = new Map(Array.from(rows, ([space, byGraph]) => [space, placesIn(byGraph)]));
  return Array.from({ length: batch.graphs }, (_, g) => {
    const graph: Record<string, Record<string, Numbers | number | SparseGraph>> = {};
    for (const set of spaces.sets) graph[set] = { count: rows.get(set)?.[g]?.length ?? 0 };
    for (const [space, fields] of batch.fields) {
      const own = rows.get(space)?.[g] ?? [];
      graph[space] ??= {};
      Object.assign(graph[space], fieldsOf(fields, own));
    }
    for (const { name, given, senders, receivers } of spaces.relations) {
      if (!given) continue;
      const ends = batch.ends.get(name);
      const own = rows.get(name)?.[g] ?? [];
      const place = (set: string, list: Int32Array | undefined) =>
        Int32Array.from(own, (e) => local.get(set)?.get(list?.[e] ?? -1) ?? -1);
      graph[name] = {
        ...graph[name],
        senders: place(senders, ends?.senders),
        receivers: place(receivers, ends?.receivers),
      };
    }
    return graph;
  });
}

interface SparseGraph {
  readonly indptr: Numbers;
  readonly indices: Numbers;
  readonly values: Numbers;
}

/** The fields of one graph; `x.indptr`, `x.indices` and `x.values` of a sparse one belong together. */
function fieldsOf(
  fields: ReadonlyMap<string, Tensor>,
  rows: readonly number[],
): Record<string, Numbers | SparseGraph> {
  const out: Record<string, Numbers | SparseGraph> = {};
  for (const [name, t] of fields) {
    const [field, part] = name.split(".") as [string, string?];
    if (name === "senders" || name === "receivers" || name === "count") continue;
    if (part) out[field] = { ...(out[field] as SparseGraph), [part]: t.data };
    else out[field] = gathered(t, rows, t.shape[0] as number);
  }
  return out;
}

function placesIn(byGraph: readonly (readonly number[])[]): ReadonlyMap<number, number> {
  return new Map(byGraph.flatMap((rows) => rows.map((row, place) => [row, place] as const)));
}

/** The given rows of a tensor that has `count` of them. */
export function gathered({ data }: Tensor, rows: readonly number[], count: number): Float64Array {
  const width = count > 0 ? data.length / count : 0;
  const out = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    for (let k = 0; k < width; k++) out[i * width + k] = data[row * width + k] as number;
  });
  return out;
}

/** What each graph has of one space, in the order of the flat rows. */
export function joined(parts: readonly ArrayLike<number>[], graphOf: Int32Array): Float64Array {
  const length = parts.reduce((n, part) => n + part.length, 0);
  const width = graphOf.length > 0 ? length / graphOf.length : 0;
  const done = parts.map(() => 0);
  const out = new Float64Array(length);
  graphOf.forEach((g, row) => {
    const from = (done[g] as number) * width;
    for (let k = 0; k < width; k++) out[row * width + k] = parts[g]?.[from + k] as number;
    done[g] = (done[g] as number) + 1;
  });
  return out;
}
