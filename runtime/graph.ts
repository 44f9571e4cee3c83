/**
 * One graph as a user gives it, `{ paper: { x }, cites: { senders, receivers } }`, checked against the model and made
 * ready for a batch. All that is wrong with a graph is found here, before anything is written anywhere.
 */
import type {
  Manifest,
  ManifestInput,
  ManifestLayout,
  ManifestRelation,
  ManifestSet,
  SpaceName,
} from "./artifact.js";
import { checkSymmetric, type Edges, sortEdges } from "./edges.js";
import { fail, suggest } from "./errors.js";
import { volume } from "./safetensors.js";
import {
  checkEnds,
  checkValues,
  type Numbers,
  numbers,
  readSparse,
  type SparseRows,
} from "./values.js";

/** A graph by space and field; the artifact's own types say which there are. */
export type GraphInput = Readonly<
  Record<string, Readonly<Record<string, Numbers | SparseRows | number | undefined>> | undefined>
>;

/** Of relations that are not plain edge lists. */
export type Topologies = typeof import("./topology.js");

export type Sparse = ReturnType<typeof readSparse>;

/** A graph whose every number has been checked. */
export interface CheckedGraph {
  /** Rows of each set, relation, `global`, `batch` and `nonzeros:..` in this graph. */
  readonly rows: Readonly<Record<SpaceName, number>>;
  readonly edges: Readonly<Record<string, Edges>>;
  /** Per input of the manifest; null: not given. */
  readonly fields: readonly (ArrayLike<number> | Sparse | null)[];
  /** Of a set whose nodes were numbered anew: the user's number of each. */
  readonly order?: Readonly<Record<string, Int32Array>>;
}

/** For each row of a space its place in the user's arrays, -1 for what was added; null or undefined when the two are one. */
export const originOf = (graph: CheckedGraph | undefined, space: SpaceName) =>
  graph?.edges[space]?.origin ?? graph?.order?.[space];

export const nonzerosOf = ({ space, name }: ManifestInput): SpaceName =>
  `nonzeros:${space}.${name}`;

export const isSparse = (field: ArrayLike<number> | Sparse): field is Sparse => "indptr" in field;

/** How many rows a layout always has, or null. */
export const fixedRows = (layout: ManifestLayout): number | null =>
  layout.kind === "set" ? layout.size : layout.kind === "grid" ? volume(layout.extents) : null;

/** One graph on its way. */
interface Reading {
  readonly graph: GraphInput;
  /** What messages put before a field. */
  readonly at: string;
  readonly fields: CheckedGraph["fields"];
  readonly rows: Record<SpaceName, number>;
}

/** Reads graphs for one model. Keeps the sorted edges of edge arrays it has met, for as long as these live. */
export class GraphReader {
  readonly #manifest: Manifest;
  readonly #finite: boolean;
  readonly #sorted = new Map<string, WeakMap<object, { receivers: unknown; edges: Edges }>>();
  readonly #topologies: Topologies;

  constructor(manifest: Manifest, checkFinite: boolean, topologies: Topologies) {
    this.#topologies = topologies;
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
    const fields = inputs.map((field) => this.#readField(graph, field, at));
    const rows: Record<SpaceName, number> = { global: 1, batch: 1 };
    const reading = { graph, at, fields, rows };
    for (const set of sets) rows[set.name] = this.#countNodes(reading, set);
    const edges: Record<string, Edges> = {};
    for (const relation of relations) {
      const made = relation.given
        ? this.#sort(reading, relation)
        : this.#topologies.made(this.#manifest, relation, rows);
      edges[relation.name] = made;
      rows[relation.name] = made.count;
    }
    inputs.forEach((field, i) => {
      const of = fields[i];
      const { space } = field;
      const want = edges[space]?.given ?? (rows[space] as number);
      const have = of ? rowsOf(field, of) : want;
      if (have !== want)
        fail(
          "GN5013",
          `${at}${space}.${field.name} has ${have} rows of [${field.shape}], but ${space} has ${want}`,
        );
      if (field.sparse) rows[nonzerosOf(field)] = of && isSparse(of) ? of.values.length : 0;
    });
    return { rows, edges, fields };
  }

  #checkNames(graph: GraphInput, at: string): void {
    const { sets, relations, inputs } = this.#manifest;
    const known: Record<string, string[]> = { global: [], batch: [] };
    for (const { name } of sets) known[name] = ["count"];
    for (const { name, given } of relations) known[name] = given ? ["senders", "receivers"] : [];
    for (const { space, name } of inputs) known[space]?.push(name);
    for (const [space, fields] of Object.entries(graph)) {
      const names =
        known[space] ??
        fail(
          "GN5011",
          `${at}${space} is no space of this model${suggest(space, Object.keys(known))}`,
        );
      for (const name in fields)
        if (!names.includes(name))
          fail("GN5011", `${at}${space}.${name} is no input of this model${suggest(name, names)}`);
    }
  }

  #readField(graph: GraphInput, input: ManifestInput, at: string): CheckedGraph["fields"][number] {
    const { space, shape, dtype, range } = input;
    const name = `${at}${space}.${input.name}`;
    const value = graph[space]?.[input.name];
    if (value === undefined) return input.neededToRun ? fail("GN5010", `${name} is missing`) : null;
    const field = input.sparse ? readSparse(value, volume(shape), name) : numbers(value, name);
    const rows = rowsOf(input, field);
    if (rows % 1) fail("GN5013", `${name} has ${rows} rows of [${shape}]`);
    checkValues(isSparse(field) ? field.values : field, dtype, range, this.#finite, name);
    return field;
  }

  #countNodes({ graph, at, fields }: Reading, { name, layout }: ManifestSet): number {
    const given = graph[name]?.count;
    const told = given === undefined ? null : Number(numbers(given, `${at}${name}.count`)[0]);
    const inputs = this.#manifest.inputs;
    const i = inputs.findIndex(({ space }, k) => space === name && fields[k]);
    const field = i < 0 ? null : rowsOf(inputs[i] as ManifestInput, fields[i] as ArrayLike<number>);
    const fixed = fixedRows(layout);
    const count =
      fixed ??
      told ??
      field ??
      fail("GN5014", `give ${at}${name}.count: no field says how many ${name} nodes there are`);
    if ((told ?? count) !== count)
      fail("GN5014", `${at}${name}.count is ${told}, but the model has ${count}`);
    if (told !== null && !(told >= 0 && Number.isInteger(told)))
      fail("GN5017", `${at}${name}.count is ${told}`);
    if (layout.kind === "seq" && count > (layout.max ?? count))
      fail("GN5019", `${at}${name} has ${count} nodes, but the model allows ${layout.max}`);
    return count;
  }

  #sort({ graph, at, rows }: Reading, relation: ManifestRelation): Edges {
    const { name, topology, senders: set, receivers: to } = relation;
    const path = at + name;
    const { senders, receivers } = graph[name] ?? {};
    if (senders === undefined || receivers === undefined)
      return fail(
        "GN5010",
        `${path}.${senders === undefined ? "senders" : "receivers"} is missing`,
      );
    const [from, into] = [rows[set] as number, rows[to] as number];
    const cache = this.#sorted.get(name) ?? new WeakMap();
    this.#sorted.set(name, cache);
    const known = cache.get(Object(senders));
    if (
      known?.receivers === receivers &&
      known.edges.senderCount === from &&
      known.edges.receiverCount === into
    )
      return known.edges;
    const given = [
      numbers(senders, `${path}.senders`),
      numbers(receivers, `${path}.receivers`),
    ] as const;
    const check = () => {
      checkEnds(given[0], from, set, `${path}.senders`);
      checkEnds(given[1], into, to, `${path}.receivers`);
    };
    // What is not i32 becomes so below; that all are nodes is found by counting them.
    if (given.some((ends) => !(ends instanceof Int32Array))) check();
    if (given[0].length !== given[1].length)
      fail("GN5013", `${path} has ${given[0].length} senders, but ${given[1].length} receivers`);
    const plain = topology.kind === "sparse" ? topology : null;
    const ends = { senders: new Int32Array(given[0]), receivers: new Int32Array(given[1]) };
    const edges = sortEdges(ends, from, into, !!plain?.selfLoops);
    if (!edges) return check() as never;
    if (!plain) this.#topologies.checkOrder(topology, edges, path);
    else if (plain.symmetric) checkSymmetric(edges, path);
    cache.set(Object(senders), { receivers, edges });
    return edges;
  }
}

const rowsOf = ({ shape }: ManifestInput, field: ArrayLike<number> | Sparse): number =>
  isSparse(field) ? field.indptr.length - 1 : field.length / volume(shape);
