import { functionNames, resourcePrefix } from "../aws/arns";
import { longestGap } from "../aws/schedules";
import { measure, metricsOf } from "../images/measure";
import { priceIn, PRICES, PRICES_AS_OF, type PriceName } from "../aws/prices";
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
  /** USD per unit. */
  price: number;
  /** Region of the price: the line's own, or the base region if the table has no price for that. */
  priceRegion: string;
  /** USD a month. */
  usd: number;
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
  leftOut: string[];
}

const REPOSITORY = "aws:ecr/repository:Repository";
const REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration";
const KEY = "aws:kms/key:Key";

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
function metricHours({ project, environment, resources }: ProgramRun): number {
  const { functionName } = functionNames(resourcePrefix(project, environment), "metrics");
  const schedule = resources.find(
    ({ type, inputs }) => type === "aws:scheduler/schedule:Schedule" && inputs.name === functionName,
  );
  if (schedule === undefined) {
    return 0;
  }
  const day = new Date(0);
  const image = { digest: "", tags: [], bytes: 0, pullBytes: 0, pushedAt: day, scan: { counts: {} } };
  const repositories = resources.flatMap(({ type, name, inputs }) =>
    type === REPOSITORY
      ? [
          {
            repository: { name, team: String((inputs.tags as Record<string, unknown>).Team) },
            measures: measure([image], day, true),
          },
        ]
      : [],
  );
  const runs = (HOURS * 3600) / longestGap(String(schedule.inputs.scheduleExpression));
  return metricsOf(environment, repositories, [], 0).length * Math.min(HOURS, runs);
}

/** The input `replicationConfiguration`. */
interface Replication {
  rules: {
    destinations: { region: string; registryId: string }[];
    repositoryFilters?: { filter: string }[];
  }[];
}

/**
 * Repositories that replication copies to other regions of the account: their number by region. Other accounts pay for
 * their own storage. A rule without filters copies every repository, and several rules copy a repository to a region once.
 */
function replicas({ resources, accountId }: ProgramRun): Map<string, number> {
  const names = resources.flatMap(({ type, inputs }) => (type === REPOSITORY ? [String(inputs.name)] : []));
  const rules = resources.flatMap(({ type, inputs }) =>
    type === REPLICATION ? (inputs.replicationConfiguration as Replication).rules : [],
  );
  const copies = new Map<string, Set<string>>();
  for (const { destinations, repositoryFilters = [] } of rules) {
    const copied = names.filter(
      (name) =>
        repositoryFilters.length === 0 || repositoryFilters.some(({ filter }) => name.startsWith(filter)),
    );
    for (const { region } of destinations.filter(({ registryId }) => registryId === accountId)) {
      copies.set(region, new Set([...(copies.get(region) ?? []), ...copied]));
    }
  }
  return new Map([...copies].map(([region, copied]) => [region, copied.size]));
}

/** What the estimate leaves out. An entry about a resource type is listed only if the stack declares one. */
function leftOutOf({ resources, region }: ProgramRun): string[] {
  const events = priceIn("managementEvents", region);
  const all: { what: string; of?: string }[] = [
    {
      what: "data transfer: layers pulled across regions or to the internet, and per GB through interface endpoints",
    },
    {
      what: "replication: transfer to other regions, scans there, and storage in other accounts",
      of: REPLICATION,
    },
    {
      what: "images in pull through caches: storage and scans",
      of: "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
    },
    {
      what: `management events, if another trail (such as an organization's) records them as well: ${events.usd} USD per 100,000 in ${events.region}`,
      of: "aws:cloudtrail/trail:Trail",
    },
    { what: "runs of the functions and their schedules (cents), and requests to CloudWatch's API" },
    { what: "requests to KMS, SNS messages, SQS and S3 (cents at this scale)" },
    { what: "storage of log files and CloudWatch Logs ingestion, which depend on the account's activity" },
    { what: "Inspector for resource types other than images, and Security Hub" },
    { what: "free tiers, discounts and taxes" },
  ];
  return all.flatMap(({ what, of }) =>
    of === undefined || resources.some(({ type }) => type === of) ? [what] : [],
  );
}

/** The assumptions of an estimate in words. */
export function assumptionsInWords({
  gbPerRepository,
  imagesPerMonth,
  rescansPerMonth,
}: Assumptions): string {
  return `assumed per repository and month: ${gbPerRepository} GB kept (in each replica too), ${imagesPerMonth} images pushed, ${rescansPerMonth} rescans`;
}

/** What a stack would cost in a month, at list prices. */
export function estimateCost(run: ProgramRun, assumptions: Assumptions): CostEstimate {
  const count = (type: string) => run.resources.filter((resource) => resource.type === type).length;
  const repositories = count(REPOSITORY);
  const { zones, guessed } = endpointZones(run.resources);
  const continuous = filtersOf(run.resources, "CONTINUOUS_SCAN");
  const scanned = continuous || filtersOf(run.resources, "SCAN_ON_PUSH");
  const quantities: [item: string, quantity: number, price: PriceName, region?: string][] = [
    ["Image storage", repositories * assumptions.gbPerRepository, "storageGb"],
    ...[...replicas(run)].map(([region, copies]): (typeof quantities)[number] => [
      `Replicas in ${region}`,
      copies * assumptions.gbPerRepository,
      "storageGb",
      region,
    ]),
    ["First scans", scanned ? repositories * assumptions.imagesPerMonth : 0, "initialScan"],
    ["Rescans", continuous ? repositories * assumptions.rescansPerMonth : 0, "rescan"],
    ["Interface endpoints", zones * HOURS, "endpointHour"],
    ["KMS keys", count(KEY), "kmsKey"],
    ["Alarms", count("aws:cloudwatch/metricAlarm:MetricAlarm"), "alarm"],
    ["Custom metrics", Math.round(metricHours(run)), "metricHour"],
    ["Dashboards", count("aws:cloudwatch/dashboard:Dashboard"), "dashboard"],
  ];
  const lines = quantities
    .filter(([, quantity]) => quantity > 0)
    .map(([item, quantity, name, region = run.region]): CostLine => {
      const price = priceIn(name, region);
      const { unit, source } = PRICES[name];
      return {
        item,
        quantity,
        unit,
        price: price.usd,
        priceRegion: price.region,
        usd: quantity * price.usd,
        source,
      };
    });
  const rotating = run.resources.filter(
    ({ type, inputs }) => type === KEY && inputs.enableKeyRotation === true,
  ).length;
  // A lifecycle policy does, or clean-up, which its schedule asks to.
  const archives = run.resources.some(({ type, inputs }) => {
    const { input = "" } = (inputs.target ?? {}) as { input?: string };
    return type === "aws:ecr/lifecyclePolicy:LifecyclePolicy"
      ? String(inputs.policy).includes('"transition"')
      : ['"archive":true', '"dryRun":false'].every((part) => input.includes(part));
  });
  const rotation = rotating * priceIn("kmsKey", run.region).usd;
  return {
    lines,
    total: lines.reduce((sum, { usd }) => sum + usd, 0),
    asOf: PRICES_AS_OF,
    assumptions,
    notes: [
      ...(rotating > 0
        ? [`the first and the second yearly rotation of KMS keys each add ${rotation.toFixed(2)} USD a month`]
        : []),
      ...(archives
        ? [
            `archiving images saves nothing up to 150 TB: ${priceIn("archiveGb", run.region).usd} USD per GB and month, as for others; deleting them saves it after at least 90 days, and restoring costs ${priceIn("restoreGb", run.region).usd} USD per GB`,
          ]
        : []),
      ...(guessed ? ["the subnets are known only at deployment: two zones per endpoint are assumed"] : []),
    ],
    leftOut: leftOutOf(run),
  };
}
