/** Slots of steps as characters: they come through UTF-8 unharmed, up to the last number that a character can have. */
import { expect, it } from "vitest";
import { describe as columnsOf } from "../compiler/pack.description.js";
import { firstMark, type Manifest, type Slot } from "../runtime/artifact.js";
import { unpack } from "../runtime/unpack.js";
import { toyManifest } from "./runtime/toy.js";

/** A manifest of so many buffers, with one step that reads the last of them. */
function reading(buffers: number): Manifest {
  const slots: readonly Slot[] = [{ buffer: buffers - 1 }, { buffer: 0 }, { constant: 7 }];
  const step = { kernel: "k0", domain: { over: "count", count: 1 } as const, slots };
  const buffer = { name: "", space: "batch", width: 1, life: "passing" } as const;
  return {
    ...toyManifest,
    structures: [],
    buffers: Array.from({ length: buffers }, () => buffer),
    programs: { infer: [step] },
  };
}

const through = (manifest: Manifest): Manifest => {
  const bytes = new TextEncoder().encode(JSON.stringify(columnsOf(manifest)));
  return unpack(JSON.parse(new TextDecoder().decode(bytes)));
};

it.each([1, 57, 58, 1000, 0xd7ff - firstMark])("keeps the slots of %d buffers", (buffers) => {
  const manifest = reading(buffers);
  expect(through(manifest).programs).toEqual(manifest.programs);
});

it("keeps the names of buffers, which `gnc explain --memory` reads in artifacts", () => {
  const buffers = [{ name: "h/z", space: "paper", width: 8, life: "passing" }] as const;
  expect(through({ ...reading(1), buffers }).buffers).toEqual(buffers);
});

it("stops where a character would be half of a pair", () => {
  expect(() => columnsOf(reading(0xd800 - firstMark + 1))).toThrow(/slots/);
});
