/** What comes from outside: inputs, dense and sparse, parameters and states. */
import { bug } from "../bug.js";
import type { Input, Parameter, State } from "../ir/model.js";
import { type Nonzeros, rowOf } from "../ir/space.js";
import type { TensorTable } from "../ir/tensor.js";
import type { AxisKeeper } from "./scope.js";
import type { Value } from "./values.js";

/** The key of an input in a data file: `paper.x`. */
export const pathOf = (input: Input): string => `${input.space.name}.${input.name}`;

/** Makes the leaves of a model: one tensor for each, on the axes of its own. */
export class Leaves {
  readonly #table: TensorTable;
  readonly #axes: AxisKeeper;
  readonly #nonzeros = new Map<Input, Nonzeros>();

  constructor(table: TensorTable, axes: AxisKeeper) {
    this.#table = table;
    this.#axes = axes;
  }

  read(leaf: Input | Parameter | State): Value {
    if (leaf.kind === "input") return leaf.sparse ? this.#sparse(leaf) : this.#dense(leaf);
    const axes = this.#axes.leaf(leaf, leaf.path, leaf.shape);
    const make = leaf.kind === "parameter" ? this.#table.param : this.#table.state;
    return { tensor: make.call(this.#table, leaf.path, axes, leaf.span), axes };
  }

  #dense(input: Input): Value {
    const axes = this.#axes.leaf(input, input.name, input.type.shape);
    const { space, type, span } = input;
    return { tensor: this.#table.input(pathOf(input), space, axes, type.dtype, span), axes };
  }

  /** x[row, column] = the stored value: a push of the stored values to their rows and columns. */
  #sparse(input: Input): Value {
    const table = this.#table;
    const axes = this.#axes.leaf(input, input.name, input.type.shape);
    const [axis] = axes;
    if (!axis || axes.length > 1) bug(`sparse input ${input.name} has ${axes.length} axes`);
    const nonzeros = this.#nonzerosOf(input);
    const stored = table.input(nonzeros.name, nonzeros, [], "f32", input.span);
    const slots = [{ axis, index: table.fact("column", nonzeros) }];
    const tensor = table.product({ factors: [stored], map: rowOf(nonzeros), slots }, input.span);
    return { tensor, axes };
  }

  #nonzerosOf(input: Input): Nonzeros {
    const known = this.#nonzeros.get(input);
    if (known) return known;
    const { space } = input;
    if (space.kind === "nonzeros" || space.kind === "unit")
      return bug(`a sparse input on ${space.name}`);
    const made: Nonzeros = { kind: "nonzeros", name: pathOf(input), of: space };
    this.#nonzeros.set(input, made);
    return made;
  }
}
