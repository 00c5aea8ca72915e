import type { Datapoint } from "./publish";
import { FINDING_SEVERITIES, type MetricName } from "./metric-names";
import type { RegistryImage, RepositoryRef } from "./registry";
import { daysBetween } from "./selection";

/** What is measured of a repository, or of several together. */
export interface Measures {
  storageBytes: number;
  images: number;
  untagged: number;
  oldestDays: number;
  findings: Record<(typeof FINDING_SEVERITIES)[number], number>;
  scanFailures: number;
  /** Undefined where there is nothing to scan. */
  daysSinceScan?: number;
  largest: number;
}

/** Statuses of a scan that gave no findings although it should have. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanStatus.html */
const FAILED_SCANS = ["FAILED", "UNSUPPORTED_IMAGE", "FINDINGS_UNAVAILABLE", "LIMIT_EXCEEDED"];

/** Media types of manifests without layers of their own, which no scan is about. */
const LISTS = [
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.index.v1+json",
];

function severityOf(word: string): (typeof FINDING_SEVERITIES)[number] {
  return FINDING_SEVERITIES.find((severity) => severity === word) ?? "UNTRIAGED";
}

/** Measures the images of one repository. */
export function measure(images: readonly RegistryImage[], now: Date): Measures {
  const findings = Object.fromEntries(
    FINDING_SEVERITIES.map((severity) => [severity, 0]),
  ) as Measures["findings"];
  for (const [word, count] of images.flatMap(({ scan }) => Object.entries(scan.counts))) {
    findings[severityOf(word)] += count;
  }
  const scannable = images.filter(({ mediaType }) => !LISTS.includes(mediaType ?? ""));
  // Never scanned counts from the push: a repository that is not scanned at all must show.
  const waits = scannable.map(({ scan, pushedAt }) => daysBetween(scan.completedAt ?? pushedAt, now));
  return {
    storageBytes: images.reduce((sum, { bytes }) => sum + bytes, 0),
    images: images.length,
    untagged: images.filter(({ tags }) => tags.length === 0).length,
    oldestDays: images.reduce((oldest, { pushedAt }) => Math.max(oldest, daysBetween(pushedAt, now)), 0),
    findings,
    scanFailures: images.filter(({ scan }) => FAILED_SCANS.includes(scan.status ?? "")).length,
    ...(waits.length === 0 ? {} : { daysSinceScan: waits.reduce((least, days) => Math.min(least, days)) }),
    largest: images.length,
  };
}

/** Several repositories together. */
export function combined(all: readonly Measures[]): Measures {
  const sum = (of: (one: Measures) => number) => all.reduce((total, one) => total + of(one), 0);
  const most = (of: (one: Measures) => number) => all.reduce((found, one) => Math.max(found, of(one)), 0);
  const waits = all.flatMap(({ daysSinceScan }) => daysSinceScan ?? []);
  return {
    storageBytes: sum((one) => one.storageBytes),
    images: sum((one) => one.images),
    untagged: sum((one) => one.untagged),
    oldestDays: most((one) => one.oldestDays),
    findings: Object.fromEntries(
      FINDING_SEVERITIES.map((severity) => [severity, sum((one) => one.findings[severity])]),
    ) as Measures["findings"],
    scanFailures: sum((one) => one.scanFailures),
    ...(waits.length === 0
      ? {}
      : { daysSinceScan: waits.reduce((longest, days) => Math.max(longest, days)) }),
    largest: most((one) => one.largest),
  };
}

function datapoints(measures: Measures, dimensions: Record<string, string>): Datapoint[] {
  const values: [MetricName, number][] = [
    ["StorageSize", measures.storageBytes],
    ["ImageCount", measures.images],
    ["UntaggedCount", measures.untagged],
    ["OldestImageDays", measures.oldestDays],
    ["ScanFailures", measures.scanFailures],
    ...(measures.daysSinceScan === undefined
      ? []
      : [["DaysSinceScan", measures.daysSinceScan] satisfies [MetricName, number]]),
  ];
  return [
    ...values.map(([name, value]) => ({ name, value, dimensions })),
    ...FINDING_SEVERITIES.map((severity) => ({
      name: "ImageScanFindingsCount" as const,
      value: measures.findings[severity],
      dimensions: { ...dimensions, Severity: severity },
    })),
  ];
}

/**
 * The metrics of an environment, its teams and its repositories.
 * @param measured what could be measured
 * @param failed how many repositories could not
 */
export function metricsOf(
  environment: string,
  measured: readonly { repository: RepositoryRef; measures: Measures }[],
  failed: number,
): Datapoint[] {
  const teams = [...new Set(measured.map(({ repository }) => repository.team))].sort();
  const whole = combined(measured.map(({ measures }) => measures));
  const ofEnvironment = { Environment: environment };
  return [
    ...datapoints(whole, ofEnvironment),
    { name: "LargestRepositoryImages", value: whole.largest, dimensions: ofEnvironment },
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
