/** How training is followed: one line that renews itself on a terminal, a line now and then elsewhere, JSON lines with `--log`. */
import type { Epoch, EpochStep, Scores } from "../../runtime/index.js";

export interface Progress {
  step(step: EpochStep): void;
  epoch(epoch: Epoch): void;
  /** The last epoch is over, or training stopped. */
  done(): void;
}

export interface ProgressOptions {
  readonly epochs: number;
  readonly log: boolean;
}

/** What a line is made from: an epoch that is over, or one under way. */
type Moment = Epoch | EpochStep;

/** The way that fits the streams. */
export function progressFor({ epochs, log }: ProgressOptions): Progress {
  if (log)
    return {
      step: () => {},
      epoch: (e) => process.stdout.write(`${JSON.stringify(e)}\n`),
      done: () => {},
    };
  return process.stderr.isTTY ? renewing(epochs) : steady(epochs);
}

/** Ten times a second at most, and never wider than the terminal. */
function renewing(epochs: number): Progress {
  const line = lineOf(epochs);
  let latest: Moment | null = null;
  let shown = 0;
  const show = (): void => {
    if (!latest) return;
    const text = line(latest).slice(0, (process.stderr.columns || 80) - 1);
    process.stderr.write(`\r\u001b[K${text}`);
    shown = performance.now();
  };
  const news = (moment: Moment): void => {
    latest = moment;
    if (performance.now() - shown > 100) show();
  };
  return {
    step: news,
    epoch: news,
    done: () => {
      show();
      if (latest) process.stderr.write("\n");
    },
  };
}

/** Twenty lines in all, whether epochs are many or long. */
function steady(epochs: number): Progress {
  const line = lineOf(epochs);
  let twentieth = 0;
  const news = (moment: Moment): void => {
    const text = line(moment);
    const now = Math.floor((20 * epochsDone(moment)) / epochs);
    if (now <= twentieth) return;
    process.stderr.write(`${text}\n`);
    twentieth = now;
  };
  return {
    // The last step of an epoch is told with the epoch, which knows the validation.
    step: (moment) => moment.position < moment.of && news(moment),
    epoch: news,
    done: () => {},
  };
}

const epochsDone = (moment: Moment): number =>
  "of" in moment ? moment.epoch - 1 + moment.position / moment.of : moment.epoch;

function lineOf(epochs: number): (moment: Moment) => string {
  const started = performance.now();
  let first: { epochs: number; steps: number } | null = null;
  return (moment) => {
    const done = epochsDone(moment);
    // Steps and epochs that a checkpoint brought are not of this run.
    first ??= { epochs: done - ("of" in moment ? 1 / moment.of : 1), steps: moment.step - 1 };
    const seconds = (performance.now() - started) / 1000;
    const left = ((epochs - done) / (done - first.epochs)) * seconds;
    const within = "of" in moment && moment.of > 1 ? `  step ${moment.position}/${moment.of}` : "";
    const rate = (moment.step - first.steps) / seconds;
    const held =
      "validation" in moment && moment.validation
        ? `  validation: ${scores(moment.validation)}`
        : "";
    return `epoch ${moment.epoch}/${epochs}${within}  ${duration(left)} left at ${rate.toFixed(1)} steps/s  ${scores(moment)}${held}`;
  };
}

/** `loss 0.4312  accuracy.val 0.7920` */
export function scores({ loss, metrics }: Scores): string {
  const parts = Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  return [`loss ${loss.toPrecision(4)}`, ...parts].join("  ");
}

function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
