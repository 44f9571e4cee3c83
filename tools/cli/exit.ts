/** How `gnc` ends: one number per kind of ending, so that scripts can tell them apart, and the words that go with it. */
import { CommanderError } from "commander";

export const exitCode = {
  ok: 0,
  diagnostics: 1,
  usage: 2,
  data: 3,
  interrupted: 130,
  bug: 70,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Ends the command with a code and, if there is something to say, some words for people. */
export class Exit extends Error {
  override readonly name = "Exit";
  readonly code: ExitCode;
  constructor(code: ExitCode, message = "") {
    super(message);
    this.code = code;
  }
}

/** Wrong use of the command line: what is wrong, and what to write instead. */
export const usage = (message: string, help?: string): Exit =>
  new Exit(exitCode.usage, withHelp(`error: ${message}`, help));

const withHelp = (text: string, help: string | undefined): string =>
  help === undefined ? text : `${text}\n  = help: ${help}`;

interface RuntimeError extends Error {
  readonly code: string;
}

const isRuntimeError = (error: unknown): error is RuntimeError =>
  error instanceof Error && error.name === "GnError" && "code" in error;

/** Runs what reads `path`; an error of the runtime then names the file, and `help` says what may be wrong with it. */
export async function about<T>(
  path: string,
  run: () => T | Promise<T>,
  help?: () => string,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    throw new Exit(exitCode.data, runtimeText(error, path, help?.()));
  }
}

function runtimeText({ code, message }: RuntimeError, path?: string, help?: string): string {
  const text = message.replace(`${code}: `, "");
  return withHelp(
    `error[${code}]: ${path === undefined ? "" : `${path}: `}${text}`,
    `${help === undefined ? "" : `${help}; `}more with \`gnc explain ${code}\``,
  );
}

/** Says what there is to say of an error that ended a command, and gives the exit code. */
export function ending(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  if (error instanceof Exit) {
    if (error.message) process.stderr.write(`${error.message}\n`);
    return error.code;
  }
  if (isRuntimeError(error)) {
    process.stderr.write(`${runtimeText(error)}\n`);
    return exitCode.data;
  }
  process.stderr.write(
    `This is a fault of gnc itself, not of your file. Please report it with the file.\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return exitCode.bug;
}
