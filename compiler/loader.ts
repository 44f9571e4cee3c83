/**
 * The typed loader beside an artifact: `cora.js` finds and loads `cora.wasm`, in Node and in browsers; `cora.d.ts` gives
 * every space, field, parameter and shape of the model a type, so that an editor completes them.
 */
import type { Input, Model, Output, Parameter } from "./ir/model.js";
import type { Relation, Space } from "./ir/space.js";
import { version } from "./version.js";

export interface Loader {
  readonly js: string;
  readonly types: string;
}

export interface LoaderOptions {
  /** The name of the `.gn` file, for the header. */
  readonly source: string;
  /** From where the loader imports the runtime: `gnc/runtime`, or a URL for a page without a bundler. */
  readonly runtime: string;
}

/** The loader of some models of one file; `file` is the artifact's name beside it. */
export function makeLoader(
  models: readonly { readonly model: Model; readonly file: string }[],
  options: LoaderOptions,
): Loader {
  const header = `// Made by gnc ${version} from ${options.source}. Do not edit: compile the source again.\n`;
  return { js: header + loaderText(models, options.runtime), types: header + typesText(models) };
}

function loaderText(
  models: readonly { readonly model: Model; readonly file: string }[],
  runtime: string,
): string {
  const each = models.map(
    ({ model, file }) =>
      `export const ${model.name} = {\n  url: new URL(${JSON.stringify(`./${file}`)}, import.meta.url),\n` +
      `  load: (options = {}) => load(options.artifact ?? ${model.name}.url, options),\n};\n`,
  );
  return `import { load } from ${JSON.stringify(runtime)};\n\n${each.join("\n")}`;
}

function typesText(models: readonly { readonly model: Model }[]): string {
  const imports = 'import type { LoadOptions, Model, Source, SparseMatrix } from "gnc/runtime";\n';
  return `${imports}\n${models.map(({ model }) => modelTypes(model)).join("\n")}`;
}

function modelTypes(model: Model): string {
  const { name } = model;
  const doc = model.doc
    ? `/** ${model.doc.replaceAll("*/", "*\\/").replaceAll("\n", "\n * ")} */\n`
    : "";
  return [
    `/** A graph as \`${name}\` takes it: what \`run\` needs, and what only losses and metrics read. */`,
    `export interface ${name}Graph {\n${graphFields(model)}}\n`,
    `/** What \`${name}\` computes, by space; row-major. */`,
    `export interface ${name}Outputs {\n${outputFields(model)}}\n`,
    `/** The parameters, by path, with their shapes. */`,
    `export interface ${name}Parameters {\n${parameterFields(model)}}\n`,
    `/** The names of the metrics. */`,
    `export type ${name}Metric = ${union(model.metrics.map((m) => m.name))};\n`,
    `export interface ${name}Types {\n  graph: ${name}Graph;\n  outputs: ${name}Outputs;\n  parameters: ${name}Parameters;\n  metric: ${name}Metric;\n}\n`,
    `${doc}export declare const ${name}: {\n  /** Where the artifact lies. */\n  readonly url: URL;\n` +
      `  load(options?: LoadOptions & { artifact?: Source }): Promise<Model<${name}Types>>;\n};\n`,
  ].join("\n");
}

const union = (names: readonly string[]): string =>
  names.length === 0 ? "never" : names.map((n) => JSON.stringify(n)).join(" | ");

const key = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);

function graphFields(model: Model): string {
  const spaces: Space[] = [...model.sets, ...model.relations.filter((r) => r.given)];
  const named = new Map<string, readonly Input[]>(spaces.map((s) => [s.name, []]));
  for (const input of model.inputs)
    named.set(input.space.name, [...(named.get(input.space.name) ?? []), input]);
  return [...named].map(([name, inputs]) => spaceFields(model, name, inputs)).join("");
}

function spaceFields(model: Model, name: string, inputs: readonly Input[]): string {
  const set = model.sets.find((s) => s.name === name);
  const relation = model.relations.find((r) => r.name === name && r.given);
  const lines = inputs.map((i) => inputField(i, name));
  if (set)
    lines.push(
      `    /** Number of ${name} nodes; needed only where no field tells it. */\n    count?: number;\n`,
    );
  if (relation) lines.push(...endFields(relation));
  const needed = inputs.some((i) => i.neededToRun) || relation !== undefined;
  return `  ${key(name)}${needed ? "" : "?"}: {\n${lines.join("")}  };\n`;
}

function endFields(relation: Relation): readonly string[] {
  const end = (which: string, set: string): string =>
    `    /** Per edge, the ${set} node it ${which === "senders" ? "leaves" : "arrives at"}: 0-based within the graph. */\n    ${which}: Int32Array | readonly number[];\n`;
  return [end("senders", relation.senders.name), end("receivers", relation.receivers.name)];
}

function inputField(input: Input, space: string): string {
  const { type } = input;
  const rows = space === "global" || space === "batch" ? "" : `${space}, `;
  const shape = `[${rows}${type.shape.join(", ")}]`.replace(", ]", "]");
  const bound =
    type.range && Number.isFinite(type.range.high) ? `index[${type.range.high + 1}]` : type.dtype;
  const optional = input.neededToRun ? "" : "?";
  const note = input.neededToRun ? "" : " For losses and metrics only.";
  const dense =
    type.dtype === "f32" ? "Float32Array" : type.dtype === "i32" ? "Int32Array" : "Uint8Array";
  const scalar = rows === "" && type.shape.length === 0 ? " | number | boolean" : "";
  const sparse = input.sparse ? " | SparseMatrix" : "";
  return `    /** ${bound} ${shape}, row-major.${note} */\n    ${key(input.name)}${optional}: ${dense} | readonly number[]${scalar}${sparse};\n`;
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
  const array = dtype === "f32" ? "Float32Array" : "Int32Array";
  return `    /** ${dtype} [${[space, ...shape].join(", ")}], row-major. */\n    ${key(output.name)}: ${array};\n`;
}

function parameterFields(model: Model): string {
  const line = (p: Parameter): string =>
    `  /** f32 [${p.shape.join(", ")}] */\n  ${JSON.stringify(p.path)}: readonly [${p.shape.join(", ")}];\n`;
  return model.parameters.map(line).join("");
}
