/** Functions that a module holds once and its kernels call: what is long and not all that a loop does. */
import { Code } from "./code.js";
import { Expression, type Kind, Local, type Operand } from "./operand.js";

/** Writes the body of a function of operands of one type, and gives its result. */
type Body<P extends Kind, K extends Kind> = (
  code: Code,
  parameters: readonly Local<P>[],
) => Operand<K>;

/** Calls a function of the module, which is written where it is called first. */
export function call<P extends Kind, K extends Kind>(
  code: Code,
  name: string,
  args: readonly Operand<P>[],
  result: K,
  body: Body<P, K>,
): Expression<K> {
  const { functions } = code.pool;
  if (!functions.has(name)) {
    functions.add(name);
    write(code, name, args, result, body);
  }
  const taken = args.map((a) => a.take());
  return new Expression(result, code.m.call(name, taken, code.wasm[result]));
}

function write<P extends Kind, K extends Kind>(
  { wasm, m, pool }: Code,
  name: string,
  args: readonly Operand<P>[],
  result: K,
  body: Body<P, K>,
): void {
  const inner = new Code(wasm, m, pool, args.length);
  const parameters = args.map(({ kind }, i) => new Local(m, kind, wasm[kind], i));
  const value = body(inner, parameters).take();
  const types = wasm.createType(args.map(({ kind }) => wasm[kind]));
  const all = m.block(null, [...inner.root.statements, value], wasm[result]);
  m.addFunction(name, types, wasm[result], [...inner.variables], all);
}
