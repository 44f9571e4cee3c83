/** The Python that has PyTorch, and its version. */
import { spawnSync } from "node:child_process";

let known;

export function python() {
  known ??= ["python3", "/usr/bin/python3"].flatMap((command) => {
    const { status, stdout } = spawnSync(
      command,
      ["-c", "import torch; print(torch.__version__)"],
      { encoding: "utf8" },
    );
    return status === 0 ? [{ command, version: stdout.trim() }] : [];
  })[0] ?? { command: null, version: null };
  return known;
}
