/** The Chromium that scripts/ensure-browser.mjs finds or installs, and its version. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const places = [
  process.env.GNC_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

export const findChromium = () => places.find((path) => path && existsSync(path)) ?? null;

export function chromiumVersion() {
  const path = findChromium();
  if (!path) return null;
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  return /\d+(\.\d+)+/.exec(stdout ?? "")?.[0] ?? "of unknown version";
}
