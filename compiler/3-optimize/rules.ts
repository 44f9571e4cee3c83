/** All laws, in the order in which they are tried on a tensor. */
import { constants } from "./laws/constants.js";
import { products } from "./laws/products.js";
import { projections } from "./laws/projections.js";
import { pulls } from "./laws/pulls.js";
import { renames } from "./laws/renames.js";
import { sums } from "./laws/sums.js";
import { views } from "./laws/views.js";
import type { Rule } from "./rule.js";

export const rules: readonly Rule[] = [
  ...constants,
  ...renames,
  ...views,
  ...pulls,
  ...products,
  ...sums,
  ...projections,
];
