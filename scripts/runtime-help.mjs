/** What happened and what to do, for the codes of the run time. `page(code)` gives the paragraphs of its page. */
const help = {
  GN5001: [
    "`load` was given something that is not a module compiled by gnc: another file, an HTML error page, or a file cut off in transfer.",
    "Look at what the URL really serves; compile the model again with `gnc compile`. A `.relaxed.wasm` of `gnc compile --relaxed-simd` runs where the machine has relaxed SIMD alone: let the generated loader choose.",
  ],
  GN5002: [
    "The artifact was written by another version of gnc than the runtime that loads it.",
    "Recompile the model with the gnc whose runtime you ship.",
  ],
  GN5003: [
    "The URL answered with an error, or the file is not there.",
    'The loader looks for the `.wasm` beside itself (`new URL("./model.wasm", import.meta.url)`): copy both, or pass the artifact: `CoraGCN.load({ artifact: url })`.',
  ],
  GN5004: [
    "An artifact holds the programs it was compiled with: `--gradients none` leaves training out, `train` leaves `pullback` out, and a model without `loss` cannot be trained.",
    "Compile with `gnc compile --gradients all`, or declare a `loss` and an `optimizer` in the model.",
  ],
  GN5005: [
    "`dispose` gave the model's memory back; it cannot be used afterwards.",
    "Load the model again, or dispose of it later.",
  ],
  GN5006: [
    "`stream` gives outputs level by level, but none of this model's outputs is computed by an equation that refers to itself along a relation.",
    "Call `run`, or declare the recurrent field itself as an `output`.",
  ],
  GN5007: [
    "Between two levels of a stream the model was run, trained or given other weights, which writes over what the next level reads.",
    "Finish or leave the loop over `stream` first, or load the model a second time: a module is compiled once and instances share nothing else.",
  ],
  GN5008: [
    "`load` was asked for threads, which work on memory that they share. A browser gives shared memory only to a page that is cross-origin isolated; some engines have no SharedArrayBuffer or Atomics.wait; a module that was compiled elsewhere has memory of its own; and the number must be whole, from 1 to 64.",
    "Serve the page with the headers `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp` (then `crossOriginIsolated` is true, and what the page takes from other origins must allow it). Give `load` a URL, a response or bytes, not a `WebAssembly.Module`. Or ask only where there can be threads: `load(url, { threads: globalThis.crossOriginIsolated ? 4 : 1 })`.",
  ],
  GN5009: [
    "A worker was refused or failed while it started. In a page it is made of a few lines that the runtime holds as a blob, which a content security policy may forbid.",
    "Allow it with `worker-src blob:`, or load the model without `threads`. The cause of the error says more.",
  ],
  GN5010: [
    "A field that the model reads is not in the graph. What only losses and metrics read may be left out for `run`, but not for training.",
    "Give the field: `model.run({ paper: { x }, cites: { senders, receivers } })`.",
  ],
  GN5011: [
    "The graph has a space or a field that the model does not declare, often by a slip of the pen: the message names the nearest one.",
    "Rename or remove it.",
  ],
  GN5012: [
    "Fields are flat, row-major arrays: typed arrays or plain arrays of numbers.",
    "Flatten nested arrays: row i, column j of [rows, D] stands at i * D + j.",
  ],
  GN5013: [
    "The length of an array is not rows times the size of the field.",
    "Compare the two numbers of the message; a field `paper f32[1433]` has 1433 numbers for each paper.",
  ],
  GN5014: [
    "Nothing tells how many nodes a set has, or two fields tell different numbers.",
    "Give a field of the set, or `count`: `{ atom: { count: 5 } }`.",
  ],
  GN5015: [
    "`senders` and `receivers` are 0-based and local to their graph.",
    "The message names the first edge that is wrong, the number it has and how many nodes there are. Data counted from 1 needs 1 subtracted.",
  ],
  GN5016: [
    "An `index[N]` takes 0 to N - 1: a label, a token, a type of edge.",
    "The message names the field, the place and the bound.",
  ],
  GN5017: [
    "A field of integers was given a number with a fraction.",
    "Round it, or declare the field as f32.",
  ],
  GN5018: [
    "The model was loaded with `checkFinite: true`, and a number is NaN or infinite.",
    "The message names the field and the place.",
  ],
  GN5019: [
    "`seq(max: N)`, `set(N)` and `grid(..)` bound the nodes of a graph, because parameters are read at the place of a node.",
    "Cut the graph, or compile the model with a larger bound.",
  ],
  GN5020: [
    "Edges of a `tree` run from child to parent, those of a `dag` from what is computed first; a cycle has no first.",
    "The message shows the cycle. Use `sparse` for relations that may have cycles.",
  ],
  GN5021: [
    "In a `tree` every node has at most one edge that leaves it, to its parent.",
    "Use `dag` when a node may have several.",
  ],
  GN5022: [
    "`sparse(symmetric)` promises that with every edge a -> b there is b -> a.",
    "Add the mirrored edges, or take the promise back.",
  ],
  GN5023: [
    "A sparse matrix is `{ indptr, indices, values }` by rows: `indptr` begins with 0, never falls and ends with the number of values; columns are below the width of the field, each once a row.",
    "The message says which of these is broken and where.",
  ],
  GN5024: [
    "A field on `batch` is one value for all graphs of a batch, but graphs bring different ones.",
    "Give all of them the same value, or run them in batches of their own.",
  ],
  GN5030: [
    "The weights file lacks parameters of the model.",
    "Load a file saved by the same model (`model.weights.save()`), or pass `{ partial: true }` to keep the others as they are.",
  ],
  GN5031: [
    "The weights file holds names that are no parameters of the model.",
    "Paths come from the names in the text: `h = relu(GCN<16>(x))` owns `h.W`. `model.weights.paths` lists them.",
  ],
  GN5032: [
    "A parameter has another shape than the file's.",
    "Sizes in the `.gn` file and in the weights must agree; the message shows both.",
  ],
  GN5033: [
    "There is no parameter of that path.",
    "`model.weights.paths` lists them; the message names the nearest.",
  ],
  GN5034: [
    "The file does not follow the safetensors format: 8 bytes of length, a JSON header, the data.",
    "Write it again; other formats (npz, ckpt) must be converted first.",
  ],
  GN5035: [
    "The checkpoint belongs to another model, or is none.",
    "Resume with the `.gn` file that the checkpoint was made with.",
  ],
  GN5036: [
    "A file with several graphs says by `<space>.count` how many rows each graph has; the counts and the rows must agree.",
    "The message names the space and both numbers.",
  ],
  GN5040: [
    "Options of `model.trainer` are hyperparameters: numbers, or functions of the step.",
    "The message names the nearest option.",
  ],
  GN5041: [
    "The loss became NaN or infinite; the model was loaded with `checkFinite: true`, and its parameters are those before the step.",
    "Lower the learning rate, clip gradients (`clip: 1`), look at the inputs.",
  ],
  GN5042: [
    "A `Batch` is laid out in the memory of one model.",
    "Call `model.batch` of the model that runs it.",
  ],
  GN5043: [
    "The batch does not fit into WebAssembly memory (4 GiB), or the machine has no more.",
    "Run fewer graphs at a time; `gnc explain MODEL.gn --memory` shows what is large.",
  ],
};

/** The paragraphs of a page. */
export function runtimeHelp(code) {
  const [what, mend] = help[code] ?? [];
  if (!what) throw new Error(`${code} has no help`);
  return [what, "", "## What to do", "", mend, ""];
}
