/** Functions that a module holds once and its kernels call: what is long and not all that a loop does. */
import { Code } from "./code.js";
import { block, call as callOf, type Node } from "./module/node.js";
import { Expression, type Kind, Local, type Operand } from "./operand.js";

/** What a function takes, by name. */
type Arguments = Readonly<Record<string, Operand<Kind>>>;
type Parameters<A extends Arguments> = { readonly [N in keyof A]: Local<A[N]["kind"]> };

/** Calls a function of the module, which is written where it is called first: `body` gives its result. */
export function call<A extends Arguments, K extends Kind>(
  code: Code,
  name: string,
  args: A,
  result: K,
  body: (code: Code, parameters: Parameters<A>) => Operand<K>,
): Expression<K> {
  const last = (inner: Code, parameters: Parameters<A>) => [body(inner, parameters).take()];
  return new Expression(result, invoke(code, name, args, result, last));
}

/** The same for a function that gives nothing back. */
export function run<A extends Arguments>(
  code: Code,
  name: string,
  args: A,
  body: (code: Code, parameters: Parameters<A>) => void,
): void {
  const nothing = (inner: Code, parameters: Parameters<A>): readonly Node[] => {
    body(inner, parameters);
    return [];
  };
  code.emit(invoke(code, name, args, null, nothing));
}

/** `last` writes the body and gives the expressions it ends with. */
function invoke<A extends Arguments>(
  caller: Code,
  name: string,
  args: A,
  result: Kind | null,
  last: (code: Code, parameters: Parameters<A>) => readonly Node[],
): Node {
  const { functions, pool } = caller;
  const operands = Object.values(args);
  if (!pool.functions.has(name)) {
    pool.functions.add(name);
    const inner = new Code(caller, operands.length);
    const end = last(inner, parametersOf(args));
    functions.push({
      name,
      parameters: operands.map(({ kind }) => kind),
      result,
      variables: inner.variables,
      body: block([...inner.root.statements, ...end]),
      exported: false,
    });
  }
  const taken = operands.map((a) => a.take());
  return callOf(name, taken);
}

/** The one cast: `tsc` does not see that entries come back under their names. */
function parametersOf<A extends Arguments>(args: A): Parameters<A> {
  const locals = Object.entries(args).map(
    ([name, { kind }], i) => [name, new Local(kind, i)] as const,
  );
  return Object.fromEntries(locals) as Parameters<A>;
}
