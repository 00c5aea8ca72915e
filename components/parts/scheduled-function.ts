import * as aws from "./aws";
import * as pulumi from "@pulumi/pulumi";
import { arnOf, functionNames, functionRoleName } from "../../aws/arns";
import { schedulePolicy, type FunctionScope } from "../../documents/function-policies";
import { serviceTrust, type PolicyDocument } from "../../documents/iam";
import { functionQueuePolicy } from "../../documents/queue-policy";
import { deadLetterQueue } from "./dead-letter-queue";
import { functionCode, RUNTIME, type FunctionSource } from "./function-code";
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

/** Lambda's maximum timeout, in seconds. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const TIMEOUT = 900;

/** Where failed runs go: the queue, and its ARN as it is written in policies. */
interface FailedRuns {
  arn: string;
  queue: aws.sqs.Queue;
}

/**
 * A Lambda function that EventBridge Scheduler runs: its code bundled, a role with just what it does, an encrypted
 * log group with a retention, a dead-letter queue for runs and schedules that failed, and alarms on errors and on the queue.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
 */
export class ScheduledFunction extends pulumi.ComponentResource {
  readonly functionName: string;
  readonly functionArn: pulumi.Output<string>;
  /** ARN of the role that it runs in. */
  readonly roleArn: pulumi.Output<string>;
  /** Name of the alarm on its errors. */
  readonly errorsAlarm: string;

  constructor(name: string, args: ScheduledFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:ScheduledFunction", name, {}, opts);
    const { functionName, queueName } = functionNames(args.prefix, args.source);
    const queueArn = arnOf(args.place, "sqs", queueName);
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
    this.functionName = functionName;
    const { arn, role } = this.declareFunction(name, args, { arn: queueArn, queue });
    this.functionArn = arn;
    this.roleArn = role;
    this.declareSchedule(`${name}-schedule`, args, { arn: queueArn, queue });
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
    this.registerOutputs({ functionArn: this.functionArn });
  }

  private declareFunction(
    name: string,
    args: ScheduledFunctionArgs,
    failed: FailedRuns,
  ): aws.lambda.Function {
    const { place, tags } = args;
    const { functionName, logGroupName } = functionNames(args.prefix, args.source);
    const logGroup = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { name: logGroupName, retentionInDays: args.logRetentionDays, kmsKeyId: args.kmsKeyArn, tags },
      { parent: this },
    );
    const role = this.declareRole(`${name}-role`, args, {
      service: "lambda.amazonaws.com",
      of: args.source,
      description: `What ${functionName} may do`,
      policy: args.policy({
        place,
        logGroupArn: arnOf(place, "logs", `log-group:${logGroupName}`),
        queueArn: failed.arn,
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
        runtime: RUNTIME,
        architectures: ["arm64"],
        memorySize: args.memory,
        timeout: TIMEOUT,
        role: role.arn,
        environment: { variables: args.variables },
        loggingConfig: { logFormat: "JSON", logGroup: logGroup.name },
        deadLetterConfig: { targetArn: failed.queue.arn },
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
    return lambda;
  }

  private declareSchedule(name: string, args: ScheduledFunctionArgs, failed: FailedRuns): void {
    const { functionName } = functionNames(args.prefix, args.source);
    const functionArn = arnOf(args.place, "lambda", `function:${functionName}`);
    const role = this.declareRole(`${name}-role`, args, {
      service: "scheduler.amazonaws.com",
      accountId: args.place.accountId,
      of: `${args.source}-schedule`,
      description: `Lets the schedule run ${functionName}`,
      policy: schedulePolicy(functionArn, failed.arn),
    });
    new aws.scheduler.Schedule(
      name,
      {
        name: functionName,
        description: args.description,
        scheduleExpression: args.schedule,
        scheduleExpressionTimezone: "UTC",
        // A quarter of an hour does not matter, and spreads what everybody schedules on the hour.
        flexibleTimeWindow: { mode: "FLEXIBLE", maximumWindowInMinutes: 15 },
        target: {
          arn: this.functionArn,
          roleArn: role.arn,
          input: JSON.stringify(args.input),
          deadLetterConfig: { arn: failed.queue.arn },
          retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
        },
      },
      { parent: this, dependsOn: role.policy },
    );
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
