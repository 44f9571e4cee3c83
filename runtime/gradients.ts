/** What only models with gradients need: `load` fetches it with those. */
export { pullBack, readCotangents } from "./pullback.js";
export { Trainer } from "./train.js";
