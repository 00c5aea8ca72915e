import {
  BatchDeleteImageCommand,
  DescribeImagesCommand,
  type ECRClient,
  ImageNotFoundException,
} from "@aws-sdk/client-ecr";
import { chunks } from "../aws/chunks";
import type { RepositoryReport } from "./clean-up-report";
import type { Family } from "./families";
import { needsManifest } from "./manifests";
import { BATCH, imageOf, imagesOf, messageOf, type Progress, type RegistryImage } from "./registry";
import type { Relations } from "./relations";

/** How a deletion reports its progress, and when it stops. */
export interface DeletionOptions {
  progress?: Progress;
  /** Asked before images that belong together are deleted: a reason to stop, such as that time is running out. */
  shouldStop?: () => string | undefined;
}

/** A repository with what is decided about its images. */
export interface RepositoryPlan {
  report: RepositoryReport;
  /** In the order of deletion. */
  families: Family[];
  relations: Relations;
  /** Digests that the repository still had when it was last listed, because an image was gone. */
  present?: ReadonlySet<string>;
}

/** The given images as they are now, by digest; an image that is gone is not in it. */
async function imagesNow(
  ecr: ECRClient,
  plan: RepositoryPlan,
  batch: readonly RegistryImage[],
): Promise<Map<string, RegistryImage>> {
  const repositoryName = plan.report.repository;
  const asked = batch.filter(({ digest }) => plan.present?.has(digest) !== false);
  if (asked.length === 0) {
    return new Map();
  }
  try {
    const { imageDetails = [] } = await ecr.send(
      new DescribeImagesCommand({
        repositoryName,
        imageIds: asked.map(({ digest }) => ({ imageDigest: digest })),
        filter: { imageStatus: "ANY" },
      }),
    );
    return new Map(imageDetails.flatMap((detail) => imageOf(detail) ?? []).map((one) => [one.digest, one]));
  } catch (error) {
    // One image that is gone fails the whole request. Another run deletes too, so that later batches may miss images as well:
    // the list answers for them.
    if (error instanceof ImageNotFoundException) {
      const now = new Map((await imagesOf(ecr, repositoryName)).map((one) => [one.digest, one]));
      plan.present = new Set(now.keys());
      return now;
    }
    throw error;
  }
}

/** What happened to an image after it was selected that keeps it from being deleted. */
function changeOf(then: RegistryImage, now: RegistryImage): string | undefined {
  const isLater = (a: Date | undefined, b: Date | undefined) => (a?.getTime() ?? 0) > (b?.getTime() ?? 0);
  if (now.tags.some((tag) => !then.tags.includes(tag))) {
    return `it was tagged ${now.tags.join(", ")} in the meantime`;
  }
  if (isLater(now.pushedAt, then.pushedAt)) {
    return "it was pushed again in the meantime";
  }
  if (then.status !== now.status) {
    return `it was ${now.status === "ARCHIVED" ? "archived" : "restored"} in the meantime`;
  }
  // Clean-up's own reading of a manifest counts as a pull of a list or an artifact.
  return isLater(now.pulledAt, then.pulledAt) && !needsManifest(then)
    ? "it was pulled in the meantime"
    : undefined;
}

/** Deletes one batch. Images that changed after they were selected are left. */
async function deleteBatch(
  ecr: ECRClient,
  plan: RepositoryPlan,
  batch: readonly RegistryImage[],
): Promise<void> {
  const { report } = plan;
  if (batch.length === 0) {
    return;
  }
  const images = await imagesNow(ecr, plan, batch);
  const unchanged = batch.filter((image) => {
    const now = images.get(image.digest);
    const reason = now === undefined ? undefined : changeOf(image, now);
    if (now === undefined) {
      report.gone.push(image.digest);
    } else if (reason !== undefined) {
      report.failed.push({ digest: image.digest, reason });
    }
    return now !== undefined && reason === undefined;
  });
  if (unchanged.length === 0) {
    return;
  }
  const { imageIds = [], failures = [] } = await ecr.send(
    new BatchDeleteImageCommand({
      repositoryName: report.repository,
      imageIds: unchanged.map(({ digest }) => ({ imageDigest: digest })),
    }),
  );
  const deleted = new Set(imageIds.map(({ imageDigest }) => imageDigest));
  for (const { digest } of unchanged) {
    const failure = failures.find(({ imageId }) => imageId?.imageDigest === digest);
    if (deleted.has(digest)) {
      report.deleted.push(digest);
    } else if (failure?.failureCode === "ImageNotFound") {
      report.gone.push(digest);
    } else {
      const { failureCode = "", failureReason = "" } = failure ?? {};
      const reason =
        failure === undefined ? "ECR did not say that it was deleted" : `${failureCode}: ${failureReason}`;
      report.failed.push({ digest, reason });
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

/** The families from the given one on that one request can delete together; a larger one alone. */
function familiesAt(families: readonly Family[], start: number, room: number): Family[] {
  let end = start + 1;
  let size = families[start]?.size ?? 0;
  for (const { size: next } of families.slice(end, end + BATCH)) {
    if (size + next > Math.min(BATCH, room)) {
      break;
    }
    size += next;
    end += 1;
  }
  return families.slice(start, end);
}

/** Requests that delete families step by step, so that no image is in a request before or with one that it belongs to. */
function requestsFor(families: readonly Family[]): RegistryImage[][] {
  const depth = families.reduce((deepest, { steps }) => Math.max(deepest, steps.length), 0);
  return Array.from({ length: depth }, (_, i) => families.flatMap(({ steps }) => steps[i] ?? [])).flatMap(
    (step) => chunks(step, BATCH),
  );
}

/** Why the next family does not fit in what is left of a run's limit. A family that is larger than the limit is begun. */
function limitFor(
  family: Family | undefined,
  { deleted, maxDeletions }: { deleted: number; maxDeletions: number },
): string | undefined {
  if (deleted >= maxDeletions) {
    return `the limit of ${maxDeletions} images was reached`;
  }
  return family !== undefined && deleted > 0 && deleted + family.size > maxDeletions
    ? `the next ${family.size} images belong together and exceed the limit of ${maxDeletions}`
    : undefined;
}

/**
 * Deletes what is planned, family by family, repository by repository. After an error the rest of its repository is left:
 * the next request would meet the same, and the other repositories may not. What is left is reported with the reason.
 * @param record stores the report as it is: the plan before anything is deleted, and what was done so far
 * @throws Error where the plan cannot be stored; nothing is deleted then
 * @returns why the run stopped early, if it did
 */
export async function deletePlanned(
  ecr: ECRClient,
  plans: readonly RepositoryPlan[],
  maxDeletions: number,
  record: () => Promise<void>,
  { shouldStop = () => undefined, progress = () => undefined }: DeletionOptions,
): Promise<string | undefined> {
  const planned = plans.reduce((sum, { report }) => sum + report.selected.length, 0);
  const total = Math.min(maxDeletions, planned);
  let deleted = 0;
  let stopped: string | undefined;
  if (planned > 0) {
    await record();
  }
  for (const plan of plans) {
    const { report, families, relations } = plan;
    let error: string | undefined;
    for (let next = 0; next < families.length;) {
      stopped ??= shouldStop() ?? limitFor(families[next], { deleted, maxDeletions });
      const reason = stopped ?? error;
      if (reason !== undefined) {
        leave(
          report,
          families.slice(next).flatMap(({ steps }) => steps.flat()),
          reason,
        );
        break;
      }
      const before = report.deleted.length;
      const taken = familiesAt(families, next, maxDeletions - deleted);
      next += taken.length;
      let room = maxDeletions - deleted;
      for (const batch of requestsFor(taken)) {
        if (error !== undefined) {
          leave(report, batch, error);
          continue;
        }
        leave(report, batch.slice(room), `the limit of ${maxDeletions} images was reached`);
        const allowed = batch.slice(0, room);
        room -= allowed.length;
        try {
          await deleteBatch(ecr, plan, withoutDependents(report, allowed, relations.owners));
        } catch (problem) {
          // What is in the report already, such as an image that was gone, is not reported twice.
          const reported = new Set([
            ...report.deleted,
            ...report.gone,
            ...report.failed.map(({ digest }) => digest),
          ]);
          report.failed.push(
            ...allowed.flatMap(({ digest }) =>
              reported.has(digest) ? [] : [{ digest, reason: messageOf(problem) }],
            ),
          );
          error = "an earlier image of the repository could not be deleted";
        }
      }
      deleted += report.deleted.length - before;
      try {
        await record();
      } catch (problem) {
        stopped ??= `the report could not be stored: ${messageOf(problem)}`;
      }
      progress(deleted, total);
    }
  }
  return stopped;
}

function leave(report: RepositoryReport, images: readonly RegistryImage[], reason: string): void {
  report.left.push(...images.map(({ digest }) => ({ digest, reason })));
}

/** Marks the images that one run would not reach. */
export function leaveBeyond(plans: readonly RepositoryPlan[], maxDeletions: number): void {
  let deleted = 0;
  let reached = false;
  for (const { report, families } of plans) {
    for (const family of families) {
      reached ||= limitFor(family, { deleted, maxDeletions }) !== undefined;
      const images = family.steps.flat();
      const room = reached ? 0 : maxDeletions - deleted;
      leave(report, images.slice(room), `beyond the limit of ${maxDeletions} images`);
      deleted += Math.min(images.length, room);
    }
  }
}
