/** `--watch`: does a thing again whenever a file that it read changes. What goes wrong is said, and the watch goes on. */
import { type FSWatcher, watch } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ReadImport } from "../../compiler/front.js";
import { ending } from "./exit.js";
import { readImport } from "./files.js";

const settled = 60; // Milliseconds: editors write a file in several steps.

/** Never ends. `run` is given a reader of imports; the files it reads are watched along with `path`. */
export async function watchFiles(
  path: string,
  run: (read: ReadImport) => Promise<void>,
): Promise<never> {
  const files = new Set([resolve(path)]);
  const folders = new Map<string, FSWatcher>();
  const read: ReadImport = (imported, from) => {
    const source = readImport(imported, from);
    if (source) files.add(resolve(source.name));
    return source;
  };
  let timer: NodeJS.Timeout | undefined;
  const changed = (file: string): void => {
    if (!files.has(file)) return;
    clearTimeout(timer);
    timer = setTimeout(again, settled);
  };
  let last = Promise.resolve();
  const again = (): void => {
    last = last
      .then(() => run(read))
      .catch((error: unknown) => void ending(error))
      .then(follow);
  };
  // Folders, not files: many editors save by putting a new file in the old one's place.
  const follow = (): void => {
    for (const folder of new Set([...files].map((file) => dirname(file)))) {
      if (folders.has(folder)) continue;
      folders.set(
        folder,
        watch(folder, (_, name) => name && changed(resolve(folder, name))),
      );
    }
  };
  follow();
  again();
  await last;
  process.stderr.write(`watching ${path} and what it imports; stop with Ctrl-C\n`);
  return new Promise(() => {});
}
