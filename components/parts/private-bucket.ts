import * as aws from "./aws";
import type * as pulumi from "@pulumi/pulumi";
import { keeping, type Common } from "./options";

/** Arguments of {@link privateBucket}. */
export interface PrivateBucketArgs extends Pick<Common, "production" | "tags"> {
  /** Physical name, at most 63 characters. */
  bucketName: string;
  /** ARN of the KMS key that encrypts the objects. */
  keyArn: pulumi.Input<string>;
  /** Whether objects can be locked: it can only be switched on when the bucket is made. */
  objectLock: boolean;
}

/** A bucket, and what its other settings wait for. */
export interface PrivateBucket {
  bucket: aws.s3.Bucket;
  access: aws.s3.BucketPublicAccessBlock;
  versioning: aws.s3.BucketVersioning;
}

/**
 * Declares a bucket without public access or ACLs, encrypted with a KMS key and versioned; kept in production.
 * Its policy and lifecycle are the caller's. https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
 */
export function privateBucket(name: string, args: PrivateBucketArgs, parent: pulumi.Resource): PrivateBucket {
  const bucket = new aws.s3.Bucket(
    name,
    { bucket: args.bucketName, objectLockEnabled: args.objectLock, forceDestroy: false, tags: args.tags },
    { parent, ...keeping(args.production) },
  );
  const child = { parent: bucket };
  const access = new aws.s3.BucketPublicAccessBlock(
    `${name}-access`,
    {
      bucket: bucket.bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    child,
  );
  new aws.s3.BucketOwnershipControls(
    `${name}-ownership`,
    { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
    child,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    {
      bucket: bucket.bucket,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: args.keyArn },
          bucketKeyEnabled: true,
        },
      ],
    },
    child,
  );
  const versioning = new aws.s3.BucketVersioning(
    `${name}-versioning`,
    { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
    child,
  );
  return { bucket, access, versioning };
}

/**
 * Declares when a bucket's objects expire.
 * @param days since an object was written
 */
export function expireObjects(
  name: string,
  id: string,
  days: number,
  { bucket, versioning }: Pick<PrivateBucket, "bucket" | "versioning">,
): void {
  new aws.s3.BucketLifecycleConfiguration(
    name,
    {
      bucket: bucket.bucket,
      rules: [
        {
          id,
          status: "Enabled",
          filter: { prefix: "" },
          expiration: { days },
          noncurrentVersionExpiration: { noncurrentDays: 30 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    },
    { parent: bucket, dependsOn: versioning },
  );
}
