/**
 * Data files: graphs as tensors under `<space>.<field>` and back (ARCHITECTURE, "Data in and out"). Several graphs stand
 * one after another, `<space>.count` says how many nodes or edges each has; ends of edges are local to each graph.
 */
import { fail } from "./errors.js";
import type { GraphInput } from "./graph.js";
import { type Tensor, type TensorData, volume } from "./safetensors.js";
import type { FieldsOf, Signature } from "./types.js";

type Tensors = ReadonlyMap<string, Tensor>;

/** Rows of one space of a file, and how they are dealt out to its graphs. */
interface Space {
  readonly name: string;
  /** Field names; those of a sparse field once. */
  readonly fields: ReadonlySet<string>;
  readonly rows: number | null;
  readonly counts: readonly number[] | null;
  /** Rows that each graph has by the model: of grids, and sets of a fixed size. */
  readonly fixed: number | null;
}

/**
 * The graphs of a data file, as `model.run` and `trainer.fit` take them; arrays are views of the file's.
 *
 * @param tensors What `readSafetensors` gives. Keys: `paper.x`, `cites.senders`, `cites.receivers`, `global.u`; of sparse
 *   features `paper.x.indptr`, `.indices`, `.values`; `paper.count` and `cites.count` when there are several graphs.
 * @param signature `model.signature`.
 * @throws GN5036 when the rows cannot be dealt out to graphs; GN5011 for a key that is no field of the model.
 */
export function graphsFrom(tensors: Tensors, signature: Signature): GraphInput[] {
  const spaces = spacesOf(tensors, signature);
  const graphs = countGraphs(spaces);
  const made: Record<string, Record<string, TensorData | object>>[] = Array.from(
    { length: graphs },
    () => ({}),
  );
  for (const space of spaces) {
    const counts = dealOut(space, graphs);
    const sized = space.fields.size === 0 && space.name !== "global" && space.name !== "batch";
    let first = 0;
    counts.forEach((count, g) => {
      const fields: Record<string, TensorData | object> = {};
      for (const field of space.fields)
        fields[field] = sliceField(tensors, `${space.name}.${field}`, first, first + count);
      if (sized) fields.count = Int32Array.of(count);
      (made[g] as Record<string, object>)[space.name] = fields;
      if (space.name !== "batch") first += count;
    });
  }
  return made as GraphInput[];
}

function spacesOf(tensors: Tensors, { sets, inputs, relations }: Signature): Space[] {
  const fields = new Map<string, Set<string>>();
  const rows = new Map<string, number>();
  for (const [key, { shape, data }] of tensors) {
    const [space = "", field = "", part] = key.split(".");
    const input = inputs.find((of) => of.space === space && of.name === field);
    const isEnd =
      relations.some((of) => of.given && of.name === space) && /^(senders|receivers)$/.test(field);
    if (!input && !isEnd && field !== "count")
      fail("GN5011", `${key} is no input of ${space || "the model"}`);
    const of = fields.get(space) ?? new Set();
    fields.set(space, of);
    if (field === "count") continue;
    of.add(field);
    if (part && part !== "indptr") continue;
    const length = part ? data.length - 1 : data.length / volume(input?.shape ?? []);
    const known = rows.get(space) ?? length;
    if (known !== length)
      fail(
        "GN5036",
        `${key} has ${length} rows of [${shape.slice(1)}], but other fields of ${space} have ${known}`,
      );
    rows.set(space, length);
  }
  return [...fields].map(([name, names]) => {
    const layout = sets.find((set) => set.name === name)?.layout;
    const counts = tensors.get(`${name}.count`)?.data;
    return {
      name,
      fields: names,
      rows: rows.get(name) ?? null,
      counts: counts ? Array.from(counts as ArrayLike<number | bigint>, Number) : null,
      fixed:
        layout?.kind === "grid"
          ? volume(layout.extents)
          : layout?.kind === "set"
            ? layout.size
            : null,
    };
  });
}

/** By `count`, else by sets of a fixed size, else by rows of `global`; one graph when nothing says. */
function countGraphs(spaces: readonly Space[]): number {
  const counted = spaces.find(({ counts }) => counts)?.counts?.length;
  const fixed = spaces.find((space) => space.fixed && space.rows !== null);
  const sized = fixed && (fixed.rows as number) / (fixed.fixed as number);
  return counted ?? sized ?? spaces.find(({ name }) => name === "global")?.rows ?? 1;
}

function dealOut({ name, rows, counts, fixed }: Space, graphs: number): readonly number[] {
  const per = name === "global" || name === "batch" ? 1 : fixed;
  const dealt =
    counts ??
    (per !== null ? new Array<number>(graphs).fill(per) : graphs === 1 ? [rows ?? 0] : null);
  if (!dealt)
    return fail(
      "GN5036",
      `the file holds ${graphs} graphs: ${name}.count must say how many rows each has`,
    );
  const total = name === "batch" ? 1 : dealt.reduce((a, b) => a + b, 0);
  if (dealt.length !== graphs)
    fail("GN5036", `${name}.count has ${dealt.length} numbers for ${graphs} graphs`);
  if (rows !== null && rows !== total)
    fail("GN5036", `${name} has ${rows} rows, but ${graphs} graphs make ${total}`);
  return dealt;
}

/** Rows from..to of a field; of a sparse one with offsets that begin at 0. */
function sliceField(tensors: Tensors, key: string, from: number, to: number): TensorData | object {
  const dense = tensors.get(key);
  if (dense) {
    const rows = dense.shape[0] ?? 1;
    const width = rows ? dense.data.length / rows : 0;
    return dense.data.subarray(from * width, to * width);
  }
  const [indptr, indices, values] = ["indptr", "indices", "values"].map(
    (part) => tensors.get(`${key}.${part}`)?.data,
  );
  if (!indptr || !indices || !values)
    return fail("GN5036", `${key} needs .indptr, .indices and .values`);
  const starts = Int32Array.from(indptr.subarray(from, to + 1) as ArrayLike<number>, Number);
  const begin = starts[0] ?? 0;
  const end = starts.at(-1) ?? 0;
  return {
    indptr: starts.map((at) => at - begin),
    indices: indices.subarray(begin, end),
    values: values.subarray(begin, end),
  };
}

/**
 * Outputs of one or several graphs as tensors of a data file, concatenated under `<space>.<name>`, with `<space>.count`
 * when there are several.
 */
export function tensorsFrom(
  outputs:
    | FieldsOf<Float32Array | Int32Array | Uint8Array>
    | readonly FieldsOf<Float32Array | Int32Array | Uint8Array>[],
  signature: Signature,
): Map<string, Tensor> {
  const graphs = (Array.isArray(outputs) ? outputs : [outputs]) as readonly FieldsOf<
    Float32Array | Int32Array | Uint8Array
  >[];
  const tensors = new Map<string, Tensor>();
  for (const { space, name, shape } of signature.outputs) {
    const parts = graphs.flatMap((graph) => graph[space]?.[name] ?? []);
    const [first] = parts;
    if (!first) continue;
    const rows = parts.map(({ length }) => length / volume(shape));
    const total = rows.reduce((a, b) => a + b, 0);
    const data =
      first instanceof Float32Array
        ? new Float32Array(total * volume(shape))
        : first instanceof Int32Array
          ? new Int32Array(total * volume(shape))
          : new Uint8Array(total * volume(shape));
    let at = 0;
    for (const part of parts) {
      data.set(part, at);
      at += part.length;
    }
    tensors.set(`${space}.${name}`, { shape: [total, ...shape], data });
    if (graphs.length > 1)
      tensors.set(`${space}.count`, { shape: [rows.length], data: Int32Array.from(rows) });
  }
  return tensors;
}
