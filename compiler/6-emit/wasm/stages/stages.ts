/** How each kind of stage is written: one row each. */
import type { Stage } from "../../../ir/kernel.js";
import { combine } from "./chunks.js";
import { collect } from "./collect.js";
import { columns } from "./columns.js";
import type { Emitters, StageContext } from "./context.js";
import { map } from "./map.js";
import { norm } from "./norm.js";
import { optimizer } from "./optimizer.js";
import { outer } from "./outer.js";
import { pack } from "./pack.js";
import { product } from "./product.js";
import { shortlist } from "./shortlist.js";
import { softmax } from "./softmax.js";
import { walk } from "./walk.js";

const emitters: Emitters = {
  map,
  reduce: map,
  walk,
  softmax,
  product,
  outer,
  collect,
  columns,
  shortlist,
  pack,
  combine,
  optimizer,
  norm,
};

/** The one cast: `tsc` cannot see that kind and stage agree. */
export function runStage(stage: Stage, c: StageContext): void {
  (emitters[stage.kind] as (stage: Stage, c: StageContext) => void)(stage, c);
}
