import { quantity } from "../aws/quantity";
import type { CleanUpReport } from "./clean-up-report";
import type { Action } from "./selection";
import { unreadProblem } from "./users/unread";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Bytes as people read them, such as `1.4 GiB`. */
export function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? `${bytes} B` : `${(bytes / 2 ** (10 * power)).toFixed(1)} ${UNITS[power]}`;
}

/** How many images a run archives and deletes within its limit; after a run that was not dry, how many it did. */
export function countsOf({ dryRun, totals, repositories }: CleanUpReport): Record<Action, number> {
  if (!dryRun) {
    return { archive: totals.archived, delete: totals.deleted };
  }
  const counts = { archive: 0, delete: 0 };
  for (const { selected, left } of repositories) {
    const beyond = new Set(left.map(({ digest }) => digest));
    for (const { digest, action } of selected) {
      counts[action] += Number(!beyond.has(digest));
    }
  }
  return counts;
}

/** Two counts in one phrase, without the one that is 0: `archive 3 and delete 4`. */
export function actionsInWords(counts: Record<Action, number>, words: Record<Action, string>): string {
  const shown = (["archive", "delete"] as const).filter(
    (action) => counts[action] > 0 || (action === "delete" && counts.archive === 0),
  );
  return shown.map((action) => `${words[action]} ${counts[action]}`).join(" and ");
}

/** What archiving saves: nothing until the images are deleted. */
export function archivingInWords({ dryRun, totals, repositories }: CleanUpReport): string {
  const bytes = dryRun ? totals.toArchiveBytes : totals.archivedBytes;
  const day = repositories.flatMap(({ selected }) => selected.flatMap((one) => one.deletedFrom ?? []))[0];
  return (
    `${size(bytes)}, which still cost about ${totals.archivedUsdPerMonth.toFixed(2)} USD a month ` +
    `until they are deleted, from ${day ?? "-"}, unless they are restored`
  );
}

/** The command that takes back what a run archived. */
export function undoOf({ run, environment }: CleanUpReport, stack = "<stack>"): string {
  return `npx --offline ecr-platform images restore --stack ${stack} --run ${run ?? environment}`;
}

/** What a clean-up saves, with the region and month of the price. */
export function savingOf({ usdPerMonth, pricesAsOf, priceRegion }: CleanUpReport["totals"]): string {
  return `about ${usdPerMonth.toFixed(2)} USD a month (list price of ${pricesAsOf} in ${priceRegion})`;
}

/** Lines about archived images that something uses, with the command that restores each. */
export function wantedInWords({ repositories }: Pick<CleanUpReport, "repositories">): string[] {
  return repositories.flatMap(({ repository, wanted }) =>
    wanted.map(
      ({ digest, tags, where }) =>
        `archived, but used by ${where}: ${repository}:${tags[0] ?? digest} cannot be pulled until it is restored: ` +
        `npx --offline ecr-platform images restore --stack <stack> --image ${repository}@${digest}`,
    ),
  );
}

/**
 * The notification of a clean-up.
 * @param where address of the report
 * @returns a subject of at most 100 characters (SNS's limit), the figures for chat, and the figures with the repositories
 *   for mail
 */
export function summaryOf(
  report: CleanUpReport,
  where: string,
): { subject: string; figures: string; message: string } {
  const { totals, dryRun } = report;
  const failures = totals.failed + report.failures.length;
  const words = dryRun
    ? { archive: "archive", delete: "delete" }
    : { archive: "archived", delete: "deleted" };
  const counts = countsOf(report);
  const did = `${dryRun ? "would " : ""}${actionsInWords(counts, words)} of ${quantity(totals.images, "image")}`;
  const wanted = wantedInWords(report);
  const largest = report.repositories
    .map(({ repository, selected, archived, deleted, left }) => ({
      repository,
      count: dryRun ? selected.length - left.length : archived.length + deleted.length,
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const figures = [
    `Clean-up ${dryRun ? "(dry run) " : ""}${did} in ${quantity(totals.repositories, "repository")}.`,
    "",
    `Bytes:       ${size(dryRun ? totals.selectedBytes - totals.toArchiveBytes : totals.deletedBytes)}, ${savingOf(totals)}`,
    ...(counts.archive === 0 ? [] : [`Archived:    ${archivingInWords(report)}`]),
    ...(counts.archive === 0 || dryRun ? [] : [`Undo:        ${undoOf(report)}`]),
    ...(report.stopped === undefined ? [] : [`Stopped:     ${report.stopped}; the next run continues`]),
    ...(totals.gone === 0 ? [] : [`Gone before: ${totals.gone}`]),
    ...(totals.left === 0 ? [] : [`Left:        ${totals.left} images, for later runs`]),
    ...(report.unread.length === 0
      ? []
      : [`Would stop:  ${unreadProblem(report.unread).rule}; ${unreadProblem(report.unread).fix}`]),
    ...(report.unreached.length === 0
      ? []
      : [`Not reached: ${report.unreached.length} repositories, with which the next run starts`]),
    ...(wanted.length === 0
      ? []
      : [`In use:      ${wanted.length} archived images that something uses; restore them`]),
    ...(failures === 0 ? [] : [`Failures:    ${failures}`]),
    `Report:      ${where}`,
  ].join("\n");
  return {
    subject: `ECR ${report.environment}: clean-up ${did}`.slice(0, 100),
    figures,
    message: [
      figures,
      "",
      ...largest.slice(0, 20).map(({ repository, count }) => `${String(count).padStart(6)}  ${repository}`),
      ...(largest.length > 20 ? [`        and ${largest.length - 20} more repositories`] : []),
      ...wanted.slice(0, 20),
      ...(wanted.length > 20 ? [`and ${wanted.length - 20} more archived images that something uses`] : []),
      ...report.failures.slice(0, 20).map(({ repository, error }) => `not read: ${repository}: ${error}`),
    ].join("\n"),
  };
}
