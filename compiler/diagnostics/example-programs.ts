/** The small programs that the examples of all codes are lines of. */

const program = (head: string, lines: readonly string[], before: string): string =>
  `${before === "" ? "" : `${before}\n\n`}model Example {\n${[head, ...lines].join("\n").replaceAll(/^/gm, "  ")}\n}\n`;

/** Atoms joined by bonds, four features each. `before` stands above the model. */
export const atoms = (lines: string, before = ""): string =>
  program("nodes atom\nedges bond: atom -> atom\ninput x: atom f32[4]", lines.split("\n"), before);

/** A sequence of words, four features each. */
export const words = (lines: string, before = ""): string =>
  program("nodes word: seq\ninput x: word f32[4]", lines.split("\n"), before);

/** Users who buy items: two sets and one relation. */
export const shop = (lines: string, before = ""): string =>
  program(
    "nodes user, item\nedges buys: user -> item\ninput a: user f32[4]\ninput b: item f32[4]",
    lines.split("\n"),
    before,
  );

/** Atoms with two relations. */
export const twice = (lines: string, before = ""): string =>
  program(
    "nodes atom\nedges bond: atom -> atom\nedges near: atom -> atom\ninput x: atom f32[4]",
    lines.split("\n"),
    before,
  );

/** An import line of the standard library. */
export const using = (...names: readonly string[]): string =>
  `import { ${names.join(", ")} } from "std/core"`;
