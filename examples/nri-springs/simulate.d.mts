/** How a kind of system begins, and the size of the force on a particle at (x, y) from another that it is tied to. */
export interface System {
  readonly spread: number;
  readonly ties: (uniform: () => number) => Float64Array;
  readonly force: (tie: number, x: number, y: number) => number;
}

/** Ties between particles row by row; places and velocities as [x of all, y of all]. */
export interface Start {
  readonly ties: Float64Array;
  readonly place: Float64Array;
  readonly velocity: Float64Array;
}

/** `x` holds the frames [particle, time, (x, y, vx, vy)]. */
export interface Simulation {
  readonly ties: Float64Array;
  readonly x: Float32Array;
}

type Range = readonly [low: number, high: number];

export interface Ranges {
  readonly place: Range;
  readonly velocity: Range;
}

export interface SpringsGraph {
  readonly body: { readonly x: Float32Array };
  readonly pair: { readonly kind: Int32Array };
}

export const particles: number;
export const frames: number;
export const systems: { readonly springs: System; readonly charged: System };
export function trajectory(system: System, start: Start): Float32Array;
export function simulate(system: System, count: number, seed: number): readonly Simulation[];
export function rangesOf(simulations: readonly Simulation[]): Ranges;
export function graphsOf(
  simulations: readonly Simulation[],
  ranges: Ranges,
): readonly SpringsGraph[];
