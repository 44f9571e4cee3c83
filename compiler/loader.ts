/**
 * The typed loader beside an artifact: `cora.js` finds and loads `cora.wasm`, in Node and in browsers; `cora.d.ts` gives
 * every space, field, parameter and shape of the model a type, so that an editor completes them.
 */
import type { Input, Model, Output, Parameter, State } from "./ir/model.js";
import type { NodeSet, Relation } from "./ir/space.js";
import { version } from "./version.js";

export interface Loader {
  readonly js: string;
  readonly types: string;
}

export interface LoaderOptions {
  /** The name of the `.gn` file, for the header. */
  readonly source: string;
  /** From where the loader imports the runtime: `gnc/runtime`, or a path or URL for a page without a bundler. */
  readonly runtime: string;
}

/** A model and the names of its artifacts beside the loader. */
export interface LoadedModel {
  readonly model: Model;
  readonly file: string;
  /** The build with relaxed SIMD, which the loader takes where the machine has it. */
  readonly relaxed?: string;
}

/** The loader of some models of one file. */
export function makeLoader(models: readonly LoadedModel[], options: LoaderOptions): Loader {
  const header = `// Made by gnc ${version} from ${options.source}. Do not edit: compile the source again.\n`;
  return {
    js: header + loaderText(models, options.runtime),
    types: header + typesText(models, options.runtime),
  };
}

/** A module that is valid where there is relaxed SIMD: one function, `f32x4.relaxed_madd` of zeros. */
const probe = [
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0, 0x0a, 19, 1, 17, 0,
  ...[1, 2, 3].flatMap(() => [0x41, 0, 0xfd, 0x0f]), 0xfd, 0x85, 2, 0x0b,
]; // biome-ignore format: sections of a module

function loaderText(models: readonly LoadedModel[], runtime: string): string {
  const place = (file: string): string =>
    `new URL(${JSON.stringify(`./${file}`)}, import.meta.url)`;
  const each = models.map(({ model: { name }, file, relaxed }) => {
    const url = relaxed ? `relaxed ? ${place(relaxed)} : ${place(file)}` : place(file);
    return `export const ${name} = {\n  url: ${url},\n  load: (options = {}) => load(options.artifact ?? ${name}.url, options),\n};\n`;
  });
  const asked = models.some(({ relaxed }) => relaxed)
    ? `// Relaxed SIMD is faster and rounds as the machine does.\nconst relaxed = WebAssembly.validate(Uint8Array.of(${probe.join(", ")}));\n\n`
    : "";
  return `import { load } from ${JSON.stringify(runtime)};\n\n${asked}${each.join("\n")}`;
}

/** Types come from the same place, but for a URL, which no type checker reads. */
function typesText(models: readonly { readonly model: Model }[], runtime: string): string {
  const from = /^[a-z]+:/.test(runtime) ? "gnc/runtime" : runtime;
  const body = models.map(({ model }) => modelTypes(model)).join("\n");
  const names = ["LoadOptions", "Model", "ModelSource", "Numbers", "SparseRows"];
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(body)).join(", ");
  return `import type { ${used} } from ${JSON.stringify(from)};\n\n${body}`;
}

function modelTypes(model: Model): string {
  const { name } = model;
  const doc = model.doc
    ? `/** ${model.doc.replaceAll("*/", "*\\/").replaceAll("\n", "\n * ")} */\n`
    : "";
  return [
    `/** A graph as \`${name}\` takes it to run. */`,
    `export interface ${name}Graph {\n${graphFields(model, false)}}\n`,
    `/** A graph with what losses and metrics read besides. */`,
    `export interface ${name}Labelled {\n${graphFields(model, true)}}\n`,
    `/** What \`${name}\` computes, by space; row-major. */`,
    `export interface ${name}Outputs {\n${outputFields(model)}}\n`,
    `/** The parameters and states, by path, with their shapes. */`,
    `export interface ${name}Parameters {\n${parameterFields(model)}}\n`,
    `export interface ${name}Types {`,
    `  graph: ${name}Graph;\n  labelled: ${name}Labelled;\n  outputs: ${name}Outputs;`,
    `  cotangents: { [S in keyof ${name}Outputs]?: { [F in keyof ${name}Outputs[S]]?: Numbers } };`,
    `  gradients: {${gradientFields(model)}};`,
    `  parameters: keyof ${name}Parameters;\n  metrics: ${union(model.metrics.map((m) => m.name))};\n}\n`,
    `${doc}export declare const ${name}: {\n  /** Where the artifact lies. */\n  readonly url: URL;\n` +
      `  load(options?: LoadOptions & { readonly artifact?: ModelSource }): Promise<Model<${name}Types>>;\n};\n`,
  ].join("\n");
}

const union = (names: readonly string[]): string =>
  names.length === 0 ? "never" : names.map((n) => JSON.stringify(n)).join(" | ");

const key = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);

/** Spaces with a field or ends to give; a labelled graph has the inputs of losses and metrics too. */
function graphFields(model: Model, labelled: boolean): string {
  const given = model.inputs.filter((i) => labelled || i.neededToRun);
  const names = new Set([
    ...model.sets.map((s) => s.name),
    ...model.relations.filter((r) => r.given).map((r) => r.name),
    ...given.map((i) => i.space.name),
  ]);
  return [...names]
    .map((name) =>
      spaceFields(
        model,
        name,
        given.filter((i) => i.space.name === name),
      ),
    )
    .join("");
}

function spaceFields(model: Model, name: string, inputs: readonly Input[]): string {
  const set = model.sets.find((s) => s.name === name);
  const relation = model.relations.find((r) => r.name === name && r.given);
  const lines = inputs.map((i) => inputField(i, name));
  const untold = set !== undefined && inputs.length === 0 && !isFixed(set);
  if (set) lines.push(countField(name, untold));
  if (relation) lines.push(...endFields(relation));
  const optional = set && inputs.length === 0 && !untold ? "?" : "";
  return `  ${key(name)}${optional}: {\n${lines.join("")}  };\n`;
}

/** Whether the model says how many nodes each graph has. */
const isFixed = ({ layout }: NodeSet): boolean =>
  layout.kind === "grid" || (layout.kind === "set" && layout.size !== null);

const countField = (name: string, needed: boolean): string =>
  `    /** Number of ${name} nodes${needed ? "" : "; needed only where no field tells it"}. */\n    count${needed ? "" : "?"}: number;\n`;

/** Gradients of f32 inputs. */
function gradientFields(model: Model): string {
  const real = model.inputs.filter((i) => i.type.dtype === "f32" && i.neededToRun);
  const names = [...new Set(real.map((i) => i.space.name))];
  const fields = (space: string): string =>
    real
      .filter((i) => i.space.name === space)
      .map((i) => `${key(i.name)}: Float32Array`)
      .join("; ");
  const lines = names.map((space) => `    ${key(space)}: { ${fields(space)} };\n`).join("");
  return lines === "" ? "" : `\n${lines}  `;
}

function endFields(relation: Relation): readonly string[] {
  const end = (which: string, set: string): string =>
    `    /** Per edge, the ${set} node it ${which === "senders" ? "leaves" : "arrives at"}: 0-based within the graph. */\n    ${which}: Numbers;\n`;
  return [end("senders", relation.senders.name), end("receivers", relation.receivers.name)];
}

function inputField(input: Input, space: string): string {
  const { type } = input;
  const rows = space === "global" || space === "batch" ? [] : [space];
  const bound =
    type.range && Number.isFinite(type.range.high) ? `index[${type.range.high + 1}]` : type.dtype;
  const scalar = rows.length === 0 && type.shape.length === 0 ? " | number | boolean" : "";
  const sparse = input.sparse ? " | SparseRows" : "";
  return `    /** ${bound} [${[...rows, ...type.shape].join(", ")}], row-major. */\n    ${key(input.name)}: Numbers${scalar}${sparse};\n`;
}

function outputFields(model: Model): string {
  const bySpace = new Map<string, Output[]>();
  for (const o of model.outputs) {
    const name = o.field.space.name;
    bySpace.set(name, [...(bySpace.get(name) ?? []), o]);
  }
  return [...bySpace]
    .map(
      ([space, outputs]) =>
        `  ${key(space)}: {\n${outputs.map((o) => outputField(o, space)).join("")}  };\n`,
    )
    .join("");
}

function outputField(output: Output, space: string): string {
  const { dtype, shape } = output.field.type;
  const array = { f32: "Float32Array", i32: "Int32Array", bool: "Uint8Array" }[dtype];
  return `    /** ${dtype} [${[space, ...shape].join(", ")}], row-major. */\n    ${key(output.name)}: ${array};\n`;
}

function parameterFields(model: Model): string {
  const line = (p: Parameter | State): string =>
    `  /** f32 [${p.shape.join(", ")}] */\n  ${JSON.stringify(p.path)}: readonly [${p.shape.join(", ")}];\n`;
  return [...model.parameters, ...model.states].map(line).join("");
}
