import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newLexer } from "../../grammar/lex.js";
import * as t from "../../grammar/tokens.js";
import { rulesOfParser, rulesOfText } from "./ebnf.js";

const text = readFileSync(new URL("../../grammar/gn.ebnf", import.meta.url), "utf8");
const written = rulesOfText(text);
const letters = ["NAME", "LOWER", "UPPER", "NUMBER", "STRING"];

test("gn.ebnf has the rules of the parser, each as the parser reads it", () => {
  const rules = [...written].filter(([name]) => !letters.includes(name));
  expect(Object.fromEntries(rules)).toEqual(Object.fromEntries(rulesOfParser()));
});

test("chevrotain has nothing to say against the tokens", () => {
  expect(newLexer(true).lexerDefinitionErrors).toEqual([]);
});

test("gn.ebnf has the letters of the lexer", () => {
  const literals = [t.Lower, t.Upper, t.NumberLiteral, t.StringLiteral];
  for (const { name, PATTERN } of literals) {
    const pattern = PATTERN instanceof RegExp ? PATTERN.source : "";
    expect(`/${pattern.replace(/\(\?!.*$/, "")}/`, name).toBe(written.get(name));
  }
});

test("gn.ebnf lists the words of the language", () => {
  const words = [...t.hardWords, ...t.softWords].map(({ LABEL = "" }) => LABEL.slice(1, -1));
  const listed = text.slice(text.indexOf("Hard words")).match(/[a-z0-9]+/g) ?? [];
  const remark = ["ard", "words", "never", "names", "oft", "everywhere", "else"];
  expect(listed.filter((word) => !remark.includes(word)).sort()).toEqual(words.sort());
});
