/** A part of a value, with its place. */
export interface Part {
  /** Keys and indexes from the value. */
  path: readonly PropertyKey[];
  value: unknown;
  /** The mapping or list that holds it. */
  parent: object;
}

/** Every part of a value, in its order. */
export function partsOf(value: unknown, path: readonly PropertyKey[] = []): Part[] {
  return value === null || typeof value !== "object"
    ? []
    : Object.entries(value).flatMap(([name, inner]) => {
        const inside = [...path, Array.isArray(value) ? Number(name) : name];
        return [{ path: inside, value: inner, parent: value }, ...partsOf(inner, inside)];
      });
}
