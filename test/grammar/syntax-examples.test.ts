import { expect, test } from "vitest";
import { syntaxExamples } from "../../compiler/diagnostics/syntax.examples.js";
import { syntaxDiagnostics } from "../../compiler/diagnostics/syntax.js";
import { parse } from "../../grammar/parse.js";

function codesOf(text: string): readonly string[] {
  return syntaxDiagnostics(parse({ name: "test.gn", text }).errors).map(({ code }) => code);
}

test.each(syntaxExamples)(
  "the example of $code has that mistake alone, mended it has none",
  (one) => {
    expect(codesOf(one.example)).toEqual([one.code]);
    expect(codesOf(one.mended)).toEqual([]);
  },
);
