/** Tables of Markdown. */
const table = (rows) => rows.map((row) => `| ${row.join(" | ")} |`).join("\n");

/** @param rows The head, then the rest. */
export const ruled = ([head, ...rows]) => table([head, head.map(() => "---"), ...rows]);
