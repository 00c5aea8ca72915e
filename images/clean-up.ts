import type { CleanUpRequest, CleanUpRules } from "../documents/clean-up-request";
import { totalsOf, type CleanUpReport, type RepositoryReport } from "./clean-up-report";
import { ecrClient, type Connection } from "./clients";
import { deletePlanned, leaveBeyond, type DeletionOptions, type RepositoryPlan } from "./deletion";
import { familiesOf } from "./families";
import { placesOf, readInUse, type InUse } from "./in-use";
import { linksOf } from "./links";
import type { RegistryPlace } from "./references";
import {
  forEachRepository,
  imagesOf,
  startingAt,
  type RegistryImage,
  type RepositoryFailure,
  type RepositoryRef,
} from "./registry";
import { relationsOf, type Relations } from "./relations";
import { seenUntagged, type CleanUpState } from "./state";
import { unreadProblem, unreadUsers } from "./users/unread";
import { decide, type Verdict } from "./selection";

/** What a clean-up works with. */
export interface CleanUpContext extends DeletionOptions {
  connection: Connection;
  registry: RegistryPlace;
  repositories: readonly RepositoryRef[];
  /** Repositories that were lost on the way here. */
  failures?: readonly RepositoryFailure[];
  /** Whether the stack has other repositories, where the images of these signatures could be. Default false. */
  partial?: boolean;
  now: Date;
  /** Digests by repository: nothing else is deleted. Default whatever is selected. */
  only?: ReadonlyMap<string, ReadonlySet<string>>;
  /** What the last run left, from which this one goes on. Default nothing: untagged images count from their push. */
  state?: CleanUpState;
  /** Stores what this run leaves for the next one: before the first delete, and again if it stops early. */
  remember?: (state: CleanUpState) => Promise<void>;
  /** Asked before a repository is read: a reason to leave it to the next run, so that time is left to delete. */
  shouldStopReading?: () => string | undefined;
  /** Stores the report of a run that has not ended, so that no deletion is without a record. Default not stored. */
  record?: (report: CleanUpReport) => Promise<void>;
}

function planOf(
  { name, team }: RepositoryRef,
  images: RegistryImage[],
  relations: Relations,
  rules: CleanUpRules,
  inUse: InUse,
  context: CleanUpContext,
  untagged: Readonly<Record<string, string>> | undefined,
): RepositoryPlan {
  const decided = decide(
    images,
    relations,
    rules,
    (image) => inUse.where(name, image),
    context.now,
    (digest) => (untagged?.[digest] === undefined ? undefined : new Date(untagged[digest])),
  );
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
      wanted: decided.flatMap(({ image: { digest, tags, status }, verdict }) =>
        !verdict.go && verdict.why === "in use" && status === "ARCHIVED"
          ? [{ digest, tags, where: verdict.by }]
          : [],
      ),
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
  const unread = await unreadUsers(
    placesOf(context.connection, context.registry, request.inUse),
    request.inUse,
  );
  if (!request.dryRun && unread.length > 0) {
    const { rule, fix } = unreadProblem(unread);
    throw new Error(`${rule}, so nothing is deleted: ${fix}`);
  }
  // Before the repositories, so that a role or a list that cannot be read is reported at once.
  const usedBefore = await readUse();
  const repositories = startingAt(context.repositories, context.state?.next);
  const unreached: { name: string; reason: string }[] = [];
  const { results, failures } = await forEachRepository(
    repositories,
    async (repository) => {
      const reason = context.shouldStopReading?.();
      if (reason !== undefined) {
        unreached.push({ name: repository.name, reason });
        return undefined;
      }
      const images = await imagesOf(ecr, repository.name);
      return {
        repository,
        images,
        relations: relationsOf(images, await linksOf(ecr, repository.name, images)),
      };
    },
    request.dryRun ? context.progress : undefined,
  );
  const read = results.filter((one) => one !== undefined);
  const untagged = { ...context.state?.untagged };
  for (const { repository, images, relations } of context.state === undefined ? [] : read) {
    untagged[repository.name] = seenUntagged(images, relations, untagged[repository.name], context.now);
  }
  // The first in the order that was not read; several are read at a time.
  const afterRead = repositories.find(({ name }) => unreached.some((one) => one.name === name))?.name;
  const remember = (next: string | undefined) =>
    context.remember?.({ untagged, ...(next === undefined ? {} : { next }) });
  await remember(afterRead);
  // Reading many repositories takes minutes, in which something may have started to use an image.
  const inUse = request.dryRun ? usedBefore : await readUse();
  const plans = read.map(({ repository, images, relations }) => {
    const rules = request.exceptions[repository.name] ?? request.rules;
    return planOf(repository, images, relations, rules, inUse, context, untagged[repository.name]);
  });
  const failed = [...(context.failures ?? []), ...failures];
  keepSignaturesOfOthers(plans, failed.length + unreached.length === 0 && context.partial !== true);
  if (request.dryRun) {
    leaveBeyond(plans, request.maxDeletions);
  }
  const reports = plans.map(({ report }) => report);
  const reportNow = (): CleanUpReport => ({
    project: request.project,
    environment: request.environment,
    region: context.registry.region,
    dryRun: request.dryRun,
    startedAt: startedAt.toISOString(),
    totals: totalsOf(reports, request.dryRun, context.registry.region),
    unread,
    repositories: reports,
    unreached: unreached.map(({ name }) => name),
    failures: failed,
  });
  const stopped = request.dryRun
    ? undefined
    : await deletePlanned(
        ecr,
        plans,
        request.maxDeletions,
        async () => context.record?.(reportNow()),
        context,
      );
  if (stopped !== undefined) {
    // A repository with more images than one run deletes waits until the others had their turn.
    const left = reports.filter((one) => one.left.length > 0);
    const untouched = left.find((one) => one.deleted.length + one.gone.length + one.failed.length === 0);
    await remember(untouched?.repository ?? afterRead ?? left[0]?.repository);
  }
  const reason = stopped ?? unreached[0]?.reason;
  return {
    ...reportNow(),
    finishedAt: new Date().toISOString(),
    ...(reason === undefined ? {} : { stopped: reason }),
  };
}
