import { longestGap } from "../documents/schedules";
import { measure, metricsOf } from "../functions/measure";
import { BASE_REGION, LEFT_OUT, priceIn, PRICES, PRICES_AS_OF, type PriceName } from "./prices";
import { UNKNOWN, type PlannedResource, type ProgramRun } from "./run";

/** What an estimate has to assume of how the registry is used. */
export interface Assumptions {
  /** GB of images kept in each repository. */
  gbPerRepository: number;
  /** Images pushed to each repository in a month. */
  imagesPerMonth: number;
  /** Rescans of each repository's images in a month, where scanned continuously. */
  rescansPerMonth: number;
}

/** What is assumed of a small service. */
export const DEFAULT_ASSUMPTIONS: Assumptions = {
  gbPerRepository: 5,
  imagesPerMonth: 20,
  rescansPerMonth: 100,
};

/** One line of the estimate. */
export interface CostLine {
  item: string;
  quantity: number;
  unit: string;
  /** USD a unit. */
  price: number;
  /** USD a month. */
  usd: number;
  /** Whether the price is the region's own, or the base region's for want of it. */
  ofRegion: boolean;
  source: string;
}

/** What a stack would cost in a month, and what that leaves out. */
export interface CostEstimate {
  lines: CostLine[];
  /** USD a month. */
  total: number;
  asOf: string;
  assumptions: Assumptions;
  notes: string[];
  leftOut: readonly string[];
}

/** Hours of an average month. */
const HOURS = 730;

function filtersOf(resources: PlannedResource[], frequency: string): boolean {
  return resources
    .filter(
      ({ type, inputs }) => type.endsWith(":RegistryScanningConfiguration") && inputs.scanType === "ENHANCED",
    )
    .some(({ inputs }) =>
      (inputs.rules as { scanFrequency: string }[]).some((rule) => rule.scanFrequency === frequency),
    );
}

/** Zones of the interface endpoints: their subnets, or the zones of the VPC that is made with them. */
function endpointZones(resources: PlannedResource[]): { zones: number; guessed: boolean } {
  const endpoints = resources.filter(
    ({ type, inputs }) =>
      type === "aws:ec2/vpcEndpoint:VpcEndpoint" && inputs.vpcEndpointType === "Interface",
  );
  const made = resources.find(({ type }) => type === "awsx:ec2:Vpc")?.inputs.numberOfAvailabilityZones;
  const counts = endpoints.map(({ inputs }) =>
    inputs.subnetIds === UNKNOWN || inputs.subnetIds === undefined
      ? { zones: Number(made ?? 2), guessed: made === undefined }
      : { zones: (inputs.subnetIds as unknown[]).length, guessed: false },
  );
  return {
    zones: counts.reduce((sum, { zones }) => sum + zones, 0),
    guessed: counts.some(({ guessed }) => guessed),
  };
}

/**
 * Hours of custom metrics in a month: each is charged for the hours in which it is published. What the metrics
 * function would publish is asked of the function itself.
 */
function metricHours({ resources, environment }: ProgramRun): number {
  const schedule = resources.find(
    ({ type, name }) => type === "aws:scheduler/schedule:Schedule" && name === "operations-metrics-schedule",
  );
  if (schedule === undefined) {
    return 0;
  }
  const day = new Date(0);
  const image = { digest: "", tags: [], bytes: 0, pullBytes: 0, pushedAt: day, scan: { counts: {} } };
  const repositories = resources.flatMap(({ type, name, inputs }) =>
    type === "aws:ecr/repository:Repository"
      ? [
          {
            repository: { name, team: String((inputs.tags as Record<string, unknown>).Team) },
            measures: measure([image], day, true),
          },
        ]
      : [],
  );
  const runs = (HOURS * 3600) / longestGap(String(schedule.inputs.scheduleExpression));
  return metricsOf(environment, repositories, 0).length * Math.min(HOURS, runs);
}

/** What a stack would cost in a month, at list prices. */
export function estimateCost(run: ProgramRun, assumptions: Assumptions): CostEstimate {
  const count = (type: string) => run.resources.filter((resource) => resource.type === type).length;
  const repositories = count("aws:ecr/repository:Repository");
  const { zones, guessed } = endpointZones(run.resources);
  const continuous = filtersOf(run.resources, "CONTINUOUS_SCAN");
  const scanned = continuous || filtersOf(run.resources, "SCAN_ON_PUSH");
  const quantities: [string, number, PriceName][] = [
    ["Image storage", repositories * assumptions.gbPerRepository, "storageGb"],
    ["First scans", scanned ? repositories * assumptions.imagesPerMonth : 0, "initialScan"],
    ["Rescans", continuous ? repositories * assumptions.rescansPerMonth : 0, "rescan"],
    ["Interface endpoints", zones * HOURS, "endpointHour"],
    ["KMS keys", count("aws:kms/key:Key"), "kmsKey"],
    ["Alarms", count("aws:cloudwatch/metricAlarm:MetricAlarm"), "alarm"],
    ["Custom metrics", Math.round(metricHours(run)), "metricHour"],
    ["Dashboards", count("aws:cloudwatch/dashboard:Dashboard"), "dashboard"],
  ];
  const lines = quantities
    .filter(([, quantity]) => quantity > 0)
    .map(([item, quantity, name]): CostLine => {
      const { usd, ofRegion } = priceIn(name, run.region);
      const { unit, source } = PRICES[name];
      return { item, quantity, unit, price: usd, usd: quantity * usd, ofRegion, source };
    });
  return {
    lines,
    total: lines.reduce((sum, { usd }) => sum + usd, 0),
    asOf: PRICES_AS_OF,
    assumptions,
    notes: [
      ...(lines.some(({ ofRegion }) => !ofRegion)
        ? [`prices marked * are those of ${BASE_REGION}; the table has none of ${run.region}`]
        : []),
      ...(guessed ? ["the subnets are looked up at deployment: two zones an endpoint are assumed"] : []),
    ],
    leftOut: LEFT_OUT,
  };
}
