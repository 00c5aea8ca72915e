import { z } from "zod";
import {
  accountId,
  atMost,
  bucketName,
  cidr,
  contact,
  email,
  flag,
  gib,
  GITHUB_REPOSITORY,
  githubRepositoryProblem,
  mutableTagFilter,
  organizationId,
  organizationPath,
  prefixListId,
  principalArn,
  replicationPrefix,
  repositoryPrefix,
  regionName,
  routeTableId,
  scanningFilter,
  securityGroupId,
  slug,
  subnetId,
  tagKey,
  tagValue,
  TEAMS_CHANNEL,
  teamsChannelProblem,
  usd,
  vpcEndpointId,
  vpcId,
  scheduleExpression,
} from "./formats";
import { ARCHIVE_DAYS } from "../aws/archive";
import { UPSTREAMS } from "../aws/upstreams";
import { LIMITS } from "../aws/limits";
import { SEVERITIES } from "../aws/severities";
import { cleanUpFields, imageList, inUse, maxDeletions } from "../documents/clean-up-request";
import { explain, oneOf, tagPattern, text, whole } from "../documents/values";

const severity = oneOf(...SEVERITIES);

const encryption = text(explain("stack-key, AES256 or a KMS key's ARN", "write encryption: stack-key"))
  .regex(
    /^(stack-key|AES256|arn:aws(-cn|-us-gov)?:kms:[a-z0-9-]+:\d{12}:key\/([0-9a-f-]{36}|mrk-[0-9a-f]{32}))$/,
    {
      error: explain(
        "stack-key (a KMS key of this stack), AES256, or the ARN of a KMS key (not of an alias)",
        "write encryption: stack-key",
      ),
    },
  )
  .describe(
    "`stack-key` (a customer-managed KMS key of this stack), `AES256` (a key that S3 manages), or the ARN of an existing KMS key. ECR cannot change it after creation: a change replaces the repository.",
  );

const imageTags = z.strictObject({
  immutable: flag().optional().describe("Whether a pushed tag can never move to another image."),
  mutable: z
    .array(mutableTagFilter)
    .max(...atMost(LIMITS.mutableTagFilters, "merge some with *"))
    .optional()
    .describe("Tags that may move although the rest are immutable, such as `latest*`; 1 to 5 filters."),
  reason: tagValue
    .optional()
    .describe(
      "Why tags may move: the written exception that the policy pack asks for; the MutableTags tag of repositories whose tags may.",
    ),
});

const lifecycleRule = z
  .strictObject({
    tags: z
      .array(tagPattern)
      .min(1, { error: explain("a lifecycle rule has at least one tag pattern", 'write tags: ["v*"]') })
      .describe("Tag patterns; each is a rule of its own, so an image needs to match only one."),
    keep: whole("images", 1, 100_000)
      .optional()
      .describe("The number of newest images of each pattern to keep."),
    days: whole("days", 1, 36_500)
      .optional()
      .describe("Expire images of the pattern this number of days after the push."),
  })
  .refine((rule) => (rule.keep === undefined) !== (rule.days === undefined), {
    error: explain("a lifecycle rule has either keep (images) or days", "set exactly one of them"),
  });

const lifecycle = z.strictObject({
  protect: z
    .array(tagPattern)
    .optional()
    .describe(
      "Tag patterns that no rule ever expires, such as those of deployed images. Signatures (`sha256-*`) never expire either.",
    ),
  rules: z
    .array(lifecycleRule)
    .optional()
    .describe(
      "Rules on tagged images, first match decides; `others` covers the tagged images that none matches.",
    ),
  untaggedDays: whole("days", 1, 36_500)
    .optional()
    .describe("Expire images without a tag this number of days after the push."),
  others: z
    .strictObject({
      days: whole("days", 1, 36_500).optional().describe("Expire them this number of days after the push."),
      keep: whole("images", 1, 100_000).optional().describe("The number of newest ones to keep."),
      archiveDays: whole("days", 1, 36_500)
        .optional()
        .describe(
          "Archive them this number of days after the push. An archived image cannot be pulled until it is restored.",
        ),
      archiveUnpulledDays: whole("days", 1, 36_500)
        .optional()
        .describe("Archive them this number of days after the last pull."),
      deleteArchivedDays: whole("days", ARCHIVE_DAYS, 36_500)
        .optional()
        .describe(
          "With `archiveDays` or `archiveUnpulledDays`: expire archived images this number of days later; at least 90, which ECR charges anyway. Default never.",
        ),
    })
    .refine(
      ({ days, keep, archiveDays, archiveUnpulledDays }) =>
        [days, keep, archiveDays, archiveUnpulledDays].filter((one) => one !== undefined).length === 1,
      {
        error: explain(
          "the backstop says exactly one of days, keep (images), archiveDays and archiveUnpulledDays",
          "write others: { days: 365 }",
        ),
      },
    )
    .refine(
      ({ archiveDays, archiveUnpulledDays, deleteArchivedDays }) =>
        deleteArchivedDays === undefined || (archiveDays ?? archiveUnpulledDays) !== undefined,
      {
        error: explain(
          "deleteArchivedDays goes only with archiveDays or archiveUnpulledDays",
          "remove it, or write others: { archiveDays: 180, deleteArchivedDays: 365 }",
        ),
      },
    )
    .optional()
    .describe(
      "The backstop for every image that no other rule claims: exactly one of `days`, `keep`, `archiveDays` and `archiveUnpulledDays`.",
    ),
});

const sharing = z.strictObject({
  accounts: z.array(accountId).optional().describe("Accounts that may pull."),
  organization: flag().optional().describe("Whether the whole organization may pull."),
  organizationPaths: z.array(organizationPath).optional().describe("Organizational units that may pull."),
  principals: z.array(principalArn).optional().describe("IAM roles or users that may pull."),
  lambda: flag()
    .optional()
    .describe("Whether Lambda functions of this account, and of `accounts`, may run from the images."),
  pushPrincipals: z
    .array(principalArn)
    .optional()
    .describe("Existing IAM roles (of CI systems) that may push and pull."),
  outsideOrganization: flag()
    .optional()
    .describe(
      "Whether `accounts`, `principals` and `pushPrincipals` may lie outside `organizationId`. If false, each grant also requires the organization.",
    ),
});

const repositoryOptions = {
  encryption: encryption.optional(),
  imageTags: imageTags.optional().describe("Mutability of image tags."),
  lifecycle: lifecycle
    .optional()
    .describe("Which images expire, in readable terms; priorities are computed."),
  sharing: sharing.optional().describe("Who else may pull or push."),
  cleanUp: z
    .strictObject(cleanUpFields)
    .partial()
    .optional()
    .describe(
      "Which images the clean-up function deletes, beyond the lifecycle policy: never one that runs (see `operations.cleanUp`).",
    ),
  forceDelete: flag()
    .optional()
    .describe("Whether destroying a repository deletes its images too. Refused in production."),
};

const service = z.strictObject({
  name: slug.describe("Second part of the repository's name."),
  description: tagValue
    .optional()
    .describe("What it is; the Description tag (ECR has no description of its own)."),
  ...repositoryOptions,
});

const subscription = z.strictObject({
  protocol: oneOf("email", "https", "sqs", "lambda").describe("How SNS delivers."),
  endpoint: text(explain("an address that fits the protocol", "write endpoint: name@example.com")).describe(
    "A mail address, an https URL (kept secret in state), or the ARN of an SQS queue (whose own policy must let the topic send) or of a Lambda function.",
  ),
});

/**
 * The name of a GitHub environment. GitHub writes a colon as %3A in a token's subject but leaves % as it is, so
 * that two names can have one subject; `?` and `$` have a meaning of their own in an IAM policy.
 */
const githubEnvironment = (() => {
  const rule = explain(
    "the name of a GitHub environment in ASCII without : % ? $, or a pattern that is not only *",
    'write it like "production"; rename an environment that has such a character',
  );
  return text(rule).regex(/^(?!\*+$)(?! )[ -#&-9;->@-~]{1,255}(?<! )$/, { error: rule });
})();

const githubRole = z
  .strictObject({
    name: slug.describe("Part of the role's name: `<team>-<name>-<env>-push`."),
    repository: text(githubRepositoryProblem())
      .regex(GITHUB_REPOSITORY, { error: (issue) => githubRepositoryProblem(issue.input) })
      .describe(
        "`owner/name`, or `owner@id/name@id` with GitHub's ids. A repository created, renamed or moved since 15 July 2026 needs the ids.",
      ),
    branches: z
      .array(gitRef("heads"))
      .optional()
      .describe("Branches whose workflows may push; `*` is a wildcard."),
    tags: z
      .array(gitRef("tags"))
      .optional()
      .describe("Git tags whose workflows may push; `*` is a wildcard."),
    environments: z
      .array(githubEnvironment)
      .optional()
      .describe("GitHub environments whose jobs may push; `*` is a wildcard."),
    services: z
      .array(slug)
      .min(1, {
        error: explain("a role pushes to at least one service", "list one, or leave services out for all"),
      })
      .optional()
      .describe("Services of the team that it may push to. Default all."),
  })
  .refine((role) => [role.branches, role.tags, role.environments].some((list) => (list ?? []).length > 0), {
    error: explain(
      "a role names the branches, tags or environments that may assume it",
      'write branches: ["main"]',
    ),
  });

/** Names of branches or tags, without `refs/heads/` or `refs/tags/`: a token has that before the name. */
function gitRef(kind: "heads" | "tags") {
  const rule = explain(
    `the name of a ${kind === "heads" ? "branch" : "tag"}, or a pattern that is not only *`,
    kind === "heads" ? 'write it like "main" or "release/*"' : 'write it like "v*"',
  );
  return text(rule).regex(/^(?!\*+$)(?!refs\/)[A-Za-z0-9._/*-]{1,200}$/, {
    error: ({ input }) => {
      const [, prefix, name] = /^refs\/(heads|tags)\/(.+)$/.exec(String(input)) ?? [];
      return prefix === undefined
        ? rule
        : explain(
            `the name of a ${kind === "heads" ? "branch" : "tag"} does not begin with refs/${prefix}/: no workflow's token would match`,
            `write ${JSON.stringify(name)}${prefix === kind ? "" : ` under ${prefix === "heads" ? "branches" : "tags"}`}`,
          );
    },
  });
}

const team = z.strictObject({
  name: slug.describe("First part of the repositories' names."),
  contact: contact.describe("The team's mail address; the Contact tag."),
  costCentre: tagValue.optional().describe("The CostCentre tag. Default the stack's."),
  services: z
    .array(service)
    .min(1, { error: explain("a team has at least one service", "list one, or remove the team") })
    .describe("Its services; each is one repository."),
  ...repositoryOptions,
  findings: z
    .strictObject({
      minimumSeverity: severity
        .optional()
        .describe("Least severity that reaches the team. Default the platform's."),
      subscriptions: z.array(subscription).min(1, {
        error: explain("a team's topic has at least one subscription", "list one, or leave findings out"),
      }),
    })
    .optional()
    .describe("A topic of the team's own for findings in its repositories."),
  githubRoles: z.array(githubRole).optional().describe("Push roles for GitHub Actions, by OIDC."),
  monthlyBudget: usd().optional().describe("A monthly budget in USD for what carries the team's tag."),
  storageAlarm: gib()
    .optional()
    .describe(
      "Alarm when the team's images take more than this many GiB. Default `operations.alarms.storage`.",
    ),
});

const scanning = z.strictObject({
  manage: flag()
    .default(true)
    .describe("Whether this stack owns the account's and region's registry scanning configuration."),
  type: oneOf("enhanced", "basic")
    .default("enhanced")
    .describe("Inspector enhanced scanning, or ECR's basic scanning."),
  continuous: z
    .array(scanningFilter)
    .optional()
    .describe(
      'Repositories scanned on push and again with each new CVE (enhanced only). Default `["*"]` if enhanced.',
    ),
  onPush: z
    .array(scanningFilter)
    .optional()
    .describe('Repositories scanned on push. Default `["*"]` if basic.'),
  pullTimeExclusions: z
    .array(principalArn.max(...atMost(LIMITS.pullExclusion, "shorten its path or name")))
    .default([])
    .describe(
      "Roles and users, such as those of other scanners or of mirrors, whose pulls do not count as pulls: `unpulledDays` and `images list` then see only who uses an image. At most 100 in an account.",
    ),
  inspector: z
    .strictObject({
      mode: oneOf("enable", "elsewhere")
        .default("enable")
        .describe(
          "`enable` Inspector in this account, or `elsewhere`: the organization's delegated administrator does it (members cannot switch it off themselves).",
        ),
      resourceTypes: z
        .array(oneOf("ECR", "EC2", "LAMBDA", "LAMBDA_CODE", "CODE_REPOSITORY"))
        .default(["ECR"])
        .describe(
          "All resource types that this account scans: the enabler switches off those it does not list.",
        ),
      memberAccounts: z
        .array(accountId)
        .max(...atMost(LIMITS.inspectorMembers, "let an organization policy enable Inspector"))
        .default([])
        .describe("In the delegated administrator's account: member accounts to associate and enable."),
    })
    .prefault({}),
});

const findings = z.strictObject({
  manage: flag().default(true).describe("Whether this stack makes the topic and the rules."),
  topicArn: z
    .string()
    .regex(/^arn:aws(-cn|-us-gov)?:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/, {
      error: explain(
        "the ARN of an SNS topic, whose name has at most 256 characters",
        "write topicArn: arn:aws:sns:eu-west-1:111122223333:alerts",
      ),
    })
    .optional()
    .describe("With `manage: false`: an existing topic for the alerts of the other parts."),
  minimumSeverity: severity
    .default("HIGH")
    .describe(
      "Lowest severity that alerts the platform's topic. `LOW` and `INFORMATIONAL` include vulnerabilities without a rating (`UNTRIAGED`, `UNDEFINED`) and, with `scanComplete`, first scans with any finding.",
    ),
  scope: oneOf("account", "environment")
    .default("account")
    .describe("Alerts on every repository of the account, or on those whose name ends in this environment."),
  scanComplete: flag().default(false).describe("Alert when the first scan of an image has findings."),
  scanFailures: flag()
    .default(true)
    .describe("Alert when a scan fails, an image cannot be scanned, or a repository is no longer scanned."),
  registryFailures: flag()
    .default(true)
    .describe(
      "Alert when an image cannot be replicated into this region, or cannot be cached from an upstream registry.",
    ),
  pushes: flag().default(false).describe("Alert on image pushes."),
  deletes: flag().default(true).describe("Alert on image deletes."),
  subscriptions: z.array(subscription).default([]).describe("Who gets the platform's alerts."),
  slack: z
    .array(
      z.strictObject({
        name: slug,
        workspaceId: z.string().regex(/^T[A-Z0-9]{8,}$/, {
          error: explain(
            "a Slack workspace id begins with T",
            "copy it from Amazon Q Developer in chat applications",
          ),
        }),
        channelId: z.string().regex(/^[CG][A-Z0-9]{8,}$/, {
          error: explain("a Slack channel id begins with C or G", "copy it from the channel's details"),
        }),
      }),
    )
    .default([])
    .describe("Slack channels, through Amazon Q Developer in chat applications (AWS Chatbot)."),
  microsoftTeams: z
    .array(
      z.strictObject({
        name: slug,
        tenantId: z.guid({
          error: explain("a tenant id is a UUID", "copy it from the Teams channel's link"),
        }),
        teamId: z.guid({ error: explain("a team id is a UUID", "copy it from the Teams channel's link") }),
        channelId: text(teamsChannelProblem())
          .max(255, { error: teamsChannelProblem() })
          .regex(TEAMS_CHANNEL, { error: ({ input }) => teamsChannelProblem(input) })
          .describe("As in the channel's link, URL-encoded: `19%3A…%40thread.tacv2`."),
      }),
    )
    .default([])
    .describe(
      "Microsoft Teams channels, at most one in each team of Microsoft Teams, through Amazon Q Developer in chat applications (AWS Chatbot).",
    ),
  securityHub: oneOf("off", "integrate", "enable")
    .default("off")
    .describe(
      "`enable`: the stack enables Security Hub. `integrate`: something else has enabled it, so the stack declares nothing. In both cases AWS sends Inspector's findings there by itself, and `doctor` checks it. `off`: Security Hub is not used.",
    ),
});

/** Availability zones of a new VPC, unless `zones` is set. */
export const NEW_VPC_ZONES = 2;

const SERVICES = ["ecr.api", "ecr.dkr", "s3", "logs", "sts"] as const;

const network = z.strictObject({
  manage: flag().default(true).describe("Whether this stack makes endpoints. One owner a VPC."),
  vpc: z
    .strictObject({
      id: vpcId.optional().describe("An existing VPC."),
      subnetIds: z
        .array(subnetId)
        .optional()
        .describe("Its subnets for the interface endpoints, one per zone."),
      routeTableIds: z
        .array(routeTableId)
        .optional()
        .describe("Its route tables for the S3 gateway endpoint."),
      tags: z
        .record(tagKey, tagValue)
        .optional()
        .describe("Look an existing VPC up by its tags instead; its route tables are found with it."),
      subnetTags: z.record(tagKey, tagValue).optional().describe("With `tags`: the subnets to use."),
      cidr: cidr.optional().describe("Make a new VPC of this IPv4 block instead, without any NAT gateway."),
      zones: whole("availability zones", 2, 6)
        .optional()
        .meta({ default: NEW_VPC_ZONES, description: "With `cidr`: the number of availability zones." }),
    })
    .optional()
    .describe("Exactly one of `id`, `tags` and `cidr`. Default none: there is no network."),
  services: z
    .array(oneOf(...SERVICES))
    .default(["ecr.api", "ecr.dkr", "s3"])
    .describe("Endpoints to provide; pulling needs ecr.api, ecr.dkr and s3, awslogs needs logs."),
  existing: z
    .partialRecord(z.enum(SERVICES), vpcEndpointId)
    .default({})
    .describe("Endpoints that the VPC has already: a second one with private DNS would be refused by AWS."),
  allowedCidrs: z.array(cidr).default([]).describe("Networks that may reach the endpoints on port 443."),
  allowedPrefixLists: z.array(prefixListId).default([]).describe("Prefix lists that may."),
  allowedSecurityGroups: z.array(securityGroupId).default([]).describe("Security groups that may."),
  allowedAccounts: z
    .array(accountId)
    .default([])
    .describe("Other accounts whose repositories may be reached through the endpoints."),
  allowOrganization: flag()
    .default(false)
    .describe("Whether the repositories of the whole organization may be reached."),
  s3Policy: oneOf("ecr-layers", "any")
    .optional()
    .describe(
      "What the S3 gateway allows: `ecr-layers` only (and `s3Buckets`), or `any`. Default `ecr-layers` in a new VPC and `any` in an existing one, where others may share the gateway.",
    ),
  s3Buckets: z
    .array(bucketName)
    .default([])
    .describe("With `ecr-layers`: other buckets that may be read and written through the gateway."),
});

const UPSTREAM_NAMES = Object.keys(UPSTREAMS) as [keyof typeof UPSTREAMS, ...(keyof typeof UPSTREAMS)[]];

const registry = z.strictObject({
  manage: flag()
    .default(true)
    .describe(
      "Whether this stack owns the registry policy, replication and cache rules of the account and region.",
    ),
  replication: z
    .array(
      z.strictObject({
        prefixes: z
          .array(replicationPrefix)
          .max(...atMost(LIMITS.replicationFilters, "split the rule"))
          .default([])
          .describe("Copy only repositories whose names begin with one of these prefixes. Default all."),
        destinations: z
          .array(
            z.strictObject({
              region: z.string().describe("Destination region."),
              accountId: accountId.optional().describe("Destination account. Default the stack's account."),
            }),
          )
          .min(1, {
            error: explain(
              "a replication rule has at least one destination",
              "write destinations: [{ region: eu-central-1 }]",
            ),
          }),
      }),
    )
    .max(...atMost(LIMITS.replicationRules, "merge some"))
    .default([])
    .describe("Rules that copy pushed images to other regions or accounts."),
  replicateFrom: z.array(accountId).default([]).describe("Accounts that may replicate into this registry."),
  pullThroughCache: z
    .array(
      z.strictObject({
        prefix: repositoryPrefix.describe("Prefix of the cached repositories."),
        upstream: oneOf(...UPSTREAM_NAMES),
        credentialArn: z
          .string()
          .regex(
            /^arn:aws(-cn|-us-gov)?:secretsmanager:[a-z0-9-]+:\d{12}:secret:ecr-pullthroughcache\/[\w/+=.@-]+$/,
            {
              error: explain(
                "the ARN of a Secrets Manager secret whose name begins with ecr-pullthroughcache/",
                "create the secret first and copy its ARN",
              ),
            },
          )
          .max(...atMost(LIMITS.cacheCredentials, "shorten the secret's name"))
          .optional()
          .describe(
            "Credentials for upstreams that need them: a secret in the account and region of the stack.",
          ),
      }),
    )
    .max(...atMost(LIMITS.cacheRules, "drop some"))
    .default([])
    .describe(
      "Upstream registries cached here. The repositories that ECR creates for them get `encryption`, `sharing` and `lifecycle` from `repositories`, except that untagged images expire by `lifecycle.others` only; their tags are always mutable. Not available in China and AWS GovCloud (US).",
    ),
  githubOidcProvider: oneOf("none", "create", "existing")
    .default("none")
    .describe("GitHub's OIDC provider, one per account: `create` it, use the `existing` one, or `none`."),
});

/** Retentions that CloudWatch Logs offers. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const logRetentionDays = z.union(
  [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
  ].map((days) => z.literal(days)),
  {
    error: explain(
      "a retention that CloudWatch Logs offers (PutRetentionPolicy): 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400 … 3653 days",
      "write 90 or 365",
    ),
  },
);

const audit = z.strictObject({
  manage: flag().default(true).describe("Whether this stack owns the trail and its bucket."),
  trailArn: z
    .string()
    .regex(/^arn:aws(-cn|-us-gov)?:cloudtrail:[a-z0-9-]+:\d{12}:trail\/[A-Za-z0-9._-]+$/, {
      error: explain("the ARN of a CloudTrail trail", "copy it from `aws cloudtrail list-trails`"),
    })
    .optional()
    .describe(
      "With `manage: false`: the trail that logs this account's management events; `alerts` need one.",
    ),
  retentionDays: whole("days", 90, 3650).default(400).describe("How long log files are kept, in days."),
  lock: z
    .strictObject({
      mode: oneOf("GOVERNANCE", "COMPLIANCE")
        .default("GOVERNANCE")
        .describe("S3 Object Lock mode. COMPLIANCE cannot be shortened by anyone, root included."),
      days: whole("days", 1, 3650).default(90).describe("How long a log file cannot be deleted."),
    })
    .prefault({}),
  logGroup: z
    .strictObject({
      retentionDays: logRetentionDays.default(90),
    })
    .optional()
    .describe("Also deliver to CloudWatch Logs, with this retention in days. Default none."),
  alerts: flag().default(true).describe("Alert on sensitive ECR API calls; needs findings and a trail."),
  deploymentRoles: z
    .array(principalArn)
    .default([])
    .describe("Roles whose own calls do not alert: the role that runs `pulumi up`."),
});

const thresholds = z.array(whole("percent", 1, 1000));

const costs = z.strictObject({
  manage: flag().default(true).describe("Whether this stack makes budgets and the billing alarm."),
  monthlyBudget: usd().optional().describe("A monthly budget in USD for Amazon ECR in this account."),
  actualThresholds: thresholds.default([80, 100]).describe("Percent of the budget spent that alert."),
  forecastThresholds: thresholds.default([100]).describe("Percent of the budget forecast that alert."),
  emails: z.array(email).default([]).describe("Who gets budget, billing and anomaly alerts by mail."),
  billingAlarm: usd()
    .optional()
    .describe("Alarm when Amazon ECR's estimated charges of the month pass this many USD."),
  anomalyThreshold: usd()
    .optional()
    .describe("A cost anomaly monitor that alerts on anomalies of at least this many USD."),
});

const operations = z.strictObject({
  manage: flag()
    .default(true)
    .describe("Whether this stack makes the functions, their schedules, alarms and the dashboard."),
  logRetentionDays: logRetentionDays.default(90).describe("How long the functions' logs are kept, in days."),
  tracing: flag().default(false).describe("Whether the functions are traced by AWS X-Ray."),
  metrics: z
    .strictObject({
      schedule: scheduleExpression
        .default("rate(6 hours)")
        .describe(
          "When storage, images and findings are measured. CloudWatch charges a metric for each hour in which it is published.",
        ),
    })
    .prefault({})
    .describe("Storage, images, findings and failed scans, which ECR does not publish."),
  cleanUp: z
    .strictObject({
      mode: oneOf("off", "dry-run", "delete")
        .default("dry-run")
        .describe(
          "`dry-run` only reports what the rules in `repositories.cleanUp` select; `delete` deletes it. Without any rule there is no function.",
        ),
      schedule: scheduleExpression.default("cron(0 3 ? * SUN *)").describe("When it runs, in UTC."),
      maxDeletions,
      archive: flag()
        .optional()
        .describe(
          "Whether tagged images are archived first, and deleted 90 days later unless they were restored. Default in production.",
        ),
      reportDays: whole("days", 1, 3650)
        .default(365)
        .describe("How long reports are kept, and with them the records of what was archived."),
      inUse: inUse
        .extend({
          regions: z
            .array(regionName)
            .default([])
            .describe(
              "Other regions whose ECS tasks, Batch jobs and Lambda functions count as using an image.",
            ),
          roles: z
            .array(principalArn)
            .default([])
            .describe("Roles in other accounts that clean-up assumes to read which images are in use there."),
          images: z
            .array(
              z.string().regex(/^[\w.-]+(\/[\w.-]+)*(:[\w.*-]+)?(@sha256:[0-9a-f]{64})?$/, {
                error: explain(
                  "a reference to an image: repository:tag or repository@sha256:…, with or without the host",
                  "write it like payments-api-prod:v1.*",
                ),
              }),
            )
            .default([])
            .describe("Images in use that clean-up cannot see, such as `payments-api-prod:v1.*`."),
          list: imageList
            .extend({ bucket: bucketName })
            .optional()
            .describe(
              "An object in S3 with one image reference per line, kept current by a job in an EKS cluster. Default none.",
            ),
        })
        .prefault({})
        .describe(
          "Where else to look for images in use, besides ECS, Batch and Lambda in this account and region.",
        ),
    })
    .prefault({})
    .describe(
      "Clean-up of stale images beyond lifecycle policies, which do not know which images are in use.",
    ),
  alarms: z
    .strictObject({
      storage: gib().optional().describe("Alarm when a team's images take more than this many GiB."),
      criticalFindings: flag().default(true).describe("Alarm while critical findings are open."),
      scanFailures: flag().default(true).describe("Alarm while images cannot be scanned."),
      unscannedDays: whole("days", 1, 365)
        .optional()
        .describe(
          "Alarm when a repository with images was not scanned for this number of days. Default none: scanning on push leaves idle repositories alone.",
        ),
      pullsPerSecond: whole("requests a second", 1, 1_000_000)
        .default(2000)
        .describe(
          "The account's quota of BatchGetImage requests; alarm at 80 % of it, before pulls are throttled.",
        ),
      imagesPerRepository: whole("images", 1, 100_000_000)
        .default(100_000)
        .describe("The quota of images in a repository; alarm when the largest has 80 % of it."),
    })
    .prefault({})
    .describe("Alarms to the platform's topic."),
  dashboard: flag().default(true).describe("Whether there is a CloudWatch dashboard."),
});

/** Where a team file's team or service is, and what differs there. */
function environments<Overrides extends z.ZodType>(what: string, overrides: Overrides) {
  return z
    .union(
      [
        z.array(slug).min(1, {
          error: explain("at least one environment", "list one, or leave environments out for all"),
        }),
        z.record(
          slug,
          z.union([z.literal(false), overrides], {
            error: explain("what differs there, or false", "write { monthlyBudget: 100 } or false"),
          }),
        ),
      ],
      {
        error: explain(
          "a list of environments, or a mapping from an environment to what differs there",
          "write environments: [dev], or environments: { prod: { ... } }",
        ),
      },
    )
    .optional()
    .describe(
      `A list: the only environments that have the ${what}. A mapping: what differs in an environment, or \`false\` where the ${what} is not; environments that it does not name have the ${what} as it is. Default all environments.`,
    );
}

const { name: serviceName, ...serviceOptions } = service.shape;
const { name: teamName, services: _services, ...teamOptions } = team.shape;

/** Only what differs: the common subscriptions need not be repeated. */
const someFindings = teamOptions.findings
  .unwrap()
  .partial()
  .describe(teamOptions.findings.description ?? "");

/** A team file: the team of every environment, with what differs in some. */
export const teamFile = z.strictObject({
  name: teamName,
  ...teamOptions,
  services: z
    .array(
      z.strictObject({
        name: serviceName,
        ...serviceOptions,
        environments: environments("service", z.strictObject(serviceOptions)),
      }),
      { error: explain("a list of services", "write services: and one list entry per service") },
    )
    .min(1, { error: explain("a team has at least one service", "list one, or remove the file") })
    .describe("Its services; each is one repository per environment."),
  environments: environments("team", z.strictObject({ ...teamOptions, findings: someFindings }).partial()),
});

/** A team file as parsed. */
export type TeamFile = z.output<typeof teamFile>;

const teamsGlob = z.string().regex(/^(?![/\\])(?!.*\.\.)[^\\]{1,250}\.ya?ml$/, {
  error: explain("a glob of YAML files below the project's folder", "write teamsFrom: teams/*.yaml"),
});

/**
 * Everything a stack can configure below its project's namespace. What Pulumi.yaml declares by type is
 * repeated here with its format, so that one report holds every problem.
 */
export const stackConfig = z.strictObject({
  accountId: accountId.describe("The AWS account this stack deploys to, twelve digits in quotes."),
  contact: contact.describe("Mail address of the people who own the registry; the Contact tag."),
  environment: slug
    .max(100, {
      error: explain("at most 100 characters, as a stack's name in Pulumi", "shorten it"),
    })
    .describe("Last part of every repository's name. Default the stack's name.")
    .optional(),
  production: oneOf("auto", "yes", "no")
    .default("auto")
    .describe(
      "Whether what holds data is protected and retained. auto: yes in prod and production, no in dev, test and staging; any other environment says `yes` or `no`.",
    ),
  costCentre: tagValue.optional().describe("The CostCentre tag of whatever no team owns."),
  organizationId: organizationId.optional().describe("The AWS organization that shares are limited to."),
  tags: z.record(tagKey, tagValue).default({}).describe("Tags for every resource of the stack."),
  repositories: z.strictObject(repositoryOptions).default({}).describe("Defaults of every repository."),
  teams: z
    .array(team, { error: explain("a list of teams", "write teams: and one list entry per team") })
    .describe("The teams and their services. May be left out if `teamsFrom` is set."),
  teamsFrom: z
    .union(
      [
        teamsGlob,
        z.array(teamsGlob).min(1, { error: explain("at least one glob", "write teamsFrom: teams/*.yaml") }),
      ],
      {
        error: explain("a glob of team files, or a list of globs", "write teamsFrom: teams/*.yaml"),
      },
    )
    .optional()
    .describe(
      "Files with one team each, such as `teams/*.yaml`: a glob or a list of globs, below the project's folder ([team files](team-files.md)). Beside `teams`.",
    ),
  scanning: scanning.prefault({}).describe("The registry scanning configuration and Amazon Inspector."),
  findings: findings.prefault({}).describe("Alerts on findings, scans, pushes and deletes."),
  network: network.prefault({}).describe("VPC endpoints, so that images are pulled without a NAT gateway."),
  registry: registry.prefault({}).describe("Replication, pull through cache and GitHub's OIDC provider."),
  audit: audit.prefault({}).describe("CloudTrail, its bucket, and alerts on sensitive ECR API calls."),
  costs: costs.prefault({}).describe("Budgets, billing alarm and cost anomaly monitor."),
  operations: operations
    .prefault({})
    .describe("Metrics that ECR does not publish, clean-up of stale images, alarms and a dashboard."),
});

/** A stack's config as parsed: formats checked and defaults filled in, but nothing compared across keys. */
export type StackConfig = z.output<typeof stackConfig>;
/** An entry of `teams`. */
export type TeamConfig = StackConfig["teams"][number];
/** What the environment, a team and a service can each say of repositories. */
export type RepositoryOptions = StackConfig["repositories"];
/** Who gets a topic's messages, and how. */
export type SubscriptionConfig = StackConfig["findings"]["subscriptions"][number];
/** A service that has a VPC endpoint here. */
export type EndpointService = (typeof SERVICES)[number];
