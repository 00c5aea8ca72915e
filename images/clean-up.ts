import {
  BatchDeleteImageCommand,
  DescribeImagesCommand,
  type ECRClient,
  type ImageDetail,
  ImageNotFoundException,
} from "@aws-sdk/client-ecr";
import { priceIn, PRICES_AS_OF } from "../aws/prices";
import { chunks } from "../aws/chunks";
import type { CleanUpRequest, CleanUpRules } from "../documents/clean-up-request";
import { ecrClient, type Connection } from "./clients";
import { readInUse, type InUse, type RegistryPlace } from "./in-use";
import { linksOf } from "./links";
import {
  BATCH,
  forEachRepository,
  imagesOf,
  messageOf,
  type Progress,
  type RegistryImage,
  type RepositoryFailure,
  type RepositoryRef,
} from "./registry";
import { decide, deletionSteps, relationsOf, type Relations, type Verdict } from "./selection";

/** One image in a report. */
export interface ReportedImage {
  digest: string;
  tags: string[];
  /** Bytes that deleting it frees: 0 for a manifest list, which has no layers of its own. */
  bytes: number;
  pushedAt: string;
  /** Why it is deleted. */
  why: string;
}

/** The result for one repository. */
export interface RepositoryReport {
  repository: string;
  team: string;
  images: number;
  /** Number of images kept, by reason. */
  kept: Partial<Record<"in use" | "protected" | "kept with another image" | "not selected", number>>;
  selected: ReportedImage[];
  /** Digests that were deleted, or were gone already. */
  deleted: string[];
  /** Images that could not be deleted, or were left since they changed in the meantime. */
  failed: { digest: string; reason: string }[];
}

/** What a clean-up did, or would do. */
export interface CleanUpReport {
  project: string;
  environment: string;
  region: string;
  dryRun: boolean;
  startedAt: string;
  finishedAt: string;
  totals: {
    repositories: number;
    images: number;
    selected: number;
    selectedBytes: number;
    deleted: number;
    deletedBytes: number;
    failed: number;
    /** USD a month that the deleted images cost, or in a dry run those selected, at ECR's list price. */
    usdPerMonth: number;
    /** Region of the list price. */
    priceRegion: string;
    /** Month of the list price. */
    pricesAsOf: string;
  };
  /** Why the run ended before all that was selected was deleted. */
  stopped?: string;
  repositories: RepositoryReport[];
  /** Repositories that could not be read. */
  failures: RepositoryFailure[];
}

/** What a clean-up works with. */
export interface CleanUpContext {
  connection: Connection;
  registry: RegistryPlace;
  repositories: readonly RepositoryRef[];
  /** Repositories that were lost on the way here. */
  failures?: readonly RepositoryFailure[];
  /** Whether the stack has other repositories, where the images of these signatures could be. Default false. */
  partial?: boolean;
  now: Date;
  progress?: Progress;
  /** Asked before every batch: a reason to stop, such as that time is running out. */
  shouldStop?: () => string | undefined;
  /** Digests by repository: nothing else is deleted. Default whatever is selected. */
  only?: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A repository with what is decided about its images. */
interface RepositoryPlan {
  report: RepositoryReport;
  /** In the order of deletion, each at most a request's. */
  batches: RegistryImage[][];
  relations: Pick<Relations, "owners" | "subjects">;
}

const GIB = 2 ** 30;

/** The list price of storing a number of bytes for a month, in USD. */
export function storageUsd(bytes: number, region: string): number {
  return (bytes / GIB) * priceIn("storageGb", region).usd;
}

function planOf(
  { name, team }: RepositoryRef,
  images: RegistryImage[],
  relations: Relations,
  rules: CleanUpRules,
  inUse: InUse,
  context: CleanUpContext,
): RepositoryPlan {
  const decided = decide(images, relations, rules, (image) => inUse.where(name, image), context.now);
  const kept: RepositoryReport["kept"] = {};
  const why = new Map<string, Verdict & { go: true }>();
  for (const { image, verdict } of decided) {
    if (verdict.go) {
      why.set(image.digest, verdict);
    } else {
      kept[verdict.why] = (kept[verdict.why] ?? 0) + 1;
    }
  }
  const steps = deletionSteps(
    images.filter(({ digest }) => why.has(digest)),
    relations,
  );
  const allowed = ({ digest }: RegistryImage) =>
    context.only === undefined || context.only.get(name)?.has(digest) === true;
  return {
    batches: steps.flatMap((step) => chunks(step.filter(allowed), BATCH)),
    relations,
    report: {
      repository: name,
      team,
      images: images.length,
      kept,
      selected: steps.flat().map(({ digest, tags, bytes, pushedAt }) => ({
        digest,
        tags,
        bytes,
        pushedAt: pushedAt.toISOString(),
        why: why.get(digest)?.why ?? "",
      })),
      deleted: [],
      failed: [],
    },
  };
}

/**
 * Signatures may be kept in another repository than their images (COSIGN_REPOSITORY). Those whose image was found in another
 * repository are taken out of the plans, with what belongs to them.
 * @param sawAll whether every repository of the stack was read; if not, the image may be in another one
 */
function keepSignaturesOfOthers(plans: readonly RepositoryPlan[], sawAll: boolean): void {
  for (const plan of plans) {
    const { owners, subjects } = plan.relations;
    const kept = new Set<string>();
    // In the order of deletion, so that an owner comes before what belongs to it.
    for (const { digest } of plan.report.selected) {
      const here = owners.get(digest) ?? [];
      const isSomewhere =
        here.length === 0 &&
        subjects
          .get(digest)
          ?.some((subject) => !sawAll || plans.some(({ relations }) => relations.owners.has(subject)));
      if (isSomewhere === true || here.some((owner) => kept.has(owner))) {
        kept.add(digest);
      }
    }
    if (kept.size > 0) {
      plan.batches = plan.batches.map((batch) => batch.filter(({ digest }) => !kept.has(digest)));
      plan.report.selected = plan.report.selected.filter(({ digest }) => !kept.has(digest));
      plan.report.kept["kept with another image"] =
        (plan.report.kept["kept with another image"] ?? 0) + kept.size;
    }
  }
}

/** Tags of the given images as they are now; an image that is gone is not in it. */
async function tagsNow(
  ecr: ECRClient,
  repositoryName: string,
  batch: readonly RegistryImage[],
): Promise<Map<string, string[]>> {
  try {
    const answer = await ecr.send(
      new DescribeImagesCommand({
        repositoryName,
        imageIds: batch.map(({ digest }) => ({ imageDigest: digest })),
      }),
    );
    return new Map(
      (answer.imageDetails ?? []).map((detail: ImageDetail) => [
        detail.imageDigest ?? "",
        detail.imageTags ?? [],
      ]),
    );
  } catch (error) {
    // One image that is gone fails the whole question.
    if (error instanceof ImageNotFoundException) {
      return new Map((await imagesOf(ecr, repositoryName)).map(({ digest, tags }) => [digest, tags]));
    }
    throw error;
  }
}

/** Deletes one batch. Images that received another tag after the decision are left. */
async function deleteBatch(
  ecr: ECRClient,
  report: RepositoryReport,
  batch: readonly RegistryImage[],
): Promise<void> {
  const tags =
    batch.length === 0 ? new Map<string, string[]>() : await tagsNow(ecr, report.repository, batch);
  const unchanged = batch.filter((image) => {
    const now = tags.get(image.digest);
    if (now === undefined) {
      report.deleted.push(image.digest);
    } else if (now.some((tag) => !image.tags.includes(tag))) {
      report.failed.push({ digest: image.digest, reason: `it was tagged ${now.join(", ")} in the meantime` });
    } else {
      return true;
    }
    return false;
  });
  if (unchanged.length === 0) {
    return;
  }
  const answer = await ecr.send(
    new BatchDeleteImageCommand({
      repositoryName: report.repository,
      imageIds: unchanged.map(({ digest }) => ({ imageDigest: digest })),
    }),
  );
  const failures = new Map((answer.failures ?? []).map((failure) => [failure.imageId?.imageDigest, failure]));
  for (const { digest } of unchanged) {
    const failure = failures.get(digest);
    // An image that somebody else deleted counts as deleted.
    if (failure === undefined || failure.failureCode === "ImageNotFound") {
      report.deleted.push(digest);
    } else {
      report.failed.push({ digest, reason: `${failure.failureCode ?? ""}: ${failure.failureReason ?? ""}` });
    }
  }
}

/** The images of a batch that belong to nothing which could not be deleted; the others are left with it. */
function withoutDependents(
  report: RepositoryReport,
  batch: readonly RegistryImage[],
  owners: Relations["owners"],
): RegistryImage[] {
  const left = new Set(report.failed.map(({ digest }) => digest));
  return batch.filter(({ digest }) => {
    const owner = owners.get(digest)?.find((one) => left.has(one));
    if (owner !== undefined) {
      report.failed.push({ digest, reason: `it belongs to ${owner}, which stays` });
    }
    return owner === undefined;
  });
}

/**
 * Deletes what is planned, batch by batch, repository by repository. After an error the rest of its repository is left:
 * the next batch would meet the same, and the other repositories may not.
 * @returns why it stopped early, if it did
 */
async function deletePlanned(
  ecr: ECRClient,
  plans: readonly RepositoryPlan[],
  maxDeletions: number,
  { shouldStop = () => undefined, progress = () => undefined }: CleanUpContext,
): Promise<string | undefined> {
  const planned = plans.reduce((sum, { batches }) => sum + batches.flat().length, 0);
  const total = Math.min(maxDeletions, planned);
  let tried = 0;
  for (const { report, batches, relations } of plans) {
    for (const batch of batches) {
      const stopped =
        shouldStop() ??
        (tried >= maxDeletions ? `the limit of ${maxDeletions} images was reached` : undefined);
      if (stopped !== undefined) {
        return stopped;
      }
      const allowed = batch.slice(0, maxDeletions - tried);
      tried += allowed.length;
      try {
        await deleteBatch(ecr, report, withoutDependents(report, allowed, relations.owners));
      } catch (error) {
        // What is in the report already, such as an image that was gone, is not reported twice.
        const reported = new Set([...report.deleted, ...report.failed.map(({ digest }) => digest)]);
        report.failed.push(
          ...allowed.flatMap(({ digest }) =>
            reported.has(digest) ? [] : [{ digest, reason: messageOf(error) }],
          ),
        );
        break;
      } finally {
        progress(tried, total);
      }
    }
  }
  return planned > maxDeletions ? `the limit of ${maxDeletions} images was reached` : undefined;
}

function totalsOf(
  reports: readonly RepositoryReport[],
  dryRun: boolean,
  region: string,
): CleanUpReport["totals"] {
  const sum = (of: (report: RepositoryReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const bytesOf = (report: RepositoryReport, digests: ReadonlySet<string>) =>
    report.selected.reduce((total, { digest, bytes }) => total + (digests.has(digest) ? bytes : 0), 0);
  const selectedBytes = sum((report) =>
    bytesOf(report, new Set(report.selected.map(({ digest }) => digest))),
  );
  const deletedBytes = sum((report) => bytesOf(report, new Set(report.deleted)));
  return {
    repositories: reports.length,
    images: sum(({ images }) => images),
    selected: sum(({ selected }) => selected.length),
    selectedBytes,
    deleted: sum(({ deleted }) => deleted.length),
    deletedBytes,
    failed: sum(({ failed }) => failed.length),
    usdPerMonth: storageUsd(dryRun ? selectedBytes : deletedBytes, region),
    priceRegion: priceIn("storageGb", region).region,
    pricesAsOf: PRICES_AS_OF,
  };
}

/**
 * Finds the images that the rules select and nothing depends on, and deletes them unless it is a dry run. It can be
 * stopped at any moment and run again. Two runs at the same time are safe: each checks an image again just before
 * deleting it, and an image that is already gone counts as deleted.
 * @throws Error where it cannot be read what is in use; a repository that cannot be read is reported instead
 */
export async function cleanUp(request: CleanUpRequest, context: CleanUpContext): Promise<CleanUpReport> {
  const startedAt = new Date();
  const ecr = ecrClient(context.connection);
  const inUse = await readInUse(context.connection, context.registry, request.inUse, context.now);
  const { results: plans, failures } = await forEachRepository(
    context.repositories,
    async (repository) => {
      const images = await imagesOf(ecr, repository.name);
      const relations = relationsOf(images, await linksOf(ecr, repository.name, images));
      const rules = request.exceptions[repository.name] ?? request.rules;
      return planOf(repository, images, relations, rules, inUse, context);
    },
    request.dryRun ? context.progress : undefined,
  );
  const failed = [...(context.failures ?? []), ...failures];
  keepSignaturesOfOthers(plans, failed.length === 0 && context.partial !== true);
  const stopped = request.dryRun ? undefined : await deletePlanned(ecr, plans, request.maxDeletions, context);
  const repositories = plans.map(({ report }) => report);
  return {
    project: request.project,
    environment: request.environment,
    region: context.registry.region,
    dryRun: request.dryRun,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    totals: totalsOf(repositories, request.dryRun, context.registry.region),
    ...(stopped === undefined ? {} : { stopped }),
    repositories,
    failures: failed,
  };
}
