/** The members of a list by a key, in the order of their first. */
export function groupBy<T>(
  list: readonly T[],
  key: (one: T) => string,
): [key: string, members: [T, ...T[]]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const one of list) {
    const group = groups.get(key(one));
    if (group === undefined) {
      groups.set(key(one), [one]);
    } else {
      group.push(one);
    }
  }
  return [...groups];
}
