/** `gnc compile FILE`: artifacts and their typed loader, or one stage of the pipeline as text. */
import { watch } from "node:fs";
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
  type StageName,
} from "../../../compiler/index.js";
import { Exit } from "../exit.js";
import { writeWhole } from "../files.js";
import { checkedOrExit, theModel } from "../sources.js";

export interface CompileFlags {
  readonly output?: string;
  readonly model?: string;
  readonly emit?: StageName;
  readonly trace?: string;
  readonly gradients?: "none" | "train" | "all";
  readonly runtime: string;
  readonly stats?: boolean;
  readonly watch?: boolean;
  readonly format: Format;
}

export async function compileCommand(path: string, flags: CompileFlags): Promise<void> {
  await compileOnce(path, flags);
  if (flags.watch) await watchAndCompile(path, flags);
}

async function compileOnce(path: string, flags: CompileFlags): Promise<void> {
  const checked = checkedOrExit(path, flags.format);
  const times: [string, number][] = [];
  const options: CompileOptions = {
    ...(flags.gradients && { gradients: flags.gradients }),
    ...(flags.trace && {
      trace: (fired) => process.stderr.write(`${fired.rule}: ${fired.before} -> ${fired.after}\n`),
    }),
    timing: (phase, ms) => times.push([phase, ms]),
  };
  if (flags.emit) {
    const model = flags.emit === "ast" ? checked.models[0] : theModel(checked, path, flags.model);
    process.stdout.write(
      `${await emitStage(flags.emit, checked, model ?? theModel(checked, path, flags.model), options)}\n`,
    );
    return;
  }
  await writeArtifacts(path, checked, flags, options, times);
}

/** One `.wasm` per model, and one loader for all of them. */
async function writeArtifacts(
  path: string,
  checked: Checked,
  flags: CompileFlags,
  options: CompileOptions,
  times: [string, number][],
): Promise<void> {
  const chosen =
    flags.model === undefined && checked.models.length > 0
      ? checked.models
      : [theModel(checked, path, flags.model)];
  const base = baseOf(path, flags.output);
  if (base === "-") {
    process.stdout.write(await compileModel(theModel(checked, path, flags.model), options));
    return;
  }
  const made: { model: Model; file: string; bytes: Uint8Array }[] = [];
  for (const model of chosen) {
    const file = chosen.length === 1 ? `${base}.wasm` : `${base}.${model.name}.wasm`;
    made.push({ model, file, bytes: await compileModel(model, options) });
  }
  const loader = makeLoader(
    made.map((m) => ({ model: m.model, file: basename(m.file) })),
    { source: basename(path), runtime: flags.runtime },
  );
  for (const { file, bytes } of made) writeWhole(file, bytes);
  writeWhole(`${base}.js`, loader.js);
  writeWhole(`${base}.d.ts`, loader.types);
  for (const { model, file, bytes } of made) {
    process.stderr.write(
      `${model.name}: ${file}, ${bytes.length} bytes (${gzipSync(bytes).length} gzipped)\n`,
    );
  }
  if (flags.stats)
    for (const [phase, ms] of times)
      process.stderr.write(`  ${phase.padEnd(16)} ${ms.toFixed(1)} ms\n`);
}

/** Where artifacts go: beside the source, or as `-o` says (a name, with or without `.wasm`; `-` for standard output). */
function baseOf(path: string, output: string | undefined): string {
  if (output !== undefined) return output.replace(/\.(wasm|js)$/, "");
  const name = path === "-" ? "model" : basename(path).replace(/\.gn$/, "");
  return join(path === "-" ? "." : dirname(path), name);
}

/** Compiles again whenever a `.gn` file in the folder changes; an error keeps the last good artifact. */
async function watchAndCompile(path: string, flags: CompileFlags): Promise<void> {
  process.stderr.write(`watching ${dirname(path)} for changes; stop with Ctrl-C\n`);
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    compileOnce(path, flags).catch((error: unknown) => {
      if (!(error instanceof Exit)) throw error;
      if (error.message) process.stderr.write(`${error.message}\n`);
    });
  };
  watch(dirname(path) || ".", (_, name) => {
    if (!name?.endsWith(".gn")) return;
    clearTimeout(timer);
    timer = setTimeout(again, 50);
  });
  await new Promise(() => {});
}
