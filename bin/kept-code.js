/**
 * Loads the command line with its compiled code. The build runs some commands once and keeps what V8 made of their chunks,
 * in `dist/tools/cli/kept/`, for this very V8, its flags and its machine: a start then compiles next to nothing. Where V8
 * does not take it, the text is compiled.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { cachedDataVersionTag } from "node:v8";
import { Script } from "node:vm";

/** Where the compiled code for this Node is, if it is kept. */
export const keptFor = (cli) => join(cli, "kept", `${process.arch}-${cachedDataVersionTag()}`);

/** The name of a chunk's code in that folder. */
export const keptName = (chunk) => chunk.replace(/\W/g, "-");

/** The chunks of the command line, which are CommonJS. `importing` stands for `import()`, which kept code would lose. */
export class Chunks {
  /** The scripts of those that are loaded, by their path in the folder. */
  scripts = new Map();
  #cli;
  #kept;
  #exports = new Map();
  #require = createRequire(import.meta.url);

  constructor(cli, kept = keptFor(cli)) {
    this.#cli = cli;
    this.#kept = kept;
  }

  load(chunk) {
    const known = this.#exports.get(chunk);
    if (known) return known;
    const exports = {};
    this.#exports.set(chunk, exports);
    const filename = join(this.#cli, chunk);
    const near = (name) => relative(this.#cli, join(dirname(filename), name));
    const require = (name) => (name.startsWith(".") ? this.load(near(name)) : this.#require(name));
    const script = this.#script(chunk, filename);
    script.runInThisContext()(exports, require, (name) => import(name), filename);
    return exports;
  }

  #script(chunk, filename) {
    const kept = join(this.#kept, keptName(chunk));
    const cachedData = existsSync(kept) ? readFileSync(kept) : undefined;
    const text = readFileSync(filename, "utf8").replace(/\bimport\(/g, "importing(");
    const script = new Script(`(function(exports,require,importing,__filename){${text}\n})`, {
      filename,
      cachedData,
    });
    this.scripts.set(chunk, script);
    return script;
  }
}
