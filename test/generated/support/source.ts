/**
 * The text of a model under construction. A list of numbers is a model: every step adds one equation made of what stands
 * before it, so a failing list shrinks to a short text.
 */
export type Shape = readonly number[];

/** Where fields live: a node set, a relation, the graph. */
export interface Place {
  readonly kind: "nodes" | "edges" | "global";
  readonly name: string;
  /** Of a relation its sets. */
  readonly ends?: { readonly sender: string; readonly receiver: string };
  /** Of a node set: whether its nodes have an order; of a relation: its topology. */
  readonly word: string;
}

type Kind = "f32" | "index" | "bool";

export interface Field {
  readonly name: string;
  readonly place: Place;
  readonly kind: Kind;
  readonly shape: Shape;
}

/** A field as it is read from somewhere: `x`, `sender.x`, `global.u`. */
export interface Reference {
  readonly text: string;
  readonly shape: Shape;
  readonly field: Field;
}

const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

export class Source {
  readonly places: readonly Place[];
  readonly fields: Field[] = [];
  readonly #inputs: Field[] = [];
  readonly #declarations: string[] = [];
  readonly #equations: string[] = [];
  readonly #read = new Set<string>();
  #count = 0;
  #numbers: readonly number[] = [];

  constructor(places: readonly Place[]) {
    this.places = places;
  }

  /** Takes the numbers that the next step is made of. */
  choose(numbers: readonly number[]): void {
    this.#numbers = numbers;
  }

  /** The next number below `count`. */
  below(count: number): number {
    const [first = 0, ...rest] = this.#numbers;
    this.#numbers = [...rest, first + 1];
    return count > 0 ? first % count : 0;
  }

  pick<T>(choices: readonly T[]): T | null {
    return choices[this.below(choices.length)] ?? null;
  }

  /** Like `pick`, where there is always something. */
  one<T>(first: T, ...others: readonly T[]): T {
    return this.pick([first, ...others]) ?? first;
  }

  fresh(stem: string): string {
    return `${stem}${this.#count++}`;
  }

  declare(line: string): void {
    this.#declarations.push(line);
  }

  param(...shape: number[]): string {
    const name = this.fresh("W");
    this.declare(`param ${name}: ${typeText("f32", shape)}`);
    return name;
  }

  input(place: Place, name: string, kind: Kind, shape: Shape = []): void {
    this.declare(`input ${name}: ${place.name} ${typeText(kind, shape)}`);
    const field = { name, place, kind, shape };
    this.fields.push(field);
    this.#inputs.push(field);
  }

  /** An equation in the section of its place. */
  define(
    place: Place,
    shape: Shape,
    text: string,
    target: (name: string) => string = (n) => n,
    kind: Kind = "f32",
  ): void {
    if (size(shape) > 40) return;
    const name = this.fresh("f");
    this.write(place, `${target(name)} = ${text}`);
    this.fields.push({ name, place, kind, shape });
  }

  /** An equation that has been written otherwise. */
  defined(field: Field): void {
    this.fields.push(field);
  }

  write(place: Place, equation: string): void {
    this.line(`${sectionOf(place)} { ${equation} }`);
  }

  line(text: string): void {
    for (const name of text.match(/[a-z]\w*/g) ?? []) this.#read.add(name);
    const own = /^\w+ (?:\w+ )?\{ (\w+)/.exec(text)?.[1] ?? /^(\w+) =/.exec(text)?.[1];
    if (own && !this.#equations.some((line) => line.includes(own))) this.#read.delete(own);
    this.#equations.push(text);
  }

  /** What can be read at a place. */
  readable(place: Place, kind: Kind = "f32"): readonly Reference[] {
    return this.fields.flatMap((field): readonly Reference[] => {
      if (field.kind !== kind) return [];
      const as = (text: string): Reference => ({ text, shape: field.shape, field });
      if (field.place === place) return [as(field.name)];
      if (field.place.kind === "global") return [as(`global.${field.name}`)];
      if (field.place.kind !== "nodes" || !place.ends) return [];
      const { sender, receiver } = place.ends;
      return [
        ...(sender === field.place.name ? [as(`sender.${field.name}`)] : []),
        ...(receiver === field.place.name ? [as(`receiver.${field.name}`)] : []),
      ];
    });
  }

  /** Something to read, newer fields more often than old ones. */
  read(
    place: Place,
    fits: (r: Reference) => boolean = () => true,
    kind: Kind = "f32",
  ): Reference | null {
    const all = this.readable(place, kind).filter(fits);
    const back = this.below(2 * all.length);
    return (
      all[all.length - 1 - (back >= all.length ? Math.floor((back - all.length) / 2) : back)] ??
      null
    );
  }

  /** A condition at a place. */
  condition(place: Place): string {
    const given = this.read(place, undefined, "bool");
    const scalar = this.read(place, (r) => r.shape.length === 0);
    const index = this.read(place, undefined, "index");
    const texts = [
      ...(given ? [given.text, `not ${given.text}`] : []),
      ...(scalar ? [`${scalar.text} < 0.2`] : []),
      ...(index ? [`${index.text} > 0`] : []),
    ];
    return this.pick(texts) ?? "true";
  }

  relations(): readonly Place[] {
    return this.places.filter((p) => p.kind === "edges");
  }

  set(name: string): Place {
    const found = this.places.find((p) => p.name === name);
    if (!found) throw new Error(`no set ${name}`);
    return found;
  }

  /** The whole file: what nothing reads is an output, and a loss where it can be. */
  text(imports: string, spaces: readonly string[]): string {
    const made = this.fields.filter((f) => !this.#inputs.includes(f));
    const outputs = made.filter((f) => !this.#read.has(f.name));
    const shown = outputs.length > 0 ? outputs : made.slice(-1);
    const last = shown.findLast((f) => f.kind === "f32");
    const lines = [
      ...spaces,
      ...this.#declarations,
      ...this.#equations,
      ...(shown.length > 0 ? [`output ${shown.map((f) => f.name).join(", ")}`] : []),
      ...(last ? ["param shift: f32", `loss ${squares(last)}`, "optimizer adam(lr: 0.01)"] : []),
    ];
    return `${imports}\nmodel Random {\n${lines.map((l) => `  ${l}\n`).join("")}}\n`;
  }
}

/** The sum of the squares of a field less a parameter, a scalar. */
function squares({ name, shape }: Field): string {
  const binders = shape.map((_, i) => `i${i}`).join(", ");
  return shape.length === 0
    ? `sq(${name} - shift)`
    : `sum[${binders}](sq(${name}[${binders}] - shift))`;
}

export const typeText = (kind: Kind, shape: Shape): string =>
  kind === "index" ? "index[3]" : shape.length > 0 ? `${kind}[${shape.join(", ")}]` : kind;

export const sectionOf = ({ kind, name }: Place): string =>
  kind === "global" ? "global" : `${kind === "nodes" ? "node" : "edge"} ${name}`;
