/** Takes out what has no effect: sets of variables that nobody reads, conditions without statements, what is left of moves. */
import { block, Node, nothing, set } from "./node.js";
import { op } from "./op.js";
import { countReads } from "./sink.js";

/** Changes the body in place. */
export function tidy(body: Node): void {
  for (let found = true; found; ) found = new Tidying(countReads(body, [])).block(body);
}

class Tidying {
  readonly #reads: readonly number[];

  constructor(reads: readonly number[]) {
    this.#reads = reads;
  }

  /** Whether something was taken out that leaves others unread. */
  block({ args }: Node): boolean {
    let found = false;
    for (let i = 0; i < args.length; i++) found = this.#visit(args, i) || found;
    let kept = 0;
    for (const arg of args) if (arg.op !== op.nop) args[kept++] = arg;
    args.length = kept;
    return found;
  }

  #visit(list: Node[], index: number): boolean {
    const node = list[index] as Node;
    if (node.op === op.block) return this.block(node);
    let found = false;
    for (let i = 0; i < node.args.length; i++) found = this.#visit(node.args, i) || found;
    const unread = !this.#reads[node.value];
    if (node.op === op.tee && unread) list[index] = node.args[0] as Node;
    else if (node.op === op.set && unread) list[index] = effectOf(node.args[0] as Node);
    else if (node.op === op.if && node.args.slice(1).every(isEmpty))
      list[index] = effectOf(node.args[0] as Node);
    else return found;
    return true;
  }
}

const isEmpty = ({ op: what, args }: Node): boolean => what === op.block && args.length === 0;

/** What is left to do of a value that nobody reads. */
function effectOf(value: Node): Node {
  if (isPure(value)) return nothing();
  if (value.op === op.tee) return set(value.value, value.args[0] as Node);
  if (value.op === op.call) return new Node(op.drop, [value]);
  return block(value.args.map(effectOf));
}

const isPure = ({ op: what, args }: Node): boolean =>
  what !== op.tee && what.touch !== "store" && args.every(isPure);
