import colors from "picocolors";
import type { CleanUpReport } from "../../images/clean-up-report";
import {
  actionsInWords,
  archivingInWords,
  countsOf,
  savingOf,
  size,
  undoOf,
  wantedInWords,
} from "../../images/summary";
import { table } from "../../plan/table";
import { notRead, shortDigest, tagsInWords } from "../output";

/** Rows of a table that are shown. */
const ROWS = 50;

/** The images that clean-up selects, in a dry run. */
export function selectionInWords(report: CleanUpReport): string {
  const { totals } = report;
  const kept = new Map<string, number>();
  for (const one of report.repositories) {
    for (const [why, count] of Object.entries(one.kept)) {
      kept.set(why, (kept.get(why) ?? 0) + count);
    }
  }
  const archives = totals.toArchive > 0;
  const rows = report.repositories.flatMap(({ repository, selected }) =>
    selected.map((image) => [
      repository,
      tagsInWords(image.tags),
      shortDigest(image.digest),
      size(image.bytes),
      ...(archives ? [image.action] : []),
      image.why.replace(/(sha256:[0-9a-f]{12})[0-9a-f]+/, "$1"),
    ]),
  );
  const heads = [
    "repository",
    "tags",
    "digest",
    archives ? "size" : "frees",
    ...(archives ? ["action"] : []),
  ];
  return [
    ...(rows.length === 0 ? [] : [table([...heads, "why"], rows.slice(0, ROWS), [3])]),
    ...(rows.length > ROWS ? [`  and ${rows.length - ROWS} more (--json shows all)`] : []),
    ...(archives
      ? [`${totals.toArchive} of ${totals.images} images can be archived: ${archivingInWords(report)}`]
      : []),
    `${totals.selected - totals.toArchive} of ${totals.images} images can be deleted: ${size(totals.selectedBytes - totals.toArchiveBytes)}, ${savingOf(totals)}`,
    ...(totals.left === 0
      ? []
      : [
          `one run can ${actionsInWords(countsOf(report), { archive: "archive", delete: "delete" })} of them; ${totals.left} are left for later runs`,
        ]),
    ...report.unread.map(
      ({ found }) => `not read: ${found}, so clean refuses to delete (images clean --help)`,
    ),
    `stay: ${[...kept].map(([why, count]) => `${count} ${why}`).join(", ") || "none"}`,
    ...wantedInWords(report).map((line) => colors.red(line)),
    ...notRead(report.failures),
  ].join("\n");
}

/** What a clean-up did. */
export function outcomeInWords(report: CleanUpReport, stack: string): string {
  const { totals, stopped, repositories, failures, unreached } = report;
  return [
    ...(totals.archived === 0
      ? []
      : [
          `archived ${totals.archived} images: ${archivingInWords(report)}`,
          `undo: ${undoOf(report, stack)}`,
        ]),
    ...(totals.archived > 0 && totals.deleted === 0
      ? []
      : [`deleted ${totals.deleted} images: ${size(totals.deletedBytes)}, ${savingOf(totals)}`]),
    ...(totals.gone === 0 ? [] : [`${totals.gone} images were gone already`]),
    ...(stopped === undefined ? [] : [`stopped: ${stopped}`]),
    ...(totals.left === 0 ? [] : [`${totals.left} images were not touched; run it again to continue`]),
    ...(unreached.length === 0
      ? []
      : [`${unreached.length} repositories were not read; run it again to continue`]),
    ...repositories.flatMap(({ repository, selected, failed }) => {
      const archiving = new Set(
        selected.flatMap(({ digest, action }) => (action === "archive" ? digest : [])),
      );
      return failed.map(({ digest, reason }) =>
        colors.red(
          `not ${archiving.has(digest) ? "archived" : "deleted"}: ${repository} ${shortDigest(digest)}: ${reason}`,
        ),
      );
    }),
    ...notRead(failures),
  ].join("\n");
}
