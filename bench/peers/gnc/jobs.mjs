/** What is timed of a loaded model: a run of a prepared batch, or a training step. */
import { trained } from "../measure.mjs";

export function setAll(model, weights) {
  for (const [path, data] of Object.entries(weights)) model.weights.set(path, data);
}

/** All outputs of several graphs, one after another. */
export function joined(parts) {
  const all = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** One or several graphs, again and again into the same outputs; `read` takes what is compared from those of one. */
export function inference(model, graphs, read) {
  const batch = model.batch(graphs);
  let outputs;
  const run = () => {
    outputs = model.run(batch, { into: outputs });
    return outputs;
  };
  return { run, result: () => (Array.isArray(graphs) ? joined(run().map(read)) : read(run())) };
}

export function training(model, graphs) {
  const batch = model.batch(graphs);
  const trainer = model.trainer();
  return trained(() => trainer.step(batch).loss);
}

/** Equal parts of an array. */
export const parts = (data, count) => {
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => data.subarray(i * size, (i + 1) * size));
};

/** [in, heads * width], heads side by side, to [heads, in, width]. */
export function perHead(W, inputs, heads) {
  const width = W.length / inputs / heads;
  const out = new Float32Array(W.length);
  for (let h = 0; h < heads; h++)
    for (let i = 0; i < inputs; i++)
      out.set(W.subarray((i * heads + h) * width, (i * heads + h + 1) * width), (h * inputs + i) * width);
  return out;
}
