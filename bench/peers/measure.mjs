/** How a peer's work is timed and compared; the same code in Node and in a page. */
import { noise } from "../workloads/noise.mjs";

/** Enough to tell that two peers did the same work: the sum of sizes, and a sum whose signs depend on the place. */
export function digest(values) {
  let [size, signed] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    size += Math.abs(values[i]);
    signed += values[i] * noise(i, 977);
  }
  return { count: values.length, size, signed };
}

/** A training step to be timed; what peers must agree on are the losses of the first five. */
export const trained = (step) => ({
  run: step,
  result: async () => {
    const losses = [];
    for (let i = 0; i < 5; i++) losses.push(await step());
    return losses;
  },
});

const stats = (xs) => {
  xs.sort((a, b) => a - b);
  return { best: xs[0], median: xs[xs.length >> 1] };
};

/** Milliseconds to go on for: three times as long while code still gets faster, as a large module does that is compiled again. */
function budget(samples, seconds) {
  const half = samples.length >> 1;
  const [early, late] = [Math.min(...samples.slice(0, half)), Math.min(...samples.slice(half))];
  return (half > 0 && late < 0.9 * early ? 3 : 1) * seconds * 1000;
}

/**
 * Minimum and median of wall and CPU milliseconds a run. Work is warmed up for 0.4 s of CPU time, what was spent on the first
 * result included; a sample lasts at least `least` milliseconds; there are samples for so many seconds of CPU time, and at
 * least three.
 *
 * @param {() => number | Promise<number>} clock.cpu Milliseconds of CPU used so far.
 */
export async function measure(run, { seconds, least, cpu, spent = 0 }) {
  const warm = (await cpu()) - spent;
  let repeat = 1;
  for (let long = false; !long || (await cpu()) - warm < 400; ) {
    const began = performance.now();
    for (let i = 0; i < repeat; i++) await run();
    long = performance.now() - began >= least;
    if (!long) repeat *= 2;
  }
  const [wall, used] = [[], []];
  const start = await cpu();
  for (let gone = 0; gone < budget(wall, seconds) || wall.length < 3; gone = (await cpu()) - start) {
    const before = await cpu();
    const began = performance.now();
    for (let i = 0; i < repeat; i++) await run();
    wall.push((performance.now() - began) / repeat);
    used.push(((await cpu()) - before) / repeat);
  }
  return { samples: wall.length, wall: stats(wall), cpu: stats(used) };
}

/**
 * One workload on one peer: how long its code takes to load, how long the first result, and what a run costs once warm.
 *
 * @param {() => Promise<{ table: object, start?: () => Promise<void> }>} open Loads the peer.
 */
export async function perform(open, workload, { inputs }, variant, clock) {
  const begun = performance.now();
  const peer = await open();
  await peer.start?.();
  const ready = performance.now();
  const given = inputs();
  const built = performance.now();
  const job = await peer.table[workload][variant](given);
  const before = await clock.cpu();
  const values = await job.result();
  const first = performance.now() - built;
  const sum = digest(values);
  const figures = await measure(job.run, { ...clock, spent: (await clock.cpu()) - before });
  return { workload, variant, ...figures, start: { load: ready - begun, first }, digest: sum };
}
