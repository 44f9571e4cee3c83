/** `gnc compile FILE`: artifacts and their typed loader, or one stage of the pipeline as text. */
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  type Checked,
  type CompileOptions,
  compileInParts,
  emitStage,
  type Format,
  type Model,
  makeLoader,
  printAst,
  type ReadImport,
  relaxedArtifact,
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
  readonly bytes: Uint8Array;
  /** The build with relaxed SIMD, when it was asked for. */
  readonly relaxed: { readonly file: string; readonly bytes: Uint8Array } | null;
  readonly times: readonly (readonly [phase: string, ms: number])[];
}

/** One `.wasm` per model, and one loader for all of them. Nothing is written before all is made. */
async function writeArtifacts(path: string, checked: Checked, flags: CompileFlags): Promise<void> {
  if (flags.output === "-") {
    const { bytes } = await make(theModel(checked, flags.model), "-", flags);
    return writeWhole("-", bytes);
  }
  const base = baseOf(path, flags.output);
  const all = flags.model === undefined && checked.models.length > 0;
  const chosen = all ? checked.models : [theModel(checked, flags.model)];
  const made: Made[] = [];
  for (const model of chosen)
    made.push(await make(model, chosen.length === 1 ? base : `${base}.${model.name}`, flags));
  const loader = makeLoader(
    made.map(({ model, file, relaxed }) => ({
      model,
      file: basename(file),
      ...(relaxed && { relaxed: basename(relaxed.file) }),
    })),
    { source: basename(checked.file.source.name), runtime: flags.runtime },
  );
  for (const { file, bytes, relaxed } of made) {
    writeWhole(file, bytes);
    if (relaxed) writeWhole(relaxed.file, relaxed.bytes);
  }
  writeWhole(`${base}.js`, loader.js);
  writeWhole(`${base}.d.ts`, loader.types);
  for (const one of made) await tell(one, flags.stats === true);
}

async function make(model: Model, base: string, flags: CompileFlags): Promise<Made> {
  const times: (readonly [string, number])[] = [];
  const timing = (phase: string, ms: number): void => void times.push([phase, ms]);
  const compiled = await compileInParts(model, optionsOf(flags, timing));
  const relaxed = flags.relaxedSimd
    ? { file: `${base}.relaxed.wasm`, bytes: await relaxedArtifact(compiled) }
    : null;
  return { model, file: `${base}.wasm`, bytes: compiled.artifact, relaxed, times };
}

async function tell(made: Made, stats: boolean): Promise<void> {
  const { model, file, bytes, times } = made;
  const lines = [made, made.relaxed].flatMap((build) =>
    build
      ? `${model.name}: ${build.file}, ${build.bytes.length} bytes (${gzipSync(build.bytes).length} gzipped)`
      : [],
  );
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
