/** Figures out of the lines of a run. */

const least = (rows, pick) => Math.min(...rows.map(pick));

/** The lowest wall or CPU time of all passes, and the lowest median of wall time; null where nothing was measured. */
export function best(lines, { peer, workload, variant }) {
  const rows = lines.filter(
    (l) => l.peer === peer && l.workload === workload && l.variant === variant && l.wall,
  );
  if (rows.length === 0) return null;
  return {
    variant,
    best: least(rows, (r) => Math.min(r.wall.best, r.cpu.best)),
    median: least(rows, (r) => r.wall.median),
    first: least(rows, (r) => r.start.load + r.start.first),
    digest: rows[0].digest,
  };
}

/** The fastest variant of a peer; null where it has none. */
export function fastest(lines, peer, workload) {
  const variants = [
    ...new Set(
      lines.filter((l) => l.peer === peer && l.workload === workload).map((l) => l.variant),
    ),
  ];
  const all = variants.map((variant) => best(lines, { peer, workload, variant })).filter(Boolean);
  return all.sort((a, b) => a.best - b.best)[0] ?? null;
}

/** Whether two results are the same up to rounding. */
export function agree(a, b) {
  const near = (x, y) => Math.abs(x - y) <= 1e-4 * Math.max(a.size, b.size);
  return a.count === b.count && near(a.size, b.size) && near(a.signed, b.signed);
}

/** Results that differ from gnc's, and processes that failed, as sentences. */
export function different(lines) {
  const own = new Map(
    lines.filter((l) => l.peer === "gnc" && l.digest).map((l) => [l.workload, l.digest]),
  );
  const odd = lines.filter(
    (l) => l.digest && own.has(l.workload) && !agree(l.digest, own.get(l.workload)),
  );
  const told = odd.map(
    (l) => `${l.workload}: ${l.peer} (${l.variant}) computed something else than gnc`,
  );
  return [...new Set(told)];
}

export function failures(lines) {
  const told = lines
    .filter((l) => l.failed)
    .map((l) => `${l.workload}: ${l.peer} (${l.variant}): ${l.failed}`);
  return [...new Set(told)];
}
