import type { RegistryImage } from "./registry";
import type { Relations } from "./relations";

/** Images that are deleted together because they belong to each other: lists, their entries, signatures of either. */
export interface Family {
  size: number;
  /** In the order of deletion: the owners of an image are in an earlier step. ECR refuses to delete a list's entries first. */
  steps: RegistryImage[][];
}

/** The families of the images to delete, that with the oldest image first. */
export function familiesOf(
  going: readonly RegistryImage[],
  { owners, ordered }: Pick<Relations, "owners" | "ordered">,
): Family[] {
  const goes = new Set(going.map(({ digest }) => digest));
  const related = new Map<string, string[]>(going.map(({ digest }) => [digest, []]));
  const depths = new Map<string, number>();
  for (const { digest } of ordered.filter((image) => goes.has(image.digest))) {
    const above = (owners.get(digest) ?? []).filter((owner) => goes.has(owner));
    above.forEach((owner) => {
      related.get(owner)?.push(digest);
      related.get(digest)?.push(owner);
    });
    depths.set(
      digest,
      above.reduce((deepest, owner) => Math.max(deepest, (depths.get(owner) ?? 0) + 1), 0),
    );
  }
  const oldestFirst = [...going].sort((a, b) => a.pushedAt.getTime() - b.pushedAt.getTime());
  const familyOf = new Map<string, Family>();
  const families: Family[] = [];
  for (const { digest } of oldestFirst) {
    if (!familyOf.has(digest)) {
      const family: Family = { size: 0, steps: [] };
      families.push(family);
      const members = [digest];
      // The list grows while it is read.
      for (const member of members) {
        if (!familyOf.has(member)) {
          familyOf.set(member, family);
          members.push(...(related.get(member) ?? []));
        }
      }
    }
  }
  for (const image of oldestFirst) {
    const family = familyOf.get(image.digest);
    if (family !== undefined) {
      family.size += 1;
      (family.steps[depths.get(image.digest) ?? 0] ??= []).push(image);
    }
  }
  return families;
}
