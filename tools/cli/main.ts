/**
 * The command line: names, options and help of every command. What each does is in `commands/` and is loaded when the
 * command is given, so that `gnc check` does not wait for what only `gnc train` needs.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { stages } from "../../compiler/stage-names.js";
import { version } from "../../compiler/version.js";
import { ending, exitCode } from "./exit.js";
import { addSize, type GivenSizes } from "./size-option.js";

/** Runs one command line and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // Who reads our output may stop early (`gnc inspect m.wasm | head -1`); that is no fault.
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? exitCode.ok : exitCode.data),
  );
  try {
    await program().parseAsync(argv as string[]);
  } catch (error) {
    process.exitCode = ending(error);
  }
}

/** All commands with their options. */
export function program(): Command {
  const gnc = new Command("gnc")
    .description(
      "A language and a compiler for graph networks: .gn files to small WebAssembly modules.",
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError("(gnc --help shows the commands, gnc COMMAND --help their options)")
    .addHelpText("after", afterHelp);
  languageCommands(gnc);
  compileCommands(gnc);
  runCommands(gnc);
  benchCommands(gnc);
  artifactCommands(gnc);
  return gnc;
}

const afterHelp = `
A first model:
  gnc check examples/cora/gcn.gn
  gnc train examples/cora/gcn.gn --data examples/cora/cora.safetensors

\`-\` reads standard input or writes standard output. Messages go to standard error.
Exit codes: 0 fine, 1 diagnostics, 2 usage, 3 data or run time, 70 a fault of gnc's own, 130 stopped by Ctrl-C.`;

const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;

const format = (): Option =>
  new Option("--format <format>", "how to print what is wrong")
    .choices(["pretty", "json", "github"])
    .default("pretty");
const model = (): Option => new Option("--model <name>", "which model, when the file has several");
const seed = (what: string): Option => new Option("--seed <n>", what).argParser(count).default(0);

const threads = (): Option =>
  new Option("--threads <n>", "how many threads work on it; the numbers do not depend on it")
    .argParser(oneOrMore)
    .default(1);

function count(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError("Write a whole number, 0 or more.");
  return value;
}

function oneOrMore(text: string): number {
  if (count(text) === 0) throw new InvalidArgumentError("Write a whole number, 1 or more.");
  return Number(text);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value))
    throw new InvalidArgumentError("Write a number above 0.");
  return value;
}

const data = (): Option => new Option("--data <file>", "inputs (safetensors)");
const size = (what: string): Option =>
  new Option("--size <name=count>", what).argParser((text, before: GivenSizes | undefined) =>
    addSize(text, before),
  );
const machine = (): Option =>
  new Option(
    "--machine <constants>",
    "what bounds are for: documented or measured, and any of flops, functions, cached, memory, cache",
  );

function languageCommands(gnc: Command): void {
  gnc
    .command("check")
    .description("say all that is wrong in some files")
    .argument("<file.gn...>")
    .addOption(format())
    .option("--max-warnings <n>", "fail when there are more warnings", count)
    .addHelpText("after", examples("gnc check cora.gn", "gnc check models/*.gn --format github"))
    .action(async (paths, flags) =>
      (await import("./commands/check.js")).checkCommand(paths, flags),
    );
  gnc
    .command("fmt")
    .description("write files in canonical form")
    .argument("<file.gn...>")
    .option("--check", "change nothing; fail when a file is not formatted")
    .addHelpText(
      "after",
      examples("gnc fmt cora.gn", "gnc fmt --check models/*.gn", "gnc fmt - < cora.gn"),
    )
    .action(async (paths, flags) => (await import("./commands/fmt.js")).fmtCommand(paths, flags));
  gnc
    .command("explain")
    .description("explain an error code, the inductive bias of a model, what it stores or computes")
    .argument("<code, model.gn or model.wasm>")
    .option("--verify", "try every claim in the compiled module, on random graphs")
    .option("--memory", "every buffer of the model: its size as a formula, and why it is stored")
    .option("--cost", "every kernel of the model: operations, bytes and bounds as formulas")
    .addOption(size("for --cost and --memory: rows of a space, for numbers too; may be repeated"))
    .addOption(data())
    .addOption(machine())
    .addOption(model())
    .addOption(
      new Option("--format <format>", "how to print the inductive bias, or --cost")
        .choices(["pretty", "json", "markdown"])
        .default("pretty"),
    )
    .addHelpText(
      "after",
      examples(
        "gnc explain GN2104",
        "gnc explain cora.gn            entities, relations, rule, sharing and symmetries of each block",
        "gnc explain cora.gn --verify   .. and the largest difference that each symmetry leaves",
        "gnc explain cora.gn --memory",
        "gnc explain cora.gn --cost",
        "gnc explain cora.gn --cost --data cora.safetensors",
        "gnc explain club.gn --cost --size member=34 --size tie=190 --machine flops=40,memory=12",
      ),
    )
    .action(async (subject, flags) =>
      (await import("./commands/explain.js")).explainCommand(subject, flags),
    );
}

function compileCommands(gnc: Command): void {
  gnc
    .command("compile")
    .description("compile the models of a file to .wasm, with a typed loader beside it")
    .argument("<file.gn>")
    .option(
      "-o, --output <name>",
      "where to write: NAME.wasm, NAME.js, NAME.d.ts; - for the .wasm on standard output",
    )
    .addOption(model())
    .addOption(format())
    .addOption(
      new Option("--emit <stage>", "print a stage of the pipeline instead").choices(stages),
    )
    .addOption(
      new Option("--trace <phase>", "print every rewrite that fires").choices(["optimize"]),
    )
    .addOption(
      new Option(
        "--gradients <which>",
        "what the artifact can differentiate: none, train (the loss), all (outputs, too)",
      ).choices(["none", "train", "all"]),
    )
    .option(
      "--runtime <specifier>",
      "from where the loader imports the runtime: a package, a path or a URL",
      "gnc/runtime",
    )
    .option(
      "--relaxed-simd",
      "also write MODEL.relaxed.wasm, which the loader takes where the machine has relaxed SIMD: faster products, whose last bits differ between machines",
    )
    .option("--stats", "print the time of each phase and the size of each part")
    .option("--watch", "compile again whenever the file or one it imports changes")
    .addHelpText(
      "after",
      examples(
        "gnc compile cora.gn                          cora.wasm, cora.js, cora.d.ts",
        "gnc compile cora.gn -o web/cora --runtime ./runtime.js --watch",
        "gnc compile cora.gn --emit kernel",
        "gnc compile - -o - < cora.gn > cora.wasm",
      ),
    )
    .action(async (path, flags) =>
      (await import("./commands/compile.js")).compileCommand(path, flags),
    );
}

function runCommands(gnc: Command): void {
  gnc
    .command("run")
    .description("run a model on data")
    .argument("<model.gn or model.wasm>")
    .option("--data <file>", "inputs (safetensors)")
    .option("--weights <file>", "weights (safetensors)")
    .option(
      "--out <file>",
      "where to write the outputs (safetensors); without it a summary is printed",
    )
    .addOption(seed("seed of the draws, and of the weights when none are given"))
    .addOption(threads())
    .addOption(model())
    .addHelpText(
      "after",
      examples(
        "gnc run cora.gn --data cora.safetensors --weights w.safetensors --out y.safetensors",
      ),
    )
    .action(async (path, flags) => (await import("./commands/run.js")).runCommand(path, flags));
  gnc
    .command("train")
    .description("train a model on data")
    .argument("<model.gn or model.wasm>")
    .option("--data <file>", "training graphs (safetensors)")
    .option("--validation <file>", "graphs to evaluate on after each epoch (safetensors)")
    .option("--epochs <n>", "how many times through the data", oneOrMore, 200)
    .option("--batch-size <n>", "graphs per step", oneOrMore, 32)
    .addOption(seed("seed of weights, draws and order"))
    .addOption(threads())
    .option("--lr <x>", "learning rate instead of the file's", positive)
    .option("--weights <file>", "weights to start from")
    .option("--weights-out <file>", "where to write the trained weights")
    .option(
      "--checkpoint <file>",
      "where to save at the end and on Ctrl-C (default on Ctrl-C: MODEL.checkpoint.safetensors)",
    )
    .option("--resume <file>", "go on from a checkpoint; --epochs counts from the first start")
    .option("--log", "JSON lines on standard output instead of progress")
    .option(
      "--no-renumber",
      "keep nodes of large graphs as they are numbered, instead of bringing neighbours close together",
    )
    .addOption(model())
    .addHelpText(
      "after",
      examples(
        "gnc train cora.gn --data cora.safetensors --weights-out w.safetensors",
        "gnc train cora.gn --data cora.safetensors --resume cora.checkpoint.safetensors",
        "gnc train cora.gn --data cora.safetensors --log > training.jsonl",
      ),
    )
    .action(async (path, flags) => (await import("./commands/train.js")).trainCommand(path, flags));
}

function benchCommands(gnc: Command): void {
  gnc
    .command("bench")
    .description("time each kernel of a model, and how near it is to what the machine can do")
    .argument("<model.gn>")
    .addOption(data())
    .addOption(size("a random graph with so many rows of a space instead; may be repeated"))
    .addOption(
      new Option("--program <which>", "one run, or one step of training")
        .choices(["infer", "train"])
        .default("infer"),
    )
    .option("--seconds <n>", "how long to measure", positive, 2)
    .addOption(machine().default("measured"))
    .addOption(model())
    .addOption(
      new Option("--format <format>", "how to print it")
        .choices(["pretty", "json"])
        .default("pretty"),
    )
    .addHelpText(
      "after",
      examples(
        "gnc bench cora.gn --data cora.safetensors",
        "gnc bench cora.gn --data cora.safetensors --program train --format json",
        "gnc bench club.gn --size tie=190",
      ),
    )
    .action(async (path, flags) => (await import("./commands/bench.js")).benchCommand(path, flags));
}

function artifactCommands(gnc: Command): void {
  gnc
    .command("inspect")
    .description("what a compiled model is: spaces, fields, parameters, programs, sizes")
    .argument("<model.wasm>")
    .option("--json", "the whole manifest as JSON")
    .addHelpText(
      "after",
      examples("gnc inspect cora.wasm", "gnc inspect cora.wasm --json | jq .inputs"),
    )
    .action(async (path, flags) =>
      (await import("./commands/inspect.js")).inspectCommand(path, flags),
    );
  gnc
    .command("bind")
    .description("put weights into a compiled model")
    .argument("<model.wasm>")
    .argument("<weights>")
    .option("-o, --output <file>", "where to write; without it the model is replaced")
    .addHelpText("after", examples("gnc bind cora.wasm w.safetensors -o cora-trained.wasm"))
    .action(async (path, weights, flags) =>
      (await import("./commands/bind.js")).bindCommand(path, weights, flags),
    );
}
