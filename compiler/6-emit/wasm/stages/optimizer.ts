/**
 * One step of an optimizer on a stretch of vectors of four words: SGD with momentum (Nesterov or not), Adam (Kingma and
 * Ba 2015, algorithm 1; weight decay as part of the gradient), AdamW (Loshchilov and Hutter 2019, algorithm 2).
 */

import { type Arena, type Hyperparameter, hyperparameters } from "../../../../runtime/artifact.js";
import { bug } from "../../../bug.js";
import type { Code } from "../code.js";
import { number } from "../expressions/accumulators.js";
import type { F64, Local, V128 } from "../operand.js";
import { f32, held, load, spread, store, type Value, v128 } from "../values.js";
import type { StageContext, StageOf } from "./context.js";

type Stage = StageOf<"optimizer">;

export function optimizer(stage: Stage, c: StageContext): void {
  const { code } = c;
  const t = time(c);
  const settings = readSettings(stage, t, c);
  code.loop(code.begin, code.end, 1, (vector) => step(stage, words(stage, vector, c), settings));
  const { i32 } = code.ops;
  code.when(i32.eqz(i32.and(t, code.int(sweepEvery - 1))), () => sweep(stage, c));
}

/** The number of this step, from 1. */
const time = ({ code, frame }: StageContext): Local<"i32"> =>
  code.hold(code.ops.i32.add(code.loadInt(frame.word({ kind: "control" }), 8), code.int(1)));

/** Steps between two sweeps, a power of two. */
const sweepEvery = 64;

/**
 * Sets moments to 0 that have decayed below the normal numbers. Rounding would hold them at the last few of those forever
 * (0.9 of the smallest is that again), and machines take many times as long over them.
 */
function sweep(stage: Stage, c: StageContext): void {
  const { code } = c;
  const { f32x4, v128: bits } = code.ops;
  const moments: readonly Arena[] =
    stage.optimizer === "sgd" ? ["moment1"] : ["moment1", "moment2"];
  code.loop(code.begin, code.end, 1, (vector) => {
    const w = words(stage, vector, c);
    for (const arena of moments) {
      const moment = w.read(arena);
      const tiny = f32x4.lt(f32x4.abs(v128(moment)), code.floats(smallest));
      w.write(arena, held(code, "f32", bits.andnot(v128(moment), tiny)));
    }
  });
}

/** The smallest normal number of single precision. */
const smallest = 2 ** -126;

/** Numbers that hold for the whole step, by name. */
type Settings = (name: Setting) => Value;
type Setting = Hyperparameter | "scale" | "correction1" | "correction2";

function readSettings(stage: Stage, t: Local<"i32">, { code, frame }: StageContext): Settings {
  const arena = frame.word({ kind: "arena", arena: "settings", offset: stage.settings });
  const read = (word: number): Value => held(code, "f32", code.loadFloat(arena, 4 * word));
  const values = new Map<Setting, Value>(hyperparameters.map((name, i) => [name, read(i)]));
  if (stage.clipped) values.set("scale", read(hyperparameters.length));
  const value = (name: Setting): Value => values.get(name) ?? bug(`no setting ${name}`);
  if (stage.optimizer !== "sgd") {
    values.set("correction1", correction(code, value("beta1"), t));
    values.set("correction2", correction(code, value("beta2"), t));
  }
  const wide = new Map([...values].map(([name, v]) => [name, spread(code, v, 4)]));
  return (name) => wide.get(name) ?? bug(`no setting ${name}`);
}

/** 1 / (1 - beta^t), the power by squaring in double precision. */
function correction(code: Code, beta: Value, t: Local<"i32">): Value {
  const { f32: one, f64, i32 } = code.ops;
  const base = code.variable(f64.promote(f32(beta)));
  const power = code.variable<"f64">(code.double(1));
  const left = code.variable(t);
  code.repeat(() => {
    const times: F64 = code.choose(i32.and(left, code.int(1)), base, code.double(1));
    code.set(power, f64.mul(power, times));
    code.set(base, f64.mul(base, base));
    code.set(left, i32.shr_u(left, code.int(1)));
    return left;
  });
  const inverse = f64.div(code.double(1), f64.sub(code.double(1), power));
  return held(code, "f32", one.demote(inverse));
}

/** Four words of the arenas, and arithmetic on them. */
interface Words {
  readonly read: (arena: Arena) => Value;
  readonly write: (arena: Arena, value: Value) => void;
  readonly add: (a: Value, b: Value) => Value;
  readonly sub: (a: Value, b: Value) => Value;
  readonly mul: (a: Value, b: Value) => Value;
  readonly div: (a: Value, b: Value) => Value;
  readonly sqrt: (a: Value) => Value;
  readonly one: Value;
}

function words(stage: Stage, vector: Local<"i32">, { code, frame }: StageContext): Words {
  const bytes = code.hold(code.ops.i32.shl(vector, code.int(4)));
  const address = (arena: Arena) => ({
    base: code.ops.i32.add(frame.word({ kind: "arena", arena, offset: stage.first }), bytes),
    offset: 0,
  });
  const { f32x4 } = code.ops;
  const value = (result: V128): Value => held(code, "f32", result);
  return {
    read: (arena) => load(code, "f32", address(arena), 4, 1),
    write: (arena, x) => store(code, address(arena), x),
    add: (a, b) => value(f32x4.add(v128(a), v128(b))),
    sub: (a, b) => value(f32x4.sub(v128(a), v128(b))),
    mul: (a, b) => value(f32x4.mul(v128(a), v128(b))),
    div: (a, b) => value(f32x4.div(v128(a), v128(b))),
    sqrt: (a) => value(f32x4.sqrt(v128(a))),
    one: number(code, 1, 4),
  };
}

function step(stage: Stage, w: Words, setting: Settings): void {
  const p = w.read("parameters");
  const raw = w.read("gradients");
  const g = stage.clipped ? w.mul(raw, setting("scale")) : raw;
  const decay = w.mul(setting("weight_decay"), p);
  if (stage.optimizer === "sgd") {
    const update = momentum(w, w.add(g, decay), setting);
    w.write("parameters", w.sub(p, w.mul(setting("lr"), update)));
    return;
  }
  const update = adaptive(w, stage.optimizer === "adam" ? w.add(g, decay) : g, setting);
  const whole = stage.optimizer === "adamw" ? w.add(update, decay) : update;
  w.write("parameters", w.sub(p, w.mul(setting("lr"), whole)));
}

/** b = momentum b + g; the step is b, or g + momentum b. */
function momentum(w: Words, g: Value, setting: Settings): Value {
  const b = w.add(w.mul(setting("momentum"), w.read("moment1")), g);
  w.write("moment1", b);
  const nesterov = setting("nesterov");
  const ahead = w.add(g, w.mul(setting("momentum"), b));
  return w.add(w.mul(nesterov, ahead), w.mul(w.sub(w.one, nesterov), b));
}

/** m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2; the step is m' / (sqrt v' + eps). */
function adaptive(w: Words, g: Value, setting: Settings): Value {
  const mixed = (arena: Arena, beta: Value, x: Value): Value => {
    const next = w.add(w.mul(beta, w.read(arena)), w.mul(w.sub(w.one, beta), x));
    w.write(arena, next);
    return next;
  };
  const m = w.mul(mixed("moment1", setting("beta1"), g), setting("correction1"));
  const v = w.mul(mixed("moment2", setting("beta2"), w.mul(g, g)), setting("correction2"));
  return w.div(m, w.add(w.sqrt(v), setting("eps")));
}
