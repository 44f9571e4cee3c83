/** Which iterator a map is walked by. */
import { bug } from "../../../bug.js";
import type { RowMap } from "../../../ir/space.js";
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
      return sorted("graph_start");
    case "row":
      return sorted("row_start");
    case "all":
      return bug("no list of elements by all");
  }
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
