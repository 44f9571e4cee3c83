/** The writer of modules: opcodes against another reader, and passes over finished functions against the functions as they were. */
import binaryen from "binaryen";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Code } from "../../compiler/6-emit/wasm/code.js";
import { encode } from "../../compiler/6-emit/wasm/module/encode.js";
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
  memory,
  Node,
  set,
  tee,
} from "../../compiler/6-emit/wasm/module/node.js";
import { Pool } from "../../compiler/6-emit/wasm/pool.js";

const add = (a: Node, b: Node): Node => new Node(0x6a, [a, b]);
const xor = (a: Node, b: Node): Node => new Node(0x73, [a, b]);
const load = (at: Node): Node => new Node(memory.loadInt, [masked(at)]);
const store = (at: Node, value: Node): Node => new Node(memory.storeInt, [masked(at), value]);
/** An address among 64 words. */
const masked = (at: Node): Node => new Node(0x71, [at, int(252)]);

/** What text says of a variable count: parameters 0 and 1, variables 2 to 5. */
const variables = 6;

/** A value, as a function: every use makes new nodes. */
type Value = () => Node;
type Statement = () => Node[];

const { statements } = fc.letrec<{ value: Value; statements: Statement[] }>((tie) => {
  const inner = tie("value");
  const many = tie("statements");
  const variable = fc.nat(variables - 1);
  return {
    value: fc.oneof(
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
      fc.tuple(inner, inner).map(
        ([a, b]): Value =>
          () =>
            add(a(), b()),
      ),
      fc.tuple(inner, inner).map(
        ([a, b]): Value =>
          () =>
            xor(a(), b()),
      ),
      fc.tuple(inner, inner, inner).map(
        ([a, b, c]): Value =>
          () =>
            choice(a(), b(), c()),
      ),
      fc.tuple(variable, inner).map(
        ([v, a]): Value =>
          () =>
            tee(v, a()),
      ),
      inner.map(
        (a): Value =>
          () =>
            load(a()),
      ),
      inner.map(
        (a): Value =>
          () =>
            call("count", [a()], true),
      ),
    ),
    statements: fc.array(
      fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.tuple(variable, inner).map(
          ([v, a]): Statement =>
            () => [set(v, a())],
        ),
        fc.tuple(inner, inner).map(
          ([a, b]): Statement =>
            () => [store(a(), b())],
        ),
        fc.tuple(inner, many).map(
          ([test, yes]): Statement =>
            () => [conditional(test(), bodyOf(yes))],
        ),
        fc.tuple(inner, many, many).map(
          ([test, yes, no]): Statement =>
            () => [conditional(test(), bodyOf(yes), bodyOf(no))],
        ),
        many.map(
          (turn): Statement =>
            () =>
              thrice(turn),
        ),
      ),
      { maxLength: 6 },
    ),
  };
});

const bodyOf = (all: readonly Statement[]): Node => block(all.flatMap((s) => s()));

/** Every loop has a counter of its own behind the variables that anything may write. */
let counters = 0;
function thrice(turn: readonly Statement[]): Node[] {
  const counter = variables + counters++;
  const body = bodyOf(turn);
  body.args.push(
    branchIf(counter, new Node(0x48, [tee(counter, add(get(counter), int(1))), int(3)])),
  );
  return [set(counter, int(0)), loop(counter, body)];
}

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
  /** Counts its calls in memory, so that their order and number shows. */
  const count: Func = {
    name: "count",
    parameters: ["i32"],
    result: "i32",
    variables: [],
    body: block([store(int(252), add(load(int(252)), int(1))), xor(get(0), load(int(252)))]),
    exported: false,
  };
  const bytes = encode(
    { functions: [count, main], data: new Uint8Array() },
    { optimize, names: false },
  );
  const env = { memory: new WebAssembly.Memory({ initial: 1 }) };
  const words = new Int32Array(env.memory.buffer, 0, 64).map((_, i) => 7 * i);
  new Int32Array(env.memory.buffer).set(words);
  const { instance } = await WebAssembly.instantiate(bytes as BufferSource, { env });
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
});

describe("the bytes of a module", () => {
  it("name the instructions that another reader finds there", () => {
    const code = new Code({ functions: [], pool: new Pool(), relaxed: false });
    const { ops } = code;
    const [f, g] = [code.local("f32"), code.local("f64")];
    const v = code.local("v128");
    code.emit(new Node(0x1a, [ops.f32x4.pmin(v, ops.i32x4.trunc(ops.v128.andnot(v, v))).take()]));
    code.emit(new Node(0x1a, [ops.v128.shuffle(v, v, [7, 0, 5, 2]).take()]));
    code.emit(new Node(0x1a, [ops.i64x2.high(v, ops.f64x2.promote(v)).take()]));
    code.emit(
      new Node(0x1a, [ops.i64.mul(ops.i64.constant(0xd2511f53), ops.i64.extend(code.end)).take()]),
    );
    code.emit(new Node(0x1a, [ops.f32x4.replace(v, 3, ops.f32.demote(ops.f64.sqrt(g))).take()]));
    code.emit(
      new Node(0x1a, [ops.i32.trunc(ops.f32.nearest(ops.f32.mul(f, code.float(-0.5)))).take()]),
    );
    code.storeLanes(code.scratch, 300, v, 3);
    code.zero(code.frame, code.int(-70000));
    code.emit(new Node(0x1a, [code.loadLanes(code.scratch, 16, 3).take()]));
    const body = code.body();
    const kernel = { name: "k0", parameters: ["i32", "i32", "i32", "i32"], result: null } as const;
    const made = { ...kernel, variables: code.variables, body, exported: true };
    const bytes = encode(
      { functions: [made], data: Uint8Array.of(1, 2) },
      { optimize: false, names: true },
    );
    expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
    const m = binaryen.readBinary(bytes);
    m.setFeatures(binaryen.Features.All);
    const text = m.emitText();
    m.dispose();
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
      "(func $k0",
    ])
      expect(text).toContain(said);
  });
});
