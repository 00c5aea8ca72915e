import * as semver from "semver";
import { matchesGlob } from "../aws/globs";
import type { CleanUpRules } from "../documents/clean-up-request";
import type { ManifestLinks, RegistryImage } from "./registry";

/** Why an image is kept, the strongest reason first, or that it may be deleted. */
export type Verdict =
  | { go: false; why: "in use" | "protected" | "kept with another image" | "not selected"; by: string }
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

function versionOf({ tags }: RegistryImage): semver.SemVer | undefined {
  return tags
    .flatMap((tag) => semver.parse(tag.replace(/^v/, "")) ?? [])
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

/** Why the rules alone select an image; undefined where they keep it. */
function selectedBy(
  image: RegistryImage,
  rules: CleanUpRules,
  newest: Set<string>,
  now: Date,
): string | undefined {
  const age = daysBetween(image.pushedAt, now);
  if (image.tags.length === 0) {
    return rules.untaggedDays !== undefined && age >= rules.untaggedDays
      ? `untagged, ${age} days old`
      : undefined;
  }
  if (newest.has(image.digest)) {
    return undefined;
  }
  const idle = daysBetween(image.pulledAt ?? image.pushedAt, now);
  const reasons = [
    ...(rules.olderThanDays === undefined
      ? []
      : [{ holds: age >= rules.olderThanDays, says: `${age} days old` }]),
    ...(rules.unpulledDays === undefined
      ? []
      : [
          {
            holds: age >= rules.unpulledDays && idle >= rules.unpulledDays,
            says: image.pulledAt === undefined ? "never pulled" : `not pulled for ${idle} days`,
          },
        ]),
    ...(rules.keep === undefined ? [] : [{ holds: true, says: `not among the newest ${rules.keep}` }]),
  ];
  return reasons.length > 0 && reasons.every(({ holds }) => holds)
    ? reasons.map(({ says }) => says).join(", ")
    : undefined;
}

/** The owners of each image that the repository still has: lists that contain it, and the image that it signs or describes. */
export function ownersOf(
  images: readonly RegistryImage[],
  links: ReadonlyMap<string, ManifestLinks>,
): Map<string, string[]> {
  const owners = new Map<string, string[]>(images.map(({ digest }) => [digest, []]));
  for (const { digest } of images) {
    const { children = [], subject } = links.get(digest) ?? {};
    children.forEach((child) => owners.get(child)?.push(digest));
    if (subject !== undefined && owners.has(subject)) {
      owners.get(digest)?.push(subject);
    }
  }
  return owners;
}

/**
 * Decides which images of a repository may be deleted. A tagged image is selected only if every rule selects it. An image
 * that is in use or protected is kept together with everything it depends on: a manifest list keeps its entries, an image
 * keeps its signatures and SBOMs, and an entry in use keeps the lists that contain it. An untagged entry, a signature or an
 * SBOM is deleted only when every image that it belongs to is deleted.
 * @param inUse returns where an image is used, or undefined
 */
export function decide(
  images: readonly RegistryImage[],
  links: ReadonlyMap<string, ManifestLinks>,
  rules: CleanUpRules,
  inUse: (image: RegistryImage) => string | undefined,
  now: Date,
): Decided[] {
  const byDigest = new Map(images.map((image) => [image.digest, image]));
  const owners = ownersOf(images, links);
  const isAbout = (digest: string) => byDigest.has(links.get(digest)?.subject ?? "");

  const used = new Map<string, string>();
  const use = (digest: string, where: string): void => {
    if (!used.has(digest)) {
      used.set(digest, where);
      owners.get(digest)?.forEach((owner) => {
        use(owner, where);
      });
    }
  };
  for (const image of images) {
    const where = inUse(image);
    if (where !== undefined) {
      use(image.digest, where);
    }
  }

  const counted = images.filter(({ digest, tags }) => tags.length > 0 && !isAbout(digest));
  const newest = new Set(
    rules.keep === undefined
      ? []
      : [...counted]
          .sort(newestFirst(rules.keepBy))
          .slice(0, rules.keep)
          .map(({ digest }) => digest),
  );

  const verdicts = new Map<string, Verdict>();
  const verdictOf = (image: RegistryImage, above: ReadonlySet<string>): Verdict => {
    const known = verdicts.get(image.digest);
    if (known !== undefined) {
      return known;
    }
    const verdict = judge(image, above);
    verdicts.set(image.digest, verdict);
    return verdict;
  };
  const judge = (image: RegistryImage, above: ReadonlySet<string>): Verdict => {
    const where = used.get(image.digest);
    if (where !== undefined) {
      return { go: false, why: "in use", by: where };
    }
    const pattern = rules.protect.find((one) => image.tags.some((tag) => matchesGlob(one, tag)));
    if (pattern !== undefined) {
      return { go: false, why: "protected", by: pattern };
    }
    const mine = owners.get(image.digest) ?? [];
    const path = new Set([...above, image.digest]);
    for (const owner of mine) {
      const of = byDigest.get(owner);
      // Digests cannot form a circle; a registry that claims one keeps its images.
      if (of === undefined || path.has(owner) || !verdictOf(of, path).go) {
        return { go: false, why: "kept with another image", by: owner };
      }
    }
    if (mine.length > 0 && (image.tags.length === 0 || isAbout(image.digest))) {
      return { go: true, why: `belongs to ${mine[0]}` };
    }
    const why = selectedBy(image, rules, newest, now);
    return why === undefined ? { go: false, why: "not selected", by: "rules" } : { go: true, why };
  };
  return images.map((image) => ({ image, verdict: verdictOf(image, new Set()) }));
}

/**
 * Images in the order in which they are deleted, in steps, each after what its images belong to: ECR refuses to delete an
 * image that a manifest list holds, and a signature outlives an image only if that is left. The oldest come first.
 * @param owners what each image belongs to
 */
export function deletionSteps(
  going: readonly RegistryImage[],
  owners: ReadonlyMap<string, readonly string[]>,
): RegistryImage[][] {
  const gone = new Set(going.map(({ digest }) => digest));
  const depths = new Map<string, number>();
  const depthOf = (digest: string): number => {
    const known = depths.get(digest);
    if (known !== undefined) {
      return known;
    }
    // Should a registry claim a circle, it ends here.
    depths.set(digest, 0);
    const above = (owners.get(digest) ?? []).filter((owner) => gone.has(owner));
    const found = Math.max(0, ...above.map((owner) => depthOf(owner) + 1));
    depths.set(digest, found);
    return found;
  };
  const steps: RegistryImage[][] = [];
  for (const image of [...going].sort((a, b) => a.pushedAt.getTime() - b.pushedAt.getTime())) {
    (steps[depthOf(image.digest)] ??= []).push(image);
  }
  return steps.filter((step) => step.length > 0);
}
