import { dnsSuffix, iamArn, type Place } from "../aws/arns";
import { policyOf, type PolicyDocument, type Statement } from "./iam";

/** Leaves the use of a key to the IAM policies of its own account. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
function administeredByAccount(place: Pick<Place, "partition" | "accountId">): Statement {
  return {
    Sid: "AdministeredByAccount",
    Effect: "Allow",
    Principal: { AWS: iamArn(place, "root") },
    Action: "kms:*",
    Resource: "*",
  };
}

/** Key policy of the repositories' key. ECR uses the key through grants that it makes when a repository is created. */
export function repositoryKeyPolicy(place: Place): PolicyDocument {
  return policyOf(administeredByAccount(place));
}

/** An AWS service that publishes to an alert topic. */
export type Publisher = "events" | "cloudwatch" | "budgets" | "costalerts";

/**
 * Key policy of an encrypted topic and its dead-letter queue. EventBridge gets no condition: it does not
 * state its source to KMS, so a condition would make delivery fail silently.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function alertKeyPolicy(place: Place, publishers: readonly Publisher[]): PolicyDocument {
  return policyOf(
    administeredByAccount(place),
    ...publishers.map((publisher): Statement => ({
      Sid: `Allow${publisher[0]?.toUpperCase()}${publisher.slice(1)}ToEncrypt`,
      Effect: "Allow",
      Principal: { Service: `${publisher}.amazonaws.com` },
      Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
      Resource: "*",
      ...(publisher === "events"
        ? {}
        : { Condition: { StringEquals: { "aws:SourceAccount": place.accountId } } }),
    })),
  );
}

/**
 * Key policy of the trail's key: CloudTrail encrypts for this trail only, CloudWatch Logs for this log group.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
 */
export function trailKeyPolicy(
  place: Place,
  trailArn: string,
  logGroupArn: string | undefined,
): PolicyDocument {
  return policyOf(
    administeredByAccount(place),
    {
      Sid: "AllowCloudTrailToEncrypt",
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: "kms:GenerateDataKey*",
      Resource: "*",
      Condition: {
        StringEquals: { "aws:SourceArn": trailArn },
        StringLike: {
          "kms:EncryptionContext:aws:cloudtrail:arn": `arn:${place.partition}:cloudtrail:*:${place.accountId}:trail/*`,
        },
      },
    },
    {
      // Without kms:Decrypt CloudTrail refuses a trail whose bucket has an S3 Bucket Key.
      Sid: "AllowCloudTrailToCheck",
      Effect: "Allow",
      Principal: { Service: "cloudtrail.amazonaws.com" },
      Action: ["kms:Decrypt", "kms:DescribeKey"],
      Resource: "*",
      Condition: { StringEquals: { "aws:SourceArn": trailArn } },
    },
    logGroupArn === undefined ? undefined : logsMayEncrypt(place, logGroupArn),
  );
}

/** Lets CloudWatch Logs encrypt log groups. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
function logsMayEncrypt(place: Place, logGroupArn: string): Statement {
  return {
    Sid: "AllowLogsToEncrypt",
    Effect: "Allow",
    Principal: { Service: `logs.${place.region}.${dnsSuffix(place.partition)}` },
    Action: ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
    Resource: "*",
    Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": logGroupArn } },
  };
}

/** Key policy of the operations' key: their log groups. Reports are encrypted by the role that writes them. */
export function operationsKeyPolicy(place: Place, logGroupArn: string): PolicyDocument {
  return policyOf(administeredByAccount(place), logsMayEncrypt(place, logGroupArn));
}
