/** All tables, by id of the vector. */
import type { Table } from "../support/case.js";
import { attention } from "./attention.js";
import { convolutions } from "./convolutions.js";
import { dense } from "./dense.js";
import { losses } from "./losses.js";
import { messages } from "./messages.js";
import { normalisation } from "./norms.js";
import { pointwise } from "./pointwise.js";
import { reductions } from "./reductions.js";
import { shapes } from "./shapes.js";
import { trajectories } from "./training.js";
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
};
