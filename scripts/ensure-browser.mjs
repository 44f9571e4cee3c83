/**
 * Finds a Chromium for the browser tests, or installs Debian's where that is possible. Without one it says so loudly and
 * the tests that need it are skipped; with GNC_REQUIRE_BROWSER=1 that is a failure.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const places = [
  process.env.GNC_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const found = () => places.find((p) => p && existsSync(p));

if (!found() && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
  const apt = (...args) =>
    spawnSync("apt-get", ["-o", "DPkg::Lock::Timeout=300", "-qq", ...args], {
      stdio: "inherit",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  apt("update");
  apt("install", "-y", "--no-install-recommends", "chromium");
}
if (found()) {
  console.log(`browser tests use ${found()}`);
} else {
  console.log(
    "\n  SKIPPED: no Chromium on this machine, so the browser tests do not run.\n  Install one, or set GNC_CHROMIUM to its path.\n",
  );
  if (process.env.GNC_REQUIRE_BROWSER === "1") process.exit(1);
}
