/**
 * Every vector of ../shared/refs that the language can say, against what other people's code computed: outputs and
 * gradients of sum(output * cotangent), or whole training runs. What is left out is listed with its reason.
 */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { tables } from "./cases/index.js";
import type { Vector } from "./support/case.js";
import { type Engine, type Finding, openVector, runCase } from "./support/run.js";
import { uncovered } from "./uncovered.js";

interface Index {
  readonly cases: readonly Vector[];
  /** Every vector there is, whether it lies here or not. */
  readonly ids: readonly string[];
}

const index = JSON.parse(
  readFileSync(new URL("./data/index.json", import.meta.url), "utf8"),
) as Index;
const only = process.env.VECTORS;
const engine: Engine = process.env.VECTORS_ENGINE === "oracle" ? "oracle" : "module";
const rows: { readonly id: string; readonly findings: readonly Finding[] }[] = [];

describe(`reference vectors (${engine})`, () => {
  for (const vector of index.cases) {
    const make = tables[vector.id];
    if (!make || (only && !vector.id.match(only))) continue;
    it(vector.id, async () => {
      const file = openVector(vector);
      const given = make(vector);
      if (given.kind !== "call" && engine === "oracle") return;
      const findings = await runCase(vector, file, given, engine);
      rows.push({ id: vector.id, findings });
      expect(findings.filter(({ error }) => !(error <= 1))).toEqual([]);
    });
  }

  it("says of every vector why it is left out", () => {
    const reasons = index.ids.filter((id) => !tables[id]).map((id) => [id, reasonFor(id)] as const);
    expect(reasons.filter(([, reason]) => !reason).map(([id]) => id)).toEqual([]);
    const idle = uncovered.filter(([pattern]) => !reasons.some(([id]) => pattern.test(id)));
    expect(idle.map(([pattern]) => String(pattern))).toEqual([]);
  });

  it("has the data of every case, and no more", () => {
    const ids = index.cases.map(({ id }) => id);
    expect(Object.keys(tables).filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.filter((id) => !tables[id])).toEqual([]);
  });

  afterAll(() => console.log(`${tableOf()}\n\n${leftOut()}`));
});

const reasonFor = (id: string): string | undefined =>
  uncovered.find(([pattern]) => pattern.test(id))?.[1];

/** Worst error of outputs, gradients and trajectories of each case, in units of its tolerance. */
function tableOf(): string {
  const parts = ["output", "gradient", "trajectory"] as const;
  const width = Math.max(20, ...rows.map(({ id }) => id.length));
  const head = `${"case".padEnd(width)}${parts.map((p) => p.padStart(12)).join("")}   (error / tolerance)`;
  const lines = rows.map(({ id, findings }) => {
    const cells = parts.map((part) => {
      const own = findings.filter((f) => f.part === part).map((f) => f.error);
      return (own.length > 0 ? Math.max(...own).toFixed(4) : "-").padStart(12);
    });
    const bad = findings.some(({ error }) => !(error <= 1));
    return `${id.padEnd(width)}${cells.join("")}${bad ? "   DIFFERS" : ""}`;
  });
  return [head, ...lines].join("\n");
}

/** Families with vectors that are left out: how many, and why. */
function leftOut(): string {
  const counts = new Map<string, number>();
  for (const id of index.ids) {
    if (tables[id]) continue;
    const key = `${id.split("/")[0]}: ${reasonFor(id) ?? "no reason given"}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const covered = index.ids.filter((id) => tables[id]).length;
  const lines = Array.from(counts, ([key, n]) => `${String(n).padStart(5)}  ${key}`);
  return [`${covered} of ${index.ids.length} vectors covered. Left out:`, ...lines].join("\n");
}
