/** A failure that no input should be able to cause: ours, not the user's. Exit code 70. */
export class CompilerBug extends Error {
  override readonly name = "CompilerBug";
}

/** Stops with a message about the compiler itself. Everything a user can get wrong is reported by the checker. */
export function bug(message: string): never {
  throw new CompilerBug(message);
}
