/**
 * Inputs whose change makes the provider replace the resource instead of updating it ("Forces new resource"
 * in the AWS provider's documentation), for the resource types that this program declares. Where a value is
 * a list, any change below the key counts.
 */
const REPLACED_BY: Record<string, readonly string[]> = {
  "aws:budgets/budget:Budget": ["name", "accountId"],
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": ["slackTeamId"],
  "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": ["teamId"],
  "aws:cloudtrail/trail:Trail": ["name"],
  "aws:cloudwatch/dashboard:Dashboard": ["dashboardName"],
  "aws:cloudwatch/eventRule:EventRule": ["name", "eventBusName"],
  "aws:cloudwatch/eventTarget:EventTarget": ["rule", "targetId", "eventBusName"],
  "aws:cloudwatch/logGroup:LogGroup": ["name"],
  "aws:cloudwatch/metricAlarm:MetricAlarm": ["name"],
  "aws:costexplorer/anomalyMonitor:AnomalyMonitor": [
    "monitorType",
    "monitorDimension",
    "monitorSpecification",
  ],
  "aws:costexplorer/anomalySubscription:AnomalySubscription": ["accountId", "name"],
  "aws:ec2/securityGroup:SecurityGroup": ["name", "description", "vpcId"],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ["vpcId", "serviceName", "vpcEndpointType"],
  "aws:ecr/accountSetting:AccountSetting": ["name"],
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": ["repository", "policy"],
  "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": ["ecrRepositoryPrefix", "upstreamRegistryUrl"],
  "aws:ecr/repository:Repository": ["name", "encryptionConfigurations"],
  "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": ["prefix"],
  "aws:ecr/repositoryPolicy:RepositoryPolicy": ["repository"],
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ["url"],
  "aws:iam/role:Role": ["name", "path"],
  "aws:iam/rolePolicy:RolePolicy": ["name", "role"],
  "aws:inspector2/enabler:Enabler": ["accountIds"],
  "aws:inspector2/memberAssociation:MemberAssociation": ["accountId"],
  "aws:kms/alias:Alias": ["name"],
  "aws:lambda/function:Function": ["name", "packageType"],
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": ["functionName", "qualifier"],
  "aws:lambda/permission:Permission": ["action", "function", "principal", "sourceArn"],
  "aws:s3/bucket:Bucket": ["bucket", "objectLockEnabled"],
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ["bucket"],
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": ["bucket"],
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ["bucket"],
  "aws:s3/bucketPolicy:BucketPolicy": ["bucket"],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ["bucket"],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ["bucket"],
  "aws:s3/bucketVersioning:BucketVersioning": ["bucket"],
  "aws:scheduler/schedule:Schedule": ["name", "groupName"],
  "aws:securityhub/productSubscription:ProductSubscription": ["productArn"],
  "aws:sns/topic:Topic": ["name"],
  "aws:sns/topicPolicy:TopicPolicy": ["arn"],
  "aws:sns/topicSubscription:TopicSubscription": ["topic", "protocol", "endpoint"],
  "aws:sqs/queue:Queue": ["name"],
  "aws:sqs/queuePolicy:QueuePolicy": ["queueUrl"],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ["securityGroupId"],
};

/** Whether a change of an input replaces a resource. A resource of the AWS provider moves with its region too. */
export function replaces(type: string, input: string): boolean {
  return (REPLACED_BY[type] ?? []).includes(input) || (type.startsWith("aws:") && input === "region");
}
