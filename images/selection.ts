import * as semver from "semver";
import { ARCHIVE_DAYS } from "../aws/archive";
import { matchesGlob } from "../aws/globs";
import { selectsAny, type CleanUpRules } from "../documents/clean-up-request";
import type { RegistryImage } from "./registry";
import type { Relations } from "./relations";

/** What happens to a selected image. */
export type Action = "archive" | "delete";

/** Why an image is kept, the strongest reason first, or what may happen to it. */
export type Verdict =
  | {
      go: false;
      why: "in use" | "protected" | "archived" | "restored" | "kept with another image" | "not selected";
      by: string;
    }
  | { go: true; why: string; action: Action };

/** One image with its verdict. */
export interface Decided {
  image: RegistryImage;
  verdict: Verdict;
}

const DAY = 24 * 3600 * 1000;

/** Whole days between two moments; 0 if clock skew puts `earlier` after `later`. */
export function daysBetween(earlier: Date, later: Date): number {
  return Math.max(0, Math.floor((later.getTime() - earlier.getTime()) / DAY));
}

/** The highest version among an image's tags. Dates such as `2026.01.02` are versions too, despite their zeros. */
function versionOf({ tags }: RegistryImage): semver.SemVer | undefined {
  return tags
    .flatMap((tag) => semver.parse(tag, { loose: true }) ?? [])
    .sort(semver.rcompare)
    .at(0);
}

/** Sorts the newest first, and ties by digest, so that two runs keep the same images. */
function newestFirst(by: CleanUpRules["keepBy"]): (a: RegistryImage, b: RegistryImage) => number {
  const byPush = (a: RegistryImage, b: RegistryImage) =>
    b.pushedAt.getTime() - a.pushedAt.getTime() || a.digest.localeCompare(b.digest);
  return by === "pushed"
    ? byPush
    : (a, b) => {
        const [of, other] = [versionOf(a), versionOf(b)];
        if (of !== undefined && other !== undefined) {
          return semver.rcompare(of, other) || byPush(a, b);
        }
        return Number(of === undefined) - Number(other === undefined) || byPush(a, b);
      };
}

/** When an untagged image was first seen untagged, as far as that is known. */
export type UntaggedSince = (digest: string) => Date | undefined;

/** Why the rules alone select an image; undefined where they keep it. */
function selectedBy(
  image: RegistryImage,
  { subjects, pulledAt }: Relations,
  rules: CleanUpRules,
  newest: Set<string>,
  untaggedSince: UntaggedSince,
  now: Date,
): string | undefined {
  const age = daysBetween(image.pushedAt, now);
  const isArtifact = subjects.has(image.digest);
  if (isArtifact || image.tags.length === 0) {
    const since = untaggedSince(image.digest);
    const days = since === undefined ? age : Math.min(age, daysBetween(since, now));
    return rules.untaggedDays !== undefined && days >= rules.untaggedDays
      ? `${isArtifact ? "its image is gone" : "untagged"}, ${since === undefined ? `${age} days old` : `for ${days} days`}`
      : undefined;
  }
  if (newest.has(image.digest)) {
    return undefined;
  }
  const pulled = pulledAt.get(image.digest);
  const idle = daysBetween(pulled ?? image.pushedAt, now);
  const reasons = [
    ...(rules.olderThanDays === undefined
      ? []
      : [{ holds: age >= rules.olderThanDays, says: `${age} days old` }]),
    ...(rules.unpulledDays === undefined
      ? []
      : [
          {
            holds: age >= rules.unpulledDays && idle >= rules.unpulledDays,
            says: pulled === undefined ? "never pulled" : `not pulled for ${idle} days`,
          },
        ]),
    ...(rules.keep === undefined ? [] : [{ holds: true, says: `not among the newest ${rules.keep}` }]),
  ];
  return reasons.length > 0 && reasons.every(({ holds }) => holds)
    ? reasons.map(({ says }) => says).join(", ")
    : undefined;
}

/**
 * Decides which images of a repository may go. A tagged image is selected only if every rule selects it. An image
 * that is in use or protected is kept together with everything it depends on: a manifest list keeps its entries, an image
 * keeps its signatures and SBOMs, and an entry in use keeps the lists that contain it. An untagged entry, a signature or an
 * SBOM goes only with every image that it belongs to. A signature or SBOM whose images are all gone counts as untagged.
 * Archived images do not count for `keep`; untagged images may be entries of an archived list, whose manifest cannot be read.
 *
 * With `archivedBefore`, tagged images are archived with all that belongs to them. They are deleted once ECR has charged the
 * least time, if the rules still select them; earlier would save nothing. Other archived images are kept, and so are images
 * that somebody restored, for the same time.
 * @param inUse returns where an image is used, or undefined
 * @param untaggedSince from when `untaggedDays` counts. Default from the push
 * @param archivedBefore whether it was clean-up that archived an image. Default nothing is archived
 */
export function decide(
  images: readonly RegistryImage[],
  relations: Relations,
  rules: CleanUpRules,
  inUse: (image: RegistryImage) => string | undefined,
  now: Date,
  untaggedSince: UntaggedSince = () => undefined,
  archivedBefore?: (image: RegistryImage) => boolean,
): Decided[] {
  const { owners, subjects, ordered, unread } = relations;
  const used = new Map<string, string>();
  for (const image of images) {
    const where = inUse(image);
    const found = where === undefined ? [] : [image.digest];
    // The list grows while it is read.
    for (const digest of found) {
      if (where !== undefined && !used.has(digest)) {
        used.set(digest, where);
        found.push(...(owners.get(digest) ?? []));
      }
    }
  }
  const newest = new Set(
    rules.keep === undefined
      ? []
      : images
          .filter(
            ({ digest, tags, status }) => tags.length > 0 && status !== "ARCHIVED" && !subjects.has(digest),
          )
          .sort(newestFirst(rules.keepBy))
          .slice(0, rules.keep)
          .map(({ digest }) => digest),
  );
  const verdicts = new Map<string, Verdict>();
  // Archived by clean-up, not yet to be deleted: what belongs to them is archived, too.
  const resting = new Set<string>();
  const judge = (image: RegistryImage): Verdict => {
    const where = used.get(image.digest);
    if (where !== undefined) {
      return { go: false, why: "in use", by: where };
    }
    const pattern = rules.protect.find((one) => image.tags.some((tag) => matchesGlob(one, tag)));
    if (pattern !== undefined) {
      return { go: false, why: "protected", by: pattern };
    }
    const mine = owners.get(image.digest) ?? [];
    const since = (time: Date | undefined) => (time === undefined ? 0 : daysBetween(time, now));
    const isArchived = image.status === "ARCHIVED" && archivedBefore?.(image) === true;
    const rest = () => {
      if (isArchived && mine.every((owner) => resting.has(owner) || verdicts.get(owner)?.go === true)) {
        resting.add(image.digest);
      }
    };
    if (image.status !== undefined && !(isArchived && since(image.archivedAt) >= ARCHIVE_DAYS)) {
      rest();
      return { go: false, why: "archived", by: image.status };
    }
    if (!isArchived && image.restoredAt !== undefined && since(image.restoredAt) < ARCHIVE_DAYS) {
      return { go: false, why: "restored", by: image.restoredAt.toISOString() };
    }
    const isArchiving = (owner: string) => {
      const verdict = verdicts.get(owner);
      return resting.has(owner) || (verdict?.go === true && verdict.action === "archive");
    };
    const kept =
      // An owner without a verdict is part of a circle.
      mine.find((owner) => (isArchiving(owner) ? isArchived : verdicts.get(owner)?.go !== true)) ??
      (image.tags.length === 0 && !subjects.has(image.digest) ? unread : undefined);
    if (kept !== undefined) {
      // Its list was restored, and archived again later.
      rest();
      return { go: false, why: "kept with another image", by: kept };
    }
    const archived = isArchived ? `archived for ${since(image.archivedAt)} days` : undefined;
    const isOther = image.tags.length === 0 || subjects.has(image.digest);
    if (isOther && mine.length > 0) {
      const action = mine.some(isArchiving) ? "archive" : "delete";
      return { go: true, why: `belongs to ${mine[0]}`, action };
    }
    // Archived with an image that is gone now. Untagged images are never archived for themselves.
    if (isOther && archived !== undefined && selectsAny(rules)) {
      return { go: true, why: archived, action: "delete" };
    }
    const why = selectedBy(image, relations, rules, newest, untaggedSince, now);
    if (why === undefined) {
      return { go: false, why: "not selected", by: "rules" };
    }
    return archived === undefined
      ? { go: true, why, action: archivedBefore === undefined || isOther ? "delete" : "archive" }
      : { go: true, why: `${archived}, ${why}`, action: "delete" };
  };
  for (const image of ordered) {
    verdicts.set(image.digest, judge(image));
  }
  return images.map((image) => ({ image, verdict: verdicts.get(image.digest) ?? judge(image) }));
}
