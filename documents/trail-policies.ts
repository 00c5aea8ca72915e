import type { Place } from "../aws/arns";
import { denyPlainHttp, policyOf, writeLogStreams, type PolicyDocument } from "./iam";

/**
 * The trail bucket's policy: this trail writes, nobody else, and never without TLS.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
 */
export function trailBucketPolicy(place: Place, bucketName: string, trailArn: string): PolicyDocument {
  const bucketArn = `arn:${place.partition}:s3:::${bucketName}`;
  const service = { Service: "cloudtrail.amazonaws.com" };
  return policyOf(
    {
      Sid: "AllowTrailToReadAcl",
      Effect: "Allow",
      Principal: service,
      Action: "s3:GetBucketAcl",
      Resource: bucketArn,
      Condition: { StringEquals: { "aws:SourceArn": trailArn } },
    },
    {
      Sid: "AllowTrailToWrite",
      Effect: "Allow",
      Principal: service,
      Action: "s3:PutObject",
      Resource: `${bucketArn}/AWSLogs/${place.accountId}/*`,
      Condition: {
        StringEquals: { "aws:SourceArn": trailArn, "s3:x-amz-acl": "bucket-owner-full-control" },
      },
    },
    denyPlainHttp("s3:*", [bucketArn, `${bucketArn}/*`]),
  );
}

/** Lets CloudTrail write its own streams of one log group. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html */
export function trailLogsPolicy(logGroupArn: string): PolicyDocument {
  return policyOf(writeLogStreams(logGroupArn));
}
