import { severitiesFrom, type Severity } from "../aws/severities";
import type { ImageFinding } from "./finding";
import type { Findings, LookedAt } from "./findings";
import { fixesOf, rankOf, type Fix } from "./fixes";
import type { RepositoryFailure } from "./registry";
import type { NotScannedReason } from "./scan-status";

/** What is left of the findings in a report. */
export interface FindingsFilters {
  /** Least severity; findings without a rating are always shown. */
  severity: Severity;
  /** Only what has a fix. */
  fixable: boolean;
  /** Tag or digest. */
  image?: string;
  team?: string[];
  repository?: string[];
}

/** An image whose findings are not known. */
export type NotScanned = LookedAt & { notScanned: NotScannedReason };

/** What scans found, what the filters hide of it, and which images were not scanned. */
export interface FindingsReport {
  scanType: Findings["scanType"];
  filters: FindingsFilters;
  /** Number of images whose findings are known. */
  scanned: number;
  notScanned: NotScanned[];
  /** Repositories that could not be read. */
  failures: RepositoryFailure[];
  /** Upgrades that end the findings below, most severe first. */
  fixes: Fix[];
  /** Number of findings by severity; only severities that there are. */
  counts: Record<string, number>;
  /** Findings that the filters hide. */
  hidden: { counts: Record<string, number>; withoutFix: number };
  /** Worst first. */
  findings: ImageFinding[];
}

/** Worst first, then by place. */
function worstFirst(a: ImageFinding, b: ImageFinding): number {
  return (
    rankOf(b.severity) - rankOf(a.severity) ||
    (b.score ?? 0) - (a.score ?? 0) ||
    a.repository.localeCompare(b.repository) ||
    a.id.localeCompare(b.id)
  );
}

/** Number of findings by severity, highest first. */
export function countsOf(findings: readonly ImageFinding[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { severity } of [...findings].sort(worstFirst)) {
    counts[severity] = (counts[severity] ?? 0) + 1;
  }
  return counts;
}

function isNotScanned(image: LookedAt): image is NotScanned {
  return image.notScanned !== undefined;
}

/** Makes a report of what was read. */
export function findingsReport(read: Findings, filters: FindingsFilters): FindingsReport {
  const least = severitiesFrom(filters.severity);
  // What nobody has rated yet may be anything.
  const severe = ({ severity }: ImageFinding) => least.includes(severity) || rankOf(severity) < 0;
  const hasFix = ({ fixedIn }: ImageFinding) => !filters.fixable || fixedIn !== undefined;
  const findings = read.findings.filter((one) => severe(one) && hasFix(one)).sort(worstFirst);
  return {
    scanType: read.scanType,
    filters,
    scanned: read.images.filter((image) => !isNotScanned(image)).length,
    notScanned: read.images.filter(isNotScanned),
    failures: read.failures,
    fixes: fixesOf(findings),
    counts: countsOf(findings),
    hidden: {
      counts: countsOf(read.findings.filter((one) => !severe(one))),
      withoutFix: read.findings.filter((one) => severe(one) && !hasFix(one)).length,
    },
    findings,
  };
}

/** How many images were not scanned, by reason, most first. */
export function reasonsOf(notScanned: readonly NotScanned[]): [reason: NotScannedReason, images: number][] {
  const counts = new Map<NotScannedReason, number>();
  for (const one of notScanned) {
    counts.set(one.notScanned, (counts.get(one.notScanned) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
