/** Programs that write gradients: each finds zeros where it writes nothing, whichever ran before. */
import type { ProgramName } from "./artifact.js";
import type { Engine } from "./engine.js";

/** Whose gradients an engine holds. */
const last = new WeakMap<Engine, ProgramName>();

export function runOnZeros(engine: Engine, program: ProgramName): void {
  const plan = engine.prepared(program);
  if (last.get(engine) !== program) engine.arena("gradients").fill(0);
  last.set(engine, program);
  plan.run();
}
