import { exceeded, LIMITS, standingOf, type Limit, type Quota, type Standing } from "../aws/limits";
import { UNKNOWN, type PlannedResource } from "./run";

type Inputs = Record<string, unknown>;

/** As much of a resource as is measured. */
export type Measurable = Pick<PlannedResource, "type" | "name" | "inputs" | "parent">;

/** What one resource adds to a limit; undefined where a plan cannot know it. */
type Count = (inputs: Inputs) => number | undefined;

/** Where a limit applies. */
interface Row {
  limit: Limit;
  /** Resource types, such as `aws:ecr/repository:Repository`. */
  types: string[];
  /** The input that is counted, for messages. */
  input: string;
  count: Count;
  /** What resources are counted together in; by default each is counted alone. */
  in?: (resource: Measurable) => string;
}

/** A number that exceeds a limit. */
export interface LimitFinding {
  /** `refused` by AWS, or above a default `quota` that AWS raises on request. */
  standing: Exclude<Standing, "within">;
  /** Logical name of the resource, or what several are counted in. */
  name: string;
  count: number;
  /** The limit, and by how much it is exceeded, as a sentence. */
  message: string;
  /** The AWS page that states the limit. */
  source: string;
  quota?: Quota;
}

/** How a stack's resources stand to AWS's limits. */
export interface Measured {
  findings: LimitFinding[];
  /** Inputs that a limit applies to and that only the update knows, such as `operations-clean-up-role-policy.policy`. */
  unknown: string[];
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const recordOf = (value: unknown): Inputs =>
  typeof value === "object" && value !== null ? (value as Inputs) : {};
const at = (inputs: Inputs, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (value === UNKNOWN ? value : recordOf(value)[key]), inputs);

/** A row that counts one input of each resource of the types. */
function each(limit: Limit, input: string, of: (value: unknown) => number, ...types: string[]): Row {
  return {
    limit,
    types,
    input,
    count: (inputs) => {
      const value = at(inputs, input);
      return value === UNKNOWN ? undefined : value === undefined || value === null ? 0 : of(value);
    },
  };
}

const characters = (value: unknown) => String(value).length;
const bytes = (value: unknown) => Buffer.byteLength(String(value));
const items = (value: unknown) => (Array.isArray(value) ? value : Object.keys(recordOf(value))).length;
/** Of lists inside a list, the longest. */
const longest = (key: string) => (value: unknown) =>
  Math.max(0, ...listOf(value).map((one) => items(recordOf(one)[key] ?? [])));

function parsed(value: unknown): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return undefined;
  }
}

/** Length of a document without the white space between its parts. */
const compact = (value: unknown) => (JSON.stringify(parsed(value)) ?? String(value)).length;

function emptyLists(value: unknown): number {
  return Array.isArray(value) && value.length === 0
    ? 1
    : Object.values(recordOf(value)).reduce<number>((sum, inner) => sum + emptyLists(inner), 0);
}

const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const EVENT_RULE = "aws:cloudwatch/eventRule:EventRule";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

/** Inputs that hold documents, by which any resource type is measured. */
const DOCUMENTS = [
  "assumeRolePolicy",
  "eventPattern",
  "lifecyclePolicy",
  "policy",
  "repositoryPolicy",
] as const;

/** Rows for every resource type. */
const EVERYWHERE: Row[] = [
  ...DOCUMENTS.map((input) => each(LIMITS.emptyLists, input, (value) => emptyLists(parsed(value)))),
  ...["tags", "resourceTags"].flatMap((input) => {
    const most = (of: (key: string, value: string) => number) => (tags: unknown) =>
      Math.max(0, ...Object.entries(recordOf(tags)).map(([key, value]) => of(key, String(value))));
    const strange = (text: string) => text.replace(/[\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, "").length;
    return [
      each(LIMITS.tags, input, items),
      each(
        LIMITS.tagKey,
        input,
        most((key) => key.length),
      ),
      each(
        LIMITS.tagValue,
        input,
        most((_, value) => value.length),
      ),
      each(
        LIMITS.tagCharacters,
        input,
        most((key, value) => strange(key) + (value === UNKNOWN ? 0 : strange(value))),
      ),
    ];
  }),
];

/** Where AWS's limits apply, by resource type. */
const ROWS: Row[] = [
  each(LIMITS.repositoryName, "name", characters, "aws:ecr/repository:Repository"),
  each(
    LIMITS.mutableTagFilters,
    "imageTagMutabilityExclusionFilters",
    items,
    "aws:ecr/repository:Repository",
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
  ),
  each(LIMITS.repositoryPolicy, "policy", characters, "aws:ecr/repositoryPolicy:RepositoryPolicy"),
  each(
    LIMITS.repositoryPolicy,
    "repositoryPolicy",
    characters,
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
  ),
  each(LIMITS.registryPolicy, "policy", characters, "aws:ecr/registryPolicy:RegistryPolicy"),
  ...(
    [
      ["policy", "aws:ecr/lifecyclePolicy:LifecyclePolicy"],
      ["lifecyclePolicy", "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"],
    ] as const
  ).flatMap(([input, type]) => [
    each(LIMITS.lifecyclePolicy, input, characters, type),
    each(LIMITS.lifecycleRules, input, (value) => items(recordOf(parsed(value)).rules ?? []), type),
  ]),
  each(
    LIMITS.scanningFilters,
    "rules",
    longest("repositoryFilters"),
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
  ),
  ...(
    [
      [LIMITS.replicationRules, items],
      [LIMITS.replicationFilters, longest("repositoryFilters")],
      [
        LIMITS.replicationDestinations,
        (rules: unknown) =>
          new Set(
            listOf(rules)
              .flatMap((rule) => listOf(recordOf(rule).destinations))
              .map((destination) => JSON.stringify(destination)),
          ).size,
      ],
    ] as const
  ).map(([limit, count]) =>
    each(
      limit,
      "replicationConfiguration.rules",
      count,
      "aws:ecr/replicationConfiguration:ReplicationConfiguration",
    ),
  ),
  each(
    LIMITS.pullExclusion,
    "principalArn",
    characters,
    "aws:ecr/pullTimeUpdateExclusion:PullTimeUpdateExclusion",
  ),
  each(
    LIMITS.cacheCredentials,
    "credentialArn",
    characters,
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
  ),
  {
    ...each(
      LIMITS.cacheRules,
      "ecrRepositoryPrefix",
      () => 1,
      "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
    ),
    in: () => "the registry",
  },
  {
    ...each(LIMITS.rolePolicies, "policy", compact, ROLE_POLICY),
    // Which role it is, a plan knows by the parent only: its id is AWS's to give.
    in: ({ inputs, parent }) =>
      typeof inputs.role === "string" && inputs.role !== UNKNOWN
        ? inputs.role
        : (parent?.split("::").at(-1) ?? "an unknown role"),
  },
  each(LIMITS.trustPolicy, "assumeRolePolicy", compact, "aws:iam/role:Role"),
  each(LIMITS.roleName, "name", characters, "aws:iam/role:Role"),
  each(LIMITS.roleDescription, "description", characters, "aws:iam/role:Role"),
  {
    limit: LIMITS.roles,
    types: ["aws:iam/role:Role"],
    input: "name",
    count: () => 1,
    in: () => "the account",
  },
  each(
    LIMITS.tagKeysByCase,
    "tags",
    (tags) => items(tags) - new Set(Object.keys(recordOf(tags)).map((key) => key.toLowerCase())).size,
    "aws:iam/role:Role",
  ),
  each(LIMITS.endpointPolicy, "policy", characters, "aws:ec2/vpcEndpoint:VpcEndpoint"),
  each(LIMITS.securityGroupName, "name", characters, "aws:ec2/securityGroup:SecurityGroup"),
  // A source other than a CIDR block counts for both versions.
  ...(["cidrIpv6", "cidrIpv4"] as const).map((other): Row => ({
    limit: LIMITS.securityGroupRules,
    types: [INGRESS],
    input: "securityGroupId",
    count: (inputs) => (inputs[other] === undefined ? 1 : 0),
    in: ({ parent }) =>
      `${parent?.split("::").at(-1) ?? "a security group"}, ${other === "cidrIpv6" ? "IPv4" : "IPv6"}`,
  })),
  each(LIMITS.eventPattern, "eventPattern", characters, EVENT_RULE),
  each(LIMITS.ruleName, "name", characters, EVENT_RULE),
  each(LIMITS.ruleDescription, "description", characters, EVENT_RULE),
  {
    limit: LIMITS.rulesPerBus,
    types: [EVENT_RULE],
    input: "name",
    count: () => 1,
    in: () => "the default event bus",
  },
  {
    ...each(
      LIMITS.wildcardRulesPerBus,
      "eventPattern",
      (pattern) => Number(/"wildcard":/.test(String(pattern))),
      EVENT_RULE,
    ),
    in: () => "the default event bus",
  },
  each(
    LIMITS.inputTemplate,
    "inputTransformer.inputTemplate",
    characters,
    "aws:cloudwatch/eventTarget:EventTarget",
  ),
  each(LIMITS.scheduleExpression, "scheduleExpression", characters, "aws:scheduler/schedule:Schedule"),
  each(LIMITS.scheduleInput, "target.input", bytes, "aws:scheduler/schedule:Schedule"),
  each(LIMITS.scheduleName, "name", characters, "aws:scheduler/schedule:Schedule"),
  each(LIMITS.scheduleDescription, "description", characters, "aws:scheduler/schedule:Schedule"),
  each(LIMITS.topicName, "name", characters, "aws:sns/topic:Topic"),
  each(LIMITS.topicPolicy, "policy", bytes, "aws:sns/topicPolicy:TopicPolicy"),
  each(LIMITS.queueName, "name", characters, "aws:sqs/queue:Queue"),
  each(LIMITS.queuePolicy, "policy", bytes, "aws:sqs/queuePolicy:QueuePolicy"),
  each(LIMITS.keyPolicy, "policy", bytes, "aws:kms/key:Key"),
  each(LIMITS.keyAlias, "name", characters, "aws:kms/alias:Alias"),
  each(LIMITS.bucketName, "bucket", characters, "aws:s3/bucket:Bucket"),
  each(LIMITS.bucketPolicy, "policy", bytes, "aws:s3/bucketPolicy:BucketPolicy"),
  each(LIMITS.functionName, "name", characters, "aws:lambda/function:Function"),
  each(LIMITS.functionDescription, "description", characters, "aws:lambda/function:Function"),
  each(
    LIMITS.functionVariables,
    "environment.variables",
    (variables) => bytes(Object.entries(recordOf(variables)).join("")),
    "aws:lambda/function:Function",
  ),
  each(LIMITS.logGroupName, "name", characters, "aws:cloudwatch/logGroup:LogGroup"),
  each(LIMITS.alarmName, "name", characters, "aws:cloudwatch/metricAlarm:MetricAlarm"),
  each(LIMITS.alarmDescription, "alarmDescription", characters, "aws:cloudwatch/metricAlarm:MetricAlarm"),
  each(LIMITS.trailName, "name", characters, "aws:cloudtrail/trail:Trail"),
  each(LIMITS.budgetName, "name", characters, "aws:budgets/budget:Budget"),
  each(LIMITS.budgetNotifications, "notifications", items, "aws:budgets/budget:Budget"),
  each(
    LIMITS.budgetEmails,
    "notifications",
    longest("subscriberEmailAddresses"),
    "aws:budgets/budget:Budget",
  ),
  each(LIMITS.enabledAccounts, "accountIds", items, "aws:inspector2/enabler:Enabler"),
  {
    limit: LIMITS.inspectorMembers,
    types: ["aws:inspector2/memberAssociation:MemberAssociation"],
    input: "accountId",
    count: () => 1,
    in: () => "the delegated administrator",
  },
];

/** The rows of every type that has some. */
const ROWS_BY_TYPE = new Map(
  [...new Set(ROWS.flatMap(({ types }) => types))].map((type) => [
    type,
    ROWS.filter((row) => row.types.includes(type)),
  ]),
);

/**
 * Holds finished resources to AWS's limits, whatever declared them. What the config leads to is refused by config/checks
 * first; this finds what a change of the program leads to.
 */
export function measure(resources: readonly Measurable[], region: string): Measured {
  const sums = new Map<Row, Map<string, number>>();
  const unknown: string[] = [];
  for (const resource of resources) {
    for (const row of [...(ROWS_BY_TYPE.get(resource.type) ?? []), ...EVERYWHERE]) {
      const count = row.count(resource.inputs);
      if (count === undefined) {
        unknown.push(`${resource.name}.${row.input}`);
      } else if (count > 0) {
        const of = sums.get(row) ?? new Map<string, number>();
        const key = row.in?.(resource) ?? resource.name;
        const before = of.get(key) ?? 0;
        // Resources of different types may have one name.
        of.set(key, row.in === undefined ? Math.max(before, count) : before + count);
        sums.set(row, of);
      }
    }
  }
  const findings = [...sums].flatMap(([{ limit, input, in: together }, of]) =>
    [...of].flatMap(([name, count]): LimitFinding[] => {
      const standing = standingOf(limit, count, region);
      return standing === "within"
        ? []
        : [
            {
              standing,
              name: together === undefined ? `${name}.${input}` : name,
              count,
              message: exceeded(limit, region, count),
              source: limit.source,
              ...(limit.quota === undefined ? {} : { quota: limit.quota }),
            },
          ];
    }),
  );
  return {
    findings: findings.sort((a, b) => Number(a.standing === "quota") - Number(b.standing === "quota")),
    unknown: [...new Set(unknown)].sort(),
  };
}
