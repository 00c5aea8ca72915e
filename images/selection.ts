import * as semver from "semver";
import { matchesGlob } from "../aws/globs";
import type { CleanUpRules } from "../documents/clean-up-request";
import type { RegistryImage } from "./registry";
import type { Relations } from "./relations";

/** Why an image is kept, the strongest reason first, or that it may be deleted. */
export type Verdict =
  | {
      go: false;
      why: "in use" | "protected" | "archived" | "kept with another image" | "not selected";
      by: string;
    }
  | { go: true; why: string };

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
 * Decides which images of a repository may be deleted. A tagged image is selected only if every rule selects it. An image
 * that is in use or protected is kept together with everything it depends on: a manifest list keeps its entries, an image
 * keeps its signatures and SBOMs, and an entry in use keeps the lists that contain it. An untagged entry, a signature or an
 * SBOM is deleted only when every image that it belongs to is deleted. A signature or SBOM whose images are all gone counts
 * as untagged. Archived images are kept and do not count for `keep`; untagged images may be entries of an archived list,
 * whose manifest cannot be read.
 * @param inUse returns where an image is used, or undefined
 * @param untaggedSince from when `untaggedDays` counts. Default from the push
 */
export function decide(
  images: readonly RegistryImage[],
  relations: Relations,
  rules: CleanUpRules,
  inUse: (image: RegistryImage) => string | undefined,
  now: Date,
  untaggedSince: UntaggedSince = () => undefined,
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
  const judge = (image: RegistryImage): Verdict => {
    const where = used.get(image.digest);
    if (where !== undefined) {
      return { go: false, why: "in use", by: where };
    }
    const pattern = rules.protect.find((one) => image.tags.some((tag) => matchesGlob(one, tag)));
    if (pattern !== undefined) {
      return { go: false, why: "protected", by: pattern };
    }
    if (image.status !== undefined) {
      return { go: false, why: "archived", by: image.status };
    }
    const mine = owners.get(image.digest) ?? [];
    // An owner without a verdict is part of a circle.
    const kept =
      mine.find((owner) => verdicts.get(owner)?.go !== true) ??
      (image.tags.length === 0 && !subjects.has(image.digest) ? unread : undefined);
    if (kept !== undefined) {
      return { go: false, why: "kept with another image", by: kept };
    }
    if (mine.length > 0 && (image.tags.length === 0 || subjects.has(image.digest))) {
      return { go: true, why: `belongs to ${mine[0]}` };
    }
    const why = selectedBy(image, relations, rules, newest, untaggedSince, now);
    return why === undefined ? { go: false, why: "not selected", by: "rules" } : { go: true, why };
  };
  for (const image of ordered) {
    verdicts.set(image.digest, judge(image));
  }
  return images.map((image) => ({ image, verdict: verdicts.get(image.digest) ?? judge(image) }));
}
