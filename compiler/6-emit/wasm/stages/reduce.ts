/**
 * Reductions of the elements of a row, with results in registers (KERNELS, section 3): one loop over the elements for
 * a few vectors of results. What is in the row goes on: always in partial results, elsewhere in all parts but the first.
 */
import { bug } from "../../../bug.js";
import type { Tensor } from "../../../ir/tensor.js";
import type { At } from "../expressions/at.js";
import { Evaluator } from "../expressions/evaluator.js";
import { eachPosition, type Placed } from "../expressions/loops.js";
import type { Local } from "../operand.js";
import type { Address } from "../places.js";
import type { Row } from "../rows.js";
import { chosen, held, load, store, type Value } from "../values.js";
import { nothing } from "./chunks.js";
import type { StageContext } from "./context.js";
import type { Elements } from "./elements.js";
import { type Running, running } from "./gather.js";
import { passesBy, reduceInOrder } from "./in-order.js";
import { eachGroup, fewUnits, type Unit } from "./units.js";

/** A row, and a loop over its elements. */
export interface Base {
  readonly row: Row;
  readonly elements: Elements;
  /** Whether these are the first elements of the row; null: they are all. */
  readonly fresh: Local<"i32"> | null;
}

/** Some units of a target. */
interface Share {
  readonly target: Tensor;
  readonly unit: Unit;
}

/** Vectors of results of several targets that share a loop. */
const most = 8;

/** Reduces to several targets that do not wait for one another: small ones share their loops. */
export function reduceAll(targets: readonly Tensor[], base: Base, c: StageContext): void {
  const shares: Share[] = [];
  const flush = (): void => {
    if (shares.length > 0) reduceShares(shares.splice(0), base, c);
  };
  for (const target of targets) {
    const units = fewUnits(c.e, c.e.bufferOf(target).layout, target.inputs);
    if (!units) {
      reduceTarget(target, base, c);
      continue;
    }
    const [first] = shares;
    const alike = !first || (first.target.op === "lse") === (target.op === "lse");
    if (!alike || shares.length + units.length > most) flush();
    shares.push(...units.map((unit) => ({ target, unit })));
  }
  flush();
}

/** @param finish What is made of the target and stored in its place, of one that does not pass by. */
export function reduceTarget(
  target: Tensor,
  base: Base,
  c: StageContext,
  finish: Tensor | null = null,
): void {
  if (passesBy(target, base.fresh, c)) {
    reduceInOrder(target, base, c);
    return;
  }
  const { layout } = c.e.bufferOf(target);
  eachGroup(c.e, layout, [...target.inputs, ...(finish ? [finish] : [])], (units) => {
    const shares = units.map((unit) => ({ target, unit }));
    reduceShares(shares, base, c, finish && finisher(target, finish, c));
  });
}

/** Of a result at hand and its position what is made of it, and where that goes. */
type Finisher = (at: At, result: Value) => { readonly address: Address; readonly value: Value };

function finisher(of: Tensor, finish: Tensor, c: StageContext): Finisher {
  let given: Value | null = null;
  const at = () => given ?? bug("a result that is not there yet");
  const e = new Evaluator(c.e, c.kernel.stored, new Map([[of, at]]));
  const buffer = c.e.bufferOf(finish);
  return (where, result) => {
    given = result;
    const address = c.places.address(buffer, where.row, where.positions);
    return { address, value: held(c.code, finish.dtype, e.definition(finish, where).operand) };
  };
}

/** One position after another: little code for the few rows that nothing is kept of. */
export function reduceSingly(target: Tensor, base: Base, c: StageContext): void {
  const { layout } = c.e.bufferOf(target);
  const one = (positions: Placed): void =>
    reduceShares([{ target, unit: { positions, lanes: 1 } }], base, c);
  eachPosition(c.e, layout, target.inputs, one, 0);
}

/** All shares need the elements equally often. */
function reduceShares(
  shares: readonly Share[],
  base: Base,
  c: StageContext,
  finish: Finisher | null = null,
): void {
  const runs = shares.map((share) => runOf(share, base, c));
  const passes = runs[0]?.run.passes.length ?? 0;
  for (let pass = 0; pass < passes; pass++) {
    const steps = runs.map(({ at, run }) => ({ at, step: run.passes[pass]?.() }));
    base.elements((element) => {
      for (const { at, step } of steps) step?.({ ...at, row: element });
    });
  }
  // units may overlap: all is read before anything is written
  const results = runs.map(({ at, address, run }) =>
    finish ? finish(at, run.result()) : { address, value: run.result() },
  );
  for (const { address, value } of results) store(c.code, address, value);
}

interface Run {
  readonly at: At;
  readonly address: Address;
  readonly run: Running;
}

function runOf({ target, unit }: Share, { row, fresh }: Base, c: StageContext): Run {
  const { e, code, places } = c;
  const buffer = e.bufferOf(target);
  const at: At = { row, positions: new Map(unit.positions), lanes: unit.lanes };
  const address = places.address(buffer, row, at.positions);
  const before = (): Value => {
    const value = load(code, target.dtype, address, at.lanes, 1);
    return fresh ? chosen(code, fresh, nothing(target, at.lanes, code), value) : value;
  };
  const goesOn = fresh !== null || buffer.place.kind === "partials";
  return { at, address, run: running(target, at, goesOn ? before : null, e) };
}
