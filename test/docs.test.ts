/** What is written for people is true: every program compiles, every page of a code says what gnc says. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { catalogue, checkSource, type ReadImport, render, version } from "../compiler/index.js";
import { stdlib } from "../stdlib/index.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** Files below a folder with this ending. */
function files(folder: string, ending: string): readonly string[] {
  return readdirSync(join(root, folder))
    .flatMap((name) => {
      const path = join(folder, name);
      return statSync(join(root, path)).isDirectory() ? files(path, ending) : [path];
    })
    .filter((path) => path.endsWith(ending));
}

/** What gnc says of a program, as a person reads it; nothing when there is nothing to say. */
const saidOf = (name: string, text: string): string =>
  render(checkSource({ name, text }).diagnostics, "pretty");

/** Programs of error pages import no file but, where circles are the matter, their own. */
const itself: ReadImport = (path, from) => (path === "./example" ? from : null);

/** Blocks of a language in a page, each with the line it begins at. */
function blocks(page: string, language: string): readonly { line: number; text: string }[] {
  const found = page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"));
  return [...found].map((match) => ({
    line: page.slice(0, match.index).split("\n").length + 1,
    text: match[1] ?? "",
  }));
}

describe("every program in", () => {
  const pages = ["README.md", ...files("docs", ".md"), ...files("examples", ".md")].filter(
    (path) => !path.startsWith("docs/errors/"),
  );
  it.each(pages)("%s compiles without a warning", (path) => {
    const said = blocks(read(path), "gn").map(({ line, text }) => saidOf(`${path}:${line}`, text));
    expect(said.join("")).toBe("");
  });

  const programs = [...files("examples", ".gn"), ...files("stdlib", ".gn")];
  it.each(programs)("%s compiles without a warning", (path) => {
    expect(saidOf(relative(".", path), read(path))).toBe("");
  });
});

describe("the page of", () => {
  it("each code is there, and none besides", () => {
    const pages = files("docs/errors", ".md").map((path) => path.replace(/^.*\/|\.md$/g, ""));
    const codes = catalogue.map(({ code }) => code);
    expect(pages.filter((page) => page !== "README").sort()).toEqual(codes);
  });

  const compileTime = catalogue.flatMap((e) => (e.programs ? [{ ...e, ...e.programs }] : []));
  it.each(compileTime)("$code shows a program with that mistake alone, and it mended", (entry) => {
    const { code, failing, mended } = entry;
    const { diagnostics } = checkSource({ name: "example.gn", text: failing }, itself);
    expect([...new Set(diagnostics.map((d) => d.code))]).toEqual([code]);
    expect(saidOf("example.gn", mended)).toBe("");
    const page = read(`docs/errors/${code}.md`);
    expect(blocks(page, "gn").map(({ text }) => text)).toEqual(
      [failing, mended].map((text) => `${text.trimEnd()}\n`),
    );
    const words = render(diagnostics, "pretty").replace(/\n[^\n]*\n$/, "\n");
    expect(blocks(page, "text").map(({ text }) => text)).toEqual([`${words.trimEnd()}\n`]);
  });

  const runTime = catalogue.filter(({ programs }) => programs === null);
  it.each(runTime)("$code says what to do", ({ code, title }) => {
    const page = read(`docs/errors/${code}.md`);
    expect(page.toLowerCase()).toContain(title.toLowerCase().replace(/\.$/, ""));
    expect(page).toContain("## What to do");
  });
});

describe("what is written twice agrees:", () => {
  it("the version of the compiler and of the package", () => {
    expect(version).toBe(JSON.parse(read("package.json")).version);
  });

  it("the library as text and as files", () => {
    const names = files("stdlib", ".gn");
    const texts = names.map((path) => [`std/${path.slice("stdlib/".length, -3)}`, read(path)]);
    expect(stdlib).toEqual(Object.fromEntries(texts));
  });
});
