/** The symmetries a model can be said to have, what breaks one, and the claims that follow. */
import type { Span } from "../../../grammar/source.js";
import type { Output } from "../../ir/model.js";
import type { NodeSet, Relation } from "../../ir/space.js";
import type { Component } from "./components.js";
import type { Footprint } from "./footprint.js";

export type Symmetry =
  /** Nodes of a set renumbered: its fields move with them, all else stays. */
  | { readonly kind: "permutation"; readonly set: NodeSet }
  /** The list of edges given in another order. */
  | { readonly kind: "edge order"; readonly relation: Relation }
  /** A graph gives the same alone and beside others in a batch. */
  | { readonly kind: "graphs" }
  /**
   * All fields of the sets moved by a common distance: outputs move along, wherever everything they see is inside. With
   * `carried` relations (chains) the statement is about a stretch of a sequence, given the state at its borders.
   */
  | {
      readonly kind: "translation";
      readonly component: Component;
      readonly carried: readonly Relation[];
    }
  /** A sequence cut off behind some place gives the same up to there. */
  | { readonly kind: "prefix"; readonly component: Component }
  /** A sequence cut off before some place gives the same from there on. */
  | { readonly kind: "suffix"; readonly component: Component }
  /** A constant added to every place of these sequences: only differences of places are read. */
  | { readonly kind: "differences"; readonly component: Component };

/** What an output reads that a symmetry does not keep. */
export interface Break {
  /** `index`, `the order of chain(word)`, `random draws`, ... */
  readonly what: string;
  readonly at: Span;
}

/** A symmetry of one output. */
export interface Claim {
  readonly symmetry: Symmetry;
  readonly output: Output;
  /** Of a translation: what the output sees of each set, around its own place. */
  readonly footprint: Footprint | null;
}

/** A symmetry that one might expect of an output, and why it is not claimed. */
export interface Refusal {
  readonly symmetry: Symmetry;
  readonly output: Output;
  readonly why: Break;
}

export interface Verdict {
  readonly claims: readonly Claim[];
  readonly refusals: readonly Refusal[];
}
