/** Just enough of ONNX's protobuf to write the benchmark's models: nodes, f32 and i64 initialisers, shapes. */
const bytes = (...parts) => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
};
const varint = (value) => {
  const out = [];
  let v = BigInt(value);
  if (v < 0n) v += 1n << 64n;
  do {
    out.push(Number(v & 127n) | (v > 127n ? 128 : 0));
    v >>= 7n;
  } while (v > 0n);
  return Uint8Array.from(out);
};
const int = (field, value) => bytes(varint(field << 3), varint(value));
const block = (field, content) => bytes(varint((field << 3) | 2), varint(content.length), content);
const text = (field, value) => block(field, new TextEncoder().encode(value));
const float = (field, value) => bytes(varint((field << 3) | 5), new Uint8Array(Float32Array.of(value).buffer));

const raw = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const initializer = (name, { dims, data }) =>
  block(5, bytes(...dims.map((d) => int(1, d)), int(2, data instanceof BigInt64Array ? 7 : 1), text(8, name), block(9, raw(data))));
const attribute = ([name, value]) =>
  block(5, typeof value === "string" ? bytes(text(1, name), text(4, value), int(20, 3))
    : Array.isArray(value) ? bytes(text(1, name), ...value.map((v) => int(8, v)), int(20, 7))
    : Number.isInteger(value) ? bytes(text(1, name), int(3, value), int(20, 2)) : bytes(text(1, name), float(2, value), int(20, 1)));
const node = ([op, inputs, outputs, attributes = {}]) =>
  block(1, bytes(...inputs.map((i) => text(1, i)), ...outputs.map((o) => text(2, o)), text(4, op), ...Object.entries(attributes).map(attribute)));
const valueInfo = (field, [name, dims]) =>
  block(field, bytes(text(1, name), block(2, block(1, bytes(int(1, 1), block(2, bytes(...dims.map((d) => block(1, int(1, d))))))))));

/** A model file. `constants`: name to {dims, data}; `inputs`, `outputs`: name to dims (f32). */
export function onnxModel({ nodes, constants, inputs, outputs }) {
  const graph = bytes(
    ...nodes.map(node), text(2, "bench"), ...Object.entries(constants).map(([n, t]) => initializer(n, t)),
    ...Object.entries(inputs).map((i) => valueInfo(11, i)), ...Object.entries(outputs).map((o) => valueInfo(12, o)),
  );
  return bytes(int(1, 8), block(7, graph), block(8, int(2, 18)));
}
