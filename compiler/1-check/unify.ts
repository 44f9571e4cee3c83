/**
 * Written types against given ones: free dimensions are bound, known ones compared (LANGUAGE 1 and 2).
 *
 * All plain f32 positions bind first, then plain `index` positions, then everything is checked.
 */
import type * as ast from "../../grammar/ast.js";
import type { Span } from "../../grammar/source.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import {
  boundTwice, elementWanted, labelsBeyondClasses, labelsFewerThanClasses, notAnInteger, placeWithoutMaximum, rankWanted,
} from "../diagnostics/shapes.js"; // biome-ignore format: one line reads better
import {
  type Dim,
  type DimScope,
  dimension,
  type Provenance,
  provenance,
  type Reporter,
} from "./dims.js";
import type { Value } from "./frame.js";
import { shown } from "./reading.js";
import { unlessBlocked } from "./stop.js";
import { intervalOf, isIndex, printType, printWritten } from "./types.js";

/** A written type and what is given for it. */
export interface Position {
  readonly type: ast.Type;
  readonly value: Value;
  /** The parameter or annotated name. */
  readonly name: string;
  readonly origin: Provenance;
}

export interface Unifier extends Reporter {
  report(diagnostic: Diagnostic): void;
}

/** Binds what is free in `root` and checks the rest; dimensions of arguments that are not known yet may stay open. */
export function unify(
  positions: readonly Position[],
  scope: DimScope,
  reporter: Unifier,
  inSignature: boolean,
  root: DimScope = scope,
): void {
  for (const position of positions) checkElement(position, reporter);
  for (const p of positions) if (p.type.element !== "index") bindPlain(p, scope, root);
  for (const p of positions) if (p.type.element === "index") bindPlain(p, scope, root);
  for (const p of positions) checkDims(p, scope, reporter, inSignature);
}

const takesLiteral = (p: Position): boolean =>
  p.value.type.literal && p.value.type.shape.length === 0 && p.type.element !== "index";

function checkElement(p: Position, reporter: Unifier): void {
  const { type, value } = p;
  const given = value.type;
  const fits =
    type.element === "f32"
      ? given.dtype !== "bool"
      : type.element === "bool"
        ? given.dtype === "bool"
        : given.dtype === "i32";
  if (!fits) {
    if (type.element === "index" && given.dtype === "f32")
      reporter.fail(notAnInteger(value.span, shown(value)));
    reporter.fail(elementWanted(value.span, p.name, printWritten(type), shown(value)));
  }
  if (type.element !== "index") {
    rankCheck(p, reporter);
    return;
  }
  if (!isIndex(given)) reporter.fail(placeWithoutMaximum(value.span, shown(value), null));
  if (given.shape.length > 0)
    reporter.fail(rankWanted(value.span, p.name, printWritten(type), shown(value)));
}

function rankCheck(p: Position, reporter: Unifier): void {
  if (takesLiteral(p)) return;
  if (p.type.dims.length !== p.value.type.shape.length)
    reporter.fail(rankWanted(p.value.span, p.name, printWritten(p.type), shown(p.value)));
}

/** What a position says of each of its dimensions. */
function extents(p: Position): readonly Dim[] {
  if (p.type.element !== "index") return p.value.type.shape;
  return [{ size: intervalOf(p.value.type).high + 1, name: null, origin: null }];
}

function bindPlain(p: Position, scope: DimScope, root: DimScope): void {
  if (takesLiteral(p)) return;
  const dims = extents(p);
  const given = `\`${p.name}\` is ${printType(p.value.type)}`;
  p.type.dims.forEach((d, i) => {
    const extent = dims[i];
    if (d.kind !== "name" || !extent || scope.find(d.name.text)) return;
    if (/^[A-Z]/.test(d.name.text)) root.number(d.name.text, extent.size, { ...p.origin, given });
  });
}

function checkDims(p: Position, scope: DimScope, reporter: Unifier, inSignature: boolean): void {
  if (takesLiteral(p)) return;
  const given = extents(p);
  p.type.dims.forEach((d, i) => {
    const extent = given[i];
    const wanted = unlessBlocked(() => dimension(d, scope, reporter));
    if (!extent || !wanted || wanted.size === extent.size) return;
    if (p.type.element === "index") {
      labels(p, wanted, extent, reporter, inSignature, d.span);
      return;
    }
    if (scope.madeUp && d.kind !== "name") return;
    const notes = [...provenance([wanted]), ...provenance([extent])];
    reporter.fail(
      boundTwice(
        p.value.span,
        p.name,
        printWritten(p.type),
        wanted,
        shown(p.value),
        extent.size,
        notes,
        wanted.origin?.span ?? d.span,
      ),
    );
  });
}

/** An `index[N]` takes any smaller range; in a signature that is worth a word. */
function labels(
  p: Position,
  wanted: Dim,
  extent: Dim,
  reporter: Unifier,
  inSignature: boolean,
  at: Span,
): void {
  const notes = provenance([wanted]);
  if (extent.size > wanted.size)
    reporter.fail(
      labelsBeyondClasses(p.value.span, p.name, shown(p.value), wanted, extent.size, notes, at),
    );
  if (inSignature)
    reporter.report(
      labelsFewerThanClasses(p.value.span, p.name, shown(p.value), wanted, extent.size, notes),
    );
}
