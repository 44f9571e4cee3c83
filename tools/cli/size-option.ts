/** `--size NAME=COUNT`, as often as there are sizes to give. */
import { usage } from "./exit.js";

export type GivenSizes = Readonly<Record<string, number>>;

/** Collects one `--size` after another. */
export function addSize(text: string, before: GivenSizes = {}): GivenSizes {
  const [, name = "", digits = ""] = /^(.+)=(\d+)$/.exec(text) ?? [];
  if (name === "")
    throw usage(
      `--size ${text} is not understood`,
      "write --size NAME=COUNT, as in --size paper=2708",
    );
  return { ...before, [name]: Number(digits) };
}
