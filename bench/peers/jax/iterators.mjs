/** jax-js wants iterator helpers (Node 22); these two serve it on Node 20. */
const it = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
it.map ??= function* (f) { let i = 0; for (const v of this) yield f(v, i++); };
it.filter ??= function* (f) { let i = 0; for (const v of this) if (f(v, i++)) yield v; };
it.toArray ??= function () { return [...this]; };
