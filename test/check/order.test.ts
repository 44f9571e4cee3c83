/** The order of the text does not matter: shuffled items give the same fields, parameters and types. */
import { describe, expect, it } from "vitest";
import { Problems } from "../../compiler/diagnostics/problems.js";
import { parseSource } from "../../compiler/diagnostics/syntax.js";
import type { Model } from "../../compiler/ir/model.js";
import { printValueType } from "../../compiler/ir/model.print.js";
import type { Body, File, Item } from "../../grammar/ast.js";
import { checkedFile, said, textOfFile } from "./support.js";

/** A small generator of numbers: Lehmer 1951. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** Shuffles what may be shuffled: runs of items between loops, equations of sections between loops. */
function shuffled(body: Body, random: () => number): Body {
  const items: Item[] = [];
  let run: Item[] = [];
  const flush = (): void => {
    for (let i = run.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      const [a, b] = [run[i], run[j]];
      if (a && b) [run[i], run[j]] = [b, a];
    }
    items.push(...run);
    run = [];
  };
  for (const item of body.items) {
    if (item.kind === "for" || item.kind === "return") {
      flush();
      items.push(item);
    } else run.push(item);
  }
  flush();
  return { ...body, items };
}

const shuffledFile = (file: File, random: () => number): File => ({
  ...file,
  declarations: file.declarations.map((d) =>
    d.kind === "const" ? d : { ...d, body: shuffled(d.body, random) },
  ),
});

/** What does not depend on order: types by name without the numbers of second uses. */
const summary = (models: readonly Model[]): readonly string[] =>
  models.map((m) => {
    const fields = m.fields.map(
      (f) => `${f.space.name} ${printValueType(f.type)} ${f.name.replaceAll(/\.\d+/g, "")}`,
    );
    const parameters = m.parameters.map((p) => `${p.path.replaceAll(/\.\d+/g, "")} [${p.shape}]`);
    return [
      m.name,
      ...fields.sort(),
      ...parameters.sort(),
      m.recurrences.map((r) => r.fields.length).sort(),
    ].join("\n");
  });

describe("the order of the text", () => {
  it.each(["graph", "charlm", "mnist", "seq2seq", "coverage"])("does not change %s.gn", (name) => {
    const problems = new Problems();
    const file = parseSource(
      { name: `${name}.gn`, text: textOfFile(`test/fixtures/models/${name}.gn`) },
      problems,
    );
    const straight = summary(checkedFile(file).models);
    for (const seed of [1, 2, 3]) {
      const result = checkedFile(shuffledFile(file, generator(seed)));
      expect(said(result).filter((line) => !line.startsWith("GN2008"))).toEqual([]);
      expect(summary(result.models)).toEqual(straight);
    }
  });
});
