import type { Datapoint } from "./publish";
import { FINDING_SEVERITIES, type MetricName } from "../aws/metrics";
import { isList } from "./manifests";
import type { RegistryImage, RepositoryRef } from "./registry";
import { isScannable, notScannedReason, type NotScannedReason } from "./scan-status";
import { daysBetween } from "./selection";

/** The measures of a repository, or of several together: of images that are not archived, except where it says otherwise. */
export interface Measures {
  storageBytes: number;
  /** Archived images, and those that are being restored. */
  archivedBytes: number;
  archivedImages: number;
  images: number;
  untagged: number;
  oldestDays: number;
  largest: number;
  /** Undefined where scan results could not be read: unknown is not the same as no findings. */
  scans?: ScanMeasures;
}

/** Scan results of a repository's images. */
export interface ScanMeasures {
  findings: Record<(typeof FINDING_SEVERITIES)[number], number>;
  /** Images whose findings are not known. */
  notScanned: number;
  /** Those of them whose scan failed or that cannot be scanned. */
  failures: number;
  /** Undefined where there is nothing to scan. */
  daysSince?: number;
}

/** Why a scan gave no findings although it should have. */
const FAILED: readonly NotScannedReason[] = ["scan failed", "unsupported image"];

function counted(count: (severity: string) => number): ScanMeasures["findings"] {
  return Object.fromEntries(
    FINDING_SEVERITIES.map((severity) => [severity, count(severity)]),
  ) as ScanMeasures["findings"];
}

function measureScans(images: readonly RegistryImage[], now: Date): ScanMeasures {
  const known = FINDING_SEVERITIES.map(String);
  const counts = images.flatMap(({ scan }) =>
    Object.entries(scan.counts).map(([word, count]) => ({
      severity: known.includes(word) ? word : "OTHER",
      count,
    })),
  );
  const reasons = images.filter(isScannable).flatMap((image) => notScannedReason(image) ?? []);
  // Never scanned counts from the push: a repository that is not scanned at all must show.
  const waits = images
    .filter((image) => !isList(image))
    .map(({ scan, pushedAt }) => daysBetween(scan.completedAt ?? pushedAt, now));
  return {
    findings: counted((severity) =>
      counts.reduce((sum, one) => sum + (one.severity === severity ? one.count : 0), 0),
    ),
    notScanned: reasons.length,
    failures: reasons.filter((reason) => FAILED.includes(reason)).length,
    ...(waits.length === 0 ? {} : { daysSince: waits.reduce((least, days) => Math.min(least, days)) }),
  };
}

function bytesOf(images: readonly RegistryImage[]): number {
  return images.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Measures the images of one repository.
 * @param scansKnown whether the images carry their scan results
 */
export function measure(all: readonly RegistryImage[], now: Date, scansKnown: boolean): Measures {
  const images = all.filter(({ status }) => status === undefined);
  const archived = all.filter(({ status }) => status !== undefined);
  return {
    storageBytes: bytesOf(images),
    archivedBytes: bytesOf(archived),
    archivedImages: archived.length,
    images: images.length,
    untagged: images.filter(({ tags }) => tags.length === 0).length,
    oldestDays: images.reduce((oldest, { pushedAt }) => Math.max(oldest, daysBetween(pushedAt, now)), 0),
    largest: images.length,
    ...(scansKnown ? { scans: measureScans(images, now) } : {}),
  };
}

/** Several repositories together. */
export function combined(all: readonly Measures[]): Measures {
  const sum = (of: (one: Measures) => number) => all.reduce((total, one) => total + of(one), 0);
  const most = (of: (one: Measures) => number) => all.reduce((found, one) => Math.max(found, of(one)), 0);
  const scans = all.flatMap((one) => one.scans ?? []);
  const waits = scans.flatMap(({ daysSince }) => daysSince ?? []);
  return {
    storageBytes: sum((one) => one.storageBytes),
    archivedBytes: sum((one) => one.archivedBytes),
    archivedImages: sum((one) => one.archivedImages),
    images: sum((one) => one.images),
    untagged: sum((one) => one.untagged),
    oldestDays: most((one) => one.oldestDays),
    largest: most((one) => one.largest),
    ...(scans.length < all.length
      ? {}
      : {
          scans: {
            findings: counted((severity) =>
              scans.reduce((total, one) => total + one.findings[severity as keyof typeof one.findings], 0),
            ),
            notScanned: scans.reduce((total, { notScanned }) => total + notScanned, 0),
            failures: scans.reduce((total, { failures }) => total + failures, 0),
            ...(waits.length === 0
              ? {}
              : { daysSince: waits.reduce((longest, days) => Math.max(longest, days)) }),
          },
        }),
  };
}

function datapoints({ scans, ...measures }: Measures, dimensions: Record<string, string>): Datapoint[] {
  const values: [MetricName, number | undefined][] = [
    ["StorageSize", measures.storageBytes],
    ["ArchivedStorageSize", measures.archivedImages === 0 ? undefined : measures.archivedBytes],
    ["ArchivedImageCount", measures.archivedImages === 0 ? undefined : measures.archivedImages],
    ["ImageCount", measures.images],
    ["UntaggedCount", measures.untagged],
    ["OldestImageDays", measures.oldestDays],
    ["NotScannedImageCount", scans?.notScanned],
    ["ScanFailures", scans?.failures],
    ["DaysSinceScan", scans?.daysSince],
  ];
  return [
    ...values.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value, dimensions }])),
    ...(scans === undefined
      ? []
      : FINDING_SEVERITIES.map((severity) => ({
          name: "ImageScanFindingsCount" as const,
          value: scans.findings[severity],
          dimensions: { ...dimensions, Severity: severity },
        }))),
  ];
}

/**
 * The metrics of an environment, its teams and its repositories. Totals that a repository is missing from are left out: a
 * part would look like a whole that has shrunk.
 * @param measured what could be measured
 * @param missing teams of the repositories that could not be measured, undefined for one whose team is unknown
 * @param failed number of failures
 */
export function metricsOf(
  environment: string,
  measured: readonly { repository: RepositoryRef; measures: Measures }[],
  missing: readonly (string | undefined)[],
  failed: number,
): Datapoint[] {
  const teams = [...new Set(measured.map(({ repository }) => repository.team))]
    .filter((team) => !missing.includes(team) && !missing.includes(undefined))
    .sort();
  const whole = combined(measured.map(({ measures }) => measures));
  const ofEnvironment = { Environment: environment };
  return [
    ...(missing.length > 0
      ? []
      : [
          ...datapoints(whole, ofEnvironment),
          { name: "LargestRepositoryImages" as const, value: whole.largest, dimensions: ofEnvironment },
        ]),
    { name: "MeasureFailures", value: failed, dimensions: ofEnvironment },
    ...teams.flatMap((team) =>
      datapoints(
        combined(
          measured.filter(({ repository }) => repository.team === team).map(({ measures }) => measures),
        ),
        { ...ofEnvironment, Team: team },
      ),
    ),
    ...measured.flatMap(({ repository, measures }) =>
      datapoints(measures, { ...ofEnvironment, Team: repository.team, Repository: repository.name }),
    ),
  ];
}
