import {
  BatchDeleteImageCommand,
  DescribeImagesCommand,
  type ECRClient,
  ImageNotFoundException,
} from "@aws-sdk/client-ecr";
import { priceIn, PRICES_AS_OF } from "../aws/prices";
import { chunks } from "../aws/chunks";
import type { CleanUpRequest, CleanUpRules } from "../documents/clean-up-request";
import { ecrClient, type Connection } from "./clients";
import { readInUse, type InUse, type RegistryPlace } from "./in-use";
import { linksOf } from "./links";
import { needsManifest } from "./manifests";
import {
  BATCH,
  forEachRepository,
  imageOf,
  imagesOf,
  messageOf,
  type Progress,
  type RegistryImage,
  type RepositoryFailure,
  type RepositoryRef,
} from "./registry";
import { decide, familiesOf, relationsOf, type Family, type Relations, type Verdict } from "./selection";

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
  kept: Partial<
    Record<"in use" | "protected" | "kept with another image" | "not selected" | "not confirmed", number>
  >;
  selected: ReportedImage[];
  /** Digests that this run deleted. */
  deleted: string[];
  /** Digests of selected images that were gone already: somebody else deleted them, or a request whose answer was lost. */
  gone: string[];
  /** Images that could not be deleted, or that changed after they were selected. */
  failed: { digest: string; reason: string }[];
  /** Images that the run did not try to delete. In a dry run, those beyond the limit of one run. */
  left: { digest: string; reason: string }[];
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
    gone: number;
    failed: number;
    left: number;
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
  /** Asked before images that belong together are deleted: a reason to stop, such as that time is running out. */
  shouldStop?: () => string | undefined;
  /** Digests by repository: nothing else is deleted. Default whatever is selected. */
  only?: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A repository with what is decided about its images. */
interface RepositoryPlan {
  report: RepositoryReport;
  /** In the order of deletion. */
  families: Family[];
  relations: Relations;
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
    if (verdict.go && context.only !== undefined && context.only.get(name)?.has(image.digest) !== true) {
      kept["not confirmed"] = (kept["not confirmed"] ?? 0) + 1;
    } else if (verdict.go) {
      why.set(image.digest, verdict);
    } else {
      kept[verdict.why] = (kept[verdict.why] ?? 0) + 1;
    }
  }
  const families = familiesOf(
    images.filter(({ digest }) => why.has(digest)),
    relations,
  );
  return {
    families,
    relations,
    report: {
      repository: name,
      team,
      images: images.length,
      kept,
      selected: families
        .flatMap(({ steps }) => steps.flat())
        .map(({ digest, tags, bytes, pushedAt }) => ({
          digest,
          tags,
          bytes,
          pushedAt: pushedAt.toISOString(),
          why: why.get(digest)?.why ?? "",
        })),
      deleted: [],
      gone: [],
      failed: [],
      left: [],
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
      plan.families = familiesOf(
        plan.families.flatMap(({ steps }) => steps.flat()).filter(({ digest }) => !kept.has(digest)),
        plan.relations,
      );
      plan.report.selected = plan.report.selected.filter(({ digest }) => !kept.has(digest));
      plan.report.kept["kept with another image"] =
        (plan.report.kept["kept with another image"] ?? 0) + kept.size;
    }
  }
}

/** The given images as they are now, by digest; an image that is gone is not in it. */
async function imagesNow(
  ecr: ECRClient,
  repositoryName: string,
  batch: readonly RegistryImage[],
): Promise<Map<string, RegistryImage>> {
  try {
    const { imageDetails = [] } = await ecr.send(
      new DescribeImagesCommand({
        repositoryName,
        imageIds: batch.map(({ digest }) => ({ imageDigest: digest })),
      }),
    );
    return new Map(imageDetails.flatMap((detail) => imageOf(detail) ?? []).map((one) => [one.digest, one]));
  } catch (error) {
    // One image that is gone fails the whole request.
    if (error instanceof ImageNotFoundException) {
      return new Map((await imagesOf(ecr, repositoryName)).map((one) => [one.digest, one]));
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
  // Clean-up's own reading of a manifest counts as a pull of a list or an artifact.
  return isLater(now.pulledAt, then.pulledAt) && !needsManifest(then)
    ? "it was pulled in the meantime"
    : undefined;
}

/** Deletes one batch. Images that changed after they were selected are left. */
async function deleteBatch(
  ecr: ECRClient,
  report: RepositoryReport,
  batch: readonly RegistryImage[],
): Promise<void> {
  if (batch.length === 0) {
    return;
  }
  const images = await imagesNow(ecr, report.repository, batch);
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
 * @returns why the run stopped early, if it did
 */
async function deletePlanned(
  ecr: ECRClient,
  plans: readonly RepositoryPlan[],
  maxDeletions: number,
  { shouldStop = () => undefined, progress = () => undefined }: CleanUpContext,
): Promise<string | undefined> {
  const planned = plans.reduce((sum, { report }) => sum + report.selected.length, 0);
  const total = Math.min(maxDeletions, planned);
  let deleted = 0;
  let stopped: string | undefined;
  for (const { report, families, relations } of plans) {
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
          await deleteBatch(ecr, report, withoutDependents(report, allowed, relations.owners));
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
      progress(deleted, total);
    }
  }
  return stopped;
}

function leave(report: RepositoryReport, images: readonly RegistryImage[], reason: string): void {
  report.left.push(...images.map(({ digest }) => ({ digest, reason })));
}

/** Marks the images that one run would not reach. */
function leaveBeyond(plans: readonly RepositoryPlan[], maxDeletions: number): void {
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
    gone: sum(({ gone }) => gone.length),
    failed: sum(({ failed }) => failed.length),
    left: sum(({ left }) => left.length),
    usdPerMonth: storageUsd(dryRun ? selectedBytes : deletedBytes, region),
    priceRegion: priceIn("storageGb", region).region,
    pricesAsOf: PRICES_AS_OF,
  };
}

/**
 * Finds the images that the rules select and nothing depends on, and deletes them unless it is a dry run. It can be
 * stopped at any moment and run again. Two runs at the same time are safe: each checks an image again just before
 * deleting it, and reports an image that is already gone as gone.
 * @throws Error where it cannot be read what is in use; a repository that cannot be read is reported instead
 */
export async function cleanUp(request: CleanUpRequest, context: CleanUpContext): Promise<CleanUpReport> {
  const startedAt = new Date();
  const ecr = ecrClient(context.connection);
  const readUse = () => readInUse(context.connection, context.registry, request.inUse, context.now);
  // Before the repositories, so that a role or a list that cannot be read is reported at once.
  const usedBefore = await readUse();
  const { results: read, failures } = await forEachRepository(
    context.repositories,
    async (repository) => {
      const images = await imagesOf(ecr, repository.name);
      return {
        repository,
        images,
        relations: relationsOf(images, await linksOf(ecr, repository.name, images)),
      };
    },
    request.dryRun ? context.progress : undefined,
  );
  // Reading many repositories takes minutes, in which something may have started to use an image.
  const inUse = request.dryRun ? usedBefore : await readUse();
  const plans = read.map(({ repository, images, relations }) => {
    const rules = request.exceptions[repository.name] ?? request.rules;
    return planOf(repository, images, relations, rules, inUse, context);
  });
  const failed = [...(context.failures ?? []), ...failures];
  keepSignaturesOfOthers(plans, failed.length === 0 && context.partial !== true);
  if (request.dryRun) {
    leaveBeyond(plans, request.maxDeletions);
  }
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
