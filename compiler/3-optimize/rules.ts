/** All laws, in the order in which they are tried on a tensor. */
import { buckets } from "./laws/buckets.js";
import { concatenations } from "./laws/concat.js";
import { constants } from "./laws/constants.js";
import { empties } from "./laws/empty.js";
import { oneHots } from "./laws/one-hot.js";
import { products } from "./laws/products.js";
import { projections } from "./laws/projections.js";
import { pulls } from "./laws/pulls.js";
import { regroup } from "./laws/regroup.js";
import { renames } from "./laws/renames.js";
import { sparses } from "./laws/sparse.js";
import { sums } from "./laws/sums.js";
import { likeTerms } from "./laws/terms.js";
import { views } from "./laws/views.js";
import type { Rule } from "./rule.js";

export const laws: readonly Rule[] = [
  ...constants,
  ...likeTerms,
  ...renames,
  ...views,
  ...pulls,
  ...products,
  ...sparses,
  ...oneHots,
  ...concatenations,
  ...buckets,
  ...sums,
  ...empties,
  ...projections,
];

/** What is done once, when no law fires any more. */
export const finish: readonly Rule[] = [...renames, ...regroup];
