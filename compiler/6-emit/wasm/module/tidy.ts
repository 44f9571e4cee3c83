/** Takes out what has no effect: sets of variables that nobody reads, conditions without statements, what is left of moves. */
import { block, Node, nothing, set } from "./node.js";
import { op } from "./op.js";

/** Changes the body in place, and `reads` with it: how often each variable is read. */
export function tidy(body: Node, reads: number[]): void {
  const tidying = new Tidying(reads);
  while (tidying.block(body));
}

class Tidying {
  readonly #reads: number[];

  constructor(reads: number[]) {
    this.#reads = reads;
  }

  /** Whether something was taken out that may leave others unread. Last things first: they read what comes before. */
  block({ args }: Node): boolean {
    let found = false;
    for (let i = args.length - 1; i >= 0; i--) found = this.#visit(args, i) || found;
    let kept = 0;
    for (const arg of args) if (arg.op !== op.nop) args[kept++] = arg;
    args.length = kept;
    return found;
  }

  #visit(list: Node[], index: number): boolean {
    const node = list[index] as Node;
    if (node.op === op.block) return this.block(node);
    const unread = !this.#reads[node.value];
    if (node.op === op.tee && unread) list[index] = node.args[0] as Node;
    else if (node.op === op.set && unread) list[index] = this.#effectOf(node.args[0] as Node);
    else if (node.op === op.if && node.args.slice(1).every(isEmpty))
      list[index] = this.#effectOf(node.args[0] as Node);
    else {
      let found = false;
      for (let i = node.args.length - 1; i >= 0; i--) found = this.#visit(node.args, i) || found;
      return found;
    }
    return true;
  }

  /** What is left to do of a value that nobody reads. */
  #effectOf(value: Node): Node {
    if (isPure(value)) {
      this.#forget(value);
      return nothing();
    }
    if (value.op === op.tee) return set(value.value, value.args[0] as Node);
    if (value.op === op.call) return new Node(op.drop, [value]);
    return block(value.args.map((arg) => this.#effectOf(arg)));
  }

  #forget({ op: what, value, args }: Node): void {
    if (what === op.get) this.#reads[value] = (this.#reads[value] ?? 0) - 1;
    for (const arg of args) this.#forget(arg);
  }
}

const isEmpty = ({ op: what, args }: Node): boolean => what === op.block && args.length === 0;

const isPure = ({ op: what, args }: Node): boolean =>
  what !== op.tee && what.touch !== "store" && args.every(isPure);
