import { z } from "zod";

const days = z.int().min(1).max(36_500);

/** Rules as they travel in a request; their meaning is that of CleanUpRules. */
export const cleanUpRules = z.strictObject({
  untaggedDays: days.optional(),
  olderThanDays: days.optional(),
  unpulledDays: days.optional(),
  keep: z.int().min(0).max(100_000).optional(),
  keepBy: z.enum(["semver", "pushed"]).default("pushed"),
  protect: z.array(z.string()).default([]),
});

const inUse = z.strictObject({
  /** References to images that run where nobody can look; a tag may hold `*`. */
  images: z.array(z.string()).default([]),
  /** An object with one reference per line, kept current by a job of the user's. */
  list: z
    .strictObject({ bucket: z.string(), key: z.string(), maxAgeDays: z.int().min(1).default(2) })
    .optional(),
  /** ARNs of roles in other accounts, assumed to see what runs there. */
  roles: z.array(z.string()).default([]),
  /** Regions besides the registry's own. */
  regions: z.array(z.string()).default([]),
  /** How many of a family's newest task definitions count as used. Default all active ones. */
  taskDefinitionRevisions: z.int().min(1).optional(),
});

/**
 * What a clean-up is asked to do: the input of its schedule, and of whoever invokes the function by hand. Without
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
  /** At most so many images are deleted in one run. */
  maxDeletions: z.int().min(1).max(100_000).default(500),
});

/** A checked request. */
export type CleanUpRequest = z.output<typeof cleanUpRequest>;
/** A request as it is written, defaults left out. */
export type CleanUpInput = z.input<typeof cleanUpRequest>;
/** Where to look for what runs. */
export type InUseRequest = CleanUpRequest["inUse"];
