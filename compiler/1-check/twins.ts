/** Models of one file that share a weights file by their names: the shapes must then agree too. */
import type { Problems } from "../diagnostics/problems.js";
import { twinShapes } from "../diagnostics/training.js";
import type { Model } from "../ir/model.js";

/** Two models with the same set of parameter paths are twins: warns where a shape differs. */
export function warnTwins(models: readonly Model[], problems: Problems): void {
  models.forEach((model, i) => {
    for (const other of models.slice(0, i))
      if (sameNames(model, other)) warnShapes(model, other, problems);
  });
}

function sameNames(a: Model, b: Model): boolean {
  const paths = new Set(a.parameters.map((p) => p.path));
  return (
    paths.size > 0 &&
    paths.size === b.parameters.length &&
    b.parameters.every((p) => paths.has(p.path))
  );
}

function warnShapes(model: Model, other: Model, problems: Problems): void {
  for (const parameter of model.parameters) {
    const twin = other.parameters.find((p) => p.path === parameter.path);
    if (!twin || twin.shape.join() === parameter.shape.join()) continue;
    problems.report(
      twinShapes(
        model.span,
        parameter.path,
        model.name,
        parameter.shape,
        other.name,
        twin.shape,
        other.span,
      ),
    );
    return;
  }
}
