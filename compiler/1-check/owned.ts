/** What a body owns, once it is built: every parameter exists although nothing reads it, states know what follows. */
import { nextNotForBatch, stateUpdatedTwice } from "../diagnostics/training.js";
import type { Entry, Frame, Variable } from "./frame.js";
import { parameterOf, stateOf } from "./parameters.js";
import { batchPlace, describe } from "./places.js";
import { unlessBlocked, unlessFailed } from "./stop.js";

/** Makes the parameters of a body in the order of the text, also those that nothing reads. */
export function createParameters(frame: Frame): void {
  for (const entry of ownedOf(frame))
    unlessKnown(() =>
      entry.kind === "parameter" ? parameterOf(frame, entry) : stateOf(frame, entry),
    );
}

/** A size that nothing binds was reported where the equations were typed. */
const unlessKnown = (make: () => unknown): unknown => unlessFailed(() => unlessBlocked(make));

type Owned = Extract<Entry, { kind: "parameter" | "state" }>;

function ownedOf(frame: Frame): readonly Owned[] {
  const scopes = [
    frame.env,
    ...frame.uses.flatMap((u) => (u.kind === "equation" ? [u.scope.env] : [])),
  ];
  const seen = new Set<Owned>();
  for (const env of new Set(scopes))
    for (const entry of env.values())
      if (entry.kind === "parameter" || entry.kind === "state") seen.add(entry);
  return [...seen];
}

/** `s'` is the value of `s` after a training step: one equation, equal for the whole batch. */
export function finishStates(frame: Frame): void {
  for (const entry of ownedOf(frame)) {
    if (entry.kind !== "state") continue;
    const next = frame.env.get(`${entry.name.text}'`);
    if (next?.kind !== "variable" || next.failed) continue;
    unlessFailed(() => setNext(frame, entry, next));
  }
}

function setNext(frame: Frame, entry: Owned, next: Variable): void {
  const { context } = frame;
  const state = context.states.find(
    (s) => s === frame.instance.states.get(`${entry.name.text}${entry.tag}`),
  );
  if (!state) return;
  if (next.place && next.place !== batchPlace)
    frame.fail(nextNotForBatch(next.span, next.name, describe(next.place)));
  if (state.next)
    frame.fail(stateUpdatedTwice(frame.caller?.span ?? next.span, entry.name.text, next.span));
  state.next = next.read(batchPlace);
}
