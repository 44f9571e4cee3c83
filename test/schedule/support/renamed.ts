/**
 * The same programs under other names: every name that a user may choose, in a model and in the library that it uses, is
 * exchanged for one that sorts the other way, and the library's files are a user's own.
 */
import type { IToken } from "chevrotain";
import {
  builtinNames,
  builtinValues,
  initializerNames,
  topologyWords,
} from "../../../compiler/1-check/vocabulary.js";
import { checkSource } from "../../../compiler/compile.js";
import type { Model } from "../../../compiler/ir/model.js";
import { lex } from "../../../grammar/lex.js";
import { textOf } from "../../../grammar/source.js";
import { Lower, Name, Optimizer, StringLiteral, Upper } from "../../../grammar/tokens.js";
import { stdlib } from "../../../stdlib/index.js";

/** Words that mean something where they stand: of the language, and names of options. */
const reserved: ReadonlySet<string> = new Set([
  ...builtinNames, ...builtinValues, ...topologyWords, ...initializerNames,
  ...["set", "seq", "grid", "symmetric", "self_loops", "strict", "reverse"],
  ...["stride", "dilation", "pad", "empty", "fan", "_"],
  // what parameters of a returned instance are named by
  "out",
]); // biome-ignore format: by kind

/** Parts of a description that hold no names of the user's; slots of a step are marks. */
const nameless: ReadonlySet<string> = new Set([
  "compiler",
  "doc",
  "kernel",
  "kind",
  "dtype",
  "life",
  "over",
  "arena",
]);

/** New names by old ones, for all texts that go together. */
export class Renaming {
  readonly #names = new Map<string, string>();

  /** `Gcn` becomes `Z999`, `x'` `z998'`: the letter, small or capital, and primes mean something. */
  name(old: string): string {
    if (reserved.has(old)) return old;
    const [, word = old, primes = ""] = /^(.*?)('*)$/.exec(old) ?? [];
    const known = this.#names.get(word);
    const first = /^[A-Z]/.test(word) ? "Z" : "z";
    const made = known ?? `${first}${9999 - this.#names.size}`;
    this.#names.set(word, made);
    return made + primes;
  }

  /** A text with all its names changed; the imports of the library ask the user's own files. */
  text(name: string, text: string): string {
    const { tokens } = lex({ name, text });
    const options = optionsIn(tokens);
    const out: string[] = [];
    let at = 0;
    for (const token of tokens) {
      out.push(text.slice(at, token.startOffset), this.#token(token, options.has(token)));
      at = token.startOffset + token.image.length;
    }
    return out.join("") + text.slice(at);
  }

  #token({ tokenType, image }: IToken, isOption: boolean): string {
    if (tokenType === StringLiteral) return image.replace('"std/', '"./own-');
    const isName = tokenType === Upper || tokenType === Lower || tokenType === Name;
    return isName && !isOption ? this.name(image) : image;
  }

  /** Every name within a value of a description, changed as in the text. */
  told(value: unknown): unknown {
    if (typeof value === "string") return value.replace(/[A-Za-z_]\w*/g, this.#known);
    if (Array.isArray(value)) return value.map((v) => this.told(v));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [
        k,
        nameless.has(k) || (k === "slots" && typeof v === "string") ? v : this.told(v),
      ]),
    );
  }

  #known = (word: string): string => this.#names.get(word) ?? word;
}

/** `lr` of `adam(lr: 0.1)`, `max` of `seq(max: 50)`, and `adam` itself: functions may have parameters of these names. */
function optionsIn(tokens: readonly IToken[]): ReadonlySet<IToken> {
  const found = new Set<IToken>();
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1];
    if (token.tokenType === Optimizer && next) found.add(next);
    if (next?.image !== "(" || (token.image !== "seq" && !found.has(token))) continue;
    let depth = 0;
    for (let k = i + 1; k < tokens.length; k++) {
      depth += tokens[k]?.image === "(" ? 1 : tokens[k]?.image === ")" ? -1 : 0;
      const option = tokens[k];
      if (depth === 0) break;
      if (depth === 1 && option && tokens[k + 1]?.image === ":") found.add(option);
    }
  }
  return found;
}

/** The models of a file, all its names and those of the library changed. */
export function renamedModels(
  file: string,
  text: string,
): { models: readonly Model[]; names: Renaming } {
  const names = new Renaming();
  const source = { name: "./own.gn", text: names.text(file, text) };
  const own = new Map(
    Object.entries(stdlib).map(([path, t]) => [
      path.replace("std/", "./own-"),
      names.text(path, t),
    ]),
  );
  const { models, diagnostics } = checkSource(source, (path) => {
    const found = own.get(path);
    return found === undefined ? null : { name: path, text: found };
  });
  const errors = diagnostics.filter((d) => d.severity === "error");
  if (errors.length > 0)
    throw new Error(errors.map((d) => `${d.message}: ${textOf(d.primary.span)}`).join("; "));
  return { models, names };
}
