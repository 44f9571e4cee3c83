/** State of a world: flat arrays over the bodies; `x` and `v` have two numbers each. */
export interface State {
  readonly mass: Float64Array;
  readonly x: Float64Array;
  readonly v: Float64Array;
}
export type Accelerations = (state: State) => Float64Array;

/** One step in place. */
export function step(world: {
  readonly dt: number;
  readonly state: State;
  readonly accelerations: Accelerations;
}): void;
/** Newton's law, its growth cut off within `nearest` metres. */
export function attraction(nearest: number): Accelerations;
