import type { CleanUpReport } from "./clean-up-report";
import { unreadProblem } from "./users/unread";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Bytes as people read them, such as `1.4 GiB`. */
export function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? `${bytes} B` : `${(bytes / 2 ** (10 * power)).toFixed(1)} ${UNITS[power]}`;
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
  const did = dryRun
    ? `would delete ${totals.selected - totals.left} of ${totals.images} images`
    : `deleted ${totals.deleted} of ${totals.images} images`;
  const wanted = wantedInWords(report);
  const largest = report.repositories
    .map(({ repository, selected, deleted, left }) => ({
      repository,
      count: dryRun ? selected.length - left.length : deleted.length,
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const figures = [
    `Clean-up ${dryRun ? "(dry run) " : ""}${did} in ${totals.repositories} repositories.`,
    "",
    `Bytes:       ${size(dryRun ? totals.selectedBytes : totals.deletedBytes)}, ${savingOf(totals)}`,
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
      : [`Archived:    ${wanted.length} images that something uses; restore them`]),
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
