import fc from "fast-check";
import { matchesGlob } from "../../aws/globs";
import type { CleanUpRules } from "../../documents/clean-up-request";
import type { RegistryImage } from "../../images/registry";

export const NOW = new Date("2026-11-01T12:00:00Z");
export const DAY = 24 * 3600 * 1000;
export const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY);

/** An image as the registry has it, with its push and pull in days before NOW. */
export function image(
  digest: string,
  fields: Partial<RegistryImage> & { days?: number; pulled?: number } = {},
) {
  const { days = 0, pulled, ...rest } = fields;
  return {
    digest,
    tags: [],
    bytes: 1,
    pullBytes: 1,
    pushedAt: daysAgo(days),
    ...(pulled === undefined ? {} : { pulledAt: daysAgo(pulled) }),
    scan: { counts: {} },
    ...rest,
  } satisfies RegistryImage;
}

/** A registry as it may be: images by index, entries and subjects that point to earlier ones, so without circles. */
export const registries = fc
  .array(
    fc.record({
      tags: fc.uniqueArray(
        fc.constantFrom("v1.0.0", "v1.2.0", "v2.0.0-rc.1", "latest", "deployed-a", "main", "pr-7"),
        {
          maxLength: 2,
        },
      ),
      days: fc.nat(60),
      pulled: fc.option(fc.nat(60), { nil: undefined }),
      children: fc.array(fc.nat(30), { maxLength: 3 }),
      subjects: fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }),
      kind: fc.constantFrom("image", "image", "list", "about"),
      used: fc.nat(9).map((n) => n === 0),
      archived: fc.nat(7).map((n) => n === 0),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((specs) =>
    specs.map(({ kind, children, subjects, days, pulled, tags, used, archived }, i) => ({
      image: image(`sha256:${i}`, {
        tags,
        days,
        ...(pulled === undefined ? {} : { pulled: Math.min(pulled, days) }),
        ...(archived ? { status: "ARCHIVED" } : {}),
      }),
      // Nobody can read the entries of an archived list.
      unread: kind === "list" && archived,
      children: kind === "list" && i > 0 && !archived ? [...new Set(children.map((child) => child % i))] : [],
      // -1 is an image that the repository does not have.
      subjects: kind === "about" ? [...new Set(subjects.map((one) => (one % (i + 1)) - 1))] : [],
      used,
    })),
  );

/** Rules as they may be. */
export const anyRules = fc.record(
  {
    untaggedDays: fc.integer({ min: 1, max: 40 }),
    olderThanDays: fc.integer({ min: 1, max: 40 }),
    unpulledDays: fc.integer({ min: 1, max: 40 }),
    keep: fc.nat(5),
    keepBy: fc.constantFrom("semver" as const, "pushed" as const),
    protect: fc.constantFrom<string[]>([], ["deployed-*"], ["latest", "v1.*"]),
  },
  { requiredKeys: ["keepBy", "protect"] },
);

/** An image with what it refers to, by index. */
export interface ModelImage {
  image: RegistryImage;
  /** Whether it is an archived list, whose entries nobody can read. */
  unread: boolean;
  children: number[];
  /** -1 is an image that the repository does not have. */
  subjects: number[];
  used: boolean;
  /** When it was first seen untagged; default with its push. */
  untaggedSince?: Date;
  /** Whether one of its subjects is in another repository only. */
  elsewhere?: boolean;
  /** Whether it is kept for a reason of its own. */
  stays?: boolean;
  /** Whether it goes unless something keeps it, whatever the rules say. */
  goes?: boolean;
  /** Whether it is not kept although it is archived. */
  due?: boolean;
  /** Whether it stays in the archive, where what belongs to it may go, too. */
  rests?: boolean;
}
/** A repository of the model. */
export type Registry = readonly ModelImage[];

/**
 * What must stay, worked out on its own: sets that grow until they do not, where the program asks each image about its
 * owners. Shares nothing with it but the meaning of a tag pattern.
 */
export function mustStay(registry: Registry, given: CleanUpRules, now = NOW): Set<number> {
  const all = registry.map((_, i) => i);
  const at = (i: number) => registry[i]!;
  const owners = all.map((i) => at(i).subjects.filter((j) => j >= 0));
  all.forEach((list) => at(list).children.forEach((i) => owners[i]!.push(list)));
  const ownersOf = (i: number) => owners[i]!;
  const used = new Set(all.filter((i) => at(i).used));
  for (let grew = true; grew;) {
    grew = false;
    for (const i of [...used].flatMap(ownersOf)) {
      grew ||= !used.has(i);
      used.add(i);
    }
  }
  const daysSince = (one: Date) => Math.max(0, Math.floor((now.getTime() - one.getTime()) / DAY));
  const age = (i: number) => daysSince(at(i).image.pushedAt);
  const untagged = (i: number) => Math.min(age(i), daysSince(at(i).untaggedSince ?? at(i).image.pushedAt));
  const pulls = (i: number): Date[] =>
    at(i).children.length > 0 ? at(i).children.flatMap(pulls) : [at(i).image.pulledAt ?? []].flat();
  const idle = (i: number) => Math.min(...[at(i).image.pushedAt, ...pulls(i)].map(daysSince));
  const isArtifact = (i: number) => at(i).subjects.length > 0;
  const isArchived = (i: number) => at(i).image.status !== undefined && at(i).due !== true;
  const entriesUnknown = registry.some(({ unread }) => unread);
  const isTagged = (i: number) => at(i).image.tags.length > 0;
  /** As numbers that compare like the version: a release is newer than its candidates. */
  const version = (i: number): number[] | undefined =>
    at(i)
      .image.tags.flatMap((tag) => {
        const parts = /^v(\d+)\.(\d+)\.(\d+)(-rc\.(\d+))?$/.exec(tag);
        return parts === null
          ? []
          : [[Number(parts[1]), Number(parts[2]), Number(parts[3]), parts[4] === undefined ? 1 : 0]];
      })
      .sort((a, b) => compare(b, a))[0];
  const compare = (a: number[], b: number[]): number => a.map((n, i) => n - b[i]!).find((n) => n !== 0) ?? 0;
  const newerFirst = (a: number, b: number) => {
    const pushed =
      at(b).image.pushedAt.getTime() - at(a).image.pushedAt.getTime() ||
      (at(a).image.digest < at(b).image.digest ? -1 : 1);
    if (given.keepBy === "pushed") {
      return pushed;
    }
    const [va, vb] = [version(a), version(b)];
    return va && vb ? compare(vb, va) || pushed : va ? -1 : vb ? 1 : pushed;
  };
  const newest = new Set(
    all
      .filter((i) => isTagged(i) && !isArtifact(i) && at(i).image.status !== "ARCHIVED")
      .sort(newerFirst)
      .slice(0, given.keep ?? 0),
  );
  const hasTaggedRule = [given.olderThanDays, given.unpulledDays, given.keep].some(
    (rule) => rule !== undefined,
  );
  const selected = (i: number) =>
    isTagged(i) && !isArtifact(i)
      ? hasTaggedRule &&
        !newest.has(i) &&
        age(i) >= (given.olderThanDays ?? 0) &&
        Math.min(age(i), idle(i)) >= (given.unpulledDays ?? 0)
      : given.untaggedDays !== undefined && untagged(i) >= given.untaggedDays;
  const belongs = (i: number) => ownersOf(i).length > 0 && (!isTagged(i) || isArtifact(i));
  const stay = new Set(
    all.filter(
      (i) =>
        used.has(i) ||
        isArchived(i) ||
        (at(i).elsewhere === true && at(i).rests !== true) ||
        at(i).stays === true ||
        (entriesUnknown && at(i).rests !== true && !isTagged(i) && !isArtifact(i)) ||
        at(i).image.tags.some((tag) => given.protect.some((pattern) => matchesGlob(pattern, tag))) ||
        (!belongs(i) && !selected(i) && at(i).goes !== true),
    ),
  );
  for (let grew = true; grew;) {
    grew = false;
    for (const i of all.filter((one) => !stay.has(one) && ownersOf(one).some((owner) => stay.has(owner)))) {
      stay.add(i);
      grew = true;
    }
  }
  return stay;
}
