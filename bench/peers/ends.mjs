/** Both ends of every edge of equal complete graphs without self-loops, receiver by receiver: nodes numbered over all. */
export function ends(graphs, nodes) {
  const pairs = [];
  for (let g = 0; g < graphs; g++)
    for (let r = 0; r < nodes; r++)
      for (let s = 0; s < nodes; s++) if (s !== r) pairs.push([g * nodes + s, g * nodes + r]);
  return [0, 1].map((end) => Int32Array.from(pairs, (pair) => pair[end]));
}
