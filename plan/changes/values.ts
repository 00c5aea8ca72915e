/** What a list lost and what it got. */
export function withAndWithout(
  before: readonly string[],
  after: readonly string[],
): { gone: string[]; come: string[] } {
  return {
    gone: before.filter((one) => !after.includes(one)),
    come: after.filter((one) => !before.includes(one)),
  };
}
