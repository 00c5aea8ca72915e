import type { CleanUpRequest } from "../documents/clean-up-request";
import { applyPlans, leaveBeyond, type RunOptions } from "./apply-plans";
import { ArchivedBefore, recordedImages, type ArchiveRecord, type ArchiveStore } from "./archive-records";
import { totalsOf, type CleanUpReport } from "./clean-up-report";
import { ecrClient, type Connection } from "./clients";
import { placesOf, readInUse } from "./in-use";
import { linksOf } from "./links";
import type { RegistryPlace } from "./references";
import {
  forEachRepository,
  imagesOf,
  messageOf,
  startingAt,
  type RepositoryFailure,
  type RepositoryRef,
} from "./registry";
import { relationsOf } from "./relations";
import { keepSignaturesOfOthers, planOf, type RepositoryPlan } from "./repository-plan";
import type { Action } from "./selection";
import { seenUntagged, type CleanUpState } from "./state";
import { unreadProblem, unreadUsers } from "./users/unread";

/** What a clean-up works with. */
export interface CleanUpContext extends RunOptions {
  connection: Connection;
  registry: RegistryPlace;
  repositories: readonly RepositoryRef[];
  /** Repositories that were lost on the way here. */
  failures?: readonly RepositoryFailure[];
  /** Whether the stack has other repositories, where the images of these signatures could be. Default false. */
  partial?: boolean;
  now: Date;
  /** What was confirmed, by repository and digest: nothing else happens. Default whatever is selected. */
  only?: ReadonlyMap<string, ReadonlyMap<string, Action>>;
  /** Where runs record what they archive, and the id of this one. Required if the request says `archive`. */
  archive?: { run: string; store: ArchiveStore };
  /** What the last run left, from which this one goes on. Default nothing: untagged images count from their push. */
  state?: CleanUpState;
  /** Stores what this run leaves for the next one: before the first change, and again if it stops early. */
  remember?: (state: CleanUpState) => Promise<void>;
  /** Asked before a repository is read: a reason to leave it to the next run, so that time is left to act. */
  shouldStopReading?: () => string | undefined;
  /**
   * Stores the report of a run that has not ended, so that no change is without a record. Making it takes time with each
   * repository of the stack. Default not stored.
   */
  record?: (report: () => CleanUpReport) => Promise<void>;
}

/**
 * Finds the images that the rules select and nothing depends on, and archives or deletes them unless it is a dry run. It can
 * be stopped at any moment and run again. Two runs at the same time are safe: each checks an image again just before
 * changing it, and reports an image that is already gone as gone.
 * @throws Error where it cannot be read what is in use; a repository that cannot be read is reported instead
 */
export async function cleanUp(request: CleanUpRequest, context: CleanUpContext): Promise<CleanUpReport> {
  const startedAt = new Date();
  const ecr = ecrClient(context.connection);
  if (request.archive && context.archive === undefined) {
    throw new Error("without a place for its record, a run cannot archive");
  }
  const archive = request.archive ? context.archive : undefined;
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
  const archivedBefore = archive === undefined ? undefined : new ArchivedBefore(await archive.store.read());
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
      const links = await linksOf(ecr, repository.name, images, (digest) =>
        archivedBefore?.links(repository.name, digest),
      );
      return { repository, images, links, relations: relationsOf(images, links) };
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
  const plans = read.map((one) =>
    planOf(one, {
      rules: request.exceptions[one.repository.name] ?? request.rules,
      inUse,
      now: context.now,
      untagged: untagged[one.repository.name],
      archivedBefore,
      ...(context.only === undefined
        ? {}
        : { confirmed: context.only.get(one.repository.name) ?? new Map<string, Action>() }),
    }),
  );
  const failed = [...(context.failures ?? []), ...failures];
  keepSignaturesOfOthers(plans, failed.length + unreached.length === 0 && context.partial !== true);
  if (request.dryRun) {
    leaveBeyond(plans, request.maxDeletions);
  }
  const reports = plans.map(({ report }) => report);
  const totals = () => totalsOf(reports, request.dryRun, context.registry.region);
  const reportNow = (): CleanUpReport => ({
    ...(archive === undefined ? {} : { run: archive.run }),
    project: request.project,
    environment: request.environment,
    region: context.registry.region,
    dryRun: request.dryRun,
    startedAt: startedAt.toISOString(),
    totals: totals(),
    unread,
    repositories: reports,
    unreached: unreached.map(({ name }) => name),
    failures: failed,
  });
  const recordArchived = async (digestsOf: (plan: RepositoryPlan) => string[], ended?: Date) => {
    if (archive !== undefined && totals().toArchive > 0) {
      const images = read.map(({ repository, links }, i) =>
        recordedImages(repository.name, plans[i] === undefined ? [] : digestsOf(plans[i]), links),
      );
      await archive.store.write({
        run: archive.run,
        from: context.now.toISOString(),
        ...(ended === undefined ? {} : { until: ended.toISOString() }),
        images: Object.assign({}, ...images) as ArchiveRecord["images"],
      });
    }
  };
  let stopped: string | undefined;
  if (!request.dryRun) {
    // Before the first change, so that a run that is ended from outside leaves nothing that no record has.
    await recordArchived(({ report }) =>
      report.selected.flatMap(({ digest, action }) => (action === "archive" ? digest : [])),
    );
    stopped = await applyPlans(
      ecr,
      plans,
      request.maxDeletions,
      async () => context.record?.(reportNow),
      context,
    );
    const ended = new Date(context.now.getTime() + Date.now() - startedAt.getTime());
    try {
      await recordArchived(({ report, maybeArchived }) => [...report.archived, ...maybeArchived], ended);
    } catch (problem) {
      // The first record holds: it has the same images, and perhaps more.
      stopped ??= `the record of archived images could not be completed: ${messageOf(problem)}`;
    }
  }
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
