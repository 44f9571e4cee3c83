/**
 * Time per token of the models of examples/char-lm that write: `node tokens.mjs CharTransformer|CharLSTM PLACES`. A level of
 * the stream computes one token; each place keeps the fastest of several texts, and lines are means over 32 places.
 */
import { costs } from "../../examples/char-lm/costs.mjs";

const called = {
  CharTransformer: "causal Transformer, 4 layers, 128 wide",
  CharLSTM: "LSTM, 256 wide",
};
const [name, most] = process.argv.slice(2);
for (const { place, ms } of await costs(name, { places: Number(most), rounds: 7, together: 32 }))
  console.log(JSON.stringify({ line: called[name], place, us: 1000 * ms }));
