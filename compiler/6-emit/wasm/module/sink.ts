/**
 * Values go to where they are read. A variable that is set and then read in the same stretch of straight code is not
 * needed when that is its only read, and kept by a `tee` when there are others. Nothing is moved past what it depends
 * on: a write of a variable that it reads, a store behind a load, a branch.
 */
import { type Node, nothing, tee } from "./node.js";
import { op } from "./op.js";

/** What moving a value must not pass. */
class Effects {
  readonly reads: number[] = [];
  readonly writes: number[] = [];
  loads = false;
  /** A call may store. */
  calls = false;

  add({ reads, writes, loads, calls }: Effects): void {
    for (let i = 0; i < reads.length; i++) this.reads.push(reads[i] as number);
    for (let i = 0; i < writes.length; i++) this.writes.push(writes[i] as number);
    this.loads ||= loads;
    this.calls ||= calls;
  }
}

/** A set that may still move, with the time at which it was made. */
interface Pending {
  readonly stretch: number;
  readonly list: Node[];
  readonly index: number;
  readonly effects: Effects;
  readonly time: number;
}

function countReads({ op: what, value, args }: Node, reads: number[]): number[] {
  if (what === op.get) reads[value] = (reads[value] ?? 0) + 1;
  else for (let i = 0; i < args.length; i++) countReads(args[i] as Node, reads);
  return reads;
}

/**
 * Changes the body in place; what is gone is a `nop`. Values that are read once go first: what they read is then read
 * where they went, and its `tee` stands in nobody's way. Gives how often each variable is read in the end.
 */
export function sink(body: Node): number[] {
  const reads = countReads(body, []);
  new Sinking(reads, false).block(body);
  new Sinking(reads, true).block(body);
  return reads;
}

class Sinking {
  /** How often each variable is read, moves and what is gone taken into account. */
  readonly #left: number[];
  readonly #pending: (Pending | undefined)[] = [];
  /** The last `tee` of each variable that nobody has read since, and the stretch that it stands in. */
  readonly #unread: ({ readonly node: Node; readonly stretch: number } | undefined)[] = [];
  /** Counts accesses of variables and of memory. */
  #time = 0;
  /** When each variable was last written; when it was last read or written. */
  readonly #written: number[] = [];
  readonly #accessed: number[] = [];
  /** When something was last stored; when something was last loaded or stored. */
  #stored = 0;
  #touched = 0;
  /** Counts branches. */
  #stretch = 0;
  readonly #tees: boolean;

  constructor(reads: number[], tees: boolean) {
    this.#left = reads;
    this.#tees = tees;
  }

  block({ args }: Node): void {
    for (let i = 0; i < args.length; i++) this.#visit(args, i, null);
  }

  /** What the value of a set does is noted in `effects`; nothing asks it of a whole statement. */
  #visit(list: Node[], index: number, effects: Effects | null): void {
    const node = list[index] as Node;
    switch (node.op) {
      case op.get:
        this.#read(list, index, effects);
        return;
      case op.set:
        this.#set(list, index, node);
        return;
      case op.if:
        this.#visit(node.args, 0, effects);
        for (const arm of node.args.slice(1)) this.#inner(arm);
        return;
      case op.loop:
        this.#inner(node.args[0] as Node);
        return;
      default:
        for (let i = 0; i < node.args.length; i++) this.#visit(node.args, i, effects);
        this.#act(node, effects);
    }
  }

  #inner(block: Node): void {
    this.#stretch++;
    this.block(block);
    this.#stretch++;
  }

  /** What the node itself does, its operands at hand. */
  #act(node: Node, effects: Effects | null): void {
    const { op: what, value } = node;
    if (what === op.tee) {
      effects?.writes.push(value);
      this.#write(value);
      this.#unread[value] = { node, stretch: this.#stretch };
    } else if (what === op.branchIf) this.#stretch++;
    else if (what.touch === "load") {
      if (effects) effects.loads = true;
      this.#touched = ++this.#time;
    } else if (what.touch === "store") {
      if (effects) effects.calls = true;
      this.#touched = ++this.#time;
      this.#stored = this.#time;
    }
  }

  #set(list: Node[], index: number, node: Node): void {
    const effects = new Effects();
    this.#visit(node.args, 0, effects);
    const before = this.#pending[node.value];
    if (before?.stretch === this.#stretch && !hasEffects(before)) {
      forget(before);
      for (const v of before.effects.reads) this.#left[v] = (this.#left[v] ?? 0) - 1;
    }
    this.#write(node.value);
    const pending = { stretch: this.#stretch, list, index, effects, time: this.#time };
    this.#pending[node.value] = pending;
  }

  /** What was written before in this stretch, and not read, was written for nothing. */
  #write(variable: number): void {
    const before = this.#unread[variable];
    if (before?.stretch === this.#stretch) before.node.become(before.node.args[0] as Node);
    this.#unread[variable] = undefined;
    this.#pending[variable] = undefined;
    this.#written[variable] = ++this.#time;
    this.#accessed[variable] = this.#time;
  }

  #read(list: Node[], index: number, effects: Effects | null): void {
    const { value: variable } = list[index] as Node;
    const pending = this.#pending[variable];
    this.#pending[variable] = undefined;
    this.#unread[variable] = undefined;
    const once = this.#left[variable] === 1;
    if (!pending || !(once || this.#tees) || !this.#mayMove(pending)) {
      effects?.reads.push(variable);
      this.#accessed[variable] = ++this.#time;
      return;
    }
    const value = forget(pending);
    effects?.add(pending.effects);
    this.#left[variable] = (this.#left[variable] ?? 0) - 1;
    if (once) {
      list[index] = value;
      return;
    }
    const node = tee(variable, value);
    list[index] = node;
    this.#act(node, effects);
  }

  #mayMove({ stretch, effects, time }: Pending): boolean {
    return (
      stretch === this.#stretch &&
      (!effects.loads || this.#stored <= time) &&
      (!effects.calls || this.#touched <= time) &&
      effects.reads.every((v) => (this.#written[v] ?? 0) <= time) &&
      effects.writes.every((v) => (this.#accessed[v] ?? 0) <= time)
    );
  }
}

const hasEffects = ({ effects }: Pending): boolean => effects.calls || effects.writes.length > 0;

/** Takes the set out; gives its value. */
function forget({ list, index }: Pending): Node {
  const before = list[index] as Node;
  const value = before.args[0] as Node;
  list[index] = nothing();
  return value;
}
