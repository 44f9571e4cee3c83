/** Figures of the examples' pages: a Vega-Lite specification to an SVG file, the same bytes for the same data. */
import { writeFileSync } from "node:fs";
import { parse, View } from "vega";
import { compile } from "vega-lite";

/** What all figures share: a white ground, so that they read on dark pages too, and one type face. */
const config = {
  background: "white",
  padding: 8,
  font: "sans-serif",
  axis: { grid: false, labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal" },
  legend: { labelLimit: 400, labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal" },
  title: { fontSize: 13, fontWeight: "normal", anchor: "start" },
  view: { stroke: null },
};

/**
 * The SVG text of a Vega-Lite specification.
 *
 * @param {import("vega-lite").TopLevelSpec} specification
 */
export async function figure(specification) {
  const { spec } = compile({ ...specification, config: { ...config, ...specification.config } });
  const view = new View(parse(spec), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}

/**
 * A chart of lines: one for each value of `by`, of `y` over `x`; channels may be given as Vega-Lite takes them.
 *
 * @param {{ title: string, values: readonly object[], x: object, y: object, by: string, point?: boolean }} chart
 */
export const lines = ({ title, values, x, y, by, point = false }) => ({
  title,
  width: 440,
  height: 240,
  data: { values },
  mark: { type: "line", point, clip: true },
  encoding: {
    x: { type: "quantitative", ...x },
    y: { type: "quantitative", ...y },
    color: { field: by, type: "nominal", title: null, sort: null },
  },
});

/**
 * Draws a specification into a file.
 *
 * @param {string | URL} path
 * @param {import("vega-lite").TopLevelSpec} specification
 */
export async function drawFigure(path, specification) {
  writeFileSync(path, await figure(specification));
}
