// Writes stdlib/index.ts: every .gn of the library as text, so that a browser needs no files.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../stdlib/", import.meta.url));

/** The text of stdlib/index.ts. */
export function stdlibModule() {
  const names = readdirSync(folder)
    .filter((f) => f.endsWith(".gn"))
    .sort();
  const rows = names.map((f) => {
    const text = readFileSync(folder + f, "utf8");
    const escaped = text.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${");
    return `  "std/${f.slice(0, -3)}": \`${escaped}\`,\n`;
  });
  return `/** The standard library as text. Written by scripts/stdlib.mjs from the .gn files beside it: edit those. */
export const stdlib: Readonly<Record<string, string>> = {
${rows.join("")}};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(`${folder}index.ts`, stdlibModule());
