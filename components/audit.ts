import * as aws from "./parts/aws";
import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../config/schema";
import { arnOf } from "../aws/arns";
import { serviceTrust } from "../documents/iam";
import { trailKeyPolicy } from "../documents/key-policies";
import { shortName } from "../aws/names";
import { trailBucketPolicy, trailLogsPolicy } from "../documents/trail-policies";
import { encryptionKey } from "./parts/encryption-key";
import { keeping, type Common } from "./parts/options";
import { expireObjects, privateBucket } from "./parts/private-bucket";

/** Arguments of {@link Audit}. */
export interface AuditArgs extends Common {
  audit: StackConfig["audit"];
}

/**
 * A CloudTrail trail of all regions with log file validation, encrypted with its own key, to a bucket
 * that only this trail writes and in which nothing can be deleted before its time (S3 Object Lock). A trail
 * cannot be narrowed to ECR; alerts narrow in EventBridge.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
 */
export class Audit extends pulumi.ComponentResource {
  readonly trailArn: pulumi.Output<string>;
  readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: AuditArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ecr-platform:index:Audit", name, {}, opts);
    const { place, tags } = args;
    const trailName = shortName(`${args.prefix}-trail`, 128);
    const trailArn = arnOf(place, "cloudtrail", `trail/${trailName}`);
    const logGroupName = `/${args.prefix}/trail`;
    const logGroupArn = arnOf(place, "logs", `log-group:${logGroupName}`);
    const withLogs = args.audit.logGroup !== undefined;
    const key = encryptionKey(
      name,
      {
        ...args,
        description: `CloudTrail log files of ${args.prefix}`,
        alias: "trail",
        policy: trailKeyPolicy(place, trailArn, withLogs ? logGroupArn : undefined),
      },
      this,
    );
    const { bucket, policy } = this.declareBucket(name, args, key, trailArn);
    const logs =
      args.audit.logGroup === undefined
        ? {}
        : this.declareLogGroup(name, args, key, {
            logGroupName,
            logGroupArn,
            retentionInDays: args.audit.logGroup.retentionDays,
          });
    const trail = new aws.cloudtrail.Trail(
      `${name}-trail`,
      {
        name: trailName,
        s3BucketName: bucket.bucket,
        kmsKeyId: key.arn,
        isMultiRegionTrail: true,
        includeGlobalServiceEvents: true,
        enableLogFileValidation: true,
        enableLogging: true,
        ...logs,
        tags,
      },
      // CloudTrail tries the bucket when the trail is created.
      { parent: this, dependsOn: policy, ...keeping(args.production) },
    );
    this.trailArn = trail.arn;
    this.bucketName = bucket.bucket;
    this.registerOutputs({ trailArn: this.trailArn, bucketName: this.bucketName });
  }

  private declareBucket(
    name: string,
    args: AuditArgs,
    key: aws.kms.Key,
    trailArn: string,
  ): { bucket: aws.s3.Bucket; policy: aws.s3.BucketPolicy } {
    const { place, audit } = args;
    const bucketName = shortName(`${args.prefix}-trail-${place.accountId}-${place.region}`, 63);
    const { bucket, access, versioning } = privateBucket(
      `${name}-bucket`,
      { ...args, bucketName, keyArn: key.arn, objectLock: true },
      this,
    );
    const child = { parent: bucket };
    new aws.s3.BucketObjectLockConfiguration(
      `${name}-bucket-lock`,
      { bucket: bucket.bucket, rule: { defaultRetention: { mode: audit.lock.mode, days: audit.lock.days } } },
      { ...child, dependsOn: versioning },
    );
    expireObjects(`${name}-bucket-lifecycle`, "expire-log-files", audit.retentionDays, {
      bucket,
      versioning,
    });
    const policy = new aws.s3.BucketPolicy(
      `${name}-bucket-policy`,
      { bucket: bucket.bucket, policy: JSON.stringify(trailBucketPolicy(place, bucketName, trailArn)) },
      // Two changes of a bucket's access at once are refused (OperationAborted).
      { ...child, dependsOn: access },
    );
    return { bucket, policy };
  }

  private declareLogGroup(
    name: string,
    args: AuditArgs,
    key: aws.kms.Key,
    {
      logGroupName,
      logGroupArn,
      retentionInDays,
    }: { logGroupName: string; logGroupArn: string; retentionInDays: number },
  ): Pick<aws.cloudtrail.TrailArgs, "cloudWatchLogsGroupArn" | "cloudWatchLogsRoleArn"> {
    // Kept with the trail, which delivers to the log group with this role.
    const kept = { parent: this, ...keeping(args.production) };
    const group = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { name: logGroupName, retentionInDays, kmsKeyId: key.arn, tags: args.tags },
      kept,
    );
    const role = new aws.iam.Role(
      `${name}-logs-role`,
      {
        name: shortName(`${args.prefix}-${args.place.region}-trail-logs`, 64),
        description: "Lets CloudTrail write to its log group",
        // CloudTrail does not support aws:SourceAccount here.
        // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
        assumeRolePolicy: JSON.stringify(serviceTrust("cloudtrail.amazonaws.com")),
        tags: args.tags,
      },
      kept,
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-logs-role-policy`,
      { role: role.id, policy: JSON.stringify(trailLogsPolicy(logGroupArn)) },
      { parent: role },
    );
    return {
      cloudWatchLogsGroupArn: pulumi.interpolate`${group.arn}:*`,
      // CloudTrail tries the role when the trail is created, so the trail waits for its policy.
      cloudWatchLogsRoleArn: pulumi.all([role.arn, policy.id]).apply(([arn]) => arn),
    };
  }
}
