import { arnOf, iamArn, type Place } from "../aws/arns";
import { githubProviderArn, workflowTrust } from "./github-role";
import { policyOf, type PolicyDocument, type Statement } from "./iam";
import { LIMITS } from "../aws/limits";

/** Where a stack's resources lie, by which the deploying roles are narrowed. */
export interface DeploymentScope {
  place: Place;
  /** First part of the physical names of the stack's own resources. */
  prefix: string;
  /** Last part of every repository's name. */
  environment: string;
}

/** The account in every region: keys, topics and alarms of costs stand in the billing region. */
const anyRegion = (place: Place): Place => ({ ...place, region: "*" });

/** Resources that actions are narrowed to, by what they are. */
const SCOPES = {
  any: () => ["*"],
  alarm: ({ place, prefix }) => [arnOf(anyRegion(place), "cloudwatch", `alarm:${prefix}-*`)],
  dashboard: ({ place, prefix }) => [
    `arn:${place.partition}:cloudwatch::${place.accountId}:dashboard/${prefix}-*`,
  ],
  function: ({ place, prefix }) => [arnOf(place, "lambda", `function:${prefix}-*`)],
  schedule: ({ place, prefix }) => [arnOf(place, "scheduler", `schedule/default/${prefix}-*`)],
  alias: ({ place, prefix }) => [arnOf(anyRegion(place), "kms", `alias/${prefix}-*`)],
  bucket: ({ place, prefix }) => [`arn:${place.partition}:s3:::${prefix}-*`],
  key: ({ place }) => [arnOf(anyRegion(place), "kms", "key/*")],
  logGroup: ({ place, prefix }) => [arnOf(place, "logs", `log-group:/${prefix}/*`)],
  oidcProvider: ({ place }) => [githubProviderArn(place)],
  queue: ({ place, prefix }) => [arnOf(place, "sqs", `${prefix}-*`)],
  // Repositories of a cache have its prefix and a slash in their names; those of teams have none.
  cachedRepository: ({ place }) => [arnOf(place, "ecr", "repository/*/*")],
  repository: ({ place, environment }) => [arnOf(place, "ecr", `repository/*-${environment}`)],
  role: ({ place, prefix, environment }) => [
    iamArn(place, `role/${prefix}-*`),
    iamArn(place, `role/*-${environment}-push`),
  ],
  rule: ({ place, prefix }) => [arnOf(place, "events", `rule/${prefix}-*`)],
  serviceLinkedRole: ({ place }) => [iamArn(place, "role/aws-service-role/*")],
  topic: ({ place, prefix }) => [arnOf(anyRegion(place), "sns", `${prefix}-*`)],
  trail: ({ place, prefix }) => [arnOf(place, "cloudtrail", `trail/${prefix}-*`)],
  upstreamSecret: ({ place }) => [arnOf(place, "secretsmanager", "secret:ecr-pullthroughcache/*")],
} satisfies Record<string, (scope: DeploymentScope) => string[]>;

type ScopeName = keyof typeof SCOPES;
type Actions = Partial<Record<ScopeName, string[]>>;

/** What the AWS provider calls for one resource type. */
interface TypePermissions {
  /** To read it, as every preview with refresh does. */
  read: Actions;
  /** To create, change and delete it. */
  write: Actions;
}

const passRole: Actions = { role: ["iam:PassRole"] };
const serviceLinkedRole: Actions = { serviceLinkedRole: ["iam:CreateServiceLinkedRole"] };

/** An S3 bucket's settings are resources of their own; each reads and writes one setting. */
const bucketSetting = (read: string, write: string): TypePermissions => ({
  read: { bucket: [read] },
  write: { bucket: [write] },
});

/**
 * IAM actions by Pulumi resource type, from the API calls of the AWS provider and the service authorization
 * reference. https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const PERMISSIONS: Readonly<Record<string, TypePermissions>> = {
  "aws:budgets/budget:Budget": {
    read: { any: ["budgets:ListTagsForResource", "budgets:ViewBudget"] },
    write: { any: ["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"] },
  },
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {
    read: { any: ["chatbot:DescribeSlackChannelConfigurations", "chatbot:ListTagsForResource"] },
    write: {
      any: [
        "chatbot:CreateSlackChannelConfiguration",
        "chatbot:DeleteSlackChannelConfiguration",
        "chatbot:TagResource",
        "chatbot:UntagResource",
        "chatbot:UpdateSlackChannelConfiguration",
      ],
      ...passRole,
      ...serviceLinkedRole,
    },
  },
  "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": {
    // The provider looks a channel up by its team, in the list.
    read: { any: ["chatbot:ListMicrosoftTeamsChannelConfigurations", "chatbot:ListTagsForResource"] },
    write: {
      any: [
        "chatbot:CreateMicrosoftTeamsChannelConfiguration",
        "chatbot:DeleteMicrosoftTeamsChannelConfiguration",
        "chatbot:TagResource",
        "chatbot:UntagResource",
        "chatbot:UpdateMicrosoftTeamsChannelConfiguration",
      ],
      ...passRole,
      ...serviceLinkedRole,
    },
  },
  "aws:cloudtrail/trail:Trail": {
    read: {
      any: ["cloudtrail:DescribeTrails"],
      trail: [
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:ListTags",
      ],
    },
    write: {
      trail: [
        "cloudtrail:AddTags",
        "cloudtrail:CreateTrail",
        "cloudtrail:DeleteTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:RemoveTags",
        "cloudtrail:StartLogging",
        "cloudtrail:StopLogging",
        "cloudtrail:UpdateTrail",
      ],
      ...passRole,
      ...serviceLinkedRole,
    },
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    read: { dashboard: ["cloudwatch:GetDashboard"] },
    write: { dashboard: ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"] },
  },
  "aws:cloudwatch/eventRule:EventRule": {
    read: { rule: ["events:DescribeRule", "events:ListTagsForResource"] },
    write: {
      rule: ["events:DeleteRule", "events:PutRule", "events:TagResource", "events:UntagResource"],
    },
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    read: { rule: ["events:ListTargetsByRule"] },
    write: { rule: ["events:PutTargets", "events:RemoveTargets"] },
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    read: { any: ["logs:DescribeLogGroups"], logGroup: ["logs:ListTagsForResource"] },
    write: {
      logGroup: [
        "logs:AssociateKmsKey",
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
      ],
    },
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    // Listing calls of CloudWatch are authorized on all alarms.
    read: { any: ["cloudwatch:DescribeAlarms"], alarm: ["cloudwatch:ListTagsForResource"] },
    write: {
      alarm: [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
      ],
    },
  },
  "aws:costexplorer/anomalyMonitor:AnomalyMonitor": {
    read: { any: ["ce:GetAnomalyMonitors", "ce:ListTagsForResource"] },
    write: {
      any: [
        "ce:CreateAnomalyMonitor",
        "ce:DeleteAnomalyMonitor",
        "ce:TagResource",
        "ce:UntagResource",
        "ce:UpdateAnomalyMonitor",
      ],
    },
  },
  "aws:costexplorer/anomalySubscription:AnomalySubscription": {
    read: { any: ["ce:GetAnomalySubscriptions", "ce:ListTagsForResource"] },
    write: {
      any: [
        "ce:CreateAnomalySubscription",
        "ce:DeleteAnomalySubscription",
        "ce:TagResource",
        "ce:UntagResource",
        "ce:UpdateAnomalySubscription",
      ],
    },
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    read: { any: ["ec2:DescribeSecurityGroups"] },
    write: {
      any: [
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:CreateSecurityGroup",
        "ec2:CreateTags",
        "ec2:DeleteSecurityGroup",
        "ec2:DeleteTags",
        "ec2:DescribeNetworkInterfaces",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
      ],
    },
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    read: {
      // Subnets, VPCs and route tables are looked up for it; the provider reads the addresses in each subnet.
      any: [
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribePrefixLists",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
      ],
    },
    write: {
      any: [
        "ec2:CreateTags",
        "ec2:CreateVpcEndpoint",
        "ec2:DeleteTags",
        "ec2:DeleteVpcEndpoints",
        "ec2:ModifyVpcEndpoint",
        // Private DNS: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
        "route53:AssociateVPCWithHostedZone",
      ],
    },
  },
  "aws:ecr/accountSetting:AccountSetting": {
    read: { any: ["ecr:GetAccountSetting"] },
    write: { any: ["ecr:PutAccountSetting"] },
  },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
    read: { repository: ["ecr:GetLifecyclePolicy"] },
    write: { repository: ["ecr:DeleteLifecyclePolicy", "ecr:PutLifecyclePolicy"] },
  },
  "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": {
    read: { any: ["ecr:DescribePullThroughCacheRules"] },
    write: {
      any: [
        "ecr:CreatePullThroughCacheRule",
        "ecr:DeletePullThroughCacheRule",
        "ecr:UpdatePullThroughCacheRule",
      ],
      ...serviceLinkedRole,
      upstreamSecret: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    },
  },
  "aws:ecr/registryPolicy:RegistryPolicy": {
    read: { any: ["ecr:GetRegistryPolicy"] },
    write: { any: ["ecr:DeleteRegistryPolicy", "ecr:PutRegistryPolicy"] },
  },
  "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": {
    read: { any: ["ecr:GetRegistryScanningConfiguration"] },
    // ECR calls Inspector in the caller's name, whoever enables Inspector in the account.
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html
    write: {
      any: [
        "ecr:PutRegistryScanningConfiguration",
        "inspector2:Disable",
        "inspector2:Enable",
        "inspector2:ListAccountPermissions",
      ],
      ...serviceLinkedRole,
    },
  },
  "aws:ecr/replicationConfiguration:ReplicationConfiguration": {
    read: { any: ["ecr:DescribeRegistry"] },
    write: { any: ["ecr:PutReplicationConfiguration"], ...serviceLinkedRole },
  },
  "aws:ecr/repository:Repository": {
    read: { repository: ["ecr:DescribeRepositories", "ecr:ListTagsForResource"] },
    write: {
      repository: [
        "ecr:CreateRepository",
        "ecr:DeleteRepository",
        "ecr:PutImageTagMutability",
        "ecr:TagResource",
        "ecr:UntagResource",
      ],
      // ECR makes a grant on the key in the name of whoever creates the repository.
      key: ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"],
    },
  },
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": {
    read: { any: ["ecr:DescribeRepositoryCreationTemplates"] },
    write: {
      any: [
        "ecr:CreateRepositoryCreationTemplate",
        "ecr:DeleteRepositoryCreationTemplate",
        "ecr:UpdateRepositoryCreationTemplate",
      ],
      // What a template lets ECR do is asked of whoever writes it.
      // https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create.html
      cachedRepository: ["ecr:CreateRepository", "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy"],
      ...passRole,
      ...serviceLinkedRole,
    },
  },
  "aws:ecr/repositoryPolicy:RepositoryPolicy": {
    read: { repository: ["ecr:GetRepositoryPolicy"] },
    write: { repository: ["ecr:DeleteRepositoryPolicy", "ecr:SetRepositoryPolicy"] },
  },
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    read: { oidcProvider: ["iam:GetOpenIDConnectProvider"] },
    write: {
      oidcProvider: [
        "iam:AddClientIDToOpenIDConnectProvider",
        "iam:CreateOpenIDConnectProvider",
        "iam:DeleteOpenIDConnectProvider",
        "iam:RemoveClientIDFromOpenIDConnectProvider",
        "iam:TagOpenIDConnectProvider",
        "iam:UntagOpenIDConnectProvider",
        "iam:UpdateOpenIDConnectProviderThumbprint",
      ],
    },
  },
  "aws:iam/role:Role": {
    read: { role: ["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"] },
    write: {
      role: [
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:ListInstanceProfilesForRole",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
      ],
    },
  },
  "aws:iam/rolePolicy:RolePolicy": {
    read: { role: ["iam:GetRolePolicy"] },
    write: { role: ["iam:DeleteRolePolicy", "iam:PutRolePolicy"] },
  },
  "aws:inspector2/enabler:Enabler": {
    read: { any: ["inspector2:BatchGetAccountStatus"] },
    write: { any: ["inspector2:Disable", "inspector2:Enable"], ...serviceLinkedRole },
  },
  "aws:inspector2/memberAssociation:MemberAssociation": {
    read: { any: ["inspector2:GetMember"] },
    write: { any: ["inspector2:AssociateMember", "inspector2:DisassociateMember"] },
  },
  "aws:kms/alias:Alias": {
    read: { any: ["kms:ListAliases"] },
    write: {
      alias: ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
      key: ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
    },
  },
  "aws:kms/key:Key": {
    read: {
      key: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
    },
    write: {
      any: ["kms:CreateKey"],
      key: [
        "kms:EnableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateKeyDescription",
      ],
    },
  },
  "aws:lambda/function:Function": {
    read: {
      function: [
        "lambda:GetFunction",
        "lambda:GetFunctionCodeSigningConfig",
        "lambda:GetFunctionConfiguration",
        "lambda:ListTags",
        "lambda:ListVersionsByFunction",
      ],
    },
    write: {
      function: [
        "lambda:CreateFunction",
        "lambda:DeleteFunction",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
      ],
      ...passRole,
    },
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    read: { function: ["lambda:GetFunctionEventInvokeConfig"] },
    write: {
      function: ["lambda:DeleteFunctionEventInvokeConfig", "lambda:PutFunctionEventInvokeConfig"],
    },
  },
  "aws:lambda/permission:Permission": {
    read: { any: ["lambda:GetPolicy"] },
    write: { any: ["lambda:AddPermission", "lambda:RemovePermission"] },
  },
  "aws:s3/bucket:Bucket": {
    read: {
      bucket: [
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLocation",
        "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
        "s3:ListTagsForResource",
      ],
    },
    // S3 takes tags by either pair of calls; the provider tries the newer one first.
    write: {
      bucket: [
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:PutBucketTagging",
        "s3:TagResource",
        "s3:UntagResource",
      ],
    },
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucketSetting(
    "s3:GetLifecycleConfiguration",
    "s3:PutLifecycleConfiguration",
  ),
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": bucketSetting(
    "s3:GetBucketObjectLockConfiguration",
    "s3:PutBucketObjectLockConfiguration",
  ),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": bucketSetting(
    "s3:GetBucketOwnershipControls",
    "s3:PutBucketOwnershipControls",
  ),
  "aws:s3/bucketPolicy:BucketPolicy": {
    read: { bucket: ["s3:GetBucketPolicy"] },
    write: { bucket: ["s3:DeleteBucketPolicy", "s3:PutBucketPolicy"] },
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucketSetting(
    "s3:GetBucketPublicAccessBlock",
    "s3:PutBucketPublicAccessBlock",
  ),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": bucketSetting(
    "s3:GetEncryptionConfiguration",
    "s3:PutEncryptionConfiguration",
  ),
  "aws:s3/bucketVersioning:BucketVersioning": bucketSetting(
    "s3:GetBucketVersioning",
    "s3:PutBucketVersioning",
  ),
  "aws:scheduler/schedule:Schedule": {
    read: { schedule: ["scheduler:GetSchedule"] },
    write: {
      schedule: ["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:UpdateSchedule"],
      ...passRole,
    },
  },
  "aws:securityhub/account:Account": {
    read: { any: ["securityhub:DescribeHub"] },
    write: {
      any: [
        "securityhub:DisableSecurityHub",
        "securityhub:EnableSecurityHub",
        "securityhub:UpdateSecurityHubConfiguration",
      ],
      ...serviceLinkedRole,
    },
  },
  "aws:securityhub/productSubscription:ProductSubscription": {
    read: { any: ["securityhub:ListEnabledProductsForImport"] },
    write: {
      any: ["securityhub:DisableImportFindingsForProduct", "securityhub:EnableImportFindingsForProduct"],
    },
  },
  "aws:sns/topic:Topic": {
    read: { topic: ["sns:GetTopicAttributes", "sns:ListTagsForResource"] },
    write: {
      topic: [
        "sns:CreateTopic",
        "sns:DeleteTopic",
        "sns:SetTopicAttributes",
        "sns:TagResource",
        "sns:UntagResource",
      ],
    },
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    read: { topic: ["sns:GetTopicAttributes"] },
    write: { topic: ["sns:SetTopicAttributes"] },
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    read: { topic: ["sns:GetSubscriptionAttributes"] },
    write: { any: ["sns:SetSubscriptionAttributes", "sns:Unsubscribe"], topic: ["sns:Subscribe"] },
  },
  "aws:sqs/queue:Queue": {
    read: { queue: ["sqs:GetQueueAttributes", "sqs:ListQueueTags"] },
    write: {
      queue: [
        "sqs:CreateQueue",
        "sqs:DeleteQueue",
        "sqs:SetQueueAttributes",
        "sqs:TagQueue",
        "sqs:UntagQueue",
      ],
    },
  },
  "aws:sqs/queuePolicy:QueuePolicy": {
    read: { queue: ["sqs:GetQueueAttributes"] },
    write: { queue: ["sqs:SetQueueAttributes"] },
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    read: { any: ["ec2:DescribeSecurityGroupRules"] },
    write: {
      any: [
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateTags",
        "ec2:DeleteTags",
        "ec2:ModifySecurityGroupRules",
        "ec2:RevokeSecurityGroupIngress",
      ],
    },
  },
  "awsx:ec2:Vpc": {
    read: {
      any: [
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcs",
      ],
    },
    write: {
      any: [
        "ec2:AssociateRouteTable",
        "ec2:AttachInternetGateway",
        "ec2:CreateInternetGateway",
        "ec2:CreateRouteTable",
        "ec2:CreateSubnet",
        "ec2:CreateTags",
        "ec2:CreateVpc",
        "ec2:DeleteInternetGateway",
        "ec2:DeleteRouteTable",
        "ec2:DeleteSubnet",
        "ec2:DeleteTags",
        "ec2:DeleteVpc",
        "ec2:DetachInternetGateway",
        "ec2:DisassociateRouteTable",
        "ec2:ModifySubnetAttribute",
        "ec2:ModifyVpcAttribute",
      ],
    },
  },
};

/** A backend in S3 and the KMS key that encrypts the stack's secrets, as ARNs. */
export interface StateBackend {
  bucketArn: string;
  keyArn: string;
}

function stateStatements({ bucketArn, keyArn }: StateBackend, write: boolean): Statement[] {
  return [
    {
      Sid: "ListState",
      Effect: "Allow",
      Action: ["s3:GetBucketLocation", "s3:ListBucket"],
      Resource: bucketArn,
    },
    {
      Sid: "State",
      Effect: "Allow",
      // A preview writes nothing; an update writes state, history and its lock.
      Action: ["s3:GetObject", ...(write ? ["s3:DeleteObject", "s3:PutObject"] : [])],
      Resource: `${bucketArn}/.pulumi/*`,
    },
    {
      Sid: "StateSecrets",
      Effect: "Allow",
      Action: ["kms:Decrypt", ...(write ? ["kms:Encrypt", "kms:GenerateDataKey"] : [])],
      Resource: keyArn,
    },
  ];
}

const title = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Statements of one kind, one a scope, with each action once. */
function statements(kind: "read" | "write", types: readonly string[], scope: DeploymentScope): Statement[] {
  return (Object.keys(SCOPES) as ScopeName[]).flatMap((name): Statement[] => {
    const actions = types.flatMap((type) => PERMISSIONS[type]?.[kind][name] ?? []);
    return actions.length === 0
      ? []
      : [
          {
            Sid: `${title(kind)}${title(name)}`,
            Effect: "Allow",
            Action: [...new Set(actions)].sort(),
            Resource: SCOPES[name](scope),
          },
        ];
  });
}

/** The statements in as few documents as IAM's quota allows, in their order. */
function documents(all: Statement[]): PolicyDocument[] {
  return all.reduce<PolicyDocument[]>((done, statement) => {
    const last = done.at(-1);
    const longer = policyOf(...(last?.Statement ?? []), statement);
    return last !== undefined && JSON.stringify(longer).length <= LIMITS.managedPolicy.max
      ? [...done.slice(0, -1), longer]
      : [...done, policyOf(statement)];
  }, []);
}

/**
 * What the roles that deploy a stack may do: the preview role reads what the stack declares, the update role
 * changes it as well. Both are narrowed to the stack's own names wherever IAM can; passing a role and
 * creating roles is limited to roles of the stack.
 * @param types resource types that the stack declares
 * @throws Error where a type is not known (a mistake of this table)
 */
export function deploymentPolicies(
  scope: DeploymentScope,
  types: readonly string[],
  state?: StateBackend,
): { preview: PolicyDocument[]; update: PolicyDocument[] } {
  const unknown = types.find((type) => PERMISSIONS[type] === undefined);
  if (unknown !== undefined) {
    throw new Error(`no IAM permissions are known for ${unknown}. Fix: add it to PERMISSIONS`);
  }
  const ofState = (write: boolean) => (state === undefined ? [] : stateStatements(state, write));
  const read = statements("read", types, scope);
  return {
    preview: documents([...ofState(false), ...read]),
    update: documents([...ofState(true), ...read, ...statements("write", types, scope)]),
  };
}

/**
 * Trust policies of the roles that deploy a stack from one GitHub repository.
 * @param repository `owner/name`, or `owner@id/name@id`
 */
export function deploymentTrusts(
  place: Place,
  repository: string,
  stack: string,
): { preview: PolicyDocument; update: PolicyDocument } {
  const trust = (contexts: string[]) => workflowTrust(place, repository, contexts);
  return {
    // Pull requests of the repository itself, and the nightly look for drift.
    preview: trust(["pull_request", "ref:refs/heads/main"]),
    update: trust([`environment:${stack}`]),
  };
}
