/** What can be said of a model without making code for it: loaded by `gnc explain` alone. */

export { biasOf, type Row } from "./bias/bias.js";
export { biasObject } from "./bias/json.js";
export { biasTable } from "./bias/markdown.js";
export { biasReport, type Checked, type Findings, ruleLines } from "./bias/report.js";
export type { Claim } from "./bias/symmetry.js";
export { claimWords } from "./bias/words.js";
