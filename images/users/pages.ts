/** The items of all pages, as one list. */
export async function itemsOf<Page, T>(
  pages: AsyncIterable<Page>,
  of: (page: Page) => T[] | undefined,
): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) {
    found.push(...(of(page) ?? []));
  }
  return found;
}

/** The newest revisions of each family, all without a limit. An ARN ends in `family:revision`. */
export function newestRevisions(arns: readonly string[], revisions: number | undefined): string[] {
  if (revisions === undefined) {
    return [...arns];
  }
  const families = new Map<string, { arn: string; revision: number }[]>();
  for (const arn of arns) {
    const cut = arn.lastIndexOf(":");
    const list = families.get(arn.slice(0, cut)) ?? [];
    list.push({ arn, revision: Number(arn.slice(cut + 1)) });
    families.set(arn.slice(0, cut), list);
  }
  return [...families.values()].flatMap((list) =>
    list
      .sort((a, b) => b.revision - a.revision)
      .slice(0, revisions)
      .map(({ arn }) => arn),
  );
}
