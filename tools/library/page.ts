/** `docs/library.md`: every function and block of the library with what it does, its paper, and its row of the table of inductive biases. */
import { checkSource } from "../../compiler/check-source.js";
import { biasOf, biasTable, type Row, ruleLines } from "../../compiler/explain/index.js";
import type * as ast from "../../grammar/ast.js";
import { parse } from "../../grammar/parse.js";
import { textOf } from "../../grammar/source.js";
import { stdlib } from "../../stdlib/index.js";
import { modelAround } from "./around.js";

type Callable = ast.BlockDeclaration | ast.FnDeclaration;

const opening = `# The library

Everything below is \`.gn\` text in [\`stdlib/\`](../stdlib): there is nothing built in, and a file of your own may do the same. Written by
\`scripts/library-page.mjs\` from that text and from what \`gnc explain\` derives of it.

* **Functions** work on one element and are lifted over any space. A capitalised one owns parameters, the same for every element.
* **Blocks** update fields along a relation. Each has its row of the table of Battaglia et al. 2018: which entities and relations it is
  about, what that assumes, over what each parameter is shared, and which symmetries follow. A row depends on the relation; here it is
  the one that the block is mostly used along, and \`gnc explain\` says it of any other. \`--verify\` tries every claim in the compiled
  module, as a test of this page does. What each claim says exactly: [inductive biases](inductive-biases.md).
* The **rule** of a block are its own equations, each behind the space that it stands on; those of blocks inside it are theirs.
`;

/** Blocks of the library, file by file. */
export const blocksOf = (path: string): readonly ast.BlockDeclaration[] =>
  declared(path).filter((d) => d.kind === "block");

const declared = (path: string): readonly Callable[] =>
  parse({ name: path, text: stdlib[path] ?? "" }).file.declarations.flatMap((d) =>
    d.kind === "block" || d.kind === "fn" ? [d] : [],
  );

/** What the analysis says of a block in the least model round it. */
export function rowOf(block: ast.BlockDeclaration): Row {
  const { name } = block;
  const { ok, models } = checkSource({ name: name.text, text: modelAround(block) });
  const [model] = models;
  if (!ok || !model) throw new Error(`the model round ${name.text} does not check`);
  const row = biasOf(model).find((r) => r.instances.includes("result"));
  if (!row) throw new Error(`nothing is said of ${name.text}`);
  return { ...row, instances: [] };
}

/** The signature as it is written, on one line. */
function signatureOf({ span, body, kind }: Callable): string {
  const { text } = span.source;
  const head = text.slice(text.indexOf(kind, span.start), body.span.start);
  return oneLine(head);
}

const fence = (language: string, lines: readonly string[]): string =>
  `\`\`\`${language}\n${lines.join("\n")}\n\`\`\``;

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
const docOf = ({ doc }: Callable): string => oneLine(doc ?? "");

/** What is worked out where it is returned. */
function returnOf({ body }: ast.BlockDeclaration): readonly string[] {
  const last = body.items.find((item) => item.kind === "return");
  if (!last || last.values.every((value) => value.kind === "name")) return [];
  return [`return ${last.values.map((value) => oneLine(textOf(value.span))).join(", ")}`];
}

function blockSection(block: ast.BlockDeclaration, row: Row): string {
  const said = [...ruleLines(row.rule), ...returnOf(block)];
  const rule = said.length > 0 ? ["", ...said] : [];
  return `### ${block.name.text}\n\n${docOf(block)}\n\n${fence("text", [signatureOf(block), ...rule])}\n`;
}

function fileSection(path: string): string {
  const all = declared(path);
  const functions = all.filter((d) => d.kind === "fn");
  const blocks = blocksOf(path).map((block) => ({ block, row: rowOf(block) }));
  const listed = functions.map((one) => `* \`${signatureOf(one)}\`  \n  ${docOf(one)}`);
  const rows = blocks.map(({ row }) => [row]);
  return [
    `## ${path}\n`,
    ...(listed.length > 0 ? [`${listed.join("\n")}\n`] : []),
    ...(rows.length > 0 ? [biasTable(rows)] : []),
    ...blocks.map(({ block, row }) => blockSection(block, row)),
  ].join("\n");
}

export const libraryFiles: readonly string[] = Object.keys(stdlib);

/** The page as it should stand. */
export function libraryPage(): string {
  const contents = libraryFiles.map((path) => `[${path}](#${path.replace("/", "")})`);
  return [opening, `${contents.join(" · ")}\n`, ...libraryFiles.map(fileSection)].join("\n");
}
