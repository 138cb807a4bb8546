// The number key of each class or guess. Where the classes are digits themselves, the key of a
// class is its name: somebody who sees a 3 presses 3.
export function namesAreDigits(categories) {
  return categories.every((name) => /^[0-9]$/.test(name));
}

// Keys for `shown`, categories in the order in which they stand: Map from key to category.
export function classKeys(categories, shown) {
  const keys = new Map();
  if (namesAreDigits(categories)) {
    for (const category of shown) keys.set(categories[category], category);
  } else {
    shown.slice(0, 9).forEach((category, place) => keys.set(String(place + 1), category));
  }
  return keys;
}

export function keyOf(keys, category) {
  for (const [key, of] of keys) if (of === category) return key;
  return null;
}
