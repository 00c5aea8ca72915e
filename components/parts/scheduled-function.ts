import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arnOf, functionNames, functionRoleName } from "../../aws/arns";
import { schedulePolicy, type FunctionScope } from "../../documents/function-policies";
import { serviceTrust, type PolicyDocument } from "../../documents/iam";
import { functionQueuePolicy } from "../../documents/queue-policy";
import { deadLetterQueue } from "./dead-letter-queue";
import { functionCode, type FunctionSource } from "./function-code";
import type { Common } from "./options";
import { thresholdAlarm, type AlarmTo } from "./threshold-alarm";

/** Arguments of {@link ScheduledFunction}. */
export interface ScheduledFunctionArgs extends Common, AlarmTo {
  source: FunctionSource;
  description: string;
  /** MB; processors come with it. */
  memory: number;
  /** Environment variables of the function. */
  variables: Record<string, pulumi.Input<string>>;
  /** `rate(…)` or `cron(…)`, in UTC. */
  schedule: string;
  /** What the schedule sends. */
  input: object;
  /** How often a failed run is tried again. */
  retries: number;
  /** What the function's role may do, given its log group and queue. */
  policy: (scope: FunctionScope) => pulumi.Input<PolicyDocument>;
  tracing: boolean;
  logRetentionDays: number;
  /** Log groups of `/<prefix>/` may be encrypted with it. */
  kmsKeyArn: pulumi.Input<string>;
}

/** Lambda ends a function after so many seconds, its longest. */
const TIMEOUT = 900;

/**
 * A Lambda function that EventBridge Scheduler runs: its code bundled, a role with just what it does, an encrypted
 * log group with a retention, a dead-letter queue for runs and schedules that failed, and alarms on errors and on the queue.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
 */
export class ScheduledFunction extends pulumi.ComponentResource {
  readonly functionName: string;
  readonly functionArn: pulumi.Output<string>;
  /** Name of the alarm on its errors. */
  readonly errorsAlarm: string;

  constructor(name: string, args: ScheduledFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:ScheduledFunction", name, {}, opts);
    const { place, prefix, tags } = args;
    const { functionName, logGroupName, queueName } = functionNames(prefix, args.source);
    const functionArn = arnOf(place, "lambda", `function:${functionName}`);
    const queueArn = arnOf(place, "sqs", queueName);
    const logGroup = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { name: logGroupName, retentionInDays: args.logRetentionDays, kmsKeyId: args.kmsKeyArn, tags },
      { parent: this },
    );
    const queue = deadLetterQueue(
      `${name}-dead-letters`,
      {
        ...args,
        queueName,
        policy: functionQueuePolicy(queueArn),
        holds: `Runs of ${functionName} that failed`,
      },
      this,
    );
    const role = this.declareRole(`${name}-role`, args, {
      service: "lambda.amazonaws.com",
      of: args.source,
      description: `What ${functionName} may do`,
      policy: args.policy({
        place,
        logGroupArn: arnOf(place, "logs", `log-group:${logGroupName}`),
        queueArn,
        tracing: args.tracing,
      }),
    });
    const lambda = new aws.lambda.Function(
      `${name}-function`,
      {
        name: functionName,
        description: args.description,
        code: functionCode(args.source),
        handler: "index.handler",
        runtime: "nodejs22.x",
        architectures: ["arm64"],
        memorySize: args.memory,
        timeout: TIMEOUT,
        role: role.arn,
        environment: { variables: args.variables },
        loggingConfig: { logFormat: "JSON", logGroup: logGroup.name },
        deadLetterConfig: { targetArn: queue.arn },
        tracingConfig: { mode: args.tracing ? "Active" : "PassThrough" },
        tags,
      },
      { parent: this, dependsOn: role.policy },
    );
    new aws.lambda.FunctionEventInvokeConfig(
      `${name}-invocations`,
      { functionName: lambda.name, maximumRetryAttempts: args.retries, maximumEventAgeInSeconds: 3600 },
      { parent: this },
    );
    const scheduler = this.declareRole(`${name}-schedule-role`, args, {
      service: "scheduler.amazonaws.com",
      accountId: place.accountId,
      of: `${args.source}-schedule`,
      description: `Lets the schedule run ${functionName}`,
      policy: schedulePolicy(functionArn, queueArn),
    });
    new aws.scheduler.Schedule(
      `${name}-schedule`,
      {
        name: functionName,
        description: args.description,
        scheduleExpression: args.schedule,
        scheduleExpressionTimezone: "UTC",
        // A quarter of an hour does not matter, and spreads what everybody schedules on the hour.
        flexibleTimeWindow: { mode: "FLEXIBLE", maximumWindowInMinutes: 15 },
        target: {
          arn: lambda.arn,
          roleArn: scheduler.arn,
          input: JSON.stringify(args.input),
          deadLetterConfig: { arn: queue.arn },
          retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
        },
      },
      { parent: this, dependsOn: scheduler.policy },
    );
    this.errorsAlarm = thresholdAlarm(
      `${name}-errors-alarm`,
      {
        description: `${functionName} failed`,
        namespace: "AWS/Lambda",
        metricName: "Errors",
        dimensions: { FunctionName: functionName },
        statistic: "Sum",
      },
      args,
      this,
    );
    this.functionName = functionName;
    this.functionArn = lambda.arn;
    this.registerOutputs({ functionArn: this.functionArn });
  }

  private declareRole(
    name: string,
    args: ScheduledFunctionArgs,
    role: {
      service: string;
      accountId?: string;
      of: string;
      description: string;
      policy: pulumi.Input<PolicyDocument>;
    },
  ): { arn: pulumi.Output<string>; policy: aws.iam.RolePolicy } {
    const declared = new aws.iam.Role(
      name,
      {
        name: functionRoleName(args.place, args.prefix, role.of),
        description: role.description,
        assumeRolePolicy: JSON.stringify(serviceTrust(role.service, role.accountId)),
        tags: args.tags,
      },
      { parent: this },
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      { role: declared.id, policy: pulumi.output(role.policy).apply((document) => JSON.stringify(document)) },
      { parent: declared },
    );
    return { arn: declared.arn, policy };
  }
}
