/** The inputs of a workload for other languages: all arrays one after another in a file, and where each lies in another. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { workloads } from "../workloads/index.mjs";

const folder = new URL("../cache/inputs/", import.meta.url).pathname;
const kinds = { Float32Array: "<f4", Int32Array: "<i4", Uint8Array: "|u1" };

export function exportInputs(workload) {
  const index = `${folder}${workload}.json`;
  if (existsSync(index)) return;
  const chunks = [];
  let at = 0;
  const place = (value) => {
    if (!ArrayBuffer.isView(value)) return value;
    const start = at;
    const padded = Math.ceil(value.byteLength / 4) * 4;
    chunks.push(
      Buffer.from(value.buffer, value.byteOffset, value.byteLength),
      Buffer.alloc(padded - value.byteLength),
    );
    at += padded;
    return { at: start, count: value.length, kind: kinds[value.constructor.name] };
  };
  const walk = (value) =>
    typeof value !== "object" || ArrayBuffer.isView(value)
      ? place(value)
      : Array.isArray(value)
        ? value.map(walk)
        : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, walk(one)]));
  mkdirSync(folder, { recursive: true });
  const made = walk(workloads[workload].inputs());
  writeFileSync(`${folder}${workload}.bin`, Buffer.concat(chunks));
  writeFileSync(index, JSON.stringify(made));
}
