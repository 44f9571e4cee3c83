/** The command line: names, options and help of every command; what each does is in `commands/`. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { stages, version } from "../../compiler/index.js";
import { bindCommand } from "./commands/bind.js";
import { checkCommand } from "./commands/check.js";
import { compileCommand } from "./commands/compile.js";
import { explainCommand } from "./commands/explain.js";
import { fmtCommand } from "./commands/fmt.js";
import { inspectCommand } from "./commands/inspect.js";
import { runCommand } from "./commands/run.js";
import { trainCommand } from "./commands/train.js";
import { Exit, exitCode } from "./exit.js";

const format = (): Option =>
  new Option("--format <format>", "how to print what is wrong")
    .choices(["pretty", "json", "github"])
    .default("pretty");
const model = (): Option => new Option("--model <name>", "which model of the file");

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError("write a whole number.");
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value))
    throw new InvalidArgumentError("write a number above 0.");
  return value;
}

/** All commands with their options. */
export function program(): Command {
  const gnc = new Command("gnc")
    .description(
      "A language and a compiler for graph networks: .gn files to small WebAssembly modules.",
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError("(gnc --help shows the commands)")
    .addHelpText(
      "after",
      "\nExit codes: 0 fine, 1 diagnostics, 2 usage, 3 data or run time, 70 a fault of gnc's own.\n`-` reads standard input or writes standard output.",
    );
  languageCommands(gnc);
  modelCommands(gnc);
  return gnc;
}

function languageCommands(gnc: Command): void {
  gnc
    .command("check")
    .description("say all that is wrong in some files")
    .argument("<file...>")
    .addOption(format())
    .option("--max-warnings <n>", "fail when there are more warnings", count)
    .action(checkCommand);
  gnc
    .command("fmt")
    .description("write files in canonical form")
    .argument("<file...>")
    .option("--check", "change nothing; fail when a file is not formatted")
    .action(fmtCommand);
  gnc
    .command("compile")
    .description("compile the models of a file to .wasm, with a typed loader beside it")
    .argument("<file>")
    .option(
      "-o, --output <name>",
      "where to write (name.wasm, name.js, name.d.ts); - for standard output",
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
        "what the artifact can differentiate: none, train (the loss), all (outputs too)",
      ).choices(["none", "train", "all"]),
    )
    .option("--runtime <specifier>", "from where the loader imports the runtime", "gnc/runtime")
    .option("--stats", "print the time of each phase")
    .option("--watch", "compile again when a .gn file changes")
    .action(compileCommand);
  gnc
    .command("explain")
    .description("explain an error code, or what a model stores")
    .argument("<code or file>")
    .option("--memory", "every buffer of the model: its size as a formula, and why it is stored")
    .addOption(model())
    .action(explainCommand);
}

function modelCommands(gnc: Command): void {
  gnc
    .command("run")
    .description("run a model on data")
    .argument("<model.gn|.wasm>")
    .requiredOption("--data <file>", "inputs (safetensors)")
    .option("--weights <file>", "weights (safetensors)")
    .option(
      "--out <file>",
      "where to write the outputs (safetensors); without it a summary is printed",
    )
    .option("--seed <n>", "seed of the initial weights", count, 0)
    .addOption(model())
    .action(runCommand);
  gnc
    .command("train")
    .description("train a model on data")
    .argument("<model.gn|.wasm>")
    .requiredOption("--data <file>", "training graphs (safetensors)")
    .option("--validation <file>", "graphs to evaluate on after each epoch")
    .option("--epochs <n>", "how many times through the data", count, 200)
    .option("--batch-size <n>", "graphs per step", count, 32)
    .option("--seed <n>", "seed of weights, draws and order", count, 0)
    .option("--lr <x>", "learning rate instead of the file's", positive)
    .option("--weights <file>", "weights to start from")
    .option("--weights-out <file>", "where to write the trained weights")
    .option("--checkpoint <file>", "where Ctrl-C saves (default: beside the weights)")
    .option("--resume <file>", "go on from a checkpoint")
    .option("--log", "JSON lines on standard output instead of a progress line")
    .addOption(model())
    .action(trainCommand);
  gnc
    .command("inspect")
    .description("what a compiled model is: spaces, fields, parameters, programs, sizes")
    .argument("<model.wasm>")
    .option("--json", "the whole manifest as JSON")
    .action(inspectCommand);
  gnc
    .command("bind")
    .description("put weights into a compiled model")
    .argument("<model.wasm>")
    .argument("<weights>")
    .option("-o, --output <file>", "where to write; without it the model is replaced")
    .action(bindCommand);
}

/** Runs one command line and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    process.exit(error.code === "EPIPE" ? 0 : exitCode.bug),
  );
  try {
    await program().parseAsync(argv as string[]);
  } catch (error) {
    process.exitCode = ending(error);
  }
}

function ending(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  if (error instanceof Exit) {
    if (error.message) process.stderr.write(`gnc: ${error.message}\n`);
    return error.code;
  }
  if (error instanceof Error && error.name === "GnError") {
    const code = "code" in error ? `[${String(error.code)}]` : "";
    process.stderr.write(`error${code}: ${error.message}\n`);
    return exitCode.data;
  }
  process.stderr.write(
    `This is a fault of gnc itself, not of your file. Please report it with the file.\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return exitCode.bug;
}
