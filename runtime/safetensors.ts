/**
 * The safetensors format (https://github.com/huggingface/safetensors): eight bytes of header length, a JSON header, data.
 * Reading trusts nothing: every length, shape and offset is checked. Writing is deterministic: equal tensors, equal bytes.
 */
import { fail } from "./errors.js";

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major. Of a file that was read it may be a view of the file's bytes. */
  readonly data: TensorData;
}

export interface Tensors {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const views = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

/** IEEE 754 binary16 as the bits of an f32: where the exponent is full, it is full there, too; else 2^112 is lacking. */
const widened = (bits: number): number =>
  ((bits & 0x8000) << 16) | ((bits & 0x7fff) << 13) | ((bits & 0x7c00) === 0x7c00 ? 0x7f800000 : 0);

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

export const volume = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The indices, outermost first, of the k-th element of a row-major array. */
export function placeOf(k: number, shape: readonly number[]): number[] {
  return shape.map((extent, axis) => Math.floor(k / volume(shape.slice(axis + 1))) % extent);
}

/**
 * Reads a safetensors file. Where alignment allows, tensors are views of `bytes`.
 * @throws GN5034 when the bytes are no such file; the text says what is wrong with which tensor.
 */
export function readSafetensors(bytes: Uint8Array | ArrayBuffer): Tensors {
  const file = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const bad = (text: string): never => fail("GN5034", `not a safetensors file: ${text}`);
  if (file.length < 8) bad(`${file.length} bytes`);
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (length > file.length - 8) bad(`its header wants ${length} of ${file.length - 8} bytes`);
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(file.subarray(8, 8 + length)),
    );
  } catch {
    bad("its header is no JSON");
  }
  if (typeof header !== "object" || !header || Array.isArray(header))
    bad("its header is no object");
  const tensors = new Map<string, Tensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header as Record<string, unknown>)) {
    if (name === "__metadata__") metadata = entry as Record<string, string>;
    else
      tensors.set(
        name,
        readTensor(file.subarray(8 + length), entry, (text) => bad(`${name} ${text}`)),
      );
  }
  return { tensors, metadata };
}

function readTensor(data: Uint8Array, entry: unknown, bad: (text: string) => never): Tensor {
  const { dtype, shape, data_offsets: offsets } = Object(entry) as Record<string, unknown>;
  const View = Object.hasOwn(views, dtype as string)
    ? views[dtype as keyof typeof views]
    : bad(`has the unknown dtype ${dtype}`);
  const counts = [shape, offsets].flat();
  if (
    !Array.isArray(shape) ||
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !counts.every(isCount)
  )
    return bad("has no shape or no data_offsets");
  const [begin, end] = offsets as [number, number];
  const length = volume(shape);
  if (end > data.length || end - begin !== length * View.BYTES_PER_ELEMENT)
    return bad(`has bytes ${begin} to ${end} of ${data.length} for ${dtype} [${shape}]`);
  const at = data.byteOffset + begin;
  const { buffer } = at % View.BYTES_PER_ELEMENT ? data.slice(begin, end) : data;
  const stored = new View(buffer as ArrayBuffer, buffer === data.buffer ? at : 0, length);
  if (View !== Uint16Array || dtype === "U16") return { shape, data: stored };
  const isHalf = dtype === "F16";
  const wide = Uint32Array.from(stored as Uint16Array, isHalf ? widened : (bits) => bits << 16);
  const values = new Float32Array(wide.buffer);
  return { shape, data: isHalf ? values.map((x) => x * 2 ** 112) : values };
}

/** `Float32Array` is F32, `BigInt64Array` is I64. */
const dtypeOf = (data: TensorData): string =>
  data.constructor.name.replace("Big", "").replace(/[a-z]+(\d+)Array/, "$1");

/**
 * Writes a safetensors file: widest elements first, then by name, so that every tensor is aligned without holes.
 * @param metadata Strings for the entry `__metadata__`.
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, Tensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sorted = [...tensors].sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = {};
  const notes = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (notes.length) header.__metadata__ = Object.fromEntries(notes);
  let end = 0;
  for (const [name, { shape, data }] of sorted) {
    header[name] = { dtype: dtypeOf(data), shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + padded + end).fill(32, 8, 8 + padded);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(json, 8);
  let at = 8 + padded;
  for (const [, { data }] of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}
