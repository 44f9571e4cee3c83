/** Puts the tables of a run into docs/benchmarks.md, between two marks. */
import { readFileSync, writeFileSync } from "node:fs";

const page = new URL("../../docs/benchmarks.md", import.meta.url);
const [begin, end] = ["<!-- written by bench/run.mjs -->", "<!-- end -->"];

export function insert(text) {
  const before = readFileSync(page, "utf8");
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no ${begin} .. ${end}`);
  writeFileSync(page, `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`);
}
