/**
 * The engine: rules in, normal forms out.
 *
 * Tensors come in with their inputs already normal; rules are tried on one until none fires, and what a rule made is
 * made normal at once, so a tensor is visited once a pass however many read it. Laws that must not repeat shared work
 * ask how many read a tensor; the first pass answers "many", the later ones know the exact number. Passes end when
 * one changes nothing. A tensor that no rule fires on, and about which none asked anything, is not tried again.
 */
import { bug } from "../bug.js";
import { rebuild } from "../ir/rebuild.js";
import { postorder, type Tensor, type TensorTable } from "../ir/tensor.js";
import { brief } from "./brief.js";
import { pending } from "./order.js";
import { type Context, type Rule, type RuleFired, RulesByOp } from "./rule.js";
import { finish, laws } from "./rules.js";

const always = new RulesByOp(laws);
const atTheEnd = new RulesByOp(finish);

export type Trace = (line: RuleFired) => void;

/** A tensor takes part in a handful of rewrites; far beyond that two rules undo each other. */
const firingsPerTensor = 200;

/** What all passes of one rewriting share. */
interface Work {
  readonly table: TensorTable;
  readonly differentiated: boolean;
  readonly budget: { left: number };
  readonly trace: Trace | undefined;
  readonly settled: Settled;
}

/** Of every list of rules the tensors on which none of them fires, whoever reads them. */
type Settled = Map<RulesByOp, Set<Tensor>>;

const settledIn = new WeakMap<TensorTable, Settled>();

function settledOf(table: TensorTable): Settled {
  const known = settledIn.get(table) ?? new Map([always, atTheEnd].map((r) => [r, new Set()]));
  settledIn.set(table, known);
  return known;
}

/** Tensors equal to `roots`, in the same order, in normal form. */
export function rewrite(
  table: TensorTable,
  roots: readonly Tensor[],
  trace?: Trace,
  differentiated = false,
): readonly Tensor[] {
  const budget = { left: firingsPerTensor * (postorder(roots).length + 100) };
  const work: Work = { table, differentiated, budget, trace, settled: settledOf(table) };
  let now = new Pass(work, always, null).run(roots);
  for (;;) {
    const next = new Pass(work, always, countUsers(now)).run(now);
    if (next.every((t, i) => t === now[i]))
      return new Pass(work, atTheEnd, countUsers(next)).run(next);
    now = next;
  }
}

/** How many tensors read each tensor; a root is read once more. */
export function countUsers(roots: readonly Tensor[]): Map<Tensor, number> {
  const users = new Map<Tensor, number>();
  for (const t of postorder(roots)) {
    if (!users.has(t)) users.set(t, 0);
    for (const input of new Set(t.inputs)) users.set(input, (users.get(input) ?? 0) + 1);
  }
  for (const root of roots) users.set(root, (users.get(root) ?? 0) + 1);
  return users;
}

/** The text that `t` came from, or the nearest of what it reads. */
function spanOf(t: Tensor): Tensor["span"] {
  return postorder([t]).findLast((x) => x.span !== null)?.span ?? null;
}

class Pass implements Context {
  readonly table: TensorTable;
  readonly #work: Work;
  readonly #rules: RulesByOp;
  readonly #settled: Set<Tensor>;
  /** Whether a rule has asked for what the tensor itself does not tell. */
  #asked = false;
  readonly #users: Map<Tensor, number> | null;
  readonly #normal = new Map<Tensor, Tensor>();

  constructor(work: Work, rules: RulesByOp, users: Map<Tensor, number> | null) {
    this.table = work.table;
    this.#work = work;
    this.#rules = rules;
    this.#settled = work.settled.get(rules) ?? new Set();
    this.#users = users;
  }

  get differentiated(): boolean {
    this.#asked = true;
    return this.#work.differentiated;
  }

  users(t: Tensor): number {
    this.#asked = true;
    return this.#users?.get(t) ?? Number.POSITIVE_INFINITY;
  }

  computed(t: Tensor): boolean {
    this.#asked = true;
    return this.#users?.has(t) ?? false;
  }

  run(roots: readonly Tensor[]): readonly Tensor[] {
    return roots.map((root) => this.#settle(root));
  }

  /** The normal form of `t`; whatever lies below it and is not yet normal comes first. */
  #settle(t: Tensor): Tensor {
    const known = this.#normal.get(t);
    if (known) return known;
    for (const u of pending(t, (x) => this.#normal.has(x))) {
      if (!this.#normal.has(u)) this.#normal.set(u, this.#settleTop(u));
    }
    return this.#normal.get(t) ?? bug("a tensor was not settled");
  }

  /** Rules on one tensor, whose inputs are normal or become so by the rebuilding. */
  #settleTop(t: Tensor): Tensor {
    let now = this.#onNormalInputs(t);
    for (let next = this.#step(now); next !== null; next = this.#step(now)) {
      if (this.#normal.has(next)) now = this.#settle(next);
      else now = this.#onNormalInputs(next);
    }
    this.#normal.set(now, now);
    this.#inherit(t, now);
    return now;
  }

  #onNormalInputs(t: Tensor): Tensor {
    const inputs = t.inputs.map((input) => this.#settle(input));
    if (inputs.every((input, i) => input === t.inputs[i])) return t;
    return rebuild(this.table, t, inputs);
  }

  /** The first rule that fires on `t`, or null. */
  #step(t: Tensor): Tensor | null {
    if (this.#settled.has(t)) return null;
    this.#asked = false;
    for (const rule of this.#rules.for(t)) {
      const made = rule.apply(t, this);
      if (made === null || made === t) continue;
      this.#check(rule, t, made);
      this.#report(rule, t, made);
      return this.#keepName(t, made);
    }
    if (!this.#asked) this.#settled.add(t);
    return null;
  }

  #check(rule: Rule, t: Tensor, made: Tensor): void {
    if (this.#work.budget.left-- <= 0) bug(`rewriting does not end: ${rule.name} on ${brief(t)}`);
    const equalAxes =
      t.axes.length === made.axes.length && t.axes.every((a, i) => a === made.axes[i]);
    if (t.space !== made.space || t.dtype !== made.dtype || !equalAxes) {
      bug(`${rule.name} changed the type of ${brief(t)} to that of ${brief(made)}`);
    }
  }

  #report(rule: Rule, t: Tensor, made: Tensor): void {
    this.#work.trace?.({
      rule: rule.name,
      law: rule.law,
      before: brief(t),
      after: brief(made),
      span: spanOf(t),
    });
  }

  #keepName(from: Tensor, to: Tensor): Tensor {
    return from.label === null || to.inputs.length === 0 ? to : this.table.named(to, from.label);
  }

  /** What replaces `t` is read by whoever read `t`. */
  #inherit(t: Tensor, now: Tensor): void {
    if (this.#users === null || t === now) return;
    const known = this.#users.get(now) ?? 0;
    this.#users.set(now, known + (this.#users.get(t) ?? Number.POSITIVE_INFINITY));
  }
}
