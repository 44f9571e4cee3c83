/**
 * Kernels, buffers and the model to one artifact: the module, with a section that says all the runtime has to know
 * (`runtime/artifact.ts`). The same input gives the same bytes.
 */
import {
  artifactVersion,
  type Manifest,
  type ManifestInitializer,
  type ManifestInput,
  type ManifestOutput,
  type ManifestParameter,
  type ManifestRelation,
  type ManifestSet,
  modelSection,
  type ProgramName,
  type Step,
} from "../runtime/artifact.js";
import { bug } from "./bug.js";
import { type Buffer, type EmittedModule, programNames, type Schedule } from "./ir/kernel.js";
import type { Initializer, Input, Model, Output, Parameter, State, ValueType } from "./ir/model.js";
import type { DifferentiatedProgram } from "./ir/program.js";
import { manifestBuffers } from "./pack.buffers.js";
import { describe } from "./pack.description.js";
import { Frames, spaceName } from "./pack.frames.js";
import { freeSets } from "./pack.order.js";
import { appendSection } from "./sections.js";

export { appendSection } from "./sections.js";

export interface PackOptions {
  /** `gnc 0.1.0` */
  readonly compiler: string;
}

/** The bytes of the artifact: a module, and what it says about itself. */
export const pack = (wasm: Uint8Array, manifest: Manifest): Uint8Array =>
  appendSection(wasm, modelSection, new TextEncoder().encode(JSON.stringify(describe(manifest))));

/** What the artifact says about itself. */
export function manifestOf(
  program: DifferentiatedProgram,
  schedule: Schedule,
  emitted: EmittedModule,
  { compiler }: PackOptions,
): Manifest {
  const { model } = program;
  const free = freeSets(program);
  const frames = new Frames(schedule, emitted);
  const number = numbering(schedule.buffers);
  const { arenas } = schedule;
  const programs = programsOf(schedule, frames);
  return {
    version: artifactVersion,
    compiler,
    model: model.name,
    doc: model.doc,
    sets: model.sets.map((set): ManifestSet => {
      const { name, layout } = set;
      return { name, layout, ...(free.has(set) && { free: true }) };
    }),
    relations: model.relations.map(relation),
    inputs: model.inputs.map((i) => input(i, schedule, number)),
    outputs: model.outputs.map((o) => output(o, schedule, number)),
    parameters: arenas.parameters.map(({ parameter: p, offset }) => ({
      ...leaf(p, p.families, offset),
      ...(p.familyAt && p.families > 0 && { familyAt: p.familyAt }),
    })),
    parameterWords: arenas.parameterWords,
    states: arenas.states.map(({ state, offset }) => leaf(state, 0, offset)),
    stateWords: arenas.stateWords,
    optimizers: arenas.optimizers.map(({ optimizer, ranges, settings }) => ({
      kind: optimizer.kind,
      ranges,
      settings,
      clips: optimizer.settings.clip !== undefined,
    })),
    settingsWords: arenas.settingsWords,
    ...endsOf(model, schedule, number),
    buffers: manifestBuffers(schedule),
    structures: frames.structures,
    programs,
    reservedBytes: emitted.reservedBytes,
    scratchBytes: emitted.scratchBytes,
  };
}

type Numbering = (buffer: Buffer) => number;

function numbering(buffers: readonly Buffer[]): Numbering {
  const numbers = new Map(buffers.map((b, i) => [b, i]));
  return (buffer) => numbers.get(buffer) ?? bug(`${buffer.name} has no memory of its own`);
}

function programsOf(schedule: Schedule, frames: Frames): Manifest["programs"] {
  const programs: Partial<Record<ProgramName, readonly Step[]>> = {};
  for (const name of programNames) {
    const program = schedule.programs[name];
    if (program) programs[name] = frames.steps(program.steps);
  }
  return programs;
}

const relation = (r: Model["relations"][number]): ManifestRelation => ({
  name: r.name,
  given: r.given,
  topology: r.topology,
  senders: r.senders.name,
  receivers: r.receivers.name,
});

const pathOf = ({ space, name }: Input): string => `${space.name}.${name}`;

function input(i: Input, { ends }: Schedule, number: Numbering): ManifestInput {
  const buffer = ends.inputs.get(pathOf(i));
  return {
    name: i.name,
    space: spaceName(i.space),
    dtype: i.type.dtype,
    shape: i.type.shape,
    range: rangeOf(i.type),
    sparse: i.sparse,
    neededToRun: i.neededToRun,
    buffer: buffer ? number(buffer) : null,
  };
}

function output({ name, field }: Output, { ends }: Schedule, number: Numbering): ManifestOutput {
  return {
    name,
    space: spaceName(field.space),
    dtype: field.type.dtype,
    shape: field.type.shape,
    range: rangeOf(field.type),
    buffer: number(ends.outputs.get(name) ?? bug(`output ${name} is computed nowhere`)),
  };
}

/** JSON has no infinities: an open end is null. */
function rangeOf({ range }: ValueType): ManifestInput["range"] {
  const end = (n: number): number | null => (Number.isFinite(n) ? n : null);
  return range && { low: end(range.low), high: end(range.high) };
}

const leaf = (
  { path, shape, init }: Parameter | State,
  families: number,
  offset: number,
): ManifestParameter => ({ path, shape, families, offset, init: initializer(init) });

const initializer = (init: Initializer): ManifestInitializer => ({ ...init });

/** Buffers of the loss, the metrics and the pullback. */
function endsOf(
  model: Model,
  { ends }: Schedule,
  number: Numbering,
): Pick<Manifest, "loss" | "metrics" | "pullback"> {
  const { evaluate, train } = ends.loss;
  const loss = {
    ...(evaluate ? { evaluate: number(evaluate) } : {}),
    ...(train ? { train: number(train) } : {}),
  };
  const metrics = [...ends.metrics].map(([name, by]) => ({
    name,
    buffers: {
      ...(by.evaluate ? { evaluate: metric(by.evaluate, number) } : {}),
      ...(by.train ? { train: metric(by.train, number) } : {}),
    },
  }));
  return { loss, metrics, pullback: pullbackOf(model, ends, number) };
}

const metric = ({ total, rows }: { total: Buffer; rows: Buffer }, number: Numbering) => ({
  total: number(total),
  rows: number(rows),
});

function pullbackOf(
  model: Model,
  { inputs, inputGradients }: Schedule["ends"],
  number: Numbering,
): Manifest["pullback"] {
  if (!inputGradients) return null;
  const cotangents = model.outputs.flatMap(({ name }) => {
    const buffer = inputs.get(`cotangent.${name}`);
    return buffer ? [{ output: name, buffer: number(buffer) }] : [];
  });
  const gradients = [...inputGradients].map(([path, buffer]) => ({ path, buffer: number(buffer) }));
  return { cotangents, inputs: gradients };
}
