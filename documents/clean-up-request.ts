import { z } from "zod";

const days = z.int().min(1).max(36_500);

/** Which images of a repository clean-up may delete. Nothing is deleted by a rule that is not given. */
const cleanUpRules = z.strictObject({
  /** Untagged images are deleted this many days after their push. */
  untaggedDays: days.optional(),
  /** Tagged images are deleted this many days after their push. */
  olderThanDays: days.optional(),
  /** Tagged images are deleted if they were neither pulled nor pushed for this many days. */
  unpulledDays: days.optional(),
  /** How many tagged images always stay: the newest ones. */
  keep: z.int().min(0).max(100_000).optional(),
  /** What makes an image newer: its semantic version (tags that are not versions sort last), or its push. */
  keepBy: z.enum(["semver", "pushed"]).default("pushed"),
  /** Tag patterns that are never deleted; `*` matches any text. */
  protect: z.array(z.string()).default([]),
});
/** Checked rules of a repository. */
export type CleanUpRules = z.output<typeof cleanUpRules>;

/** Whether rules select any image at all. */
export function selectsAny({
  untaggedDays,
  olderThanDays,
  unpulledDays,
  keep,
}: Partial<CleanUpRules>): boolean {
  return [untaggedDays, olderThanDays, unpulledDays, keep].some((rule) => rule !== undefined);
}

const inUse = z.strictObject({
  /** References to images in use where the program cannot look; a tag may contain `*`. */
  images: z.array(z.string()).default([]),
  /** An object with one reference per line, kept current by a job of the user's. */
  list: z
    .strictObject({ bucket: z.string(), key: z.string(), maxAgeDays: z.int().min(1).default(2) })
    .optional(),
  /** ARNs of roles in other accounts, assumed to read the images in use there. */
  roles: z.array(z.string()).default([]),
  /** Regions besides the registry's own. */
  regions: z.array(z.string()).default([]),
  /** How many of a family's newest task definitions count as used. Default all active ones. */
  taskDefinitionRevisions: z.int().min(1).optional(),
});

/**
 * A request to clean up: the input of the schedule, or of a person who invokes the function. Without
 * `dryRun: false` nothing is deleted.
 */
export const cleanUpRequest = z.strictObject({
  project: z.string(),
  environment: z.string(),
  dryRun: z.boolean().default(true),
  /** Rules of every repository that has no others. */
  rules: cleanUpRules,
  /** Rules of single repositories, by name. */
  exceptions: z.record(z.string(), cleanUpRules).default({}),
  inUse: inUse.prefault({}),
  /** The most images that one run deletes. */
  maxDeletions: z.int().min(1).max(100_000).default(500),
});

/** A checked request. */
export type CleanUpRequest = z.output<typeof cleanUpRequest>;
/** A request as it is written, defaults left out. */
export type CleanUpInput = z.input<typeof cleanUpRequest>;
/** Where to look for images in use. */
export type InUseRequest = CleanUpRequest["inUse"];
