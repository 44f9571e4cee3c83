/**
 * Reads `gn.ebnf` and chevrotain's own description of the parser into one canonical form, so that they compare as text.
 *
 * Canonical: `[ x ]`, `{ x }`, alternatives in parentheses, `x { "," x }` for what is separated.
 */
import {
  Alternation,
  Alternative,
  type IProduction,
  NonTerminal,
  Option,
  Repetition,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  Terminal,
  type TokenType,
} from "chevrotain";
import { GnParser } from "../../grammar/parser.js";

/** The rules of the parser by name. */
export function rulesOfParser(): Map<string, string> {
  const productions = Object.entries(new GnParser(true).getGAstProductions());
  return new Map(productions.map(([name, { definition }]) => [name, sequence(definition)]));
}

function sequence(all: readonly IProduction[]): string {
  return all.map(production).join(" ");
}

function production(one: IProduction): string {
  if (one instanceof Alternative) return sequence(one.definition);
  if (one instanceof Terminal) return terminal(one.terminalType);
  if (one instanceof NonTerminal) return one.nonTerminalName;
  if (one instanceof Option) return `[ ${sequence(one.definition)} ]`;
  if (one instanceof Alternation) return alternatives(one.definition.map(production));
  if (one instanceof RepetitionMandatoryWithSeparator) return separated(one);
  if (one instanceof RepetitionWithSeparator) return `[ ${separated(one)} ]`;
  if (one instanceof Repetition) return `{ ${sequence(one.definition)} }`;
  throw new Error(`no form for ${one.constructor.name}`);
}

function separated(one: { definition: IProduction[]; separator: TokenType }): string {
  const repeated = sequence(one.definition);
  return `${repeated} { ${terminal(one.separator)} ${repeated} }`;
}

/** Words and signs are written as they are, the others by name. */
function terminal({ name, LABEL = "" }: TokenType): string {
  return LABEL.startsWith("`") ? `"${LABEL.slice(1, -1)}"` : name;
}

function alternatives(all: readonly string[]): string {
  const full = all.filter((one) => one !== "");
  if (full.length < all.length) return `[ ${full.join(" | ")} ]`;
  return full.length === 1 ? full.join("") : `( ${full.join(" | ")} )`;
}

/** The rules of an EBNF text by name, in the order of the text. */
export function rulesOfText(text: string): Map<string, string> {
  const bare = text.replace(/\(\*[\s\S]*?\*\)/g, "");
  const words = bare.match(/"[^"]*"|\/[^\n]*\/(?= ;)|[A-Za-z]+|[[\]{}()|=;]/g) ?? [];
  const rules = new Map<string, string>();
  while (words.length > 0) {
    const name = words.shift() ?? "";
    if (words.shift() !== "=") throw new Error(`no = behind ${name}`);
    rules.set(name, choice(words));
    if (words.shift() !== ";") throw new Error(`no ; behind ${name}`);
  }
  return rules;
}

const closers = new Map([
  ["[", "]"],
  ["{", "}"],
  ["(", ")"],
]);

/** Alternatives up to a closer or `;`. */
function choice(words: string[]): string {
  const all: string[] = [];
  let current: string[] = [];
  while (words.length > 0 && !["]", "}", ")", ";"].includes(words[0] ?? "")) {
    const word = words.shift() ?? "";
    const closer = closers.get(word);
    if (word === "|") {
      all.push(current.join(" "));
      current = [];
    } else if (closer === undefined) current.push(word);
    else {
      const inside = choice(words);
      current.push(word === "(" ? inside : `${word} ${inside} ${closer}`);
      words.shift();
    }
  }
  return alternatives([...all, current.join(" ")]);
}
