import * as aws from "./parts/aws";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/schema";
import type { TeamSettings } from "../config/settings";
import { registryAlarms } from "../documents/alarms";
import { arnOf, consoleHost, reportBucketName } from "../aws/arns";
import { dashboardBody } from "../documents/dashboard";
import { cleanUpPolicy, metricsPolicy, reportBucketPolicy } from "../documents/function-policies";
import { operationsKeyPolicy } from "../documents/key-policies";
import { shortName } from "../aws/names";
import { longestGap } from "../aws/schedules";
import type { CleanUpInput } from "../documents/clean-up-request";
import { encryptionKey } from "./parts/encryption-key";
import type { Common } from "./parts/options";
import { expireObjects, privateBucket } from "./parts/private-bucket";
import { ScheduledFunction, type ScheduledFunctionArgs } from "./parts/scheduled-function";
import { thresholdAlarm, type AlarmTo } from "./parts/threshold-alarm";

/** Arguments of {@link Operations}. */
export interface OperationsArgs extends Common, AlarmTo {
  environment: string;
  /** Value of the Project tag, by which the functions find the stack's repositories. */
  project: string;
  operations: StackConfig["operations"];
  /** How the registry is scanned: it decides who is asked for findings. */
  scanType: "enhanced" | "basic";
  teams: TeamSettings[];
  /** What the clean-up is asked to do; undefined where there is none. */
  cleanUp?: CleanUpInput;
}

/** What all functions of a stack have in common. */
type OfEveryFunction = Common &
  AlarmTo &
  Pick<ScheduledFunctionArgs, "tracing" | "logRetentionDays" | "kmsKeyArn">;

/**
 * The running of a registry: a function that publishes what ECR does not (storage, images, findings), one that
 * deletes what nothing needs beyond lifecycle policies, alarms on both and on quotas, and a dashboard.
 */
export class Operations extends pulumi.ComponentResource {
  readonly metricsFunctionName: string;
  /** Undefined where no rule selects anything. */
  readonly cleanUpFunctionName: string | undefined;
  /** Bucket of the clean-up's reports. */
  readonly reportBucket: pulumi.Output<string> | undefined;
  /** Address of the dashboard in the console. */
  readonly dashboardUrl: string | undefined;

  constructor(name: string, args: OperationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:Operations", name, {}, opts);
    const { place, prefix, project, environment, operations } = args;
    // Whatever the order in the config: it must not show in the dashboard.
    const teams = [...args.teams].sort((a, b) => a.name.localeCompare(b.name));
    const key = encryptionKey(
      name,
      {
        ...args,
        description: `Function logs and clean-up reports of ${prefix}`,
        alias: "operations",
        policy: operationsKeyPolicy(place, arnOf(place, "logs", `log-group:/${prefix}/*`)),
      },
      this,
    );
    const functionArgs: OfEveryFunction = {
      place,
      prefix,
      production: args.production,
      tags: args.tags,
      alarmTopicArn: args.alarmTopicArn,
      chatTopicArn: args.chatTopicArn,
      tracing: operations.tracing,
      logRetentionDays: operations.logRetentionDays,
      kmsKeyArn: key.arn,
    };
    const scope = { project, environment };
    const metrics = new ScheduledFunction(
      `${name}-metrics`,
      {
        ...functionArgs,
        source: "metrics",
        description: `Publishes storage, images and findings of ${environment}`,
        memory: 512,
        variables: {},
        schedule: operations.metrics.schedule,
        input: scope,
        retries: 2,
        policy: (of) => metricsPolicy(of, scope, args.scanType),
      },
      { parent: this },
    );
    const cleanUp =
      args.cleanUp === undefined
        ? undefined
        : this.declareCleanUp(name, args, key, functionArgs, args.cleanUp);
    const alarms = Object.entries(
      registryAlarms({
        environment,
        period: longestGap(operations.metrics.schedule),
        ...operations.alarms,
        cleanUp: cleanUp !== undefined,
        storage: Object.fromEntries(
          teams.flatMap(({ name: team, storageAlarm }) =>
            storageAlarm === undefined ? [] : [[team, storageAlarm]],
          ),
        ),
      }),
    ).map(([alarm, spec]) => thresholdAlarm(`${name}-${alarm}`, spec, args, this));
    if (operations.dashboard) {
      this.dashboardUrl = this.declareDashboard(name, { ...args, teams }, [
        metrics.errorsAlarm,
        ...(cleanUp === undefined ? [] : [cleanUp.run.errorsAlarm]),
        ...alarms,
      ]);
    }
    this.metricsFunctionName = metrics.functionName;
    this.cleanUpFunctionName = cleanUp?.run.functionName;
    this.reportBucket = cleanUp?.bucket.bucket;
    this.registerOutputs({ reportBucket: this.reportBucket, dashboardUrl: this.dashboardUrl });
  }

  private declareCleanUp(
    name: string,
    args: OperationsArgs,
    key: aws.kms.Key,
    functionArgs: OfEveryFunction,
    request: CleanUpInput,
  ): { run: ScheduledFunction; bucket: aws.s3.Bucket } {
    const { place, prefix, operations, environment, project, alarmTopicArn, chatTopicArn } = args;
    const bucketName = reportBucketName(place, prefix);
    const bucketArn = `arn:${place.partition}:s3:::${bucketName}`;
    const made = privateBucket(
      `${name}-reports`,
      { ...args, bucketName, keyArn: key.arn, objectLock: false },
      this,
    );
    expireObjects(`${name}-reports-lifecycle`, "expire-reports", operations.cleanUp.reportDays, made);
    new aws.s3.BucketPolicy(
      `${name}-reports-policy`,
      { bucket: made.bucket.bucket, policy: JSON.stringify(reportBucketPolicy(bucketArn)) },
      // Two changes of a bucket's access at once are refused (OperationAborted).
      { parent: made.bucket, dependsOn: made.access },
    );
    const { inUse } = operations.cleanUp;
    const archive = request.archive ?? true;
    const run = new ScheduledFunction(
      `${name}-clean-up`,
      {
        ...functionArgs,
        source: "clean-up",
        description: `Deletes images of ${environment} that nothing needs`,
        memory: 1024,
        variables: {
          REPORT_BUCKET: made.bucket.bucket,
          TOPIC_ARN: alarmTopicArn,
          ...(chatTopicArn === undefined ? {} : { CHAT_TOPIC_ARN: chatTopicArn }),
        },
        schedule: operations.cleanUp.schedule,
        input: request,
        retries: 1,
        policy: (of) =>
          pulumi
            .all([alarmTopicArn, ...(chatTopicArn === undefined ? [] : [chatTopicArn])])
            .apply((topicArns) =>
              cleanUpPolicy(of, { project, environment }, { bucketArn, topicArns, inUse, archive }),
            ),
      },
      { parent: this },
    );
    // It reads the manifests of lists and artifacts, which ECR counts as pulls.
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html
    new aws.ecr.PullTimeUpdateExclusion(
      `${name}-clean-up-exclusion`,
      { principalArn: run.roleArn },
      { parent: this },
    );
    return { run, bucket: made.bucket };
  }

  private declareDashboard(name: string, args: OperationsArgs, alarmNames: string[]): string {
    const { place, prefix, environment, operations, teams } = args;
    // Dashboards are the account's, not the region's.
    const dashboardName = shortName(`${prefix}-${place.region}`, 255);
    new aws.cloudwatch.Dashboard(
      `${name}-dashboard`,
      {
        dashboardName,
        dashboardBody: JSON.stringify(
          dashboardBody({
            region: place.region,
            environment,
            period: longestGap(operations.metrics.schedule),
            teams: Object.fromEntries(
              teams.map((team) => [team.name, team.repositories.map((repository) => repository.name)]),
            ),
            alarmArns: alarmNames.map((alarm) => arnOf(place, "cloudwatch", `alarm:${alarm}`)),
          }),
        ),
      },
      { parent: this },
    );
    return `https://${consoleHost(place)}/cloudwatch/home?region=${place.region}#dashboards/dashboard/${dashboardName}`;
  }
}
