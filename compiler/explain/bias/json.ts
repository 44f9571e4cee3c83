/** `gnc explain MODEL --format json`: the same rows for programs. */
import type { Row } from "./bias.js";
import { placeOf } from "./breaks.js";
import { stepOf } from "./components.js";
import type { Findings } from "./report.js";
import type { Sharing } from "./sharing.js";
import type { Claim, Refusal, Symmetry } from "./symmetry.js";
import { biasWords, relationKind } from "./words.js";

/** The rows of a model as an object. */
export const biasObject = (
  model: string,
  rows: readonly Row[],
  findings: Findings = new Map(),
): object => ({ model, rows: rows.map((row) => rowObject(row, findings)) });

function rowObject(row: Row, findings: Findings): object {
  return {
    declaration: row.declaration,
    source: row.application.text.source.name,
    instances: row.instances,
    entities: row.entities.map(({ name, layout }) => ({ name, layout })),
    relations: row.relations.map((r) => ({
      name: r.name,
      senders: r.senders.name,
      receivers: r.receivers.name,
      topology: r.topology,
      is: relationKind(r),
    })),
    bias: biasWords(row),
    rule: row.rule.map(({ space, text }) => ({ space: space.name, text })),
    sharing: row.sharing.map(sharingObject),
    recurrences: row.recurrences.map(({ fields, order }) => ({
      along: order.kind === "index" ? order.set.name : order.relation.name,
      reverse: order.reverse,
      fields: fields.map((f) => f.name),
    })),
    claims: row.verdict.claims.map((claim) => claimObject(claim, findings)),
    refusals: row.verdict.refusals.map(refusalObject),
  };
}

const sharingObject = ({ parameter, uses }: Sharing): object => ({
  parameter: parameter.path,
  shape: parameter.shape,
  uses: uses.map(({ space, picks }) => ({
    space: space.name,
    picks: picks.map((pick) => ({
      kind: pick.kind,
      ...("name" in pick ? { name: pick.name } : {}),
      ...("relation" in pick ? { relation: pick.relation.name } : {}),
      ...("set" in pick ? { set: pick.set.name } : {}),
      ...("names" in pick ? { names: pick.names } : {}),
    })),
  })),
});

function symmetryObject(symmetry: Symmetry): object {
  const { kind } = symmetry;
  switch (kind) {
    case "permutation":
      return { kind, set: symmetry.set.name };
    case "edge order":
      return { kind, relation: symmetry.relation.name };
    case "graphs":
      return { kind };
    case "prefix":
    case "suffix":
    case "differences":
      return { kind, sets: symmetry.component.sets.map((s) => s.name) };
    case "translation":
      return {
        kind,
        sets: symmetry.component.sets.map((s) => s.name),
        step: stepOf(symmetry.component),
        carried: symmetry.carried.map((r) => r.name),
      };
  }
}

const claimObject = (claim: Claim, findings: Findings): object => ({
  ...symmetryObject(claim.symmetry),
  output: claim.output.name,
  ...(claim.footprint && claim.footprint.size > 0
    ? { sees: Object.fromEntries([...claim.footprint].map(([set, i]) => [set.name, i])) }
    : {}),
  ...findings.get(claim),
});

const refusalObject = ({ symmetry, output, why }: Refusal): object => ({
  ...symmetryObject(symmetry),
  output: output.name,
  reads: why.what,
  at: placeOf(why.at),
});
