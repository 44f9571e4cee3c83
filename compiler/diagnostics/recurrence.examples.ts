/** For each code of recurrence.ts: the least program that has it, and the same mended. */
import type { CodeExample } from "./build.js";
import { atoms, words } from "./example-programs.js";

const counted =
  "fn Counted(x: f32[D]) -> f32[D] {\n  state n: f32 = zeros\n  n' = n + 1\n  return tanh(x / (1 + n))\n}";

export const recurrenceCodes: readonly CodeExample[] = [
  {
    code: "GN3101",
    title: "Cycle over a relation without order",
    example: atoms("node { h: f32[4] = tanh(x + sum(sender.h)) }\noutput h"),
    mended: atoms("node { h = tanh(x + sum(sender.x)) }\noutput h"),
  },
  {
    code: "GN3102",
    title: "Cycle in two orders",
    example: words(
      "node word { h: f32[4] = tanh(x + sum(sender.h) over chain + sum(sender.h) over chain(reverse)) }\noutput h",
    ),
    mended: words(
      "node word {\n  f: f32[4] = tanh(x + sum(sender.f) over chain)\n  b: f32[4] = tanh(x + sum(sender.b) over chain(reverse))\n  h = [f, b]\n}\noutput h",
    ),
  },
  {
    code: "GN3103",
    title: "Cycle within a row",
    example: words("node word { h: f32[4] = tanh(x + h) }\noutput h"),
    mended: words("node word { h: f32[4] = tanh(x + sum(sender.h) over chain) }\noutput h"),
  },
  {
    code: "GN3104",
    title: "Cycle through all rows",
    example: words("node word { h: f32[4] = tanh(x + mean(h) by graph) }\noutput h"),
    mended: words("node word { h = tanh(x + mean(x) by graph) }\noutput h"),
  },
  {
    code: "GN3105",
    title: "Softmax across a cycle",
    example: words(
      "edges past: word -> word causal(strict)\nedge past { a = softmax(sender.h[0]) by sender }\nnode word { h: f32[4] = x + sum(a * sender.x) }\noutput h",
    ),
    mended: words(
      "edges past: word -> word causal(strict)\nedge past { a = softmax(sender.h[0]) by receiver }\nnode word { h: f32[4] = x + sum(a * sender.x) }\noutput h",
    ),
  },
  {
    code: "GN3106",
    title: "Edge field aggregated at both ends",
    example: words(
      "edges next: word -> word chain\nedge next { m: f32[4] = sender.h + receiver.x }\nnode word { h = x + sum(m) + sum(m) by sender }\noutput h",
    ),
    mended: words(
      "edges next: word -> word chain\nedge next { m: f32[4] = sender.h + receiver.x }\nnode word { h = x + sum(m) }\noutput h",
    ),
  },
  {
    code: "GN3107",
    title: "State in a recurrence",
    example: words(
      "node word {\n  before: f32[4] = sum(sender.h) over chain\n  h = Counted(x + before)\n}\noutput h",
      counted,
    ),
    mended: words(
      "node word {\n  before: f32[4] = sum(sender.h) over chain\n  h = tanh(x + before)\n}\ny = Counted(h)\noutput y",
      counted,
    ),
  },
];
