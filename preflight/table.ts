import { UNKNOWN } from "../plan/run";

/** Converts an input's value. References in it are texts still. */
type Convert = (value: unknown) => unknown;

/** How one input of a Pulumi resource is written in CloudFormation. */
interface Property {
  /** CloudFormation's property; `A.B` is property B of A. */
  to: string;
  convert?: Convert;
  /** Whether the value is a list, so that an unknown one becomes a list as well. */
  list?: boolean;
}

/** An input or a type that CloudFormation has no counterpart of. */
interface Without {
  without: string;
}

/** One Pulumi type. */
export type Row =
  | Without
  | {
      /** CloudFormation's type. */
      type: string;
      properties: Record<string, string | Property | Without>;
      /** What the provider sets itself where the program leaves it out. */
      always?: Record<string, unknown>;
      /** The property that takes the logical name where no name is given. */
      nameTo?: string;
    }
  | {
      /** Pulumi's type of the resource that has this one as a property in CloudFormation. */
      partOf: string;
      /** The input that names the resource, and the resource's input that has the name. */
      by: [own: string, owner: string];
      properties: Record<string, string | Property | Without>;
      always?: Record<string, unknown>;
      /** The list of the owner that the part is one element of. Default: its properties are the owner's. */
      elementOf?: string;
    };

/** An object with the given keys renamed; a key that is not in the table is an error, never lost. */
function fields(names: Record<string, string | [to: string, convert: Convert]>): Convert {
  return (value) => {
    if (!isRecord(value)) {
      return value;
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const name = names[key];
        if (name === undefined) {
          throw new Error(`has the key ${key}, which preflight/table.ts does not map`);
        }
        return typeof name === "string" ? [name, inner] : [name[0], name[1](inner)];
      }),
    );
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const each =
  (convert: Convert): Convert =>
  (value) =>
    Array.isArray(value) ? value.map(convert) : value;

/** The only element of a list. */
const only =
  (convert: Convert): Convert =>
  (value) => {
    if (!Array.isArray(value)) {
      return value;
    }
    if (value.length !== 1) {
      throw new Error(`has ${value.length} elements where CloudFormation takes one`);
    }
    return convert(value[0]);
  };

const pairs =
  (key: string, name: string): Convert =>
  (value) =>
    isRecord(value) ? Object.entries(value).map(([k, v]) => ({ [key]: k, [name]: v })) : value;

/** A policy or an event pattern as an object, the way templates hold them. */
const document: Convert = (value) =>
  typeof value === "string" && value !== UNKNOWN ? (JSON.parse(value) as unknown) : value;

/** The same names, with a capital letter, at every depth. Only where no key is data. */
const capitalized: Convert = (value) => {
  if (Array.isArray(value)) {
    return value.map(capitalized);
  }
  return isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          key.charAt(0).toUpperCase() + key.slice(1),
          capitalized(inner),
        ]),
      )
    : value;
};

const tags: Property = { to: "Tags", convert: pairs("Key", "Value") };
const resourceTags: Property = { to: "ResourceTags", convert: pairs("Key", "Value") };
const policyDocument: Property = { to: "PolicyDocument", convert: document };
const documentIn = (to: string): Property => ({ to, convert: document });
const same = (to: string): Property => ({ to, convert: capitalized });
const list = (to: string): Property => ({ to, list: true });
const without = (reason: string): Without => ({ without: reason });

const tableTags = without("CloudFormation has no tags for it");

const encryption: Property = {
  to: "EncryptionConfiguration",
  convert: only(fields({ encryptionType: "EncryptionType", kmsKey: "KmsKey" })),
};
const exclusionFilters: Property = {
  to: "ImageTagMutabilityExclusionFilters",
  convert: each(
    fields({
      filter: "ImageTagMutabilityExclusionFilterValue",
      filterType: "ImageTagMutabilityExclusionFilterType",
    }),
  ),
};

/** A budget's notification, with its subscribers in one list. */
const notification: Convert = (value) => {
  const {
    subscriberEmailAddresses = [],
    subscriberSnsTopicArns = [],
    ...rest
  } = value as Record<string, unknown> & {
    subscriberEmailAddresses?: unknown[];
    subscriberSnsTopicArns?: unknown[];
  };
  return {
    Notification: fields({
      comparisonOperator: "ComparisonOperator",
      notificationType: "NotificationType",
      threshold: "Threshold",
      thresholdType: "ThresholdType",
    })(rest),
    Subscribers: [
      ...subscriberEmailAddresses.map((Address) => ({ SubscriptionType: "EMAIL", Address })),
      ...subscriberSnsTopicArns.map((Address) => ({ SubscriptionType: "SNS", Address })),
    ],
  };
};

const lifecycleRule = fields({
  id: "Id",
  status: "Status",
  filter: ["Prefix", (filter) => (filter as { prefix: string }).prefix],
  expiration: ["ExpirationInDays", (expiration) => (expiration as { days: number }).days],
  noncurrentVersionExpiration: [
    "NoncurrentVersionExpiration",
    fields({ noncurrentDays: "NoncurrentDays", newerNoncurrentVersions: "NewerNoncurrentVersions" }),
  ],
  abortIncompleteMultipartUpload: [
    "AbortIncompleteMultipartUpload",
    fields({ daysAfterInitiation: "DaysAfterInitiation" }),
  ],
});

const BUCKET: [string, string] = ["bucket", "bucket"];
const BUCKET_TYPE = "aws:s3/bucket:Bucket";
const REPOSITORY_TYPE = "aws:ecr/repository:Repository";
const inspector = without("CloudFormation has no resource type that enables Inspector");

/**
 * What each Pulumi type and input that the program declares is called in CloudFormation.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
 */
export const TABLE: Record<string, Row> = {
  "aws:budgets/budget:Budget": {
    type: "AWS::Budgets::Budget",
    properties: {
      name: "Budget.BudgetName",
      budgetType: "Budget.BudgetType",
      timeUnit: "Budget.TimeUnit",
      limitAmount: { to: "Budget.BudgetLimit.Amount", convert: Number },
      limitUnit: "Budget.BudgetLimit.Unit",
      costFilters: {
        to: "Budget.CostFilters",
        convert: (filters) =>
          Object.fromEntries(
            (filters as { name: string; values: string[] }[]).map(({ name, values }) => [name, values]),
          ),
      },
      notifications: { to: "NotificationsWithSubscribers", convert: each(notification) },
      tags: resourceTags,
    },
  },
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {
    type: "AWS::Chatbot::SlackChannelConfiguration",
    properties: {
      configurationName: "ConfigurationName",
      guardrailPolicyArns: "GuardrailPolicies",
      iamRoleArn: "IamRoleArn",
      loggingLevel: "LoggingLevel",
      slackChannelId: "SlackChannelId",
      slackTeamId: "SlackWorkspaceId",
      snsTopicArns: list("SnsTopicArns"),
      tags,
    },
  },
  "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": {
    type: "AWS::Chatbot::MicrosoftTeamsChannelConfiguration",
    properties: {
      configurationName: "ConfigurationName",
      guardrailPolicyArns: "GuardrailPolicies",
      iamRoleArn: "IamRoleArn",
      loggingLevel: "LoggingLevel",
      channelId: "TeamsChannelId",
      teamId: "TeamId",
      tenantId: "TeamsTenantId",
      snsTopicArns: list("SnsTopicArns"),
      tags,
    },
  },
  "aws:cloudtrail/trail:Trail": {
    type: "AWS::CloudTrail::Trail",
    properties: {
      name: "TrailName",
      enableLogging: "IsLogging",
      enableLogFileValidation: "EnableLogFileValidation",
      includeGlobalServiceEvents: "IncludeGlobalServiceEvents",
      isMultiRegionTrail: "IsMultiRegionTrail",
      kmsKeyId: "KMSKeyId",
      s3BucketName: "S3BucketName",
      cloudWatchLogsGroupArn: "CloudWatchLogsLogGroupArn",
      cloudWatchLogsRoleArn: "CloudWatchLogsRoleArn",
      tags,
    },
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    type: "AWS::CloudWatch::Dashboard",
    properties: { dashboardName: "DashboardName", dashboardBody: "DashboardBody" },
  },
  "aws:cloudwatch/eventRule:EventRule": {
    type: "AWS::Events::Rule",
    properties: {
      name: "Name",
      description: "Description",
      eventPattern: documentIn("EventPattern"),
      state: "State",
      tags,
    },
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    partOf: "aws:cloudwatch/eventRule:EventRule",
    by: ["rule", "name"],
    elementOf: "Targets",
    properties: {
      targetId: "Id",
      arn: "Arn",
      deadLetterConfig: same("DeadLetterConfig"),
      retryPolicy: same("RetryPolicy"),
      inputTransformer: {
        to: "InputTransformer",
        convert: fields({ inputPaths: "InputPathsMap", inputTemplate: "InputTemplate" }),
      },
    },
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    type: "AWS::Logs::LogGroup",
    properties: { name: "LogGroupName", retentionInDays: "RetentionInDays", kmsKeyId: "KmsKeyId", tags },
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    type: "AWS::CloudWatch::Alarm",
    properties: {
      name: "AlarmName",
      alarmDescription: "AlarmDescription",
      namespace: "Namespace",
      metricName: "MetricName",
      dimensions: { to: "Dimensions", convert: pairs("Name", "Value") },
      statistic: "Statistic",
      period: "Period",
      evaluationPeriods: "EvaluationPeriods",
      datapointsToAlarm: "DatapointsToAlarm",
      comparisonOperator: "ComparisonOperator",
      threshold: "Threshold",
      treatMissingData: "TreatMissingData",
      metricQueries: {
        to: "Metrics",
        convert: each(
          fields({
            id: "Id",
            expression: "Expression",
            label: "Label",
            returnData: "ReturnData",
            period: "Period",
            accountId: "AccountId",
            metric: [
              "MetricStat",
              (value) => {
                const { metricName, namespace, dimensions, period, stat } = value as Record<string, unknown>;
                return {
                  Metric: {
                    Namespace: namespace,
                    MetricName: metricName,
                    Dimensions: pairs("Name", "Value")(dimensions),
                  },
                  Period: period,
                  Stat: stat,
                };
              },
            ],
          }),
        ),
      },
      alarmActions: list("AlarmActions"),
      okActions: list("OKActions"),
      tags,
    },
  },
  "aws:costexplorer/anomalyMonitor:AnomalyMonitor": {
    type: "AWS::CE::AnomalyMonitor",
    properties: {
      name: "MonitorName",
      monitorType: "MonitorType",
      monitorSpecification: "MonitorSpecification",
      tags: resourceTags,
    },
  },
  "aws:costexplorer/anomalySubscription:AnomalySubscription": {
    type: "AWS::CE::AnomalySubscription",
    properties: {
      name: "SubscriptionName",
      frequency: "Frequency",
      monitorArnLists: list("MonitorArnList"),
      subscribers: { to: "Subscribers", convert: each(fields({ address: "Address", type: "Type" })) },
      thresholdExpression: {
        to: "ThresholdExpression",
        convert: (value) =>
          JSON.stringify(
            fields({
              dimension: [
                "Dimensions",
                fields({ key: "Key", matchOptions: "MatchOptions", values: "Values" }),
              ],
            })(value),
          ),
      },
      tags: resourceTags,
    },
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    type: "AWS::EC2::SecurityGroup",
    properties: { name: "GroupName", description: "GroupDescription", vpcId: "VpcId", tags },
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    type: "AWS::EC2::VPCEndpoint",
    properties: {
      vpcEndpointType: "VpcEndpointType",
      serviceName: "ServiceName",
      vpcId: "VpcId",
      policy: policyDocument,
      privateDnsEnabled: "PrivateDnsEnabled",
      securityGroupIds: { to: "SecurityGroupIds", list: true },
      subnetIds: { to: "SubnetIds", list: true },
      routeTableIds: { to: "RouteTableIds", list: true },
      tags,
    },
  },
  "aws:ecr/accountSetting:AccountSetting": without(
    "CloudFormation has no resource type for account settings",
  ),
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
    partOf: REPOSITORY_TYPE,
    by: ["repository", "name"],
    properties: { policy: "LifecyclePolicy.LifecyclePolicyText" },
  },
  "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": {
    type: "AWS::ECR::PullThroughCacheRule",
    properties: {
      ecrRepositoryPrefix: "EcrRepositoryPrefix",
      upstreamRegistryUrl: "UpstreamRegistryUrl",
      credentialArn: "CredentialArn",
    },
  },
  "aws:ecr/pullTimeUpdateExclusion:PullTimeUpdateExclusion": {
    type: "AWS::ECR::PullTimeUpdateExclusion",
    properties: { principalArn: "PrincipalArn" },
  },
  "aws:ecr/registryPolicy:RegistryPolicy": {
    type: "AWS::ECR::RegistryPolicy",
    properties: { policy: documentIn("PolicyText") },
  },
  "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": {
    type: "AWS::ECR::RegistryScanningConfiguration",
    properties: { scanType: "ScanType", rules: same("Rules") },
  },
  "aws:ecr/replicationConfiguration:ReplicationConfiguration": {
    type: "AWS::ECR::ReplicationConfiguration",
    properties: { replicationConfiguration: same("ReplicationConfiguration") },
  },
  [REPOSITORY_TYPE]: {
    type: "AWS::ECR::Repository",
    properties: {
      name: "RepositoryName",
      forceDelete: "EmptyOnDelete",
      imageTagMutability: "ImageTagMutability",
      imageTagMutabilityExclusionFilters: exclusionFilters,
      encryptionConfigurations: encryption,
      tags,
    },
  },
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": {
    type: "AWS::ECR::RepositoryCreationTemplate",
    properties: {
      prefix: "Prefix",
      description: "Description",
      appliedFors: "AppliedFor",
      customRoleArn: "CustomRoleArn",
      encryptionConfigurations: encryption,
      imageTagMutability: "ImageTagMutability",
      imageTagMutabilityExclusionFilters: exclusionFilters,
      lifecyclePolicy: "LifecyclePolicy",
      repositoryPolicy: "RepositoryPolicy",
      resourceTags,
    },
  },
  "aws:ecr/repositoryPolicy:RepositoryPolicy": {
    partOf: REPOSITORY_TYPE,
    by: ["repository", "name"],
    properties: { policy: documentIn("RepositoryPolicyText") },
  },
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    type: "AWS::IAM::OIDCProvider",
    properties: { url: "Url", clientIdLists: "ClientIdList", tags },
  },
  "aws:iam/role:Role": {
    type: "AWS::IAM::Role",
    properties: {
      name: "RoleName",
      description: "Description",
      assumeRolePolicy: documentIn("AssumeRolePolicyDocument"),
      maxSessionDuration: "MaxSessionDuration",
      tags,
    },
  },
  "aws:iam/rolePolicy:RolePolicy": {
    type: "AWS::IAM::Policy",
    // The provider makes a name up where none is given, from the logical one.
    nameTo: "PolicyName",
    properties: {
      name: "PolicyName",
      role: { to: "Roles", convert: (role) => [role] },
      policy: policyDocument,
    },
  },
  "aws:inspector2/enabler:Enabler": inspector,
  "aws:inspector2/memberAssociation:MemberAssociation": inspector,
  "aws:kms/alias:Alias": {
    type: "AWS::KMS::Alias",
    properties: { name: "AliasName", targetKeyId: "TargetKeyId" },
  },
  "aws:kms/key:Key": {
    type: "AWS::KMS::Key",
    properties: {
      description: "Description",
      deletionWindowInDays: "PendingWindowInDays",
      enableKeyRotation: "EnableKeyRotation",
      rotationPeriodInDays: "RotationPeriodInDays",
      policy: documentIn("KeyPolicy"),
      tags,
    },
  },
  "aws:lambda/function:Function": {
    type: "AWS::Lambda::Function",
    properties: {
      name: "FunctionName",
      description: "Description",
      // The bundled files; CloudFormation takes them from a bucket.
      code: { to: "Code", convert: (files) => ({ S3Bucket: files, S3Key: files }) },
      handler: "Handler",
      runtime: "Runtime",
      architectures: "Architectures",
      memorySize: "MemorySize",
      timeout: "Timeout",
      role: "Role",
      environment: { to: "Environment", convert: fields({ variables: "Variables" }) },
      loggingConfig: same("LoggingConfig"),
      deadLetterConfig: same("DeadLetterConfig"),
      tracingConfig: same("TracingConfig"),
      reservedConcurrentExecutions: "ReservedConcurrentExecutions",
      tags,
    },
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    type: "AWS::Lambda::EventInvokeConfig",
    properties: {
      functionName: "FunctionName",
      maximumEventAgeInSeconds: "MaximumEventAgeInSeconds",
      maximumRetryAttempts: "MaximumRetryAttempts",
    },
    // Required in CloudFormation; the provider uses it where the program gives none.
    always: { Qualifier: "$LATEST" },
  },
  "aws:lambda/permission:Permission": {
    type: "AWS::Lambda::Permission",
    properties: {
      action: "Action",
      function: "FunctionName",
      principal: "Principal",
      sourceArn: "SourceArn",
    },
  },
  [BUCKET_TYPE]: {
    type: "AWS::S3::Bucket",
    properties: {
      bucket: "BucketName",
      objectLockEnabled: "ObjectLockEnabled",
      forceDestroy: without("deletes the objects first, which CloudFormation cannot"),
      tags,
    },
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    partOf: BUCKET_TYPE,
    by: BUCKET,
    properties: {
      rules: { to: "LifecycleConfiguration.Rules", convert: each(lifecycleRule) },
    },
  },
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": {
    partOf: BUCKET_TYPE,
    by: BUCKET,
    properties: { rule: same("ObjectLockConfiguration.Rule") },
    always: { "ObjectLockConfiguration.ObjectLockEnabled": "Enabled" },
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
    partOf: BUCKET_TYPE,
    by: BUCKET,
    properties: {
      rule: { to: "OwnershipControls.Rules", convert: (rule) => [capitalized(rule)] },
    },
  },
  "aws:s3/bucketPolicy:BucketPolicy": {
    type: "AWS::S3::BucketPolicy",
    properties: { bucket: "Bucket", policy: policyDocument },
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    partOf: BUCKET_TYPE,
    by: BUCKET,
    properties: {
      blockPublicAcls: "PublicAccessBlockConfiguration.BlockPublicAcls",
      blockPublicPolicy: "PublicAccessBlockConfiguration.BlockPublicPolicy",
      ignorePublicAcls: "PublicAccessBlockConfiguration.IgnorePublicAcls",
      restrictPublicBuckets: "PublicAccessBlockConfiguration.RestrictPublicBuckets",
    },
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    partOf: BUCKET_TYPE,
    by: BUCKET,
    properties: {
      rules: {
        to: "BucketEncryption.ServerSideEncryptionConfiguration",
        convert: each(
          fields({
            bucketKeyEnabled: "BucketKeyEnabled",
            applyServerSideEncryptionByDefault: [
              "ServerSideEncryptionByDefault",
              fields({ sseAlgorithm: "SSEAlgorithm", kmsMasterKeyId: "KMSMasterKeyID" }),
            ],
          }),
        ),
      },
    },
  },
  "aws:s3/bucketVersioning:BucketVersioning": {
    partOf: BUCKET_TYPE,
    by: BUCKET,
    properties: { versioningConfiguration: same("VersioningConfiguration") },
  },
  "aws:scheduler/schedule:Schedule": {
    type: "AWS::Scheduler::Schedule",
    properties: {
      name: "Name",
      description: "Description",
      scheduleExpression: "ScheduleExpression",
      scheduleExpressionTimezone: "ScheduleExpressionTimezone",
      flexibleTimeWindow: same("FlexibleTimeWindow"),
      target: {
        to: "Target",
        convert: fields({
          arn: "Arn",
          roleArn: "RoleArn",
          input: "Input",
          deadLetterConfig: ["DeadLetterConfig", capitalized],
          retryPolicy: ["RetryPolicy", capitalized],
        }),
      },
    },
  },
  "aws:securityhub/account:Account": {
    type: "AWS::SecurityHub::Hub",
    properties: { enableDefaultStandards: "EnableDefaultStandards" },
  },
  "aws:sns/topic:Topic": {
    type: "AWS::SNS::Topic",
    properties: { name: "TopicName", displayName: "DisplayName", kmsMasterKeyId: "KmsMasterKeyId", tags },
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    type: "AWS::SNS::TopicPolicy",
    properties: { arn: { to: "Topics", convert: (arn) => [arn] }, policy: policyDocument },
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    type: "AWS::SNS::Subscription",
    properties: {
      topic: "TopicArn",
      protocol: "Protocol",
      endpoint: "Endpoint",
    },
  },
  "aws:sqs/queue:Queue": {
    type: "AWS::SQS::Queue",
    properties: {
      name: "QueueName",
      messageRetentionSeconds: "MessageRetentionPeriod",
      sqsManagedSseEnabled: "SqsManagedSseEnabled",
      tags,
    },
  },
  "aws:sqs/queuePolicy:QueuePolicy": {
    type: "AWS::SQS::QueuePolicy",
    properties: {
      queueUrl: { to: "Queues", convert: (url) => [url] },
      policy: policyDocument,
    },
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    type: "AWS::EC2::SecurityGroupIngress",
    properties: {
      securityGroupId: "GroupId",
      ipProtocol: "IpProtocol",
      fromPort: "FromPort",
      toPort: "ToPort",
      description: "Description",
      cidrIpv4: "CidrIp",
      cidrIpv6: "CidrIpv6",
      prefixListId: "SourcePrefixListId",
      referencedSecurityGroupId: "SourceSecurityGroupId",
      tags: tableTags,
    },
  },
  "awsx:ec2:Vpc": without("its own plugin makes the VPC's resources, which an offline plan does not have"),
};
