/** `gnc bench` as a command: every kernel is timed, what is printed adds up, and what is missing is said. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Folder } from "./support.js";

let folder: Folder;
const data = ["--data", "karate.safetensors"];
/** Without a measured machine, and in little time. */
const quick = ["--machine", "documented", "--seconds", "0.2"];

beforeAll(() => {
  folder = new Folder();
});
afterAll(() => folder.remove());

interface Timed {
  readonly program: string;
  readonly kernel: number;
  readonly ms: number;
  readonly medianMs: number;
  readonly share: number;
  readonly gflops: number;
  readonly boundMs: number;
  readonly ofBound: number;
}

const benched = async (...flags: string[]) => {
  const { code, stdout, stderr } = await folder.gnc([
    ...["bench", "karate.gn", ...quick, "--format", "json", ...flags],
  ]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout) as {
    readonly sizes: Record<string, number>;
    readonly kernels: readonly Timed[];
    readonly whole: { readonly ms: number };
    readonly passes: number;
  };
};

describe("gnc bench", () => {
  it("times each kernel of a run, the slowest first", async () => {
    const { kernels, sizes, whole, passes } = await benched(...data);
    expect(sizes).toMatchObject({ member: 34, tie: 190, global: 1 });
    expect(passes).toBeGreaterThanOrEqual(7);
    expect(whole.ms).toBeGreaterThan(0);
    expect(kernels.length).toBeGreaterThan(0);
    for (const [i, k] of kernels.entries()) {
      expect(k.program).toBe("infer");
      expect(k.medianMs).toBeGreaterThanOrEqual(k.ms);
      expect(k.ms).toBeLessThanOrEqual(kernels[i - 1]?.ms ?? Number.POSITIVE_INFINITY);
      if (k.ms > 0) expect(k.ofBound).toBeCloseTo(k.boundMs / k.ms, 9);
    }
    expect(kernels.reduce((n, k) => n + k.share, 0)).toBeCloseTo(1, 6);
  });

  it("times each kernel of a training step, packing and optimizer with it", async () => {
    const { kernels } = await benched(...data, "--program", "train");
    const programs = new Set(kernels.map((k) => k.program));
    expect([...programs].sort()).toEqual(["prepare", "schedule", "train", "update"]);
    for (const program of programs) {
      const numbers = kernels.filter((k) => k.program === program).map((k) => k.kernel);
      expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
    }
  });

  it("makes a random graph of given sizes", async () => {
    const { sizes } = await benched("--size", "tie=100");
    // both ways, and to each member itself
    expect(sizes).toMatchObject({ member: 34 });
    expect(sizes.tie).toBeGreaterThanOrEqual(100);
  });

  it("times what runs level by level", async () => {
    const text = `import { GRU } from "std/recurrent"
model Reader {
  nodes word: seq
  input x: word f32[4]
  h = GRU<4>(x) over chain
  output h
}
`;
    const { code, stdout } = await folder.gnc(
      ["bench", "-", ...quick, "--size", "word=24", "--size", "global=2", "--format", "json"],
      text,
    );
    expect(code).toBe(0);
    const { kernels, sizes } = JSON.parse(stdout);
    expect(sizes).toMatchObject({ word: 24, "levels(word)": 12, "chain(word)": 22 });
    const within = kernels.filter((k: { levels: string | null }) => k.levels === "index(word)");
    expect(within.length).toBeGreaterThan(0);
    for (const k of within) expect(k.ms).toBeGreaterThan(0);
  });

  it("prints a table with the machine it is for", async () => {
    const { code, stdout } = await folder.gnc(["bench", "karate.gn", ...data, ...quick]);
    expect(code).toBe(0);
    expect(stdout).toContain("Bounds are for a core of an AMD EPYC Genoa (documented)");
    expect(stdout).toMatch(/kernel +ms +median +share +GFLOP\/s +GB\/s +bound +of it +computes/);
    expect(stdout).toMatch(/infer K1 +[\d.]+ /);
    expect(stdout).toMatch(/whole step +[\d.]+ ms, median [\d.]+ ms/);
  });

  it("measures this machine unless it is told another", async () => {
    const { code, stdout } = await folder.gnc(["bench", "karate.gn", ...data, "--seconds", "0.1"]);
    expect(code).toBe(0);
    const [, flops, cached] =
      /this machine \(measured\):\n([\d.]+) GFLOP\/s, [\d.]+ ns a function, ([\d.]+) GB\/s/.exec(
        stdout,
      ) ?? [];
    expect(Number(flops)).toBeGreaterThan(1);
    expect(Number(cached)).toBeGreaterThan(1);
  });

  it.each([
    [["karate.gn"], 2, "--size NAME=COUNT for a random graph"],
    [["karate.gn", ...data, "--size", "tie=3"], 2, "leave --size out"],
    [["karate.wasm", ...data], 2, "give the .gn file it was compiled from"],
    [["karate.gn", "--data", "none.safetensors"], 2, "cannot read none.safetensors"],
  ])("says what is wrong with %j", async (args, expected, help) => {
    await folder.gnc(["compile", "karate.gn"]);
    const { code, stderr } = await folder.gnc(["bench", ...args, ...quick]);
    expect(code).toBe(expected);
    expect(stderr).toContain(help);
  });
});
