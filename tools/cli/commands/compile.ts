/** `gnc compile FILE`: artifacts and their typed loader, or one stage of the pipeline as text. */
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  type Checked,
  type CompileOptions,
  compileModel,
  emitStage,
  type Format,
  type Model,
  makeLoader,
  printAst,
  type ReadImport,
  type StageName,
} from "../../../compiler/index.js";
import { readArtifact } from "../artifact.js";
import { usage } from "../exit.js";
import { readImport, readSource, writeWhole } from "../files.js";
import { checkedOrExit, theModel } from "../sources.js";
import { watchFiles } from "../watch.js";

export interface CompileFlags {
  readonly output?: string;
  readonly model?: string;
  readonly emit?: StageName;
  readonly trace?: string;
  readonly gradients?: "none" | "train" | "all";
  readonly runtime: string;
  readonly stats?: boolean;
  readonly relaxedSimd?: boolean;
  readonly watch?: boolean;
  readonly format: Format;
}

export async function compileCommand(path: string, flags: CompileFlags): Promise<void> {
  if (!flags.watch) return compileOnce(path, flags, readImport);
  if (path === "-") throw usage("standard input cannot be watched", "name a file");
  await watchFiles(path, (read) => compileOnce(path, flags, read));
}

async function compileOnce(path: string, flags: CompileFlags, read: ReadImport): Promise<void> {
  const taken = flags.emit !== undefined || flags.output === "-";
  if (taken && flags.relaxedSimd)
    throw usage("--relaxed-simd writes a second file", "leave out --emit and -o -");
  const checked = checkedOrExit(readSource(path), { format: flags.format, taken, read });
  if (flags.emit === undefined) return writeArtifacts(path, checked, flags);
  writeWhole(flags.output ?? "-", `${(await stageText(flags.emit, checked, flags)).trimEnd()}\n`);
}

const stageText = async (
  stage: StageName,
  checked: Checked,
  flags: CompileFlags,
): Promise<string> =>
  stage === "ast"
    ? printAst(checked.file)
    : emitStage(stage, theModel(checked, flags.model), optionsOf(flags));

function optionsOf(
  { gradients, trace }: CompileFlags,
  timing?: CompileOptions["timing"],
): CompileOptions {
  return {
    ...(gradients && { gradients }),
    ...(trace && {
      trace: ({ rule, before, after }) =>
        process.stderr.write(`${rule}\n  ${before}\n  -> ${after}\n`),
    }),
    ...(timing && { timing }),
  };
}

interface Made {
  readonly model: Model;
  readonly file: string;
  /** Whether it wants relaxed SIMD. */
  readonly relaxed: boolean;
  readonly bytes: Uint8Array;
  readonly times: readonly (readonly [phase: string, ms: number])[];
}

/** One `.wasm` per model, and one loader for all of them. Nothing is written before all is made. */
async function writeArtifacts(path: string, checked: Checked, flags: CompileFlags): Promise<void> {
  if (flags.output === "-") {
    const { bytes } = await make(theModel(checked, flags.model), "-", flags, false);
    return writeWhole("-", bytes);
  }
  const base = baseOf(path, flags.output);
  const all = flags.model === undefined && checked.models.length > 0;
  const chosen = all ? checked.models : [theModel(checked, flags.model)];
  const made: Made[] = [];
  for (const model of chosen) {
    const name = chosen.length === 1 ? base : `${base}.${model.name}`;
    made.push(await make(model, `${name}.wasm`, flags, false));
    if (flags.relaxedSimd) made.push(await make(model, `${name}.relaxed.wasm`, flags, true));
  }
  const nameOf = (model: Model, relaxed: boolean): string | undefined => {
    const file = made.find((m) => m.model === model && m.relaxed === relaxed)?.file;
    return file && basename(file);
  };
  const loader = makeLoader(
    chosen.map((model) => {
      const relaxed = nameOf(model, true);
      return { model, file: nameOf(model, false) ?? "", ...(relaxed && { relaxed }) };
    }),
    { source: basename(checked.file.source.name), runtime: flags.runtime },
  );
  for (const { file, bytes } of made) writeWhole(file, bytes);
  writeWhole(`${base}.js`, loader.js);
  writeWhole(`${base}.d.ts`, loader.types);
  for (const one of made) await tell(one, flags.stats === true);
}

async function make(
  model: Model,
  file: string,
  flags: CompileFlags,
  relaxed: boolean,
): Promise<Made> {
  const times: (readonly [string, number])[] = [];
  const timing = (phase: string, ms: number): void => void times.push([phase, ms]);
  const bytes = await compileModel(model, { ...optionsOf(flags, timing), relaxed });
  return { model, file, relaxed, bytes, times };
}

async function tell({ model, file, bytes, times }: Made, stats: boolean): Promise<void> {
  const lines = [
    `${model.name}: ${file}, ${bytes.length} bytes (${gzipSync(bytes).length} gzipped)`,
  ];
  if (stats) {
    const { sizes } = await readArtifact(file, bytes);
    lines.push(...times.map(([phase, ms]) => `  ${phase.padEnd(16)} ${ms.toFixed(1)} ms`));
    lines.push(`  ${"code".padEnd(16)} ${sizes.total - sizes.model} bytes`);
    lines.push(`  ${"description".padEnd(16)} ${sizes.model} bytes`);
  }
  process.stderr.write(`${lines.join("\n")}\n`);
}

/** Where artifacts go: beside the source, or as `-o` says (a name, with or without `.wasm`). */
function baseOf(path: string, output: string | undefined): string {
  if (output !== undefined) return output.replace(/\.(wasm|js|d\.ts)$/, "");
  const name = path === "-" ? "model" : basename(path).replace(/\.gn$/, "");
  return join(path === "-" ? "." : dirname(path), name);
}
