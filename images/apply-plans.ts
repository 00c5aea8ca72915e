import type { ECRClient } from "@aws-sdk/client-ecr";
import { chunks } from "../aws/chunks";
import { AFTER_ERROR, FamilyChanges, leave } from "./changes";
import type { RepositoryReport } from "./clean-up-report";
import type { Family } from "./families";
import { BATCH, messageOf, type Progress, type RegistryImage } from "./registry";
import type { RepositoryPlan } from "./repository-plan";

/** How a run reports its progress, and when it stops. */
export interface RunOptions {
  progress?: Progress;
  /** Asked before images that belong together are changed: a reason to stop, such as that time is running out. */
  shouldStop?: () => string | undefined;
}

/** The families from the given one on that one request can change together; a larger one alone. */
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

/** Requests that change families step by step, so that no image is in a request before or with one that it belongs to. */
function requestsFor(families: readonly Family[]): RegistryImage[][] {
  const depth = families.reduce((deepest, { steps }) => Math.max(deepest, steps.length), 0);
  return Array.from({ length: depth }, (_, i) => families.flatMap(({ steps }) => steps[i] ?? [])).flatMap(
    (step) => chunks(step, BATCH),
  );
}

const limitReached = (maxDeletions: number) => `the limit of ${maxDeletions} images was reached`;

/** Why the next family does not fit in what is left of a run's limit. A family that is larger than the limit is begun. */
function limitFor(
  family: Family | undefined,
  { changed, maxDeletions }: { changed: number; maxDeletions: number },
): string | undefined {
  if (changed >= maxDeletions) {
    return limitReached(maxDeletions);
  }
  return family !== undefined && changed > 0 && changed + family.size > maxDeletions
    ? `the next ${family.size} images belong together and exceed the limit of ${maxDeletions}`
    : undefined;
}

/**
 * Archives and deletes what is planned, family by family, repository by repository. After an error the rest of its repository is left:
 * the next request would meet the same, and the other repositories may not. What is left is reported with the reason.
 * @param record stores the report as it is: the plan before anything is changed, and what was done so far
 * @throws Error where the plan cannot be stored; nothing is changed then
 * @returns why the run stopped early, if it did
 */
export async function applyPlans(
  ecr: ECRClient,
  plans: readonly RepositoryPlan[],
  maxDeletions: number,
  record: () => Promise<void>,
  { shouldStop = () => undefined, progress = () => undefined }: RunOptions,
): Promise<string | undefined> {
  const planned = plans.reduce((sum, { report }) => sum + report.selected.length, 0);
  const total = Math.min(maxDeletions, planned);
  const changesOf = ({ archived, deleted }: RepositoryReport) => archived.length + deleted.length;
  let [changed, counted] = [0, 0];
  let stopped: string | undefined;
  if (planned > 0) {
    await record();
  }
  for (const plan of plans) {
    const { report, families } = plan;
    let failed = false;
    for (let next = 0; next < families.length;) {
      stopped ??= shouldStop() ?? limitFor(families[next], { changed: counted, maxDeletions });
      const reason = stopped ?? (failed ? AFTER_ERROR : undefined);
      if (reason !== undefined) {
        leave(
          report,
          families.slice(next).flatMap(({ steps }) => steps.flat()),
          reason,
        );
        break;
      }
      const before = changesOf(report);
      const room = maxDeletions - counted;
      const taken = familiesAt(families, next, room);
      next += taken.length;
      const changes = new FamilyChanges(ecr, plan, requestsFor(taken));
      failed = await changes.run(room, limitReached(maxDeletions));
      counted += changes.counted;
      changed += changesOf(report) - before;
      try {
        await record();
      } catch (problem) {
        stopped ??= `the report could not be stored: ${messageOf(problem)}`;
      }
      progress(changed, total);
    }
  }
  return stopped;
}

/** Marks the images that one run would not reach. */
export function leaveBeyond(plans: readonly RepositoryPlan[], maxDeletions: number): void {
  let changed = 0;
  let reached = false;
  for (const { report, families } of plans) {
    for (const family of families) {
      reached ||= limitFor(family, { changed, maxDeletions }) !== undefined;
      const images = family.steps.flat();
      const room = reached ? 0 : maxDeletions - changed;
      leave(report, images.slice(room), `beyond the limit of ${maxDeletions} images`);
      changed += Math.min(images.length, room);
    }
  }
}
