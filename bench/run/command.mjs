/** How the process of a peer is started. */
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { peers } from "../peers/index.mjs";
import { python } from "./python.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;

const shells = {
  node: (name) => [process.execPath, ...(peers[name].flags ?? []), here("../peers/main.mjs"), name],
  chromium: (name) => [process.execPath, here("../peers/chromium.mjs"), peers[name].page],
  python: () => [python().command, here("../peers/torch/main.py"), here("../cache/inputs")],
};

let pinned;
const canPin = () => {
  pinned ??= spawnSync("taskset", ["-c", "0", "true"]).status === 0;
  return pinned;
};

/** @returns {string[]} */
export function command(name, args, { core }) {
  const pin = canPin() ? ["taskset", "-c", core ?? String(cpus().length - 1)] : [];
  return [...pin, ...shells[peers[name].shell](name), ...args];
}
