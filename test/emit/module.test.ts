/** Finished functions as a module: instructions as binaryen reads them, and passes against the functions as they were. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Code } from "../../compiler/6-emit/wasm/code.js";
import { spelling } from "../../compiler/6-emit/wasm/instructions.js";
import { isValid, textOf } from "../../compiler/6-emit/wasm/module/binaryen.js";
import { compact } from "../../compiler/6-emit/wasm/module/compact.js";
import { encodeModule } from "../../compiler/6-emit/wasm/module/encode.js";
import {
  block,
  branchIf,
  call,
  choice,
  conditional,
  type Func,
  get,
  int,
  loop,
  Node,
  set,
  tee,
} from "../../compiler/6-emit/wasm/module/node.js";
import { memory, op } from "../../compiler/6-emit/wasm/module/op.js";
import { Expression, type Kind, type Operand } from "../../compiler/6-emit/wasm/operand.js";
import { Pool } from "../../compiler/6-emit/wasm/pool.js";

type Two = (a: Operand<"i32">, b: Operand<"i32">) => Operand<"i32">;
const two = (f: Two) => (a: Node, b: Node) =>
  f(new Expression("i32", a), new Expression("i32", b)).take();
const { i32 } = spelling;
const [add, xor, and, less] = [two(i32.add), two(i32.xor), two(i32.and), two(i32.lt_s)];
const load = (at: Node): Node => new Node(memory.loadInt, [masked(at)]);
const store = (at: Node, value: Node): Node => new Node(memory.storeInt, [masked(at), value]);
/** An address among 64 words. */
const masked = (at: Node): Node => and(at, int(252));

/** What text says of a variable count: parameters 0 and 1, variables 2 to 5. */
const variables = 6;

/** As functions: every use makes new nodes. */
type Value = () => Node;
type Statement = () => Node[];

const values = (inner: fc.Arbitrary<Value>): fc.Arbitrary<Value> => {
  const variable = fc.nat(variables - 1);
  const pair = fc.tuple(inner, inner);
  const one = (f: (a: Node) => Node) =>
    inner.map(
      (a): Value =>
        () =>
          f(a()),
    );
  const both = (f: (a: Node, b: Node) => Node) =>
    pair.map(
      ([a, b]): Value =>
        () =>
          f(a(), b()),
    );
  return fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    variable.map(
      (v): Value =>
        () =>
          get(v),
    ),
    fc.integer({ min: -9, max: 300 }).map(
      (n): Value =>
        () =>
          int(n),
    ),
    both(add),
    both(xor),
    fc.tuple(inner, pair).map(
      ([a, [b, c]]): Value =>
        () =>
          choice(a(), b(), c()),
    ),
    fc.tuple(variable, inner).map(
      ([v, a]): Value =>
        () =>
          tee(v, a()),
    ),
    one(load),
    one((a) => call("count", [a])),
  );
};

const { statements } = fc.letrec<{ value: Value; statements: Statement[] }>((tie) => {
  const [inner, many] = [tie("value"), tie("statements")];
  const statement: fc.Arbitrary<Statement> = fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.tuple(fc.nat(variables - 1), inner).map(
      ([v, a]): Statement =>
        () => [set(v, a())],
    ),
    fc.tuple(inner, inner).map(
      ([a, b]): Statement =>
        () => [store(a(), b())],
    ),
    fc.tuple(inner, many).map(
      ([a, yes]): Statement =>
        () => [conditional(a(), bodyOf(yes))],
    ),
    fc.tuple(inner, many, many).map(
      ([a, yes, no]): Statement =>
        () => [conditional(a(), bodyOf(yes), bodyOf(no))],
    ),
    many.map(
      (turn): Statement =>
        () =>
          thrice(turn),
    ),
  );
  return { value: values(inner), statements: fc.array(statement, { maxLength: 6 }) };
});

const bodyOf = (all: readonly Statement[]): Node => block(all.flatMap((s) => s()));

/** Every loop has a counter of its own behind the variables that anything may write. */
let counters = 0;
function thrice(turn: readonly Statement[]): Node[] {
  const counter = variables + counters++;
  const body = bodyOf(turn);
  body.args.push(branchIf(counter, less(tee(counter, add(get(counter), int(1))), int(3))));
  return [set(counter, int(0)), loop(counter, body)];
}

/** Counts its calls in memory, so that their order and number shows. */
const count = (): Func => ({
  name: "count",
  parameters: ["i32"],
  result: "i32",
  variables: [],
  body: block([store(int(252), add(load(int(252)), int(1))), xor(get(0), load(int(252)))]),
  exported: false,
});

/** What memory holds after the body, and every variable. */
async function outcome(body: readonly Statement[], optimize: boolean): Promise<readonly number[]> {
  counters = 0;
  const all = bodyOf(body);
  for (let v = 0; v < variables; v++) all.args.push(store(int(4 * v), get(v)));
  const main: Func = {
    name: "main",
    parameters: ["i32", "i32"],
    result: null,
    variables: new Array(variables - 2 + counters).fill("i32"),
    body: all,
    exported: true,
  };
  const functions = [count(), optimize ? compact(main) : main];
  const bytes = encodeModule({ functions, data: new Uint8Array() }, { names: false });
  const env = { memory: new WebAssembly.Memory({ initial: 1 }) };
  const words = new Int32Array(env.memory.buffer, 0, 64).map((_, i) => 7 * i);
  new Int32Array(env.memory.buffer).set(words);
  const { instance } = await WebAssembly.instantiate(bytes, { env });
  (instance.exports.main as (a: number, b: number) => void)(5, 90);
  return [...new Int32Array(env.memory.buffer, 0, 64)];
}

describe("a finished function", () => {
  it("does the same after values moved and variables share slots", async () => {
    await fc.assert(
      fc.asyncProperty(statements, async (body) => {
        expect(await outcome(body, true)).toEqual(await outcome(body, false));
      }),
      { numRuns: 1500 },
    );
  });

  it("reads a variable that starts as zero where a loop comes back to it", async () => {
    const turn: Statement = () => [
      store(get(2), get(3)),
      set(2, add(get(2), int(4))),
      set(3, get(0)),
    ];
    const body: Statement[] = [() => thrice([turn])];
    expect(await outcome(body, true)).toEqual(await outcome(body, false));
  });

  it("keeps no variable for what is read once, and one slot for lives that do not meet", async () => {
    const code = new Code({ functions: [], pool: new Pool(), relaxed: false });
    for (const offset of [0, 4]) {
      const sum = code.hold(code.ops.i32.add(code.begin, code.end));
      const twice = code.hold(code.ops.i32.mul(sum, code.int(3)));
      code.storeInt(code.frame, offset, code.ops.i32.mul(twice, twice));
    }
    expect(code.variables.length).toBe(4);
    const text = await printed(code, true);
    expect(text).not.toContain("(local $");
    // slots of parameters that nobody reads any more
    expect(text.match(/local\.tee \$[0-3]\n/g)?.length).toBe(2);
  });
});

/** The function as binaryen prints it. */
async function printed(code: Code, optimize: boolean): Promise<string> {
  const parameters = ["i32", "i32", "i32", "i32"] as const;
  const { variables } = code;
  const k0 = { name: "k0", parameters, result: null, variables, body: code.body(), exported: true };
  const functions = [optimize ? compact(k0) : k0];
  const wasm = encodeModule({ functions, data: Uint8Array.of(1, 2) }, { names: true });
  expect(await isValid(wasm)).toBe(true);
  return textOf(wasm);
}

/** What is called otherwise in WebAssembly than in the table of spellings. */
const called: Readonly<Record<string, string>> = {
  "i32.trunc": "i32.trunc_sat_f32_s",
  "f32.convert": "f32.convert_i32_s",
  "f32.demote": "f32.demote_f64",
  "i64.extend": "i64.extend_i32_u",
  "i64.wrap": "i32.wrap_i64",
  "i64.constant": "i64.const",
  "f64.promote": "f64.promote_f32",
  "f32x4.convert": "f32x4.convert_i32x4_s",
  "f32x4.demote": "f32x4.demote_f64x2_zero",
  "f64x2.promote": "f64x2.promote_low_f32x4",
  "i32x4.min": "i32x4.min_s",
  "i32x4.max": "i32x4.max_s",
  "i32x4.lt": "i32x4.lt_s",
  "i32x4.le": "i32x4.le_s",
  "i32x4.gt": "i32x4.gt_s",
  "i32x4.ge": "i32x4.ge_s",
  "i32x4.shr": "i32x4.shr_s",
  "i64x2.shr": "i64x2.shr_s",
  "i32x4.trunc": "i32x4.trunc_sat_f32x4_s",
  "i32x4.truncDouble": "i32x4.trunc_sat_f64x2_s_zero",
  "i64x2.low": "i64x2.extmul_low_i32x4_u",
  "i64x2.high": "i64x2.extmul_high_i32x4_u",
  "v128.select": "v128.bitselect",
  "v128.shuffle": "i8x16.shuffle",
};

/** Of what its operands are that are not of its own kind. */
const operands: Readonly<Record<string, Kind>> = {
  "i32.trunc": "f32",
  "f32.convert": "i32",
  "f32.demote": "f64",
  "i64.extend": "i32",
  "f64.promote": "f32",
  "f32x4.splat": "f32",
  "f64x2.splat": "f64",
  "i32x4.splat": "i32",
};
const lanes: Readonly<Record<string, Kind>> = { f32x4: "f32", i32x4: "i32" };

/** One use of every instruction that there is a spelling of. */
function uses(code: Code): readonly (readonly [name: string, use: () => Operand<Kind>])[] {
  type Make = (...operands: readonly unknown[]) => Operand<Kind>;
  const isKind = (name: string): name is Kind => /^[if](32|64)$/.test(name);
  const useOf = (group: string, name: string, make: Make): Operand<Kind> => {
    const path = `${group}.${name}`;
    const kind = operands[path] ?? (isKind(group) ? group : "v128");
    const value = () => code.local(kind);
    if (name === "constant") return make(-5);
    if (name === "lane") return make(value(), 1);
    if (name === "replace") return make(value(), 1, code.local(lanes[group] ?? "f64"));
    if (name === "shuffle") return make(value(), value(), [0, 1, 4, 5]);
    if (kind === "v128" && /^sh[lr]/.test(name)) return make(value(), 3);
    return make(...Array.from({ length: make.length }, value));
  };
  return Object.entries(spelling).flatMap(([group, rows]) =>
    Object.entries(rows).map(([name, make]) => {
      const path = `${group}.${name}`;
      const said =
        called[path] ?? path.replace(".lane", ".extract_lane").replace(".replace", ".replace_lane");
      return [said, () => useOf(group, name, make as Make)] as const;
    }),
  );
}

describe("an instruction", () => {
  it("has the opcode of what it is called", async () => {
    const code = new Code({ functions: [], pool: new Pool(), relaxed: false });
    const all = uses(code);
    for (const [, use] of all) code.emit(new Node(op.drop, [use().take()]));
    const text = await printed(code, false);
    expect(all.length).toBeGreaterThan(100);
    expect([...text.matchAll(/\(drop\n +\((\S+)/g)].map(([, name]) => name)).toEqual(
      all.map(([name]) => name),
    );
  });

  it("is the one that binaryen prints", async () => {
    const code = new Code({ functions: [], pool: new Pool(), relaxed: true });
    const { ops } = code;
    const [f, g] = [code.local("f32"), code.local("f64")];
    const v = code.local("v128");
    const drop = (value: { take(): Node }): void => code.emit(new Node(op.drop, [value.take()]));
    drop(ops.f32x4.pmin(v, ops.i32x4.trunc(ops.v128.andnot(v, v))));
    drop(ops.v128.shuffle(v, v, [7, 0, 5, 2]));
    drop(ops.i64x2.high(v, ops.f64x2.promote(v)));
    drop(ops.i64.mul(ops.i64.constant(0xd2511f53), ops.i64.extend(code.end)));
    drop(ops.f32x4.replace(v, 3, ops.f32.demote(ops.f64.sqrt(g))));
    drop(ops.i32.trunc(ops.f32.nearest(ops.f32.mul(f, code.float(-0.5)))));
    code.storeLanes(code.scratch, 300, v, 3);
    code.zero(code.frame, code.int(-70000));
    drop(code.loadLanes(code.scratch, 16, 3));
    drop(code.multiplyAdd(v, v, v));
    const text = await printed(code, false);
    for (const said of [
      "f32x4.pmin",
      "i32x4.trunc_sat_f32x4_s",
      "v128.andnot",
      "i8x16.shuffle 28 29 30 31 0 1 2 3 20 21 22 23 8 9 10 11",
      "i64x2.extmul_high_i32x4_u",
      "f64x2.promote_low_f32x4",
      "i64.const 3528531795",
      "i64.extend_i32_u",
      "f32x4.replace_lane 3",
      "f32.demote_f64",
      "i32.trunc_sat_f32_s",
      "f32.const -0.5",
      "v128.store64_lane offset=300 align=4 0",
      "v128.store32_lane offset=308 2",
      "memory.fill",
      "i32.const -70000",
      "v128.load32_lane offset=24 2",
      "v128.load64_zero offset=16 align=4",
      "f32x4.relaxed_madd",
      "(func $k0",
    ])
      expect(text).toContain(said);
  });
});
