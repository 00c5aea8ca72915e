import { quantity } from "../../aws/quantity";
import type { ImageFinding } from "../../images/finding";
import { reasonsOf, type FindingsReport, type NotScanned } from "../../images/findings-report";
import type { Fix } from "../../images/fixes";
import { daysBetween } from "../../images/selection";
import { table } from "../../plan/table";
import { ago, severityColor, shortDigest } from "../output";

/** Rows of the tables of images that are not scanned, and of upgrades. */
const ROWS = 10;

function nameOf({ tags, digest }: Pick<ImageFinding, "tags" | "digest">): string {
  return tags[0] ?? shortDigest(digest);
}

/** Numbers of findings by severity, such as `2 critical, 1 low`. */
export function severitiesInWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([severity, count]) => `${count} ${severity.toLowerCase()}`)
    .join(", ");
}

/** How many images were not scanned and why; undefined if all were. */
export function notScannedInWords(notScanned: readonly NotScanned[]): string | undefined {
  return notScanned.length === 0
    ? undefined
    : `${quantity(notScanned.length, "image")} not scanned: ${reasonsOf(notScanned)
        .map(([reason, images]) => `${images} ${reason}`)
        .join(", ")}`;
}

/** The findings, the images they are in, and what the filters hide, one per line. */
export function totalsInWords({ findings, counts, hidden, scanned, filters }: FindingsReport): string[] {
  const fixable = findings.filter(({ fixedIn }) => fixedIn !== undefined).length;
  const hiddenBySeverity = severitiesInWords(hidden.counts);
  return [
    `${quantity(findings.length, "finding")}${findings.length === 0 ? "" : ` (${severitiesInWords(counts)}; ${fixable} with a fix)`} in ${quantity(scanned, "scanned image")}`,
    ...(hiddenBySeverity === "" ? [] : [`hidden by --severity ${filters.severity}: ${hiddenBySeverity}`]),
    ...(hidden.withoutFix === 0 ? [] : [`hidden by --fixable: ${hidden.withoutFix} without a fix`]),
  ];
}

function more(all: number, shown: number): string[] {
  return all > shown ? [`  and ${all - shown} more (--json lists all)`] : [];
}

function notScannedTable(notScanned: readonly NotScanned[]): string[] {
  const shown = notScanned.slice(0, ROWS);
  return notScanned.length === 0
    ? []
    : [
        table(
          ["not scanned", "repository", "image", "status"],
          shown.map((one) => [one.notScanned, one.repository, nameOf(one), one.status ?? ""]),
          [],
        ),
        ...more(notScanned.length, shown.length),
        "",
      ];
}

function fixesTable(fixes: readonly Fix[]): string[] {
  const shown = fixes.slice(0, ROWS);
  return fixes.length === 0
    ? []
    : [
        table(
          ["upgrade", "ends findings", "in images", "worst"],
          shown.map((fix) => [
            `${fix.package} to ${fix.version}`,
            fix.findings,
            fix.images,
            severityColor(fix.worst),
          ]),
          [1, 2],
        ),
        ...more(fixes.length, shown.length),
        "",
      ];
}

function findingsTable(findings: readonly ImageFinding[], enhanced: boolean, now: Date): string[] {
  return findings.length === 0
    ? []
    : [
        table(
          [
            "severity",
            "vulnerability",
            "repository",
            "image",
            "package",
            "installed",
            "fixed in",
            ...(enhanced ? ["first seen", "exploit"] : []),
          ],
          findings.map((one) => [
            severityColor(one.severity),
            one.id,
            one.repository,
            nameOf(one),
            one.package,
            one.installed,
            one.fixedIn ?? "none yet",
            ...(enhanced
              ? [
                  one.firstSeen === undefined ? "" : ago(daysBetween(new Date(one.firstSeen), now)),
                  one.exploit === true ? "known" : "",
                ]
              : []),
          ]),
          [],
        ),
        "",
      ];
}

/** The report for a terminal: what was not scanned, the upgrades, the findings, and the totals. */
export function findingsText(report: FindingsReport, shown: readonly ImageFinding[], now: Date): string {
  const { findings, fixes, notScanned, scanType } = report;
  return [
    ...notScannedTable(notScanned),
    ...fixesTable(fixes),
    ...findingsTable(shown, scanType === "ENHANCED", now),
    ...totalsInWords(report),
    ...[notScannedInWords(notScanned)].flatMap((words) => words ?? []),
    ...(shown.length < findings.length
      ? [`the first ${shown.length} of ${findings.length} findings are shown (--limit 0 shows all)`]
      : []),
  ].join("\n");
}
