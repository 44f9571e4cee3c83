/** Workers, in Node and on the web: whether there can be any, and how one is started. */
import { fail } from "./errors.js";
import { inNode } from "./platform.js";
import { doPart, type Task, work } from "./thread.js";

/** What Node's workers and those of the web have in common. */
export interface Helper {
  terminate(): unknown;
}

/** @throws GN5008 when this place has no memory that threads could share. */
export function checkShared(): void {
  const here: Partial<typeof globalThis> = globalThis;
  if (!inNode() && !here.crossOriginIsolated)
    fail(
      "GN5008",
      "this page is not cross-origin isolated, so it has no threads; serve it with the headers `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`, or load the model without `threads`",
    );
  if (!here.SharedArrayBuffer || !here.Atomics?.wait)
    fail(
      "GN5008",
      "there is no SharedArrayBuffer or no Atomics.wait here, so there are no threads; load the model without `threads`",
    );
}

/** A worker that does the task until it is terminated. @throws GN5009 when it does not start. */
export async function startHelper(task: Task): Promise<Helper> {
  try {
    return await (inNode() ? startInNode(task) : startOnWeb(task));
  } catch (cause) {
    return fail(
      "GN5009",
      "a thread did not start; a content security policy must allow `worker-src blob:`",
      cause,
    );
  }
}

async function startInNode(task: Task): Promise<Helper> {
  const threads = "node:worker_threads"; // Not a literal, so that bundlers for the web leave it alone.
  const { Worker } = (await import(
    /* @vite-ignore */ /* webpackIgnore: true */ threads
  )) as typeof import("node:worker_threads");
  const code = `const { parentPort: port } = require("${threads}");
    port.once("message", (task) => (${work})(task, ${doPart}, () => port.postMessage(0)));`;
  // Neither flags nor environment: loaders of the program have no business there.
  const worker = new Worker(code, { eval: true, execArgv: [], env: {} });
  await new Promise((resolve, reject) => {
    worker.once("message", resolve).once("error", reject).once("exit", reject);
    worker.postMessage(task);
  });
  worker.unref();
  return worker;
}

async function startOnWeb(task: Task): Promise<Helper> {
  const code = `onmessage = ({ data }) => (${work})(data, ${doPart}, () => postMessage(0));`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(url);
  try {
    await new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = reject;
      worker.postMessage(task);
    });
    return worker;
  } catch (cause) {
    worker.terminate();
    throw cause;
  } finally {
    URL.revokeObjectURL(url);
  }
}
