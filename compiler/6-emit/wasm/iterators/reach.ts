/**
 * How far a row reaches on each axis of a window: rows of the other end at `low`, `low + dilation`, .., one for each tap,
 * where `low = slope * place + offset`. A receiver meets them in the order of its taps, a sender the other way round.
 */
import type { RowMap } from "../../../ir/space.js";
import { apart, extentsOf } from "./grid.js";

export type End = Extract<RowMap, { kind: "sender" | "receiver" }>;

export interface Reach {
  readonly taps: number;
  readonly dilation: number;
  readonly slope: number;
  readonly offset: number;
  /** Whether the lowest row is met by the last tap. */
  readonly mirrored: boolean;
  /** How many rows apart neighbours of the other end are. */
  readonly rowStep: number;
}

/** Null: no window, or a sender that only some of its taps can meet. */
export function reachesOf(map: End): readonly Reach[] | null {
  const { kind, relation } = map;
  const { topology } = relation;
  if (topology.kind !== "window") return null;
  const mirrored = kind === "sender";
  const rows = apart(extentsOf(mirrored ? relation.receivers : relation.senders));
  const all = topology.taps.map((taps, i): Reach => {
    const dilation = topology.dilation[i] ?? 1;
    const pad = topology.pad[i] ?? 0;
    const offset = mirrored ? pad - (taps - 1) * dilation : -pad;
    const slope = topology.stride[i] ?? 1;
    return { taps, dilation, slope, offset, mirrored, rowStep: rows[i] ?? 1 };
  });
  return mirrored && all.some((r) => r.slope > 1) ? null : all;
}

/** How far the lowest and the highest row are apart. */
export const spanOf = ({ taps, dilation }: Reach): number => (taps - 1) * dilation;
