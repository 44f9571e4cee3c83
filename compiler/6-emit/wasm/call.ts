/** Functions that a module holds once and its kernels call: what is long and not all that a loop does. */
import { Code } from "./code.js";
import { Expression, type Kind, Local, type Operand } from "./operand.js";

/** Writes the body of a function of operands of one type, and gives its result. */
type Body<P extends Kind, R> = (code: Code, parameters: readonly Local<P>[]) => R;

/** Calls a function of the module, which is written where it is called first. */
export function call<P extends Kind, K extends Kind>(
  code: Code,
  name: string,
  args: readonly Operand<P>[],
  result: K,
  body: Body<P, Operand<K>>,
): Expression<K> {
  const type = code.wasm[result];
  return new Expression(
    result,
    invoke(code, name, args, type, (inner, parameters) => [body(inner, parameters).take()]),
  );
}

/** The same for a function that gives nothing back. */
export function run<P extends Kind>(
  code: Code,
  name: string,
  args: readonly Operand<P>[],
  body: Body<P, void>,
): void {
  const nothing: Body<P, readonly number[]> = (inner, parameters) => {
    body(inner, parameters);
    return [];
  };
  code.emit(invoke(code, name, args, code.wasm.none, nothing));
}

/** `last` writes the body and gives the expressions it ends with. */
function invoke<P extends Kind>(
  { wasm, m, pool }: Code,
  name: string,
  args: readonly Operand<P>[],
  type: number,
  last: Body<P, readonly number[]>,
): number {
  if (!pool.functions.has(name)) {
    pool.functions.add(name);
    const inner = new Code(wasm, m, pool, args.length);
    const parameters = args.map(({ kind }, i) => new Local(m, kind, wasm[kind], i));
    const end = last(inner, parameters);
    const types = wasm.createType(args.map(({ kind }) => wasm[kind]));
    const body = m.block(null, [...inner.root.statements, ...end], type);
    m.addFunction(name, types, type, [...inner.variables], body);
  }
  const taken = args.map((a) => a.take());
  return m.call(name, taken, type);
}
