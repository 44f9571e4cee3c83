/**
 * One graph as a user gives it, `{ paper: { x }, cites: { senders, receivers } }`, checked against the model and made
 * ready for a batch. All that is wrong with a graph is found here, before anything is written anywhere.
 */
import type {
  Manifest,
  ManifestInput,
  ManifestLayout,
  ManifestRelation,
  SpaceName,
} from "./artifact.js";
import { type Edges, sortEdges } from "./edges.js";
import { fail, suggest } from "./errors.js";
import { volume } from "./safetensors.js";
import { checkPromise, expand } from "./topology.js";
import {
  checkFinite,
  checkValues,
  type Numbers,
  numbers,
  readEnds,
  readSparse,
  type SparseRows,
} from "./values.js";

/** A graph by space and field; the artifact's own types say which there are. */
export type GraphInput = Readonly<
  Record<string, Readonly<Record<string, Numbers | SparseRows | number | undefined>> | undefined>
>;

export type Sparse = ReturnType<typeof readSparse>;

/** A graph whose every number has been checked. */
export interface CheckedGraph {
  /** Rows of each set, relation, `global`, `batch` and `nonzeros:..` in this graph. */
  readonly rows: Readonly<Record<SpaceName, number>>;
  readonly edges: Readonly<Record<string, Edges>>;
  /** Per input of the manifest; null: not given. */
  readonly fields: readonly (ArrayLike<number> | Sparse | null)[];
}

export const nonzerosOf = ({ space, name }: ManifestInput): SpaceName =>
  `nonzeros:${space}.${name}`;

export const isSparse = (field: ArrayLike<number> | Sparse): field is Sparse => "indptr" in field;

/** How many rows a layout always has, or null. */
const fixedRows = (layout: ManifestLayout): number | null =>
  layout.kind === "set" ? layout.size : layout.kind === "grid" ? volume(layout.extents) : null;

interface KnownEdges {
  readonly receivers: unknown;
  readonly edges: Edges;
}

/** Reads graphs for one model. Keeps the sorted edges of edge arrays it has met, for as long as these live. */
export class GraphReader {
  readonly #manifest: Manifest;
  readonly #finite: boolean;
  readonly #given = new Map<string, WeakMap<object, KnownEdges>>();
  readonly #expanded = new Map<string, Edges>();
  #expandedEdges = 0;

  constructor(manifest: Manifest, checkFinite: boolean) {
    this.#manifest = manifest;
    this.#finite = checkFinite;
  }

  /**
   * @param at What messages put before a field: `` or `graphs[3].`.
   * @throws GN5010 to GN5023.
   */
  read(input: unknown, at: string): CheckedGraph {
    const { sets, relations, inputs } = this.#manifest;
    if (typeof input !== "object" || !input)
      fail("GN5012", `${at.slice(0, -1) || "a graph"} must be an object like { node: { x } }`);
    const graph = input as GraphInput;
    this.#checkNames(graph, at);
    const rows: Record<SpaceName, number> = { global: 1, batch: 1 };
    for (const { name, layout } of sets) rows[name] = this.#countNodes(graph, name, layout, at);
    const edges: Record<string, Edges> = {};
    for (const relation of relations) {
      const made = relation.given
        ? this.#sort(graph, relation, rows, at)
        : this.#expand(relation, rows);
      edges[relation.name] = made;
      rows[relation.name] = made.count;
    }
    const fields = inputs.map((field) => {
      const of = edges[field.space];
      return this.#readField(graph, field, of ? of.given : (rows[field.space] as number), rows, at);
    });
    return { rows, edges, fields };
  }

  #checkNames(graph: GraphInput, at: string): void {
    const { sets, relations, inputs } = this.#manifest;
    const known = new Map<string, string[]>([
      ["global", []],
      ["batch", []],
    ]);
    for (const { name } of sets) known.set(name, ["count"]);
    for (const { name, given } of relations) known.set(name, given ? ["senders", "receivers"] : []);
    for (const { space, name } of inputs) known.get(space)?.push(name);
    for (const [space, fields] of Object.entries(graph)) {
      const names = known.get(space);
      if (!names)
        fail(
          "GN5011",
          `${at}${space} is nothing this model has${suggest(space, [...known.keys()])}`,
        );
      for (const name of Object.keys(fields ?? {}))
        if (!names.includes(name))
          fail("GN5011", `${at}${space}.${name} is no input of this model${suggest(name, names)}`);
    }
  }

  #countNodes(graph: GraphInput, set: string, layout: ManifestLayout, at: string): number {
    const fields = graph[set] ?? {};
    let rows: number | null = fixedRows(layout);
    let from = "the model";
    const settle = (count: number, source: string) => {
      if (rows !== null && rows !== count)
        fail("GN5014", `${at}${set} has ${count} nodes by ${source}, but ${rows} by ${from}`);
      [rows, from] = [count, source];
    };
    if (fields.count !== undefined) {
      const [count = Number.NaN] = Array.from(numbers(fields.count, `${at}${set}.count`));
      if (!(Number.isInteger(count) && count >= 0)) fail("GN5017", `${at}${set}.count is ${count}`);
      settle(count, "count");
    }
    for (const input of this.#manifest.inputs) {
      const value = fields[input.name];
      if (input.space !== set || value === undefined || rows !== null) continue;
      const width = input.sparse ? 1 : volume(input.shape);
      const name = `${at}${set}.${input.name}`;
      const { length } = input.sparse
        ? readSparse(value, volume(input.shape), name).indptr
        : numbers(value, name);
      const count = (length - (input.sparse ? 1 : 0)) / width;
      if (!Number.isInteger(count))
        fail(
          "GN5013",
          `${name} has ${length} values, not a multiple of ${width} ([${input.shape}] per node)`,
        );
      settle(count, input.name);
    }
    if (rows === null)
      return fail(
        "GN5014",
        `give ${at}${set}.count: no field says how many ${set} nodes there are`,
      );
    if (layout.kind === "seq" && layout.max !== null && rows > layout.max)
      fail("GN5019", `${at}${set} has ${rows} nodes, but the model allows ${layout.max}`);
    return rows;
  }

  #sort(
    graph: GraphInput,
    relation: ManifestRelation,
    rows: Record<SpaceName, number>,
    at: string,
  ): Edges {
    const { name, topology } = relation;
    const { senders, receivers } = graph[name] ?? {};
    if (senders === undefined || receivers === undefined)
      return fail(
        "GN5010",
        `${at}${name}.${senders === undefined ? "senders" : "receivers"} is missing`,
      );
    const sets = [relation.senders, relation.receivers] as const;
    const [from, to] = sets.map((set) => rows[set]) as [number, number];
    const cache = this.#given.get(name) ?? new WeakMap<object, KnownEdges>();
    this.#given.set(name, cache);
    const known = cache.get(Object(senders));
    if (
      known?.receivers === receivers &&
      known.edges.senderCount === from &&
      known.edges.receiverCount === to
    )
      return known.edges;
    const ends = {
      senders: readEnds(senders, from, sets[0], `${at}${name}.senders`),
      receivers: readEnds(receivers, to, sets[1], `${at}${name}.receivers`),
    };
    if (ends.senders.length !== ends.receivers.length)
      fail(
        "GN5013",
        `${at}${name} has ${ends.senders.length} senders, but ${ends.receivers.length} receivers`,
      );
    const edges = sortEdges(ends, from, to, topology.kind === "sparse" && topology.selfLoops);
    checkPromise(topology, edges, `${at}${name}`);
    cache.set(Object(senders), { receivers, edges });
    return edges;
  }

  #expand(relation: ManifestRelation, rows: Record<SpaceName, number>): Edges {
    const sets = [relation.senders, relation.receivers] as const;
    const [from, to] = sets.map((set) => rows[set]) as [number, number];
    const key = `${relation.name} ${from} ${to}`;
    const known = this.#expanded.get(key);
    if (known) return known;
    const layouts = sets.map(
      (name) => this.#manifest.sets.find((set) => set.name === name)?.layout,
    );
    const edges = expand(relation.topology, from, to, layouts as [ManifestLayout, ManifestLayout]);
    this.#expandedEdges += edges.count;
    if (this.#expandedEdges > 1 << 22) {
      this.#expanded.clear();
      this.#expandedEdges = edges.count;
    }
    this.#expanded.set(key, edges);
    return edges;
  }

  #readField(
    graph: GraphInput,
    input: ManifestInput,
    count: number,
    rows: Record<SpaceName, number>,
    at: string,
  ): ArrayLike<number> | Sparse | null {
    const name = `${at}${input.space}.${input.name}`;
    const value = graph[input.space]?.[input.name];
    if (input.sparse) rows[nonzerosOf(input)] = 0;
    if (value === undefined) return input.neededToRun ? fail("GN5010", `${name} is missing`) : null;
    const width = volume(input.shape);
    if (input.sparse) {
      const sparse = readSparse(value, width, name);
      if (sparse.indptr.length !== count + 1)
        fail(
          "GN5013",
          `${name} has ${sparse.indptr.length - 1} rows, but ${input.space} has ${count}`,
        );
      if (this.#finite) checkFinite(sparse.values, `${name}.values`);
      rows[nonzerosOf(input)] = sparse.values.length;
      return sparse;
    }
    const values = numbers(value, name);
    if (values.length !== count * width)
      fail(
        "GN5013",
        `${name} has ${values.length} values, but needs ${count * width} (${count} rows of [${input.shape}])`,
      );
    checkValues(values, input.dtype, input.range, this.#finite, name);
    return values;
  }
}
