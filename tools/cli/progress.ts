/** How training is followed: one line that renews itself on a terminal, a line now and then elsewhere, JSON lines with `--log`. */
import type { Epoch, Scores } from "../../runtime/index.js";

export interface Progress {
  epoch(epoch: Epoch): void;
  /** The last epoch is over, or training stopped. */
  done(): void;
}

export interface ProgressOptions {
  readonly epochs: number;
  readonly log: boolean;
}

/** The way that fits the streams. */
export function progressFor({ epochs, log }: ProgressOptions): Progress {
  if (log) return { epoch: (e) => process.stdout.write(`${JSON.stringify(e)}\n`), done: () => {} };
  return process.stderr.isTTY ? renewing(epochs) : steady(epochs);
}

/** Ten times a second at most, and never wider than the terminal. */
function renewing(epochs: number): Progress {
  const line = lineOf(epochs);
  let latest: Epoch | null = null;
  let shown = 0;
  const show = (): void => {
    if (!latest) return;
    const text = line(latest).slice(0, (process.stderr.columns || 80) - 1);
    process.stderr.write(`\r\u001b[K${text}`);
    shown = performance.now();
  };
  return {
    epoch: (e) => {
      latest = e;
      if (performance.now() - shown > 100) show();
    },
    done: () => {
      show();
      if (latest) process.stderr.write("\n");
    },
  };
}

/** Twenty lines in all. */
function steady(epochs: number): Progress {
  const line = lineOf(epochs);
  const every = Math.max(1, Math.floor(epochs / 20));
  return {
    epoch: (e) => {
      const text = line(e);
      if (e.epoch % every === 0 || e.epoch === epochs) process.stderr.write(`${text}\n`);
    },
    done: () => {},
  };
}

function lineOf(epochs: number): (epoch: Epoch) => string {
  const started = performance.now();
  let first: number | null = null;
  return (e) => {
    first ??= e.epoch - 1;
    const rate = (e.epoch - first) / ((performance.now() - started) / 1000);
    const left = (epochs - e.epoch) / rate;
    const held = e.validation ? `  validation: ${scores(e.validation)}` : "";
    return `epoch ${e.epoch}/${epochs}  ${duration(left)} left at ${rate.toFixed(1)}/s  ${scores(e)}${held}`;
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
