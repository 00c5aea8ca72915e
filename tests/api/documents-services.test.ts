import assert from "node:assert/strict";
import { PutDashboardCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateTrailCommand, CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { CreateVpcEndpointCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type S3ServiceException,
} from "@aws-sdk/client-s3";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { CreateTopicCommand, SetTopicAttributesCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { cloudWatchClient, s3Client, snsClient } from "../../images/clients";
import { REGION } from "./emulator";
import { type Inputs, stackOnApi, type StackOnApi, upper } from "./documents";

for (const stackName of ["dev", "prod"]) {
  describe(`the documents of the ${stackName} stack`, () => {
    let aws: StackOnApi["aws"];
    let stack: StackOnApi["stack"];
    let each: StackOnApi["each"];
    let close: StackOnApi["close"];
    before(async () => {
      ({ aws, stack, each, close } = await stackOnApi(stackName));
    });
    after(() => {
      close();
    });

    it("are accepted by KMS, SNS, SQS and S3: key, topic, queue and bucket policies", async () => {
      const [kms, sns, sqs] = [
        new KMSClient(aws.connection),
        snsClient(aws.connection),
        new SQSClient(aws.connection),
      ];
      await each("kms/key:Key", 5, (inputs) =>
        kms.send(new CreateKeyCommand({ Policy: inputs.policy, Description: inputs.description })),
      );
      const topics = new Map<string, string>();
      await each("sns/topic:Topic", 2, async ({ name }) => {
        const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name }));
        topics.set(name, TopicArn ?? "");
      });
      await each("sns/topicPolicy:TopicPolicy", 2, (inputs) =>
        sns.send(
          new SetTopicAttributesCommand({
            TopicArn: topics.get(inputs.arn.split(":").at(-1)),
            AttributeName: "Policy",
            AttributeValue: inputs.policy,
          }),
        ),
      );
      const queues: string[] = [];
      await each("sqs/queue:Queue", 4, async (inputs) => {
        const { QueueUrl } = await sqs.send(
          new CreateQueueCommand({
            QueueName: inputs.name,
            Attributes: {
              SqsManagedSseEnabled: String(inputs.sqsManagedSseEnabled),
              MessageRetentionPeriod: String(inputs.messageRetentionSeconds),
            },
          }),
        );
        queues.push(QueueUrl ?? "");
      });
      let queue = 0;
      await each("sqs/queuePolicy:QueuePolicy", 4, (inputs) =>
        sqs.send(
          new SetQueueAttributesCommand({ QueueUrl: queues[queue++], Attributes: { Policy: inputs.policy } }),
        ),
      );
      const s3 = s3Client(aws.connection);
      await each("s3/bucket:Bucket", 2, (inputs) =>
        s3.send(
          new CreateBucketCommand({
            Bucket: inputs.bucket,
            ObjectLockEnabledForBucket: inputs.objectLockEnabled,
            CreateBucketConfiguration: { LocationConstraint: REGION },
          }),
        ),
      );
      await each("s3/bucketVersioning:BucketVersioning", 2, ({ bucket, versioningConfiguration }) =>
        s3.send(
          new PutBucketVersioningCommand({
            Bucket: bucket,
            VersioningConfiguration: upper(versioningConfiguration),
          }),
        ),
      );
      await each("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", 2, ({ bucket, ...block }) =>
        s3.send(
          new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration: upper(block) }),
        ),
      );
      await each(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        2,
        ({ bucket, rules }) =>
          s3.send(
            new PutBucketEncryptionCommand({
              Bucket: bucket,
              ServerSideEncryptionConfiguration: {
                Rules: rules.map((rule: Inputs) => ({
                  ApplyServerSideEncryptionByDefault: {
                    SSEAlgorithm: rule.applyServerSideEncryptionByDefault.sseAlgorithm,
                    KMSMasterKeyID: rule.applyServerSideEncryptionByDefault.kmsMasterKeyId,
                  },
                  BucketKeyEnabled: rule.bucketKeyEnabled,
                })),
              },
            }),
          ),
      );
      await each("s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", 1, ({ bucket, rule }) =>
        s3.send(
          new PutObjectLockConfigurationCommand({
            Bucket: bucket,
            ObjectLockConfiguration: { ObjectLockEnabled: "Enabled", Rule: upper(rule) },
          }),
        ),
      );
      await each("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", 2, ({ bucket, rules }) =>
        s3.send(
          new PutBucketLifecycleConfigurationCommand({
            Bucket: bucket,
            LifecycleConfiguration: {
              Rules: rules.map(({ id, ...rule }: Inputs) => ({ ID: id, ...upper(rule) })),
            },
          }),
        ),
      );
      // Last: from then on plain HTTP, which the emulator speaks, is refused.
      await each("s3/bucketPolicy:BucketPolicy", 2, ({ bucket, policy }) =>
        s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy })),
      );
      const [bucket] = stack.all("s3/bucket:Bucket").values();
      await assert.rejects(
        s3.send(new PutObjectCommand({ Bucket: bucket?.bucket as string, Key: "a", Body: "b" })),
        (error: S3ServiceException) => error.$metadata.httpStatusCode === 403,
      );
    });

    it("are accepted by IAM, EC2, CloudTrail and Logs: roles, endpoint policies, trail, log groups", async () => {
      const [iam, ec2] = [new IAMClient(aws.connection), new EC2Client(aws.connection)];
      const roles = new Map<string, string>();
      await each("iam/role:Role", 6, async (inputs, name) => {
        await iam.send(
          new CreateRoleCommand({ RoleName: inputs.name, AssumeRolePolicyDocument: inputs.assumeRolePolicy }),
        );
        roles.set(`${name}-id`, inputs.name);
      });
      await each("iam/rolePolicy:RolePolicy", 6, (inputs, name) =>
        iam.send(
          new PutRolePolicyCommand({
            RoleName: roles.get(inputs.role) ?? inputs.role,
            PolicyName: name.slice(0, 128),
            PolicyDocument: inputs.policy,
          }),
        ),
      );
      const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
      await each("ec2/vpcEndpoint:VpcEndpoint", 3, (inputs) =>
        ec2.send(
          new CreateVpcEndpointCommand({
            VpcId: Vpcs?.[0]?.VpcId,
            ServiceName: inputs.serviceName,
            VpcEndpointType: inputs.vpcEndpointType,
            PolicyDocument: inputs.policy,
          }),
        ),
      );
      const logs = new CloudWatchLogsClient(aws.connection);
      await each("cloudwatch/logGroup:LogGroup", 3, async (inputs) => {
        await logs.send(new CreateLogGroupCommand({ logGroupName: inputs.name, kmsKeyId: inputs.kmsKeyId }));
        await logs.send(
          new PutRetentionPolicyCommand({
            logGroupName: inputs.name,
            retentionInDays: inputs.retentionInDays,
          }),
        );
      });
      await s3Client(aws.connection).send(
        new CreateBucketCommand({
          Bucket: "trail",
          CreateBucketConfiguration: { LocationConstraint: REGION },
        }),
      );
      await each("cloudtrail/trail:Trail", 1, (inputs) =>
        new CloudTrailClient(aws.connection).send(
          new CreateTrailCommand({
            Name: inputs.name,
            S3BucketName: "trail",
            IsMultiRegionTrail: inputs.isMultiRegionTrail,
            EnableLogFileValidation: inputs.enableLogFileValidation,
          }),
        ),
      );
    });

    it("are accepted by CloudWatch and Scheduler: alarms, dashboard, schedules", async () => {
      const cloudWatch = cloudWatchClient(aws.connection);
      await each("cloudwatch/metricAlarm:MetricAlarm", 15, (inputs) =>
        cloudWatch.send(
          new PutMetricAlarmCommand({
            AlarmName: inputs.name,
            AlarmDescription: inputs.alarmDescription,
            Namespace: inputs.namespace,
            MetricName: inputs.metricName,
            Dimensions: Object.entries(inputs.dimensions).map(([Name, Value]) => ({
              Name,
              Value: String(Value),
            })),
            Statistic: inputs.statistic,
            Period: inputs.period,
            EvaluationPeriods: inputs.evaluationPeriods,
            Threshold: inputs.threshold,
            ComparisonOperator: inputs.comparisonOperator,
            TreatMissingData: inputs.treatMissingData,
            AlarmActions: inputs.alarmActions,
          }),
        ),
      );
      await each("cloudwatch/dashboard:Dashboard", 1, (inputs) =>
        cloudWatch.send(
          new PutDashboardCommand({
            DashboardName: inputs.dashboardName,
            DashboardBody: inputs.dashboardBody,
          }),
        ),
      );
      await each("scheduler/schedule:Schedule", 2, (inputs) =>
        new SchedulerClient(aws.connection).send(
          new CreateScheduleCommand({
            Name: inputs.name,
            ScheduleExpression: inputs.scheduleExpression,
            ScheduleExpressionTimezone: inputs.scheduleExpressionTimezone,
            FlexibleTimeWindow: {
              Mode: inputs.flexibleTimeWindow.mode,
              MaximumWindowInMinutes: inputs.flexibleTimeWindow.maximumWindowInMinutes,
            },
            Target: {
              Arn: inputs.target.arn,
              RoleArn: inputs.target.roleArn,
              Input: inputs.target.input,
              DeadLetterConfig: { Arn: inputs.target.deadLetterConfig.arn },
              RetryPolicy: {
                MaximumEventAgeInSeconds: inputs.target.retryPolicy.maximumEventAgeInSeconds,
                MaximumRetryAttempts: inputs.target.retryPolicy.maximumRetryAttempts,
              },
            },
          }),
        ),
      );
    });
  });
}
