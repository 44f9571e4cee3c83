/** What goes wrong with threads is said, and never hangs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import binaryen from "binaryen";
import { afterEach, describe, expect, it, vi } from "vitest";
import { load } from "../../runtime/index.js";
import { sharedModule } from "../../runtime/shared-module.js";
import { Threads } from "../../runtime/threads.js";
import { projectFolder, root } from "../loader/made.js";
import { toy } from "../runtime/toy.js";

afterEach(() => vi.unstubAllGlobals());

const refused = (threads: number, source: Uint8Array | WebAssembly.Module = toy()) =>
  load(source, { threads }).then(
    () => "loaded",
    (error: Error) => error.message,
  );

describe("where there can be no threads", () => {
  it.each([0, -1, 1.5, 65, Number.NaN])("a number of threads must make sense: %d", async (n) => {
    expect(await refused(n)).toBe(
      `GN5008: threads must be a whole number from 1 to 64, but is ${n}`,
    );
  });

  it("a compiled module has memory of its own", async () => {
    const module = await WebAssembly.compile(new Uint8Array(toy()));
    expect(await refused(2, module)).toMatch(/^GN5008: .* give `load` the bytes of the artifact/);
    expect(await refused(1, module)).toBe("loaded");
  });

  it("says when shared memory or waiting is missing", async () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    expect(await refused(2)).toMatch(/^GN5008: there is no SharedArrayBuffer/);
    vi.unstubAllGlobals();
    vi.stubGlobal("Atomics", { load: Atomics.load });
    expect(await refused(2)).toMatch(/^GN5008: .* no Atomics\.wait/);
  });

  it("says when a page is not cross-origin isolated, and by which headers it would be", async () => {
    vi.stubGlobal("process", undefined);
    vi.stubGlobal("crossOriginIsolated", false);
    const message = await refused(2);
    expect(message).toMatch(/^GN5008: this page is not cross-origin isolated/);
    expect(message).toContain("Cross-Origin-Opener-Policy: same-origin");
    expect(message).toContain("Cross-Origin-Embedder-Policy: require-corp");
  });

  it("says when what it is given is no artifact", async () => {
    expect(await refused(2, Uint8Array.of(1, 2, 3))).toMatch(/^GN5001/);
    const other = binaryen.parseText('(module (import "env" "f" (func)))').emitBinary();
    expect(await refused(2, other)).toMatch(/^GN5001: the module imports other things than memory/);
  });
});

/** A module with one kernel, which writes 1 to each of its rows and traps in row 700. */
const trapping = binaryen
  .parseText(`(module
  (import "env" "memory" (memory 1))
  (func (export "k") (param $frame i32) (param $begin i32) (param $end i32) (param $scratch i32)
    (loop $next
      (if (i32.lt_s (local.get $begin) (local.get $end)) (then
        (if (i32.eq (local.get $begin) (i32.load (local.get $frame))) (then (unreachable)))
        (i32.store (i32.add (i32.const 1024) (i32.shl (local.get $begin) (i32.const 2))) (i32.const 1))
        (local.set $begin (i32.add (local.get $begin) (i32.const 1)))
        (br $next))))))`)
  .emitBinary();

describe("a kernel that traps", () => {
  it("throws the same on several threads as on one, and the next call is as good as ever", async () => {
    const rows = 1000;
    const threads = new Threads(3, trapping, 0);
    const module = await WebAssembly.compile(threads.shared(trapping as BufferSource));
    const memory = threads.share(1);
    const { k } = new WebAssembly.Instance(module, { env: { memory } }).exports;
    const plain = k as (frame: number, begin: number, end: number, scratch: number) => void;
    const kernel = threads.spread("k", plain);
    await threads.start(module, { scratchBytes: 0 } as never);
    const words = new Int32Array(memory.buffer);
    const thrown = (call: typeof plain): unknown => {
      try {
        call(0, 0, rows, 0);
        return null;
      } catch (error) {
        return error;
      }
    };
    words[0] = 700;
    const alone = thrown(plain) as Error;
    expect(alone).toBeInstanceOf(WebAssembly.RuntimeError);
    for (let round = 0; round < 300; round++) {
      words[0] = (round * 37) % rows;
      const shared = thrown(kernel) as Error;
      expect(shared).toBeInstanceOf(WebAssembly.RuntimeError);
      expect(shared.message).toBe(alone.message);
      words[0] = -1;
      words.fill(0, 256, 256 + rows);
      expect(thrown(kernel)).toBeNull();
      expect(words.subarray(256, 256 + rows).every((word) => word === 1)).toBe(true);
    }
    threads.end();
  });
});

describe("the module for shared memory", () => {
  it("is the same but for its memory", async () => {
    const bytes = toy();
    const shared = sharedModule(bytes);
    const [before, after] = [bytes, shared].map((b) => new WebAssembly.Module(new Uint8Array(b)));
    const { exports, customSections } = WebAssembly.Module;
    expect(exports(after as WebAssembly.Module)).toEqual(exports(before as WebAssembly.Module));
    expect(customSections(after as WebAssembly.Module, "gn.model")).toEqual(
      customSections(before as WebAssembly.Module, "gn.model"),
    );
    expect(sharedModule(shared)).toEqual(shared);
  });
});

describe("a process with threads", () => {
  if (!existsSync(join(root, "dist/runtime/index.js")))
    throw new Error("processes run what is built: npm run build");

  it.each([
    ["ends by itself when the model is not disposed of", ""],
    ["ends by itself when it is", "model.dispose();"],
    ["ends when it says so", "process.exit(0);"],
  ])("%s", async (_, last) => {
    const project = projectFolder();
    writeFileSync(join(project.path, "toy.wasm"), toy());
    writeFileSync(
      join(project.path, "main.js"),
      `import { load } from "gnc/runtime";
       const model = await load(new URL("toy.wasm", import.meta.url), { threads: 3 });
       const { node } = model.run({ node: { x: [1, 2] }, link: { senders: [0], receivers: [1], w: [3] } });
       console.log(String(node.out));
       ${last}`,
    );
    const child = spawn(process.execPath, ["main.js"], { cwd: project.path });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data) => {
        said += data;
      });
    const [code] = await once(child, "close");
    project.remove();
    expect(said).toBe("2,10\n");
    expect(code).toBe(0);
  });
});
