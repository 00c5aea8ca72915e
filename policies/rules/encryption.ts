import { belongings, given, known, list, record, text } from "./reading";
import type { Props, Rule } from "./rule";

/** What says that a resource encrypts at rest with a key that its policy can grant, by type. */
const ENCRYPTED: Record<string, { by: (props: Props) => boolean; fix: string }> = {
  "aws:sns/topic:Topic": {
    // AWS's own key cannot be granted to EventBridge, so its alerts would be lost.
    by: (props) => given(props, "kmsMasterKeyId") && text(props, "kmsMasterKeyId") !== "alias/aws/sns",
    fix: "kmsMasterKeyId with a customer-managed key",
  },
  "aws:sqs/queue:Queue": {
    by: (props) => given(props, "kmsMasterKeyId") || known(() => props.sqsManagedSseEnabled) === true,
    fix: "sqsManagedSseEnabled: true, or a key",
  },
  "aws:cloudtrail/trail:Trail": { by: (props) => given(props, "kmsKeyId"), fix: "kmsKeyId" },
  "aws:cloudwatch/logGroup:LogGroup": { by: (props) => given(props, "kmsKeyId"), fix: "kmsKeyId" },
};

/** Rules on encryption at rest. */
export const encryptionRules: Rule[] = [
  {
    name: "encrypted-at-rest",
    displayName: "Everything kept is encrypted",
    description:
      "Topics, queues, trails and log groups are encrypted with a key (Security Hub SNS.1, SQS.1, CloudTrail.2).",
    enforcementLevel: "mandatory",
    severity: "high",
    validateResource: ({ type, props, name }, report) => {
      const wanted = ENCRYPTED[type];
      if (wanted !== undefined && !wanted.by(props)) {
        report(`${name} is not encrypted at rest. Fix: ${wanted.fix}.`);
      }
    },
  },
  {
    name: "buckets-locked-down",
    displayName: "Buckets are private and encrypted",
    description:
      "A bucket of the stack blocks public access and is encrypted with a KMS key (Security Hub S3.8, S3.17).",
    enforcementLevel: "mandatory",
    severity: "high",
    validateStack: ({ resources }, report) => {
      const ofBuckets = (type: string) => belongings(resources, type, "bucket", "bucket");
      const blocksOf = ofBuckets("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
      const encryptionOf = ofBuckets(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      );
      for (const bucket of resources.filter(({ type }) => type === "aws:s3/bucket:Bucket")) {
        const block = blocksOf(bucket);
        const open = [
          "blockPublicAcls",
          "blockPublicPolicy",
          "ignorePublicAcls",
          "restrictPublicBuckets",
        ].filter((key) => !block.some(({ props }) => props[key] === true));
        if (open.length > 0) {
          report(`${bucket.name} does not block public access. Fix: set ${open.join(", ")}.`, bucket.urn);
        }
        const kms = encryptionOf(bucket)
          .flatMap(({ props }) => list(props, "rules") as Props[])
          .some((rule) =>
            (text(record(rule, "applyServerSideEncryptionByDefault"), "sseAlgorithm") ?? "").startsWith(
              "aws:kms",
            ),
          );
        if (!kms) {
          report(
            `${bucket.name} is not encrypted with a KMS key. Fix: sseAlgorithm: aws:kms with a key.`,
            bucket.urn,
          );
        }
      }
    },
  },
  {
    name: "key-rotation",
    displayName: "Keys rotate",
    description: "A customer-managed KMS key rotates every year (Security Hub KMS.4).",
    enforcementLevel: "mandatory",
    severity: "medium",
    validateResource: ({ type, props, name }, report) => {
      if (type === "aws:kms/key:Key" && known(() => props.enableKeyRotation) !== true) {
        report(`${name} never rotates. Fix: enableKeyRotation: true.`);
      }
    },
  },
];
