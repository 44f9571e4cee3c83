/** Operators of ONNX as text: a model on one global row whose inputs are a, b, c, .. and whose outputs are y, z, w, v. */
import { type CallCase, call, type Vector, type VectorCase } from "./case.js";
import { packed, tensor, type View, volume } from "./view.js";

type Shape = readonly number[];

const inputNames = "abcdefg";
const outputNames = "yzwv";

/** One vector of ONNX: what its node is given, and what it must give. */
export class Operator {
  readonly vector: Vector;

  constructor(vector: Vector) {
    this.vector = vector;
  }

  get inputs(): readonly string[] {
    return this.vector.attrs.inputs as readonly string[];
  }

  get outputs(): readonly string[] {
    return this.vector.attrs.outputs as readonly string[];
  }

  has(input: number): boolean {
    return Boolean(this.inputs[input]);
  }

  shape(input: number): Shape {
    return this.vector.tensors[`in/${this.inputs[input]}`] ?? [];
  }

  out(output = 0): Shape {
    return this.vector.tensors[`out/${this.outputs[output]}`] ?? [];
  }

  type(input: number): string {
    return this.vector.types?.[`in/${this.inputs[input]}`] ?? "f32";
  }

  attribute(name: string, fallback: number): number {
    return (this.#attributes[name] ?? fallback) as number;
  }

  word(name: string, fallback: string): string {
    return (this.#attributes[name] ?? fallback) as string;
  }

  list(name: string, fallback: Shape): Shape {
    return (this.#attributes[name] ?? fallback) as Shape;
  }

  /** The values of an input that says a shape or axes: they are part of the text. */
  numbers(input: number): Shape {
    return this.has(input)
      ? Array.from(
          packed(this.vector.id, this.vector.file as string).get(`in/${this.inputs[input]}`)
            ?.data ?? [],
        )
      : [];
  }

  get #attributes(): Readonly<Record<string, unknown>> {
    return this.vector.attrs.attributes as Readonly<Record<string, unknown>>;
  }
}

/** The axes of a rank as binders: i0, i1, .. */
export const binders = (rank: number): readonly string[] =>
  Array.from({ length: rank }, (_, k) => `i${k}`);

/** `[i0, i1]`, or nothing. */
export const indexed = (places: readonly (string | number)[]): string =>
  places.length > 0 ? `[${places.join(", ")}]` : "";

/** `y[i0 < 3, i1 < 4] = expression`. */
export const define = (name: string, shape: Shape, expression: string): string =>
  `${name}${indexed(binders(shape.length).map((i, k) => `${i} < ${shape[k]}`))} = ${expression}`;

/** A tensor at the place of a result of some rank, with what ONNX broadcasts. */
export const broadcast = (name: string, shape: Shape, rank: number): string =>
  name + indexed(shape.map((n, k) => (n === 1 ? 0 : `i${rank - shape.length + k}`)));

/** An axis counted from the front. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

export interface Text {
  readonly text: string;
  readonly std?: string;
  /** Equations and calls outside the section. */
  readonly outside?: string;
  readonly weights?: Readonly<Record<string, View>>;
  /** Inputs that are read as something else than their own type: `index[5]`. */
  readonly types?: Readonly<Record<string, string>>;
}

/** The case of a text: the equations of a global section, parted by line breaks. */
export const onnx =
  (make: (operator: Operator) => string | Text): ((vector: Vector) => VectorCase) =>
  (vector) => {
    const operator = new Operator(vector);
    const made = make(operator);
    const {
      text,
      std = "",
      outside = "",
      weights = {},
      types = {},
    }: Text = typeof made === "string" ? { text: made } : made;
    const inputs = operator.inputs.flatMap((input, k) => {
      const name = inputNames[k] as string;
      return input && new RegExp(`\\b${name}\\b`).test(`${text} ${outside}`)
        ? [{ input, name, k }]
        : [];
    });
    const declared = inputs.map(({ name, k }) => {
      const shape = operator.shape(k);
      return `  input ${name}: global ${types[name] ?? operator.type(k)}${indexed(shape)}`;
    });
    const outputs = operator.outputs.flatMap((output, k) =>
      output ? [[outputNames[k] as string, output, operator.out(k)] as const] : [],
    );
    const model = `${std}
model M {
${declared.join("\n")}
  ${outside}
  global {
    ${text}
  }
  output ${outputs.map(([name]) => name).join(", ")}
}`;
    return call(
      forward({
        model,
        graph: {
          global: Object.fromEntries(
            inputs.map(({ input, name, k }) => [
              name,
              tensor(`in/${input}`).reshape(1, ...operator.shape(k)),
            ]),
          ),
        },
        weights,
        outputs: Object.fromEntries(
          outputs.map(([name, output, shape]) => [
            `global.${name}`,
            tensor(`out/${output}`).reshape(1, volume(shape)),
          ]),
        ),
      }),
    );
  };

/** A case without gradients has at least an empty graph. */
const forward = (given: Omit<CallCase, "kind">): Omit<CallCase, "kind"> => ({
  ...given,
  graphs: 1,
});
