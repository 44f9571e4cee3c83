/**
 * Serves the page of an example: `node scripts/page.mjs karate [--port 8080]`, after a build.
 *
 * Nothing is bundled: the page imports the loader that gnc wrote, which imports the runtime as one file. Any static server
 * can serve the folder it makes in `dist/pages/`.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkSource, compileModel, makeLoader } from "../dist/compiler/index.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** The folder of the page: what the example has, its compiled models with their loaders, the runtime. */
async function makePage(example) {
  const from = join(root, "examples", example);
  const folder = join(root, "dist/pages", example);
  mkdirSync(folder, { recursive: true });
  cpSync(from, folder, { recursive: true });
  cpSync(join(root, "dist/runtime.min.js"), join(folder, "runtime.min.js"));
  for (const source of readdirSync(from).filter((name) => name.endsWith(".gn"))) {
    const { models } = checkSource({
      name: source,
      text: readFileSync(join(from, source), "utf8"),
    });
    const name = source.slice(0, -3);
    writeFileSync(join(folder, `${name}.wasm`), await compileModel(models[0]));
    const made = { model: models[0], file: `${name}.wasm` };
    const { js } = makeLoader([made], { source, runtime: "./runtime.min.js" });
    writeFileSync(join(folder, `${name}.js`), js);
  }
  return folder;
}

function serve(folder, port) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://page").pathname));
    const file = path === "/" ? "/index.html" : path;
    try {
      const body = readFileSync(join(folder, file));
      response.writeHead(200, {
        "content-type": types[extname(file)] ?? "application/octet-stream",
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "8080" } },
});
serve(await makePage(positionals[0] ?? "karate"), Number(values.port));
