/** Programs to test the grammar with: every `.gn` file of the repository, and mistakes marked in the text. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Source } from "../../grammar/source.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folders = ["stdlib", "examples", "bench/models", "test/grammar", "test/fixtures"];

/** Every `.gn` file that has to parse, as sources. */
export function allPrograms(): readonly Source[] {
  return folders.flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".gn"))
      .map((name) => `${folder}/${name}`)
      .map((name) => ({ name, text: readFileSync(root + name, "utf8") })),
  );
}

/** A program and the stretches marked in it: `y = «a» b`. */
export function marked(text: string): {
  source: Source;
  marks: readonly (readonly [number, number])[];
} {
  const marks: [number, number][] = [];
  const open: number[] = [];
  let plain = "";
  for (const character of text) {
    if (character === "«") open.push(plain.length);
    else if (character === "»") marks.push([open.pop() ?? 0, plain.length]);
    else plain += character;
  }
  return { source: { name: "test.gn", text: plain }, marks };
}

/** One item in a function. */
export function inFn(item: string): string {
  return `fn f(x: f32) -> f32 {\n  ${item}\n  return x\n}\n`;
}
