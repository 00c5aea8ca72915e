import { NAMESPACE, type MetricName } from "../aws/metrics";

/** An alarm on one metric that passes a threshold. */
export interface AlarmSpec {
  description: string;
  namespace: string;
  metricName: string;
  dimensions: Record<string, string>;
  statistic: "Maximum" | "Sum";
  /** Seconds. Default five minutes. */
  period?: number;
  /** Alarm above it. Default 0. */
  threshold?: number;
  /** Whether the alarm keeps its state while nothing is published. Default not: nothing is well. */
  keepState?: boolean;
}

/** What the alarms on the registry are made from. */
export interface AlarmSettings {
  environment: string;
  /** Seconds between two publications of the platform's metrics. */
  period: number;
  criticalFindings: boolean;
  scanFailures: boolean;
  /** Days. */
  unscannedDays?: number;
  /** ECR's quota of BatchGetImage requests a second. */
  pullsPerSecond: number;
  /** ECR's quota of images in a repository. */
  imagesPerRepository: number;
  /** Whether there is a clean-up whose failures count. */
  cleanUp: boolean;
  /** GiB that alarm, by team. */
  storage: Record<string, number>;
}

const GIB = 2 ** 30;
/** How much of a quota may be used before it alarms. */
const OF_QUOTA = 0.8;

/**
 * The alarms on a registry by their names. All are on metrics that the platform publishes, but the one on pulls:
 * ECR's usage metric, of which a minute is compared with the quota of its seconds.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/monitoring-usage.html
 */
export function registryAlarms(settings: AlarmSettings): Record<string, AlarmSpec> {
  const { environment } = settings;
  const own = (
    metricName: MetricName,
    description: string,
    threshold: number,
    dimensions: Record<string, string> = {},
  ): AlarmSpec => ({
    description,
    namespace: NAMESPACE,
    metricName,
    dimensions: { Environment: environment, ...dimensions },
    statistic: "Maximum",
    period: settings.period,
    threshold,
    keepState: true,
  });
  return {
    "measure-failures": own("MeasureFailures", `Repositories of ${environment} could not be measured`, 0),
    ...(settings.criticalFindings
      ? {
          "critical-findings": own(
            "ImageScanFindingsCount",
            `Critical findings are open in images of ${environment}`,
            0,
            { Severity: "CRITICAL" },
          ),
        }
      : {}),
    ...(settings.scanFailures
      ? { "scan-failures": own("ScanFailures", `Images of ${environment} cannot be scanned`, 0) }
      : {}),
    ...(settings.unscannedDays === undefined
      ? {}
      : {
          unscanned: own(
            "DaysSinceScan",
            `A repository of ${environment} was not scanned for ${settings.unscannedDays} days`,
            settings.unscannedDays,
          ),
        }),
    "image-quota": own(
      "LargestRepositoryImages",
      `A repository of ${environment} holds 80 % of the images that ECR allows (${settings.imagesPerRepository})`,
      settings.imagesPerRepository * OF_QUOTA,
    ),
    "pull-throttling": {
      description: `Pulls reach 80 % of ECR's quota (${settings.pullsPerSecond} BatchGetImage requests a second), beyond which they are throttled`,
      namespace: "AWS/Usage",
      metricName: "CallCount",
      dimensions: { Service: "ECR", Type: "API", Resource: "BatchGetImage", Class: "None" },
      statistic: "Sum",
      period: 60,
      threshold: settings.pullsPerSecond * 60 * OF_QUOTA,
    },
    ...(settings.cleanUp
      ? {
          "clean-up-failures": {
            ...own(
              "CleanUpFailures",
              `Clean-up of ${environment} could not delete images or read repositories`,
              0,
            ),
            // Published by a run only; an hour after it nothing is wrong any more.
            period: 3600,
            keepState: false,
          },
        }
      : {}),
    ...Object.fromEntries(
      Object.entries(settings.storage).map(([team, gib]) => [
        `storage-${team}`,
        own("StorageSize", `Images of ${team} in ${environment} take more than ${gib} GiB`, gib * GIB, {
          Team: team,
        }),
      ]),
    ),
  };
}
