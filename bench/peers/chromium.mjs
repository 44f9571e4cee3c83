/**
 * One peer on one workload in a page of a Chromium of its own: `node chromium.mjs PEER WORKLOAD VARIANT SECONDS` prints a
 * JSON line. CPU time is that of the page's main thread.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { chromium } from "playwright-core";
import { findChromium } from "../run/chromium.mjs";

const [name, workload, variant, seconds] = process.argv.slice(2);
const here = (path) => new URL(path, import.meta.url).pathname;

/** Folders of the server, by the beginning of the path. */
const places = {
  pages: ["../cache/pages/"],
  models: ["../cache/models/"],
  files: ["./node_modules/@tensorflow/tfjs-backend-wasm/dist/", "./node_modules/onnxruntime-web/dist/"],
};
const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const empty = "<!doctype html><meta charset=utf-8><title>bench</title><script type=module src=/pages/page.js></script>";

function body(path) {
  if (path === "/") return empty;
  const [, place, file] = /^\/([a-z]+)\/([\w.-]+)$/.exec(path) ?? [];
  for (const folder of places[place] ?? []) {
    try {
      return readFileSync(here(folder + file));
    } catch {}
  }
  return null;
}
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://page");
  const found = body(pathname);
  const type = types[pathname === "/" ? ".html" : extname(pathname)] ?? "application/octet-stream";
  response.writeHead(found === null ? 404 : 200, { "content-type": type }).end(found ?? "");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const args = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-gpu"];
const browser = await chromium.launch({ executablePath: findChromium(), args });

/** Milliseconds that the main thread of a process has run. */
const ran = (pid) => Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;

/** The process of the page: of all renderers the one that runs when the page is busy. */
async function rendererOf(page) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const all = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  const before = all.map(ran);
  await page.evaluate(() => globalThis.spin(50));
  const used = all.map((pid, i) => ran(pid) - before[i]);
  return all[used.indexOf(Math.max(...used))];
}

try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(String(error)));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => globalThis.bench);
  const pid = await rendererOf(page);
  await page.exposeFunction("cpuTime", () => ran(pid));
  const result = await page.evaluate((given) => globalThis.bench(...given), [name, workload, variant, Number(seconds)]);
  console.log(JSON.stringify(result));
} finally {
  await browser.close();
  server.close();
}
