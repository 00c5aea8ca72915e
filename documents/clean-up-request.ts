import { z } from "zod";
import { explain, oneOf, tagPattern, whole } from "./values";

/** Which images of a repository clean-up may delete. Nothing is deleted by a rule that is not given. */
export const cleanUpFields = {
  untaggedDays: whole("days", 1, 36_500).describe(
    "Images that have been untagged for this number of days. The function counts from when it first saw an image untagged, commands from the push.",
  ),
  olderThanDays: whole("days", 1, 36_500).describe(
    "Tagged images pushed at least this number of days ago. Conditions on tagged images must all hold.",
  ),
  unpulledDays: whole("days", 1, 36_500).describe(
    "Tagged images neither pulled nor pushed for this number of days.",
  ),
  keep: whole("images", 0, 100_000).describe("The number of newest tagged images that are always kept."),
  keepBy: oneOf("semver", "pushed").describe(
    "What is newest: the highest semantic version (tags that are not versions sort last), or the latest push.",
  ),
  protect: z
    .array(tagPattern)
    .describe("Tag patterns that clean-up never deletes, besides those of `lifecycle.protect`."),
};

/** The rules that apply where none are given. */
export const CLEAN_UP_DEFAULTS: { keepBy: "semver" | "pushed"; protect: string[] } = {
  keepBy: "pushed",
  protect: [],
};

const cleanUpRules = z
  .strictObject(cleanUpFields)
  .partial()
  .extend({
    keepBy: cleanUpFields.keepBy.default(CLEAN_UP_DEFAULTS.keepBy),
    protect: cleanUpFields.protect.default(CLEAN_UP_DEFAULTS.protect),
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

/** An object in S3 with one image reference per line, kept current by a job of the user's. */
export const imageList = z.strictObject({
  bucket: z.string(),
  key: z
    .string()
    .min(1, { error: explain("the key of an object", "write it like key: prod/images.txt") })
    .describe("The object's key."),
  maxAgeDays: whole("days", 1, 365)
    .default(2)
    .describe("An older list stops the clean-up: the job that writes it has failed."),
});

/** Services that can use images and whose use clean-up does not read. */
const UNREAD_SERVICES = ["eks", "app-runner", "sagemaker", "codebuild", "agentcore"] as const;
/** One of them. */
export type UnreadService = (typeof UNREAD_SERVICES)[number];

/** Where to look for images in use. The config takes the same, and checks formats before a deployment. */
export const inUse = z.strictObject({
  /** Regions besides the registry's own. */
  regions: z.array(z.string()).default([]),
  /** ARNs of roles in other accounts, assumed to read the images in use there. */
  roles: z.array(z.string()).default([]),
  /** References to images in use where the program cannot look; a tag may contain `*`. */
  images: z.array(z.string()).default([]),
  list: imageList.optional(),
  checkedByHand: z
    .array(oneOf(...UNREAD_SERVICES))
    .default([])
    .describe(
      "Services that clean-up does not read, and whose images you keep by `images`, `list` or `protect`. If it finds one of the others in use, it deletes nothing.",
    ),
  taskDefinitionRevisions: whole("revisions", 1, 10_000)
    .optional()
    .describe(
      "How many of a family's newest ECS task definitions and Batch job definitions count as using their images, besides those of running tasks and unfinished jobs. Default all active ones.",
    ),
});

/** The largest number of images that one run deletes or archives. */
export const maxDeletions = whole("images", 1, 100_000)
  .default(500)
  .describe("The largest number of images that one run deletes or archives.");

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
  maxDeletions,
  /** Whether tagged images are archived first. A request that does not say so never deletes them at once. */
  archive: z.boolean().default(true),
});

/** Key in the report bucket of what one run leaves for the next. */
export const stateKey = (environment: string) => `clean-up-state/${environment}.json`;

/** Folder in the report bucket: what each run archived. */
export const archivedPrefix = (environment: string) => `clean-up/${environment}/archived/`;

/** A checked request. */
export type CleanUpRequest = z.output<typeof cleanUpRequest>;
/** A request as it is written, defaults left out. */
export type CleanUpInput = z.input<typeof cleanUpRequest>;
/** Where to look for images in use. */
export type InUseRequest = CleanUpRequest["inUse"];
