/**
 * Parameters and states by path, and weights files. A weights file is safetensors; its keys are the paths, and each member
 * of a family `let f[K]` has its own key with its number after the name of the family: `f.0.W`, `f.1.W`.
 */
import type { Manifest, ManifestParameter } from "./artifact.js";
import type { Engine } from "./engine.js";
import { fail, suggest } from "./errors.js";
import {
  placeOf,
  readSafetensors,
  type Tensor,
  type Tensors,
  volume,
  writeSafetensors,
} from "./safetensors.js";
import { checkFinite, type Numbers, numbers } from "./values.js";

/** Weights as bytes of a safetensors file, or by name. */
export type WeightsSource = Uint8Array | ArrayBuffer | Readonly<Record<string, Numbers | Tensor>>;

type Arena = "parameters" | "states";

/** One tensor of a weights file: a stretch of an arena. */
export interface Piece {
  readonly name: string;
  readonly shape: readonly number[];
  readonly arena: Arena;
  readonly offset: number;
  readonly of: ManifestParameter;
}

/** The name of one member of a family: each index goes before the part of the path that `familyAt` counts to. */
function memberName(
  { path, families, familyAt }: ManifestParameter,
  indices: readonly number[],
): string {
  const parts = [...path.split("."), ""];
  for (let k = families - 1; k >= 0; k--) {
    const at = familyAt ? (familyAt[k] as number) : parts.length - 2;
    parts[at] = `${indices[k]}.${parts[at]}`;
  }
  return parts.join(".").slice(0, -1);
}

function split(parameter: ManifestParameter, arena: Arena): Piece[] {
  const members = parameter.shape.slice(0, parameter.families);
  const shape = parameter.shape.slice(parameter.families);
  return Array.from({ length: volume(members) }, (_, member) => ({
    name: memberName(parameter, placeOf(member, members)),
    shape,
    arena,
    offset: parameter.offset + member * volume(shape),
    of: parameter,
  }));
}

/** All tensors of a weights file, parameters first. */
export const piecesOf = ({ parameters, states }: Manifest): Piece[] => [
  ...parameters.flatMap((parameter) => split(parameter, "parameters")),
  ...states.flatMap((state) => split(state, "states")),
];

/** Weights as tensors; plain arrays have no shape to check. */
export function toTensors(
  source: WeightsSource,
): Map<string, { shape: readonly number[] | null; data: ArrayLike<number> }> {
  const isBytes = source instanceof Uint8Array || source instanceof ArrayBuffer;
  const entries: Iterable<[string, unknown]> = isBytes
    ? readSafetensors(source).tensors
    : Object.entries(source);
  const tensors = new Map<string, { shape: readonly number[] | null; data: ArrayLike<number> }>();
  for (const [name, value] of entries) {
    const tensor =
      typeof value === "object" && value && "shape" in value ? (value as Tensor) : null;
    // Keys with a colon are what a checkpoint holds beside the weights.
    if (!name.includes(":"))
      tensors.set(name, {
        shape: tensor?.shape ?? null,
        data: numbers(tensor?.data ?? value, name),
      });
  }
  return tensors;
}

const list = (names: readonly string[]): string =>
  names.slice(0, 6).join(", ") + (names.length > 6 ? `, .. (${names.length})` : "");

const slice = (data: ArrayLike<number>, from: number, to: number): ArrayLike<number> =>
  data instanceof Float32Array
    ? data.subarray(from, to)
    : Array.prototype.slice.call(data, from, to);

/**
 * Finds the values of every tensor of the model in `source`. A family may also come stacked, under its own path.
 * @throws GN5030 (missing), GN5031 (too many), GN5032 (wrong shape), GN5034 (no safetensors).
 */
export function matchWeights(
  manifest: Manifest,
  source: WeightsSource,
  partial: boolean,
): { piece: Piece; data: ArrayLike<number> }[] {
  const tensors = toTensors(source);
  const extra = new Set(tensors.keys());
  const missing: string[] = [];
  const found: { piece: Piece; data: ArrayLike<number> }[] = [];
  for (const piece of piecesOf(manifest)) {
    const { path, shape } = piece.of;
    const name = tensors.has(piece.name) ? piece.name : path;
    const [given, want] = [tensors.get(name), name === piece.name ? piece.shape : shape];
    extra.delete(name);
    if (!given) missing.push(piece.name);
    else if (
      given.shape ? String(given.shape) !== String(want) : given.data.length !== volume(want)
    )
      fail(
        "GN5032",
        `${name} is ${given.shape ? `[${given.shape}]` : `${given.data.length} numbers`}, but the model has [${want}]`,
      );
    else {
      const from = name === piece.name ? 0 : piece.offset - piece.of.offset;
      found.push({ piece, data: slice(given.data, from, from + volume(piece.shape)) });
    }
  }
  if (missing.length && !partial)
    fail(
      "GN5030",
      `the weights lack ${list(missing)}${extra.size ? ` (they have ${list([...extra])})` : ""}`,
    );
  if (extra.size && !partial)
    fail("GN5031", `the weights hold ${list([...extra])}, which ${manifest.model} does not have`);
  return found;
}

/** The parameters and states of one loaded model. Reading copies; writing takes effect at the next run. */
export class Weights<Path extends string = string> {
  readonly #engine: () => Engine;
  readonly #finite: boolean;

  /** @param engine Gives the engine, or throws when the model is disposed of. */
  constructor(engine: () => Engine, checkFinite: boolean) {
    this.#engine = engine;
    this.#finite = checkFinite;
  }

  /** The paths of all parameters, then of all states. */
  get paths(): Path[] {
    const { parameters, states } = this.#engine().manifest;
    return [...parameters, ...states].map(({ path }) => path as Path);
  }

  /**
   * The values of one parameter or state, row-major; of a family all members, stacked.
   * @throws GN5033 when there is no such path.
   */
  get(path: Path): Float32Array {
    return this.#view(path).slice();
  }

  /**
   * Replaces the values of one parameter or state.
   * @throws GN5033 when there is no such path; GN5032 when the length is another; GN5012 when these are no numbers.
   */
  set(path: Path, values: Numbers): void {
    const view = this.#view(path);
    const given = numbers(values, path);
    if (given.length !== view.length)
      fail("GN5032", `${path} has ${view.length} values, but ${given.length} were given`);
    if (this.#finite) checkFinite(given, path);
    view.set(given);
    this.#engine().parametersChanged();
  }

  /** Path and values of every parameter and state. */
  *entries(): Generator<[Path, Float32Array]> {
    for (const path of this.paths) yield [path, this.get(path)];
  }

  /**
   * Replaces all values by those of a weights file, or of an object by name. A checkpoint is a weights file, too. Nothing
   * is changed unless everything fits.
   * @param options.partial Whether names may be missing on either side.
   * @throws GN5030 (missing), GN5031 (too many), GN5032 (wrong shape), GN5034 (no safetensors file).
   */
  load(source: WeightsSource, options: { readonly partial?: boolean } = {}): void {
    const engine = this.#engine();
    const found = matchWeights(engine.manifest, source, options.partial ?? false);
    if (this.#finite) for (const { piece, data } of found) checkFinite(data, piece.name);
    for (const { piece, data } of found) engine.arena(piece.arena).set(data, piece.offset);
    engine.parametersChanged();
  }

  /** A safetensors file with all parameters and states. Equal weights give equal bytes. */
  save(): Uint8Array {
    const engine = this.#engine();
    return writeSafetensors(tensorsOf(engine), { format: "gnc", model: engine.manifest.model });
  }

  #view(path: Path): Float32Array {
    const engine = this.#engine();
    const { parameters, states } = engine.manifest;
    const of = [...parameters, ...states].find((leaf) => leaf.path === path);
    if (!of) return fail("GN5033", `there is no parameter ${path}${suggest(path, this.paths)}`);
    return engine
      .arena(parameters.includes(of) ? "parameters" : "states")
      .subarray(of.offset, of.offset + volume(of.shape));
  }
}

/** Every tensor of a weights file, as a view; `arena` may name another arena of the same layout. */
export const tensorsOf = (engine: Engine): [string, Tensor][] =>
  piecesOf(engine.manifest).map(({ name, shape, arena, offset }) => [
    name,
    { shape, data: engine.arena(arena).subarray(offset, offset + volume(shape)) },
  ]);

export type { Tensor, Tensors };
