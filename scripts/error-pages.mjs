/**
 * Writes `docs/errors/`: one page per code, with a failing program, what gnc says of it, and the mended program; and an index.
 * `node scripts/error-pages.mjs` after a build; a test compiles the programs and compares what gnc says.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { catalogue, checkSource, render } from "../dist/compiler/index.js";
import { runtimeHelp } from "./runtime-help.mjs";

const folder = new URL("../docs/errors/", import.meta.url);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const fence = (language, text) => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;

/** Programs on these pages import no file but, where circles are the matter, their own. */
const itself = (path, from) => (path === "./example" ? from : null);

function page({ code, title, programs }) {
  const head = `# ${code}: ${capital(title).replace(/\.$/, "")}\n`;
  if (programs === null) return [head, ...runtimeHelp(code)].join("\n");
  const { diagnostics } = checkSource({ name: "example.gn", text: programs.failing }, itself);
  const said = diagnostics.filter((d) => d.code === code);
  return [
    head,
    fence("gn", programs.failing),
    "gnc says:\n",
    fence("text", render(said, "pretty").replace(/\n[^\n]*\n$/, "\n")),
    "Mended:\n",
    fence("gn", programs.mended),
  ].join("\n");
}

mkdirSync(folder, { recursive: true });
for (const old of readdirSync(folder)) rmSync(new URL(old, folder));
for (const entry of catalogue) writeFileSync(new URL(`${entry.code}.md`, folder), page(entry));

const themes = {
  1: "Syntax",
  2: "Names, spaces, shapes",
  3: "Relations and recurrence",
  4: "Models and training",
  5: "Run time",
};
const lines = Object.entries(themes).flatMap(([digit, theme]) => [
  `\n## ${theme}\n`,
  ...catalogue
    .filter((e) => e.code.startsWith(`GN${digit}`))
    .map((e) => `- [${e.code}](${e.code}.md) ${e.title}`),
]);
writeFileSync(
  new URL("README.md", folder),
  `# What gnc says\n\nEvery message has a stable code; \`gnc explain CODE\` prints its page.\n${lines.join("\n")}\n`,
);
console.log(`${catalogue.length} pages`);
