/** Who may import whom (STYLE, section 3), how long a file and a function may be, and that nothing goes in circles. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folders = ["grammar", "compiler", "runtime", "stdlib", "tools"];

/** The longest prefix that matches a file says which folders and packages it may import from. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "grammar/": ["grammar/", "chevrotain"],
  "runtime/": ["runtime/", "node:fs/promises", "node:worker_threads"],
  "stdlib/": [],
  "compiler/bug.ts": [],
  "compiler/ir/": ["compiler/ir/", "compiler/bug.js", "grammar/", "runtime/artifact.js"],
  "compiler/diagnostics/catalogue.ts": ["compiler/diagnostics/", "runtime/codes.js"],
  "compiler/diagnostics/": ["compiler/diagnostics/", "compiler/bug.js", "compiler/ir/", "grammar/"],
  "compiler/1-check/": [
    "compiler/1-check/",
    "compiler/ir/",
    "compiler/bug.js",
    "compiler/diagnostics/",
    "grammar/",
    "stdlib/",
  ],
  "compiler/2-lower/": [
    "compiler/2-lower/",
    "compiler/ir/",
    "compiler/bug.js",
    "grammar/source.js",
  ],
  "compiler/3-optimize/": [
    "compiler/3-optimize/",
    "compiler/ir/",
    "compiler/bug.js",
    "grammar/source.js",
  ],
  "compiler/4-differentiate/": [
    "compiler/4-differentiate/",
    "compiler/ir/",
    "compiler/bug.js",
    "grammar/source.js",
  ],
  "compiler/5-schedule/": [
    "compiler/5-schedule/",
    "compiler/ir/",
    "compiler/bug.js",
    "runtime/artifact.js",
    "grammar/source.js",
  ],
  "compiler/6-emit/": [
    "compiler/6-emit/",
    "compiler/ir/",
    "compiler/bug.js",
    "runtime/artifact.js",
    "binaryen",
  ],
  "compiler/": [
    "compiler/",
    "grammar/",
    "stdlib/",
    "runtime/artifact.js",
    "@webassemblyjs/wasm-gen",
  ],
  "tools/bench/": ["tools/bench/", "compiler/explain/", "runtime/", "binaryen"],
  "tools/": [
    "tools/",
    "compiler/",
    "runtime/",
    "grammar/",
    "stdlib/",
    "node:",
    "commander",
    "picocolors",
  ],
};

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (statSync(join(root, path)).isDirectory()) return filesUnder(path);
    return path.endsWith(".ts") && !path.endsWith(".d.ts") ? [path] : [];
  });
}

const files = folders.flatMap(filesUnder);
const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

function importsOf(path: string): readonly { readonly name: string; readonly typeOnly: boolean }[] {
  const pattern =
    /(?:^|\n)\s*(import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|import\("([^"]+)"\)/g;
  return [...textOf(path).matchAll(pattern)].map((m) => {
    const spec = m[3] ?? m[4] ?? "";
    const name = spec.startsWith(".") ? normalize(join(dirname(path), spec)) : spec;
    return { name, typeOnly: m[2] !== undefined };
  });
}

describe("the layout of the tree", () => {
  it("lets a folder import only from the left of the pipeline", () => {
    const written = files.filter((path) => path !== "stdlib/index.ts"); // holds .gn texts, imports and all
    const wrong = written.flatMap((path) => {
      const rule = Object.keys(mayImport)
        .filter((p) => path.startsWith(p))
        .sort((a, b) => b.length - a.length)[0];
      const allowed = mayImport[rule ?? ""] ?? [];
      return importsOf(path)
        .filter((i) => !allowed.some((a) => i.name.startsWith(a)))
        .map((i) => `${path} imports ${i.name}`);
    });
    expect(wrong).toEqual([]);
  });

  it("has no circular imports", () => {
    const edges = new Map(
      files.map((f) => [
        f,
        importsOf(f)
          .filter((i) => !i.typeOnly)
          .map((i) => i.name.replace(/\.js$/, ".ts")),
      ]),
    );
    const state = new Map<string, "open" | "done">();
    const circles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === "done" || !edges.has(path)) return;
      if (state.get(path) === "open") {
        circles.push([...trail.slice(trail.indexOf(path)), path].join(" > "));
        return;
      }
      state.set(path, "open");
      for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
      state.set(path, "done");
    };
    for (const path of files) visit(path, []);
    expect(circles).toEqual([]);
  });

  it("keeps files under 400 lines", () => {
    const long = files
      .filter((f) => !f.startsWith("stdlib/"))
      .map((f) => ({ f, lines: textOf(f).split("\n").length }))
      .filter((x) => x.lines > 400);
    expect(long).toEqual([]);
  });

  it("keeps functions under 60 lines", () => {
    const long = files.flatMap((f) =>
      longFunctions(f).map((name) => `${relative(".", f)}: ${name}`),
    );
    expect(long).toEqual([]);
  });
});

/** Functions and methods, found by their indentation: a head that ends in `{` and the first `}` at the same depth. */
function longFunctions(path: string): readonly string[] {
  const lines = textOf(path).split("\n");
  const head =
    /^(\s*)(?:export )?(?:async )?(?:function\*? (\w+)|(?:static |readonly |#|async |\*)*#?(\w+)\([^)]*\)?.*|const (\w+) = .*=>).*\{$/;
  return lines.flatMap((line, i) => {
    const m = head.exec(line);
    if (!m || /^\s*(if|for|while|switch|return|class|else)\b/.test(line)) return [];
    const end = lines.findIndex((l, j) => j > i && l.startsWith(`${m[1]}}`));
    return end - i > 60 ? [`${m[2] ?? m[3] ?? m[4]} has ${end - i} lines`] : [];
  });
}
