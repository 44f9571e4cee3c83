/** Which iterator a map is walked by. */
import { bug } from "../../../bug.js";
import { type RowMap, receiverOf, type Space } from "../../../ir/space.js";
import { byGraph } from "./by-graph.js";
import { sorted, transposed } from "./csr.js";
import { interval } from "./interval.js";
import type { Iterator } from "./iterator.js";
import { stencil } from "./stencil.js";

export function iteratorOf(map: RowMap): Iterator {
  switch (map.kind) {
    case "sender":
    case "receiver":
      return ofRelation(map);
    case "graph":
      return ofGraph(map.from);
    case "row":
      return sorted("row_start");
    case "all":
      return bug("no list of elements by all");
  }
}

/** Rows of any space are sorted by graph. */
function ofGraph(space: Space): Iterator {
  if (space.kind !== "edges" || space.given) return sorted("graph_start");
  return byGraph(space, iteratorOf(receiverOf(space)));
}

function ofRelation(map: Extract<RowMap, { kind: "sender" | "receiver" }>): Iterator {
  switch (map.relation.topology.kind) {
    case "sparse":
    case "tree":
    case "dag":
      return map.kind === "sender" ? transposed(map.relation) : sorted("receiver_start");
    case "window":
      return stencil(map, map.relation.topology);
    default:
      return interval(map);
  }
}
