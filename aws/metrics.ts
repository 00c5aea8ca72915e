/** The namespace of the platform's own metrics: ECR publishes neither storage nor findings. */
export const NAMESPACE = "EcrPlatform";

/**
 * The platform's own metrics, each published for a repository, a team and an environment (dimensions Environment;
 * Environment and Team; Environment, Team and Repository), `ImageScanFindingsCount` with the dimension Severity
 * as well; and what the clean-up says of its runs, for an environment.
 */
export const METRICS = {
  /** Compressed bytes of all images but archived ones; shared layers count once for each image. */
  StorageSize: "Bytes",
  /** The same of archived images; published only where there are any, as is their number. */
  ArchivedStorageSize: "Bytes",
  ArchivedImageCount: "Count",
  ImageCount: "Count",
  UntaggedCount: "Count",
  /** Days since the oldest image was pushed. */
  OldestImageDays: "Count",
  /** Findings in all images but archived ones, by severity. */
  ImageScanFindingsCount: "Count",
  /** Images whose findings are not in ImageScanFindingsCount, because no scan result is known. */
  NotScannedImageCount: "Count",
  /** Those of them whose scan failed or that cannot be scanned. */
  ScanFailures: "Count",
  /** Days since anything was last scanned in the repository that has waited longest. */
  DaysSinceScan: "Count",
  /** Images of the largest repository, beside ECR's quota of images in a repository. */
  LargestRepositoryImages: "Count",
  /** Repositories that could not be measured. */
  MeasureFailures: "Count",
  CleanUpDeletedImages: "Count",
  CleanUpDeletedBytes: "Bytes",
  /** Images that could not be deleted and repositories that could not be read. */
  CleanUpFailures: "Count",
} as const;

/** Name of one of the platform's own metrics. */
export type MetricName = keyof typeof METRICS;

/** Severities of findings that are published: those that Inspector counts, and all others together. */
export const FINDING_SEVERITIES = ["CRITICAL", "HIGH", "MEDIUM", "OTHER"] as const;
