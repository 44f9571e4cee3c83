/**
 * The engine: rules in, normal forms out.
 *
 * Tensors come in with their inputs already normal; rules are tried on one until none fires, and what a rule made is
 * made normal at once, so a tensor is visited once a pass however many read it. Laws that must not repeat shared work
 * ask how many read a tensor; the first pass answers "many", the later ones know the exact number. Passes end when
 * one changes nothing. A rule that did not fire on a tensor is tried on it again only when an answer it got has changed.
 */
import { bug } from "../bug.js";
import { rebuild } from "../ir/rebuild.js";
import { postorder, type Tensor, type TensorTable } from "../ir/tensor.js";
import { brief } from "./brief.js";
import { pending } from "./order.js";
import {
  type Answer,
  type Context,
  type Rule,
  type RuleFired,
  RulesByOp,
  type Trial,
} from "./rule.js";
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
  readonly trials: Trials;
}

/** Of every list of rules, and of every tensor on which none fired, those that may fire on it yet. */
type Trials = Map<RulesByOp, Map<Tensor, readonly Trial[]>>;

const trialsIn = new WeakMap<TensorTable, Trials>();

function trialsOf(table: TensorTable): Trials {
  const known = trialsIn.get(table) ?? new Map([always, atTheEnd].map((r) => [r, new Map()]));
  trialsIn.set(table, known);
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
  const work: Work = { table, differentiated, budget, trace, trials: trialsOf(table) };
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
    const inputs: readonly Tensor[] = t.inputs;
    inputs.forEach((input, i) => {
      if (inputs.indexOf(input) === i) users.set(input, (users.get(input) ?? 0) + 1);
    });
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
  readonly #trials: Map<Tensor, readonly Trial[]>;
  /** What the rule on trial has asked for and the tensor itself does not tell. */
  #heard: Answer[] = [];
  readonly #users: Map<Tensor, number> | null;
  readonly #normal = new Map<Tensor, Tensor>();

  constructor(work: Work, rules: RulesByOp, users: Map<Tensor, number> | null) {
    this.table = work.table;
    this.#work = work;
    this.#rules = rules;
    this.#trials = work.trials.get(rules) ?? new Map();
    this.#users = users;
  }

  get differentiated(): boolean {
    return this.#hear("differentiated", null);
  }

  isShared(t: Tensor): boolean {
    return this.#hear("isShared", t);
  }

  computed(t: Tensor): boolean {
    return this.#hear("computed", t);
  }

  #hear(question: Answer["question"], of: Tensor | null): boolean {
    const answer = this.#answer(question, of);
    this.#heard.push({ question, of, answer });
    return answer;
  }

  #answer(question: Answer["question"], of: Tensor | null): boolean {
    if (of === null) return this.#work.differentiated;
    if (question === "computed") return this.#users?.has(of) ?? false;
    return (this.#users?.get(of) ?? Number.POSITIVE_INFINITY) > 1;
  }

  /** Whether a rule that did not fire would hear the same again. */
  #isInVain({ heard }: Trial): boolean {
    return (
      heard?.every(({ question, of, answer }) => this.#answer(question, of) === answer) ?? false
    );
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
    if (t.inputs.every((input) => this.#settle(input) === input)) return t;
    const inputs = t.inputs.map((input) => this.#settle(input));
    return rebuild(this.table, t, inputs);
  }

  /** The first rule that fires on `t`, or null. */
  #step(t: Tensor): Tensor | null {
    const open: Trial[] = [];
    for (const trial of this.#trials.get(t) ?? this.#rules.for(t)) {
      if (this.#isInVain(trial)) {
        open.push(trial);
        continue;
      }
      const { rule } = trial;
      this.#heard = [];
      const made = rule.apply(t, this);
      if (made !== null && made !== t) return this.#fired(rule, t, made);
      if (this.#heard.length > 0) open.push({ rule, heard: this.#heard });
    }
    this.#trials.set(t, open);
    return null;
  }

  #fired(rule: Rule, t: Tensor, made: Tensor): Tensor {
    this.#check(rule, t, made);
    this.#report(rule, t, made);
    return this.#keepName(t, made);
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
