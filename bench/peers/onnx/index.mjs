/**
 * ONNX Runtime, one thread: WebAssembly in Node and pages, native in Node; one table of models serves both. It has no
 * training in these packages.
 */
import { dense } from "./dense.mjs";
import { graph } from "./graph.mjs";
import { onnxModel } from "./model.mjs";
import { sequence } from "./sequence.mjs";

const untrained = "no training in its packages";
const models = { ...dense, ...graph, ...sequence };
const training = ["gcn", "in", "cnn", "lstm", "transformer", "nri"].map((name) => [`${name}_train`, untrained]);

/** @param ort The package. @param executionProviders Its back end. */
export function on(ort, executionProviders) {
  const open = (make) => async (inputs) => {
    const { model, feeds, read = (data) => data } = make(inputs);
    const options = { executionProviders, graphOptimizationLevel: "all", intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 };
    const session = await ort.InferenceSession.create(onnxModel(model), options);
    const given = Object.entries(feeds).map(([n, { data, dims }]) => [n, new ort.Tensor("float32", data, dims)]);
    const [name] = Object.keys(model.outputs);
    const run = () => session.run(Object.fromEntries(given));
    return { run, result: async () => read((await run())[name].data) };
  };
  const table = Object.entries(models).map(([workload, variants]) => [
    workload,
    Object.fromEntries(Object.entries(variants).map(([variant, make]) => [variant, open(make)])),
  ]);
  return {
    table: { ...Object.fromEntries(table), ...Object.fromEntries(training) },
    start: async () => {
      if (ort.env.wasm) ort.env.wasm.numThreads = 1;
      if (globalThis.benchFiles && ort.env.wasm) ort.env.wasm.wasmPaths = globalThis.benchFiles;
      ort.env.logLevel = "error";
    },
  };
}
