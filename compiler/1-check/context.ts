/**
 * What one model is built into, and what one run shares.
 *
 * A `Program` lives for one call of `check`: problems, and what is known of each declaration from its text alone. A
 * `Context` lives for one model: its spaces, fields, parameters, and the names already taken.
 */
import type { Span } from "../../grammar/source.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { tooManyEquations } from "../diagnostics/names.js";
import type { Problems } from "../diagnostics/problems.js";
import type { Application, Field, Input, Parameter } from "../ir/model.js";
import type { NodeSet, Relation, Topology } from "../ir/space.js";
import { type Analysis, analyse } from "./analysis.js";
import type { Caller, Checker, Declared, DraftState, Entry, Frame } from "./frame.js";

/** The most inlined bodies and equations of one model. */
const mostFrames = 20_000;
const mostEquations = 50_000;

export class Program {
  readonly problems: Problems;
  /** Declarations whose body was typed for some call. */
  readonly typed = new Set<Declared["node"]>();
  /** Names of a declaration that were reported as meaning nothing: silent from there on. */
  readonly unknown = new Map<Declared["node"], ReadonlySet<string>>();
  /** Declarations that instantiate themselves: reported once, then silent. */
  readonly recursive = new Set<Declared["node"]>();
  readonly #draws = new Map<Declared["node"], boolean>();
  readonly #offsets = new Map<Declared["node"], boolean>();
  readonly #relations = new Map<Declared["node"], boolean>();
  readonly #analyses = new Map<Declared["node"], Analysis>();

  constructor(problems: Problems) {
    this.problems = problems;
  }

  /** Whether a body, or one it calls, draws random numbers. */
  mayDraw(declared: Declared): boolean {
    return this.#reaches(
      declared,
      this.#draws,
      (a) => a.draws,
      (a) => a.callees,
    );
  }

  /** Whether a block, or one it passes its relation on to, speaks of edges. */
  needsRelation(declared: Declared): boolean {
    return this.#reaches(
      declared,
      this.#relations,
      (a) => a.needsRelation,
      (a) => a.passesOn,
    );
  }

  /** Whether a block, or one it passes its relation on to, reads `offset`. */
  readsOffset(declared: Declared): boolean {
    return this.#reaches(
      declared,
      this.#offsets,
      (a) => a.needsOffset,
      (a) => a.passesOn,
    );
  }

  #reaches(
    declared: Declared,
    known: Map<Declared["node"], boolean>,
    here: (a: Analysis) => boolean,
    next: (a: Analysis) => ReadonlySet<string>,
  ): boolean {
    const before = known.get(declared.node);
    if (before !== undefined) return before;
    known.set(declared.node, false);
    const analysis = this.analysis(declared);
    const found =
      here(analysis) ||
      [...next(analysis)].some((name) => {
        const callee = declared.scope.names.get(name);
        return (
          callee !== undefined &&
          callee.node.kind !== "model" &&
          this.#reaches(callee, known, here, next)
        );
      });
    known.set(declared.node, found);
    return found;
  }

  /** What the text of a declaration says by itself. */
  analysis(declared: Declared): Analysis {
    const known = this.#analyses.get(declared.node);
    if (known) return known;
    const made = analyse(declared);
    this.#analyses.set(declared.node, made);
    return made;
  }
}

export class Context {
  readonly program: Program;
  readonly checker: Checker;
  /** A body checked on its own with made-up sizes: cycles are judged where it is called. */
  readonly madeUp: boolean;
  /** Something in this model was reported as an error. */
  failed = false;
  /** A set or relation could not be declared: what misses it stays silent. */
  spacesFailed = false;
  /** `let`s whose function is being looked up. */
  readonly resolving = new Set<Entry>();
  readonly sets: NodeSet[] = [];
  readonly relations: Relation[] = [];
  readonly inputs: Input[] = [];
  readonly parameters: Parameter[] = [];
  readonly states: DraftState[] = [];
  readonly fields: Field[] = [];
  readonly applications: Application[] = [];
  /** Who called the body that a field stands in. */
  readonly callers = new Map<Field, Caller>();
  readonly #taken = new Map<string, number>();
  readonly #made = new Map<string, Relation>();
  #frames = 0;
  #equations = 0;

  constructor(program: Program, checker: Checker, madeUp: boolean) {
    this.program = program;
    this.checker = checker;
    this.madeUp = madeUp;
  }

  /** Says it once, and remembers that this model is not whole. */
  report(diagnostic: Diagnostic): void {
    if (diagnostic.severity === "error") this.failed = true;
    this.program.problems.report(diagnostic);
  }

  /** `name`, or `name.2`, `name.3` if it is taken. */
  unique(kind: "field" | "parameter" | "draw", name: string): string {
    const key = `${kind} ${name}`;
    const count = (this.#taken.get(key) ?? 0) + 1;
    this.#taken.set(key, count);
    return count === 1 ? name : this.unique(kind, `${name}.${count}`);
  }

  /** The one relation that a topology word makes between two sets. */
  made(
    topology: Topology,
    senders: NodeSet,
    receivers: NodeSet,
    span: Span,
    declaredAs: string | null,
  ): Relation {
    const key = `${JSON.stringify(topology)} ${senders.name} ${receivers.name}`;
    const given = topology.kind === "sparse" || topology.kind === "tree" || topology.kind === "dag";
    const known = given ? undefined : this.#made.get(key);
    if (known && declaredAs === null) return known;
    const ends = senders === receivers ? senders.name : `${senders.name}, ${receivers.name}`;
    const name = declaredAs ?? `${printTopology(topology)}(${ends})`;
    const relation: Relation = { kind: "edges", name, given, topology, senders, receivers, span };
    if (!known && !given) this.#made.set(key, relation);
    this.relations.push(relation);
    return relation;
  }

  /** Counts what is inlined, so that no program can make the compiler run away. */
  spend(frame: Frame, equations: number, span: Span): void {
    this.#frames++;
    this.#equations += equations;
    if (this.#frames > mostFrames || this.#equations > mostEquations)
      frame.fail(tooManyEquations(span, mostEquations));
  }
}

/** `chain`, `chain(reverse)`, `window(3, 3, stride: 2)`: as it would be written. */
export function printTopology(topology: Topology): string {
  switch (topology.kind) {
    case "sparse": {
      const words = [topology.symmetric && "symmetric", topology.selfLoops && "self_loops"].filter(
        Boolean,
      );
      return words.length > 0 ? `sparse(${words.join(", ")})` : "sparse";
    }
    case "complete":
    case "causal":
      return topology.strict ? `${topology.kind}(strict)` : topology.kind;
    case "chain":
      return topology.reverse ? "chain(reverse)" : "chain";
    case "window": {
      const { taps, stride, dilation, pad } = topology;
      const option = (name: string, values: readonly number[], usual: number): readonly string[] =>
        values.every((v) => v === usual)
          ? []
          : [`${name}: ${new Set(values).size === 1 ? values[0] : values.join("x")}`];
      const centred = taps.every((t, i) => pad[i] === ((t - 1) * (dilation[i] ?? 1)) >> 1);
      const pads = centred ? [] : option("pad", pad, -1);
      return `window(${[taps.join(", "), ...option("stride", stride, 1), ...option("dilation", dilation, 1), ...pads].join(", ")})`;
    }
    default:
      return topology.kind;
  }
}
