import type { ResourceType } from "./resource-type";

/** An S3 bucket's settings are resources of their own; each reads and writes one setting. */
const bucketSetting = (read: string, write: string): Pick<ResourceType, "read" | "write"> => ({
  read: { bucket: [read] },
  write: { bucket: [write] },
});

/**
 * Amazon S3.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
export const s3: Record<string, ResourceType> = {
  "aws:s3/bucket:Bucket": {
    read: {
      bucket: [
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLocation",
        "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
        "s3:ListTagsForResource",
      ],
    },
    // S3 takes tags by either pair of calls; the provider tries the newer one first.
    write: {
      bucket: [
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:PutBucketTagging",
        "s3:TagResource",
        "s3:UntagResource",
      ],
    },
    replace: ["bucket", "objectLockEnabled"],
    update: ["forceDestroy"],
    keep: "it holds log files or reports",
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    ...bucketSetting("s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"),
    replace: ["bucket"],
    update: ["rules"],
  },
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": {
    ...bucketSetting("s3:GetBucketObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"),
    replace: ["bucket"],
    update: ["rule"],
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
    ...bucketSetting("s3:GetBucketOwnershipControls", "s3:PutBucketOwnershipControls"),
    replace: ["bucket"],
    update: ["rule"],
  },
  "aws:s3/bucketPolicy:BucketPolicy": {
    read: { bucket: ["s3:GetBucketPolicy"] },
    write: { bucket: ["s3:DeleteBucketPolicy", "s3:PutBucketPolicy"] },
    replace: ["bucket"],
    update: ["policy"],
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    ...bucketSetting("s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    replace: ["bucket"],
    update: ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"],
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    ...bucketSetting("s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"),
    replace: ["bucket"],
    update: ["rules"],
  },
  "aws:s3/bucketVersioning:BucketVersioning": {
    ...bucketSetting("s3:GetBucketVersioning", "s3:PutBucketVersioning"),
    replace: ["bucket"],
    update: ["versioningConfiguration"],
  },
};
