/** A quota whose value in an account Service Quotas knows, and raises on request. */
export interface Quota {
  /** Service and quota code, as the Service Quotas API takes them. */
  service: string;
  code: string;
  /** Whether the quota is the account's in all regions; Service Quotas answers for it in us-east-1. */
  global?: boolean;
  /** What AWS raises it to at most, where documented. */
  most?: number;
}

/** A limit that AWS sets. */
export interface Limit {
  /** What is limited, as the subject of a sentence: `an ECR repository policy`. */
  what: string;
  /** At most this many, unless the account's quota was raised. */
  max: number;
  /** What is counted. */
  unit: string;
  /** The AWS page that states it. */
  source: string;
  /** Default in regions where it differs. */
  regional?: Record<string, number>;
  /** Undefined where AWS raises the limit for nobody. */
  quota?: Quota;
}

const ECR_QUOTAS = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html";
const ECR_API = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference";
const IAM_QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";
const EVENTS_QUOTAS = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html";
const EVENTS_API = "https://docs.aws.amazon.com/eventbridge/latest/APIReference";
const SCHEDULER_API = "https://docs.aws.amazon.com/scheduler/latest/APIReference";
const TAGS = "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html";

/**
 * The limits of AWS that this program could reach: the one place where they stand, each with its source. What a stack
 * declares is held to them by config/checks (before anything is declared) and by plan/limits.ts (whatever is declared).
 */
export const LIMITS = {
  repositoryName: {
    what: "the name of an ECR repository",
    max: 256,
    unit: "characters",
    source: `${ECR_API}/API_CreateRepository.html`,
  },
  imagesPerRepository: {
    what: "an ECR repository",
    max: 100_000,
    unit: "images",
    source: ECR_QUOTAS,
    quota: { service: "ecr", code: "L-03A36CE1" },
  },
  repositoryPolicy: {
    what: "an ECR repository policy",
    max: 10_240,
    unit: "characters",
    source: `${ECR_API}/API_SetRepositoryPolicy.html`,
  },
  registryPolicy: {
    what: "an ECR registry policy",
    max: 10_240,
    unit: "characters",
    source: `${ECR_API}/API_PutRegistryPolicy.html`,
  },
  lifecyclePolicy: {
    what: "an ECR lifecycle policy",
    max: 30_720,
    unit: "characters",
    source: ECR_QUOTAS,
  },
  lifecycleRules: { what: "an ECR lifecycle policy", max: 50, unit: "rules", source: ECR_QUOTAS },
  mutableTagFilters: {
    what: "an ECR repository with immutable tags",
    max: 5,
    unit: "exclusion filters",
    source: `${ECR_API}/API_CreateRepository.html`,
  },
  scanningFilters: {
    what: "a rule of ECR's registry scanning configuration",
    max: 100,
    unit: "filters",
    source: `${ECR_API}/API_RegistryScanningRule.html`,
  },
  replicationRules: { what: "an ECR registry", max: 10, unit: "replication rules", source: ECR_QUOTAS },
  replicationFilters: { what: "an ECR replication rule", max: 100, unit: "filters", source: ECR_QUOTAS },
  replicationDestinations: {
    what: "the replication of an ECR registry",
    max: 25,
    unit: "different destinations across all rules",
    source: ECR_QUOTAS,
  },
  pullExclusion: {
    what: "the ARN of a principal whose pulls do not count",
    max: 200,
    unit: "characters",
    source: `${ECR_API}/API_RegisterPullTimeUpdateExclusion.html`,
  },
  cacheCredentials: {
    what: "the ARN of an upstream registry's credentials",
    max: 612,
    unit: "characters",
    source: `${ECR_API}/API_CreatePullThroughCacheRule.html`,
  },
  cacheRules: { what: "an ECR registry", max: 50, unit: "pull through cache rules", source: ECR_QUOTAS },
  rolePolicies: {
    what: "an IAM role",
    max: 10_240,
    unit: "characters without white space in its inline policies",
    source: IAM_QUOTAS,
  },
  managedPolicy: {
    what: "an IAM managed policy",
    max: 6144,
    unit: "characters without white space",
    source: IAM_QUOTAS,
  },
  trustPolicy: {
    what: "an IAM role's trust policy",
    max: 2048,
    unit: "characters without white space",
    source: IAM_QUOTAS,
    // The guide's older editions say 4,096.
    quota: { service: "iam", code: "L-C07B4B0D", global: true, most: 8192 },
  },
  roles: {
    what: "an account",
    max: 1000,
    unit: "IAM roles",
    source: IAM_QUOTAS,
    quota: { service: "iam", code: "L-FE177D64", global: true },
  },
  roleName: { what: "the name of an IAM role", max: 64, unit: "characters", source: IAM_QUOTAS },
  roleDescription: {
    what: "the description of an IAM role",
    max: 1000,
    unit: "characters",
    source: "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html",
  },
  endpointPolicy: {
    what: "a VPC endpoint policy",
    max: 20_480,
    unit: "characters",
    source: "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html",
  },
  securityGroupRules: {
    what: "a security group",
    max: 60,
    unit: "inbound rules, counted for IPv4 and IPv6 apart",
    source:
      "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups",
    // The quota times the groups of a network interface, by default 5, is at most 1,000.
    quota: { service: "vpc", code: "L-0EA8095F", most: 1000 },
  },
  securityGroupName: {
    what: "the name of a security group",
    max: 255,
    unit: "characters",
    source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
  },
  eventPattern: {
    what: "an EventBridge event pattern",
    max: 2048,
    unit: "characters",
    source: EVENTS_QUOTAS,
    // What the provider takes: https://www.pulumi.com/registry/packages/aws/api-docs/cloudwatch/eventrule/
    quota: { service: "events", code: "L-664C5505", most: 4096 },
  },
  rulesPerBus: {
    what: "an EventBridge event bus",
    max: 300,
    unit: "rules",
    source: EVENTS_QUOTAS,
    regional: { "af-south-1": 100, "eu-south-1": 100 },
    quota: { service: "events", code: "L-244521F2" },
  },
  wildcardRulesPerBus: {
    what: "an EventBridge event bus",
    max: 30,
    unit: "rules whose pattern has a wildcard",
    source: EVENTS_QUOTAS,
  },
  ruleName: {
    what: "the name of an EventBridge rule",
    max: 64,
    unit: "characters",
    source: `${EVENTS_API}/API_PutRule.html`,
  },
  ruleDescription: {
    what: "the description of an EventBridge rule",
    max: 512,
    unit: "characters",
    source: `${EVENTS_API}/API_PutRule.html`,
  },
  inputTemplate: {
    what: "the template of an EventBridge input transformer",
    max: 8192,
    unit: "characters",
    source: `${EVENTS_API}/API_InputTransformer.html`,
  },
  scheduleExpression: {
    what: "the expression of an EventBridge Scheduler schedule",
    max: 256,
    unit: "characters",
    source: `${SCHEDULER_API}/API_CreateSchedule.html`,
  },
  scheduleInput: {
    what: "the input of an EventBridge Scheduler schedule",
    max: 256 * 1024,
    unit: "bytes",
    source: `${SCHEDULER_API}/API_Target.html`,
  },
  scheduleName: {
    what: "the name of an EventBridge Scheduler schedule",
    max: 64,
    unit: "characters",
    source: `${SCHEDULER_API}/API_CreateSchedule.html`,
  },
  scheduleDescription: {
    what: "the description of an EventBridge Scheduler schedule",
    max: 512,
    unit: "characters",
    source: `${SCHEDULER_API}/API_CreateSchedule.html`,
  },
  topicName: {
    what: "the name of an SNS topic",
    max: 256,
    unit: "characters",
    source: "https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
  },
  topicPolicy: {
    what: "an SNS topic policy",
    max: 30 * 1024,
    unit: "bytes",
    source:
      "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html#sns-policy-quotas",
  },
  queueName: {
    what: "the name of an SQS queue",
    max: 80,
    unit: "characters",
    source: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html",
  },
  queuePolicy: {
    what: "an SQS queue policy",
    max: 8192,
    unit: "bytes",
    source: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html",
  },
  keyPolicy: {
    what: "a KMS key policy",
    max: 32_768,
    unit: "bytes",
    source: "https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html",
  },
  keyAlias: {
    what: "the name of a KMS alias",
    max: 256,
    unit: "characters",
    source: "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html",
  },
  bucketName: {
    what: "the name of an S3 bucket",
    max: 63,
    unit: "characters",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
  },
  bucketPolicy: {
    what: "an S3 bucket policy",
    max: 20 * 1024,
    unit: "bytes",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/add-bucket-policy.html",
  },
  functionName: {
    what: "the name of a Lambda function",
    max: 64,
    unit: "characters",
    source: "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
  },
  functionDescription: {
    what: "the description of a Lambda function",
    max: 256,
    unit: "characters",
    source: "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html",
  },
  functionVariables: {
    what: "the environment variables of a Lambda function",
    max: 4096,
    unit: "bytes",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
  },
  logGroupName: {
    what: "the name of a log group",
    max: 512,
    unit: "characters",
    source: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
  },
  alarmName: {
    what: "the name of a CloudWatch alarm",
    max: 255,
    unit: "characters",
    source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
  },
  alarmDescription: {
    what: "the description of a CloudWatch alarm",
    max: 1024,
    unit: "characters",
    source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
  },
  trailName: {
    what: "the name of a CloudTrail trail",
    max: 128,
    unit: "characters",
    source: "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html",
  },
  budgetName: {
    what: "the name of a budget",
    max: 100,
    unit: "characters",
    source: "https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html",
  },
  budgetNotifications: {
    what: "a budget",
    max: 10,
    unit: "notifications",
    source: "https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html",
  },
  budgetEmails: {
    what: "a notification of a budget",
    max: 10,
    unit: "mail addresses",
    source: "https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html",
  },
  enabledAccounts: {
    what: "one request to enable Inspector",
    max: 100,
    unit: "accounts",
    source: "https://docs.aws.amazon.com/inspector/v2/APIReference/API_Enable.html",
  },
  inspectorMembers: {
    what: "a delegated administrator of Inspector",
    max: 10_000,
    unit: "member accounts",
    source: "https://docs.aws.amazon.com/inspector/latest/user/designating-admin.html",
  },
  tags: { what: "a resource", max: 50, unit: "tags", source: TAGS },
  tagKey: { what: "the key of a tag", max: 128, unit: "characters", source: TAGS },
  tagValue: { what: "the value of a tag", max: 256, unit: "characters", source: TAGS },
  tagCharacters: {
    what: "a tag",
    max: 0,
    unit: "characters other than letters, digits, spaces and _ . : / = + - @",
    source: TAGS,
  },
  tagKeysByCase: {
    what: "an IAM role",
    max: 0,
    unit: "tag keys that differ from another one only in letter case",
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#case-sensitivity",
  },
  emptyLists: {
    what: "a policy document or event pattern",
    max: 0,
    unit: "empty lists",
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html",
  },
} as const satisfies Record<string, Limit>;

/** CloudWatch's quotas of a dashboard. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
export const DASHBOARD = { widgets: 500, metricsInWidget: 500, metrics: 2500, alarmsInWidget: 100 };

/** How a number stands to a limit: within it, above a default that can be raised, or more than AWS takes. */
export type Standing = "within" | "quota" | "refused";

/** A limit's default in a region. */
export function defaultIn(limit: Limit, region: string): number {
  return new Map(Object.entries(limit.regional ?? {})).get(region) ?? limit.max;
}

/** How a number stands to a limit in a region. */
export function standingOf(limit: Limit, count: number, region: string): Standing {
  if (count <= defaultIn(limit, region)) {
    return "within";
  }
  return limit.quota === undefined || count > (limit.quota.most ?? Infinity) ? "refused" : "quota";
}

/** A number as a reader of English writes it. */
export function inDigits(count: number): string {
  return count.toLocaleString("en-US");
}

/** A limit as one sentence. */
export function limitRule(limit: Limit, region: string): string {
  const most = `${limit.what} has at most ${inDigits(defaultIn(limit, region))} ${limit.unit}`;
  if (limit.quota === undefined) {
    return most;
  }
  return limit.quota.most === undefined
    ? `${most}, unless the account's quota is raised`
    : `${most}, unless the account's quota is raised, to ${inDigits(limit.quota.most)} at most`;
}

/**
 * What is wrong with a number above a limit, as one sentence.
 * @param of what has this many, such as a repository's name
 */
export function exceeded(limit: Limit, region: string, count: number, of?: string): string {
  return `${limitRule(limit, region)}; here it is ${inDigits(count)}${of === undefined ? "" : ` for ${of}`}`;
}

/** How an account's quota is raised. https://docs.aws.amazon.com/servicequotas/latest/userguide/request-quota-increase.html */
export function raise({ service, code, global }: Quota): string {
  return `request an increase of ${code} (${service}) in Service Quotas${global === true ? " in us-east-1" : ""}; doctor compares with the account`;
}
