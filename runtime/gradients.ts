/** What only models with gradients need: `load` fetches it with those. */
export { pullBack } from "./pullback.js";
export { Trainer } from "./train.js";
