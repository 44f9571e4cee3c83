/** A headless Chromium, when the machine has one; pages from a folder; what pages say on their console. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { extname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const places = [
  process.env.GNC_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** The path of the browser; null with a loud line when there is none, which GNC_REQUIRE_BROWSER=1 makes an error. */
export function findBrowser(): string | null {
  const found = places.find((path) => path !== undefined && existsSync(path));
  if (found !== undefined) return found;
  if (process.env.GNC_REQUIRE_BROWSER === "1")
    throw new Error("GNC_REQUIRE_BROWSER=1, but there is no Chromium on this machine");
  process.stderr.write(
    "\n  SKIPPED: no Chromium on this machine; the browser tests do not run.\n\n",
  );
  return null;
}

const flags = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
  "--disable-gpu",
];

export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: flags });

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** Headers by which a page is cross-origin isolated. */
export const isolated = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Serves the files of a folder, as any static server does. */
export function serve(
  folder: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://page").pathname;
    try {
      const body = readFileSync(join(folder, path));
      const type = types[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { ...headers, "content-type": type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" ? address?.port : 0;
      resolve({ url: `http://127.0.0.1:${port}/`, server });
    });
  });
}

/**
 * Opens a page and waits until it sets `data-done` on its body.
 * @returns What stands there, and every error on the way.
 */
export async function visit(
  browser: Browser,
  url: string,
  click?: string,
): Promise<{ readonly done: string; readonly errors: readonly string[] }> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  await page.goto(url);
  if (click !== undefined) await page.click(`${click}:not([disabled])`);
  await page.waitForSelector("body[data-done]", { state: "attached" }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${errors.join("\n")}`);
  });
  const done = (await page.getAttribute("body", "data-done")) ?? "";
  await page.close();
  return { done, errors };
}
