/**
 * Topologies (LANGUAGE 4): words and their arguments, the layouts of node sets, and the relation that `over` means.
 *
 * A window's sizes are worked out here: receiver i sees sender `i*stride + tap*dilation - pad`.
 */
import type * as ast from "../../grammar/ast.js";
import { type Span, textOf } from "../../grammar/source.js";
import {
  sizeArguments,
  topologyArguments,
  topologyNeedsData,
  topologyWithoutSet,
  unknownTopology,
  unorderedSet,
  windowDoesNotFit,
} from "../diagnostics/topology.js";
import type { Layout, NodeSet, Relation, Topology } from "../ir/space.js";
import { type DimScope, dimension, type Reporter } from "./dims.js";
import type { Frame, Reading } from "./frame.js";
import {
  describe,
  type EdgePlace,
  edgePlace,
  isEdge,
  isNodes,
  type Place,
  setOf,
} from "./places.js";
import { Failed } from "./stop.js";
import { topologyWords } from "./vocabulary.js";
import { nearest } from "./walk.js";

/** `seq(max: 256)`, `grid(28, 28)`, `set(10)`; without a word a set. */
export function layoutOf(
  topology: ast.Topology | null,
  dims: DimScope,
  reporter: Reporter,
): Layout {
  if (!topology) return { kind: "set", size: null };
  const values = topology.args.map((a) => ({
    name: a.name?.text ?? null,
    size: dimension(a.value, dims, reporter).size,
  }));
  const [first] = values;
  const wrong = (): never => reporter.fail(sizeArguments(topology.span, topology.name.text));
  switch (topology.name.text) {
    case "set":
      if (values.length > 1 || first?.name) return wrong();
      return { kind: "set", size: first?.size ?? null };
    case "seq":
      if (values.length > 1 || (first && first.name !== "max")) return wrong();
      return { kind: "seq", max: first?.size ?? null };
    case "grid":
      if (values.length === 0 || values.some((v) => v.name)) return wrong();
      return { kind: "grid", extents: values.map((v) => v.size) };
    default: {
      const near = nearest(topology.name.text, ["set", "seq", "grid"]);
      return reporter.fail(
        unknownTopology(topology.name.span, topology.name.text, near, ["set", "seq", "grid"]),
      );
    }
  }
}

/** What is said of a topology in its brackets, and how that is written. */
const properties: Readonly<Record<string, string>> = {
  symmetric: "sparse(symmetric)",
  self_loops: "sparse(self_loops)",
  strict: "complete(strict)",
  reverse: "chain(reverse)",
};

const meant = (word: string, known: readonly string[]): string | null =>
  Object.hasOwn(properties, word) ? (properties[word] ?? null) : nearest(word, known);

const ordered = (set: NodeSet): boolean => set.layout.kind !== "set";

/** A topology word between two sets, checked against them. */
export function topologyOf(
  topology: ast.Topology | null,
  senders: NodeSet,
  receivers: NodeSet,
  dims: DimScope,
  reporter: Reporter,
): Topology {
  if (!topology) return { kind: "sparse", symmetric: false, selfLoops: false };
  const word = topology.name.text;
  const flags = topology.args.flatMap((a) =>
    a.value.kind === "name" && !a.name ? [a.value.name.text] : [],
  );
  const allow = (...known: readonly string[]): void => {
    if (flags.length !== topology.args.length || flags.some((f) => !known.includes(f)))
      reporter.fail(topologyArguments(topology.span, word, known));
  };
  const needOrder = (): void => {
    for (const set of [senders, receivers])
      if (!ordered(set))
        reporter.fail(unorderedSet(topology.span, `\`${word}\``, set.name, set.span, null));
  };
  const needOne = (): void => {
    if (senders !== receivers)
      reporter.fail(topologyArguments(topology.span, word, [], "it runs within one set"));
  };
  switch (word) {
    case "sparse":
      allow("symmetric", "self_loops");
      return {
        kind: "sparse",
        symmetric: flags.includes("symmetric"),
        selfLoops: flags.includes("self_loops"),
      };
    case "tree":
    case "dag":
      allow();
      needOne();
      return { kind: word };
    case "self":
      allow();
      needOne();
      return { kind: word };
    case "complete":
      allow("strict");
      return { kind: word, strict: flags.includes("strict") };
    case "causal":
      allow("strict");
      needOrder();
      return { kind: word, strict: flags.includes("strict") };
    case "chain":
      allow("reverse");
      needOrder();
      needOne();
      return { kind: word, reverse: flags.includes("reverse") };
    case "window":
      needOrder();
      return windowOf(topology, senders, receivers, dims, reporter);
    default:
      return reporter.fail(
        unknownTopology(topology.name.span, word, meant(word, topologyWords), topologyWords),
      );
  }
}

function windowOf(
  topology: ast.Topology,
  senders: NodeSet,
  receivers: NodeSet,
  dims: DimScope,
  reporter: Reporter,
): Topology {
  const size = (e: ast.Expression): number => dimension(e, dims, reporter).size;
  const taps = topology.args.filter((a) => !a.name).map((a) => size(a.value));
  const known = ["stride", "dilation", "pad"];
  if (
    taps.length === 0 ||
    topology.args.some((a) => a.name && !known.includes(a.name.text)) ||
    taps.some((t) => t < 1)
  )
    reporter.fail(topologyArguments(topology.span, "window", known));
  const option = (name: string): number | null => {
    const given = topology.args.find((a) => a.name?.text === name);
    return given ? size(given.value) : null;
  };
  const stride = option("stride") ?? 1;
  const dilation = option("dilation") ?? 1;
  if (stride < 1 || dilation < 1) reporter.fail(topologyArguments(topology.span, "window", known));
  const given = option("pad");
  const same = senders === receivers;
  const pad = taps.map((t) => given ?? (same ? ((t - 1) * dilation) >> 1 : 0));
  const window = {
    kind: "window",
    taps,
    stride: taps.map(() => stride),
    dilation: taps.map(() => dilation),
    pad,
  } as const;
  checkWindow(topology.span, window, senders, receivers, reporter);
  return window;
}

const extentsOf = (set: NodeSet): readonly number[] | null =>
  set.layout.kind === "grid" ? set.layout.extents : null;

/** receivers = floor((senders + 2 pad - dilation (taps - 1) - 1) / stride) + 1, on each axis. */
function checkWindow(
  span: Span,
  window: Extract<Topology, { kind: "window" }>,
  senders: NodeSet,
  receivers: NodeSet,
  reporter: Reporter,
): void {
  const from = extentsOf(senders);
  const to = extentsOf(receivers);
  const axes = (extents: readonly number[] | null): number => extents?.length ?? 1;
  if (axes(from) !== window.taps.length || axes(to) !== window.taps.length)
    reporter.fail(
      windowDoesNotFit(
        span,
        textOf(span),
        `\`${senders.name}\` has ${axes(from)} axes, \`${receivers.name}\` has ${axes(to)}, the window has ${window.taps.length}`,
        null,
      ),
    );
  window.taps.forEach((taps, axis) => {
    const stride = window.stride[axis] ?? 1;
    const dilation = window.dilation[axis] ?? 1;
    const pad = window.pad[axis] ?? 0;
    if (senders === receivers && stride !== 1)
      reporter.fail(
        windowDoesNotFit(
          span,
          textOf(span),
          `a stride of ${stride} needs a second, smaller set`,
          null,
        ),
      );
    const extent = from?.[axis];
    const got = to?.[axis];
    if (extent === undefined || got === undefined || senders === receivers) return;
    const fits = Math.floor((extent + 2 * pad - dilation * (taps - 1) - 1) / stride) + 1;
    const formula = `floor((${extent} + 2*${pad} - ${dilation}*(${taps} - 1) - 1) / ${stride}) + 1 = ${fits}`;
    if (fits !== got)
      reporter.fail(
        windowDoesNotFit(
          span,
          textOf(span),
          `axis ${axis + 1} gives ${formula}, but \`${receivers.name}\` has ${got}`,
          `${fits}`,
        ),
      );
  });
}

/** A relation as a place of this body: the same relation between the same ends is one place. */
export function placeOfRelation(
  frame: Frame,
  relation: Relation,
  senders: Place,
  receivers: Place,
): EdgePlace {
  const known = [
    ...frame.places.declared,
    ...(frame.places.own ? [frame.places.own] : []),
    ...frame.places.made.values(),
  ];
  const same = known.find(
    (p) =>
      p.edges.relation === relation &&
      p.edges.senders === senders &&
      p.edges.receivers === receivers,
  );
  if (same) return same;
  const made = edgePlace(relation.name, relation, senders, receivers);
  frame.places.made.set(`${relation.name} ${senders.word} ${receivers.word}`, made);
  return made;
}

/** The relation after `over`, silent if its own declaration failed: a declared one by name, or a topology word between the given ends. */
export function relationOver(
  reading: Reading,
  e: ast.OverExpression,
  senders: Place | null | undefined,
  receivers: Place | null | undefined,
  which = 0,
): EdgePlace {
  const { frame, scope } = reading;
  const topology = e.relations[which];
  if (!topology) return frame.fail(topologyArguments(e.span, "over", []));
  const named = frame.places.words.get(topology.name.text);
  if (isEdge(named) && topology.args.length === 0) return named;
  const from = senders ?? receivers;
  const to = receivers ?? senders;
  const relations = [...frame.places.words].flatMap(([word, place]) => (place.edges ? [word] : []));
  if (!topologyWords.some((w) => w === topology.name.text)) {
    const { items } = frame.declared.node.body;
    if (items.some((i) => i.kind === "edges" && i.name.text === topology.name.text))
      throw new Failed();
    const known = [...relations, ...topologyWords];
    return frame.fail(
      unknownTopology(
        topology.name.span,
        topology.name.text,
        meant(topology.name.text, known),
        known,
      ),
    );
  }
  const fromSet = isNodes(from) ? setOf(from) : null;
  const toSet = isNodes(to) ? setOf(to) : null;
  if (!from || !to || !fromSet || !toSet)
    return frame.fail(
      topologyWithoutSet(topology.span, topology.name.text, from ? describe(from) : ""),
    );
  const made = topologyOf(topology, fromSet, toSet, scope.dims, frame);
  if (made.kind === "sparse" || made.kind === "tree" || made.kind === "dag")
    return frame.fail(topologyNeedsData(topology.span, topology.name.text));
  return placeOfRelation(
    frame,
    frame.context.made(made, fromSet, toSet, topology.span, null),
    from,
    to,
  );
}
