export function classesByName(categories) {
  return categories
    .map((_, category) => category)
    .sort((one, other) => categories[one].localeCompare(categories[other], undefined, { numeric: true }));
}

// The number keys of classes, in the order in which they are `shown`: Map from key to category.
// Where the classes are digits themselves the key of a class is its name: somebody who sees a 3
// presses 3, shown or not.
export function classKeys(categories, shown) {
  if (categories.every((name) => /^[0-9]$/.test(name))) {
    return new Map(categories.map((name, category) => [name, category]));
  }
  return new Map(shown.slice(0, 9).map((category, place) => [String(place + 1), category]));
}

export function keyOf(keys, category) {
  for (const [key, of] of keys) if (of === category) return key;
  return null;
}
