/**
 * Writes the data that `gnc train` reads: `node examples/char-lm/data.mjs` makes `made/train.safetensors`, 24000 windows
 * (2000 steps of 12), and `made/held.safetensors`, the last tenth of the text.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { writeSafetensors } from "../../dist/runtime/index.js";
import { context, heldWindows, trainingWindows } from "./text.mjs";

function write(name, windows) {
  const joined = (field) => Uint8Array.from(windows.flatMap(({ char }) => [...char[field]]));
  const shape = [windows.length * context];
  const count = new Int32Array(windows.length).fill(context);
  const tensors = new Map([
    ["char.count", { shape: [count.length], data: count }],
    ["char.token", { shape, data: joined("token") }],
    ["char.next", { shape, data: joined("next") }],
  ]);
  writeFileSync(new URL(`made/${name}`, import.meta.url), writeSafetensors(tensors));
  console.log(`made/${name}: ${windows.length} windows of ${context} characters`);
}

mkdirSync(new URL("made", import.meta.url), { recursive: true });
write("train.safetensors", trainingWindows(24_000));
write("held.safetensors", heldWindows());
