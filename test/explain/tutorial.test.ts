/** `docs/tutorial.md` shows parts of what `gnc explain` prints of its programs, and every claim of theirs holds. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { biasOf } from "../../compiler/explain/bias/bias.js";
import { biasReport } from "../../compiler/explain/bias/report.js";
import { holds, verified } from "../../tools/verify/verify.js";
import { modelsOf } from "../generated/support/sources.js";

interface Shown {
  readonly program: string;
  /** Parts of the report, as the page shows them behind the program. */
  readonly parts: readonly string[];
}

function shown(page: string): readonly Shown[] {
  const found: { program: string; parts: string[] }[] = [];
  for (const [, language, text = ""] of page.matchAll(/^```(gn|text)\n([\s\S]*?)^```/gm))
    if (language === "gn") found.push({ program: text, parts: [] });
    else found.at(-1)?.parts.push(text);
  return found;
}

/** Whether the lines stand in the text in this order, perhaps with others between them. */
function standsIn(part: string, text: string): boolean {
  const lines = text.split("\n");
  let at = 0;
  return part
    .trimEnd()
    .split("\n")
    .every((line) => {
      at = lines.indexOf(line, at) + 1;
      return at > 0;
    });
}

const programs = shown(readFileSync("docs/tutorial.md", "utf8"));

it("has a program for each of its eleven sections, and shows a report of each", () => {
  expect(programs).toHaveLength(11);
  for (const { parts, program } of programs) expect(parts.length, program).toBeGreaterThan(0);
});

const titled = programs.map((each) => ({
  ...each,
  models: [...each.program.matchAll(/^model (\w+)/gm)].map(([, name]) => name).join(", "),
}));

describe.each(titled)("$models", ({ program, parts }) => {
  const rows = modelsOf("bias.gn", program).map((model) => biasOf(model));

  it("is explained as the page shows", () => {
    const reports = rows.flatMap((each) => biasReport(each).split("\n\n"));
    for (const part of parts)
      expect(
        reports.some((report) => standsIn(part, report)),
        part,
      ).toBe(true);
  });

  it("keeps what is claimed of it", async () => {
    for (const row of rows.flat())
      for (const [claim, checked] of await verified(row))
        expect(holds(checked), `${row.declaration}: ${claim.symmetry.kind}`).toBe(true);
  });
});
