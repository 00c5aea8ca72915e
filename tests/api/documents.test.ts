import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { PutDashboardCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateTrailCommand, CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { CreateVpcEndpointCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateRepositoryCommand,
  GetRegistryScanningConfigurationCommand,
  GetRepositoryPolicyCommand,
  PutLifecyclePolicyCommand,
  PutRegistryPolicyCommand,
  PutRegistryScanningConfigurationCommand,
  PutReplicationConfigurationCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
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
import {
  CreateQueueCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { parse } from "yaml";
import { cloudWatchClient, ecrClient, s3Client, snsClient } from "../../images/clients";
import {
  action,
  basicScan,
  byRole,
  byRoot,
  caching,
  call,
  coverage,
  finding,
  frequencies,
  inspectorScan,
  otherScan,
  replication,
} from "../support/events";
import { ROOT } from "../support/project";
import { lookups, runStack, type RecordedStack } from "../support/stack";
import { ACCOUNT, Emulator, REGION } from "./emulator";

type Inputs = Record<string, any>;

/** The config of a committed stack, as the emulator's account has it, with everything on that a document is for. */
function configOf(stack: string): Record<string, unknown> {
  const file = parse(
    fs.readFileSync(path.join(ROOT, `Pulumi.${stack}.yaml`), "utf8").replaceAll("444455556666", ACCOUNT),
  );
  const config: Inputs = Object.fromEntries(
    Object.entries<any>(file.config).flatMap(([key, value]) =>
      key.startsWith("ecr-platform:") ? [[key.replace("ecr-platform:", ""), value]] : [],
    ),
  );
  config.findings = {
    ...config.findings,
    pushes: true,
    deletes: true,
    scanFailures: true,
    scanComplete: true,
  };
  config.registry = { ...config.registry, replicateFrom: ["222233334444"] };
  config.audit = { ...config.audit, logGroup: { retentionDays: 90 } };
  return config;
}

/** Texts that stand for JSON with the case in which an SDK wants keys. */
const upper = (value: any): any =>
  Array.isArray(value)
    ? value.map(upper)
    : value !== null && typeof value === "object"
      ? Object.fromEntries(
          Object.entries(value).map(([key, inner]) => [
            key.charAt(0).toUpperCase() + key.slice(1),
            upper(inner),
          ]),
        )
      : value;

const tagsOf = (inputs: Inputs) =>
  Object.entries(inputs.tags ?? {}).map(([Key, Value]) => ({ Key, Value: String(Value) }));

for (const stackName of ["dev", "prod"]) {
  describe(`the documents of the ${stackName} stack`, () => {
    let aws: Emulator;
    let stack: RecordedStack;
    const variables = { ...process.env };
    before(async () => {
      aws = await Emulator.start();
      Object.assign(process.env, aws.environment);
      stack = await runStack(configOf(stackName), { stack: stackName, lookups, allowed: [ACCOUNT] });
    });
    after(() => {
      aws.close();
      process.env = variables;
    });

    const each = async (
      type: string,
      least: number,
      put: (inputs: Inputs, name: string) => Promise<unknown>,
    ) => {
      const all = stack.all(type);
      assert.ok(all.size >= least, `${all.size} ${type}`);
      for (const [name, inputs] of all) {
        await put(inputs as Inputs, name).catch((error: unknown) => {
          throw new Error(`${name} is refused: ${String(error)}`, { cause: error });
        });
      }
    };

    it("are accepted by ECR: repositories, lifecycle and repository policies", async () => {
      const ecr = ecrClient(aws.connection);
      await each("ecr/repository:Repository", 7, (inputs) =>
        ecr.send(
          new CreateRepositoryCommand({
            repositoryName: inputs.name,
            imageTagMutability: inputs.imageTagMutability,
            imageTagMutabilityExclusionFilters: inputs.imageTagMutabilityExclusionFilters,
            encryptionConfiguration: inputs.encryptionConfigurations[0],
            tags: tagsOf(inputs),
          }),
        ),
      );
      await each("ecr/lifecyclePolicy:LifecyclePolicy", 7, (inputs) =>
        ecr.send(
          new PutLifecyclePolicyCommand({
            repositoryName: inputs.repository,
            lifecyclePolicyText: inputs.policy,
          }),
        ),
      );
      await each("ecr/repositoryPolicy:RepositoryPolicy", stackName === "prod" ? 7 : 0, async (inputs) => {
        await ecr.send(
          new SetRepositoryPolicyCommand({ repositoryName: inputs.repository, policyText: inputs.policy }),
        );
        const { policyText } = await ecr.send(
          new GetRepositoryPolicyCommand({ repositoryName: inputs.repository }),
        );
        assert.deepEqual(JSON.parse(policyText ?? ""), JSON.parse(inputs.policy));
      });
    });

    it("are accepted by the registry: scanning rules, replication, registry policy", async () => {
      const ecr = ecrClient(aws.connection);
      await each("ecr/registryScanningConfiguration:RegistryScanningConfiguration", 1, async (inputs) => {
        const rules = inputs.rules.map((rule: Inputs) => ({
          scanFrequency: rule.scanFrequency,
          repositoryFilters: rule.repositoryFilters,
        }));
        // AWS refuses CONTINUOUS_SCAN with BASIC, which the emulator takes: held to AWS here.
        assert.ok(
          inputs.scanType === "ENHANCED" ||
            rules.every((rule: Inputs) => rule.scanFrequency !== "CONTINUOUS_SCAN"),
        );
        await ecr.send(new PutRegistryScanningConfigurationCommand({ scanType: inputs.scanType, rules }));
        const { scanningConfiguration } = await ecr.send(new GetRegistryScanningConfigurationCommand({}));
        assert.equal(scanningConfiguration?.scanType, inputs.scanType);
      });
      await each(
        "ecr/replicationConfiguration:ReplicationConfiguration",
        stackName === "prod" ? 1 : 0,
        ({ replicationConfiguration }) =>
          ecr.send(new PutReplicationConfigurationCommand({ replicationConfiguration })),
      );
      await each("ecr/registryPolicy:RegistryPolicy", 1, (inputs) =>
        ecr.send(new PutRegistryPolicyCommand({ policyText: inputs.policy })),
      );
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

    it("match the events that AWS sends, each by the rules that it is for and by no other", async () => {
      const [events, sqs] = [new EventBridgeClient(aws.connection), new SQSClient(aws.connection)];
      const environment = stackName;
      const own = `payments-api-${environment}`;
      // An event, and the rules (by the end of their names) that tell of it under each scan type.
      const enhanced = stackName === "prod";
      const samples: [string, Inputs, string[]][] = [
        [
          "critical finding",
          finding("CRITICAL", own),
          enhanced ? ["findings-finding", "findings-payments-finding"] : [],
        ],
        ["medium finding", finding("MEDIUM", own), enhanced ? ["findings-payments-finding"] : []],
        [
          "storefront's finding",
          finding("HIGH", `storefront-web-${environment}`),
          enhanced ? ["findings-finding", "findings-storefront-finding"] : [],
        ],
        ["closed finding", finding("CRITICAL", own, undefined, "CLOSED"), []],
        ["EC2's finding", finding("CRITICAL", own, "AWS_EC2_INSTANCE"), []],
        [
          "first scan",
          inspectorScan({ CRITICAL: 1, HIGH: 0 }, own),
          enhanced ? ["findings-initial-scan", "findings-payments-initial-scan"] : [],
        ],
        [
          "storefront's first scan",
          inspectorScan({ HIGH: 1 }, `storefront-web-${environment}`),
          enhanced ? ["findings-initial-scan", "findings-storefront-initial-scan"] : [],
        ],
        ["clean first scan", inspectorScan({ CRITICAL: 0, HIGH: 0 }, own), []],
        [
          "not covered",
          coverage("UNSUPPORTED_OS", `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${own}/sha256:abc`),
          enhanced ? ["findings-not-covered"] : [],
        ],
        [
          "expired",
          coverage(
            "SCAN_ELIGIBILITY_EXPIRED",
            `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/${own}/sha256:abc`,
          ),
          [],
        ],
        ["basic scan", basicScan("COMPLETE", { CRITICAL: 2 }, own), enhanced ? [] : ["findings-basic-scan"]],
        ["clean basic scan", basicScan("COMPLETE", {}, own), []],
        ["failed scan", basicScan("FAILED", {}, own), enhanced ? [] : ["findings-failed-scan"]],
        ["first scan of an instance", otherScan({ CRITICAL: 1, TOTAL: 1 }, "i-0abc"), []],
        ["not scanned any more", frequencies({ [own]: "MANUAL" }), enhanced ? ["findings-not-scanned"] : []],
        ["scanned from now on", frequencies({ [own]: "CONTINUOUS_SCAN" }), []],
        ["failed replication", replication("FAILED", own), ["findings-failed-replication"]],
        ["replication", replication("SUCCESS", own), []],
        ["failed sync", caching("FAILURE"), ["findings-failed-cache"]],
        ["sync", caching("SUCCESS"), []],
        ["push", action("PUSH", "SUCCESS", own), ["findings-image-push"]],
        ["failed push", action("PUSH", "FAILURE", own), []],
        ["delete", action("DELETE", "SUCCESS", own), ["findings-image-delete"]],
        [
          "call by a person",
          call("DeleteRepository", byRole(`arn:aws:iam::${ACCOUNT}:role/somebody`)),
          ["audit-sensitive-call"],
        ],
        ["call by root", call("SetRepositoryPolicy", byRoot), ["audit-sensitive-call"]],
        [
          "call by the deployment",
          call("DeleteRepository", byRole(`arn:aws:iam::${ACCOUNT}:role/ecr-platform-deploy`)),
          [],
        ],
        [
          "call by clean-up",
          call(
            "BatchDeleteImage",
            byRole(`arn:aws:iam::${ACCOUNT}:role/ecr-platform-${environment}-${REGION}-clean-up`),
          ),
          [],
        ],
        ["harmless call", call("DescribeImages", byRole(`arn:aws:iam::${ACCOUNT}:role/somebody`)), []],
      ];
      const queues = new Map<string, string>();
      await each("cloudwatch/eventRule:EventRule", 4, async (inputs) => {
        await events.send(new PutRuleCommand({ Name: inputs.name, EventPattern: inputs.eventPattern }));
        const QueueName = `events-${queues.size}`;
        const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
        queues.set(inputs.name, QueueUrl ?? "");
        await events.send(
          new PutTargetsCommand({
            Rule: inputs.name,
            Targets: [{ Id: "queue", Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${QueueName}` }],
          }),
        );
      });
      const matched = new Set<string>();
      for (const [what, event, expected] of samples) {
        const detail = { ...event.detail };
        for (const list of ["resources", "repositories"]) {
          if (Array.isArray(detail[list])) {
            // AWS matches a list of structures where one of them does; the emulator does not look into lists.
            detail[list] = detail[list][0];
          }
        }
        await events.send(
          new PutEventsCommand({
            Entries: [
              {
                Source: event.source,
                DetailType: event["detail-type"],
                Resources: event.resources ?? [],
                Detail: JSON.stringify(detail),
              },
            ],
          }),
        );
        const reached: string[] = [];
        for (const [rule, QueueUrl] of queues) {
          const { Messages = [] } = await sqs.send(
            new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
          );
          if (Messages.length > 0) {
            reached.push(rule.replace(`ecr-platform-${environment}-`, ""));
            await sqs.send(new PurgeQueueCommand({ QueueUrl }));
          }
        }
        assert.deepEqual(reached.sort(), [...expected].sort(), what);
        reached.forEach((rule) => matched.add(rule));
      }
      assert.equal(matched.size, queues.size, "each rule was seen to match something");
      // Targets as they are declared: accepted, and no more, since the emulator delivers nothing to SNS.
      await each("cloudwatch/eventTarget:EventTarget", 4, (inputs) =>
        events.send(
          new PutTargetsCommand({
            Rule: inputs.rule,
            Targets: [
              {
                Id: inputs.targetId,
                Arn: inputs.arn,
                InputTransformer: {
                  InputPathsMap: inputs.inputTransformer.inputPaths,
                  InputTemplate: inputs.inputTransformer.inputTemplate,
                },
                DeadLetterConfig: { Arn: inputs.deadLetterConfig.arn },
                RetryPolicy: {
                  MaximumEventAgeInSeconds: inputs.retryPolicy.maximumEventAgeInSeconds,
                  MaximumRetryAttempts: inputs.retryPolicy.maximumRetryAttempts,
                },
              },
            ],
          }),
        ),
      );
    });
  });
}

describe("the API that accepts them", () => {
  let aws: Emulator;
  before(async () => {
    aws = await Emulator.start();
    Object.assign(process.env, aws.environment);
  });
  after(() => {
    aws.close();
  });

  it("does refuse what is broken: a lifecycle rule, a repository policy, a role's policy, an event pattern", async () => {
    const ecr = ecrClient(aws.connection);
    await ecr.send(new CreateRepositoryCommand({ repositoryName: "a" }));
    const iam = new IAMClient(aws.connection);
    await iam.send(new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: "{}" }));
    const rule = {
      rulePriority: 1,
      selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 0 },
      action: { type: "expire" },
    };
    const refused: [string, () => Promise<unknown>][] = [
      [
        "a lifecycle rule",
        () =>
          ecr.send(
            new PutLifecyclePolicyCommand({
              repositoryName: "a",
              lifecyclePolicyText: JSON.stringify({ rules: [rule] }),
            }),
          ),
      ],
      [
        "a repository policy",
        () =>
          ecr.send(
            new SetRepositoryPolicyCommand({
              repositoryName: "a",
              policyText: '{"Version":"2012-10-17","Statement":[{"Effect":"Permit"}]}',
            }),
          ),
      ],
      [
        "a role's policy",
        () =>
          iam.send(
            new PutRolePolicyCommand({
              RoleName: "r",
              PolicyName: "p",
              PolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Permit"}]}',
            }),
          ),
      ],
      [
        "an event pattern",
        () =>
          new EventBridgeClient(aws.connection).send(
            new PutRuleCommand({ Name: "r", EventPattern: '{"source":"aws.ecr"}' }),
          ),
      ],
    ];
    for (const [what, put] of refused) {
      await assert.rejects(put(), what);
    }
  });
});
