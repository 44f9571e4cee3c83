/** How `gnc` ends: one number per kind of ending, so that scripts can tell them apart. */

export const exitCode = {
  ok: 0,
  diagnostics: 1,
  usage: 2,
  data: 3,
  interrupted: 130,
  bug: 70,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Ends the command with a code and, if there is something to say, one line for people. */
export class Exit extends Error {
  override readonly name = "Exit";
  readonly code: ExitCode;
  constructor(code: ExitCode, message = "") {
    super(message);
    this.code = code;
  }
}

/** Wrong use of the command line: says what to write instead. */
export const usage = (message: string): Exit => new Exit(exitCode.usage, message);

/** Something about the data or the run time. */
export const dataError = (message: string): Exit => new Exit(exitCode.data, message);
