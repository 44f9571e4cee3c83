/**
 * `Object.groupBy` for Node 20, which chevrotain 13 calls while it analyses a grammar.
 *
 * Imported before chevrotain, and for its effect alone. Where the host has the function nothing happens.
 */

/** The items by key, in the order they came (ECMAScript 2024, 20.1.2.13). */
function groupBy<Key extends PropertyKey, Item>(
  items: Iterable<Item>,
  keyOf: (item: Item, index: number) => Key,
): Partial<Record<Key, Item[]>> {
  const groups: Partial<Record<Key, Item[]>> = Object.create(null);
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    const group: Item[] = groups[key] ?? [];
    group.push(item);
    groups[key] = group;
  }
  return groups;
}

if (!("groupBy" in Object)) {
  Object.defineProperty(Object, "groupBy", { value: groupBy, writable: true, configurable: true });
}
