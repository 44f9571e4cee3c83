/** All tables, by id of the vector. */
import type { Table } from "../support/case.js";
import { aggregators } from "./aggregators.js";
import { alignment } from "./alignment.js";
import { attention } from "./attention.js";
import { categorical } from "./categorical.js";
import { convolutions } from "./convolutions.js";
import { decoders } from "./decoders.js";
import { dense } from "./dense.js";
import { matrices } from "./graph-matrices.js";
import { heads } from "./heads.js";
import { inference } from "./inference.js";
import { encoders } from "./inference-bound.js";
import { losses } from "./losses.js";
import { messages } from "./messages.js";
import { normalisation } from "./norms.js";
import { onnxAttention } from "./onnx-attention.js";
import { onnxLosses } from "./onnx-losses.js";
import { onnxPointwise } from "./onnx-pointwise.js";
import { onnxProducts } from "./onnx-products.js";
import { onnxReductions } from "./onnx-reductions.js";
import { onnxShapes } from "./onnx-shapes.js";
import { onnxWindows } from "./onnx-windows.js";
import { physics } from "./physics.js";
import { pointwise } from "./pointwise.js";
import { recurrences } from "./recurrences.js";
import { reductions } from "./reductions.js";
import { shapes } from "./shapes.js";
import { trajectories } from "./training.js";
import { sequences } from "./training-sequences.js";
import { whole } from "./training-whole.js";
import { transformers } from "./transformers.js";
import { windows } from "./windows.js";
import { byAxis } from "./windows-by-axis.js";
import { zoo } from "./zoo.js";

export const tables: Table = {
  ...dense,
  ...pointwise,
  ...reductions,
  ...shapes,
  ...normalisation,
  ...losses,
  ...convolutions,
  ...attention,
  ...messages,
  ...zoo,
  ...trajectories,
  ...recurrences,
  ...windows,
  ...heads,
  ...alignment,
  ...physics,
  ...sequences,
  ...transformers,
  ...inference,
  ...encoders,
  ...whole,
  ...decoders,
  ...onnxPointwise,
  ...onnxReductions,
  ...onnxShapes,
  ...onnxLosses,
  ...onnxProducts,
  ...onnxWindows,
  ...onnxAttention,
  ...byAxis,
  ...matrices,
  ...categorical,
  ...aggregators,
};
