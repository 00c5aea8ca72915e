/** What a change of an input does to its resource; `maybe` where this program does not know it. */
export type Replaces = boolean | "maybe";

/**
 * The inputs that the program declares, by what a change of one does: those that make the provider replace the
 * resource ("Forces new resource" in the AWS provider's documentation), and those that it updates in place.
 * Where a value is a list, any change below the key counts. Held against plans of the provider, version 5.100.
 */
export const INPUTS: Record<string, { replace: readonly string[]; update: readonly string[] }> = {
  "aws:budgets/budget:Budget": {
    replace: ["name"],
    update: ["budgetType", "costFilters", "limitAmount", "limitUnit", "notifications", "timeUnit"],
  },
  // The API changes neither; the program asks for the replacement (components/parts/chat-channels.ts).
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": {
    replace: [],
    update: ["guardrailPolicyArns", "iamRoleArn", "loggingLevel", "slackChannelId", "snsTopicArns"],
  },
  "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": {
    replace: [],
    update: ["channelId", "guardrailPolicyArns", "iamRoleArn", "loggingLevel", "snsTopicArns"],
  },
  "aws:cloudtrail/trail:Trail": {
    replace: ["name"],
    update: [
      "cloudWatchLogsGroupArn",
      "cloudWatchLogsRoleArn",
      "enableLogFileValidation",
      "enableLogging",
      "includeGlobalServiceEvents",
      "isMultiRegionTrail",
      "kmsKeyId",
      "s3BucketName",
    ],
  },
  "aws:cloudwatch/dashboard:Dashboard": { replace: ["dashboardName"], update: ["dashboardBody"] },
  "aws:cloudwatch/eventRule:EventRule": {
    replace: ["name"],
    update: ["description", "eventPattern", "state"],
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    replace: ["rule", "targetId"],
    update: ["arn", "deadLetterConfig", "inputTransformer", "retryPolicy"],
  },
  "aws:cloudwatch/logGroup:LogGroup": { replace: ["name"], update: ["kmsKeyId", "retentionInDays"] },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    replace: ["name"],
    update: [
      "alarmActions",
      "alarmDescription",
      "comparisonOperator",
      "dimensions",
      "evaluationPeriods",
      "metricName",
      "metricQueries",
      "namespace",
      "okActions",
      "period",
      "statistic",
      "threshold",
      "treatMissingData",
    ],
  },
  "aws:costexplorer/anomalyMonitor:AnomalyMonitor": {
    replace: ["monitorSpecification", "monitorType"],
    update: ["name"],
  },
  "aws:costexplorer/anomalySubscription:AnomalySubscription": {
    replace: ["name"],
    update: ["frequency", "monitorArnLists", "subscribers", "thresholdExpression"],
  },
  "aws:ec2/securityGroup:SecurityGroup": { replace: ["description", "name", "vpcId"], update: [] },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    replace: ["serviceName", "vpcEndpointType", "vpcId"],
    update: ["policy", "privateDnsEnabled", "routeTableIds", "securityGroupIds", "subnetIds"],
  },
  "aws:ecr/accountSetting:AccountSetting": { replace: ["name"], update: ["value"] },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": { replace: ["policy", "repository"], update: [] },
  "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": {
    replace: ["ecrRepositoryPrefix", "upstreamRegistryUrl"],
    update: ["credentialArn"],
  },
  "aws:ecr/registryPolicy:RegistryPolicy": { replace: [], update: ["policy"] },
  "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": {
    replace: [],
    update: ["rules", "scanType"],
  },
  "aws:ecr/replicationConfiguration:ReplicationConfiguration": {
    replace: [],
    update: ["replicationConfiguration"],
  },
  "aws:ecr/repository:Repository": {
    replace: ["encryptionConfigurations", "name"],
    update: ["forceDelete", "imageTagMutability", "imageTagMutabilityExclusionFilters"],
  },
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": {
    replace: ["prefix"],
    update: [
      "appliedFors",
      "customRoleArn",
      "description",
      "encryptionConfigurations",
      "imageTagMutability",
      "imageTagMutabilityExclusionFilters",
      "lifecyclePolicy",
      "repositoryPolicy",
      "resourceTags",
    ],
  },
  "aws:ecr/repositoryPolicy:RepositoryPolicy": { replace: ["repository"], update: ["policy"] },
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": { replace: ["url"], update: ["clientIdLists"] },
  "aws:iam/role:Role": {
    replace: ["name"],
    update: ["assumeRolePolicy", "description", "maxSessionDuration"],
  },
  "aws:iam/rolePolicy:RolePolicy": { replace: ["name", "role"], update: ["policy"] },
  "aws:inspector2/enabler:Enabler": { replace: [], update: ["accountIds", "resourceTypes"] },
  "aws:inspector2/memberAssociation:MemberAssociation": { replace: ["accountId"], update: [] },
  "aws:kms/alias:Alias": { replace: ["name"], update: ["targetKeyId"] },
  "aws:kms/key:Key": {
    replace: [],
    update: ["deletionWindowInDays", "description", "enableKeyRotation", "policy", "rotationPeriodInDays"],
  },
  "aws:lambda/function:Function": {
    replace: ["name"],
    update: [
      "architectures",
      "code",
      "deadLetterConfig",
      "description",
      "environment",
      "handler",
      "loggingConfig",
      "memorySize",
      "role",
      "runtime",
      "timeout",
      "tracingConfig",
    ],
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    replace: ["functionName"],
    update: ["maximumEventAgeInSeconds", "maximumRetryAttempts"],
  },
  "aws:lambda/permission:Permission": {
    replace: ["action", "function", "principal", "sourceAccount", "sourceArn"],
    update: [],
  },
  "aws:s3/bucket:Bucket": { replace: ["bucket", "objectLockEnabled"], update: ["forceDestroy"] },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    replace: ["bucket"],
    update: ["rules"],
  },
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": {
    replace: ["bucket"],
    update: ["rule"],
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": { replace: ["bucket"], update: ["rule"] },
  "aws:s3/bucketPolicy:BucketPolicy": { replace: ["bucket"], update: ["policy"] },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    replace: ["bucket"],
    update: ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"],
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    replace: ["bucket"],
    update: ["rules"],
  },
  "aws:s3/bucketVersioning:BucketVersioning": { replace: ["bucket"], update: ["versioningConfiguration"] },
  "aws:scheduler/schedule:Schedule": {
    replace: ["name"],
    update: [
      "description",
      "flexibleTimeWindow",
      "scheduleExpression",
      "scheduleExpressionTimezone",
      "target",
    ],
  },
  "aws:securityhub/account:Account": { replace: ["enableDefaultStandards"], update: [] },
  "aws:securityhub/productSubscription:ProductSubscription": { replace: ["productArn"], update: [] },
  "aws:sns/topic:Topic": { replace: ["name"], update: ["displayName", "kmsMasterKeyId"] },
  "aws:sns/topicPolicy:TopicPolicy": { replace: ["arn"], update: ["policy"] },
  "aws:sns/topicSubscription:TopicSubscription": { replace: ["endpoint", "protocol", "topic"], update: [] },
  "aws:sqs/queue:Queue": { replace: ["name"], update: ["messageRetentionSeconds", "sqsManagedSseEnabled"] },
  "aws:sqs/queuePolicy:QueuePolicy": { replace: ["queueUrl"], update: ["policy"] },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    replace: ["securityGroupId"],
    update: [
      "cidrIpv4",
      "cidrIpv6",
      "description",
      "fromPort",
      "ipProtocol",
      "prefixListId",
      "referencedSecurityGroupId",
      "toPort",
    ],
  },
};

/** Whether a change of an input makes the provider replace a resource. A resource of AWS moves with its region. */
export function replaces(type: string, input: string): Replaces {
  const known = INPUTS[type];
  return (known?.replace.includes(input) ?? false) || (type.startsWith("aws:") && input === "region")
    ? true
    : (known?.update.includes(input) ?? false) || input === "tags"
      ? false
      : "maybe";
}
