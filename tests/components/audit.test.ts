import assert from "node:assert/strict";
import { smallStack } from "../support/config";
import { runStack } from "../support/stack";

for (const preview of [true, false]) {
  describe(`the audit trail, in ${preview ? "a preview" : "an update"}`, () => {
    it("covers all regions, validated and encrypted, in a locked private bucket", async () => {
      const stack = await runStack(
        smallStack({ audit: { retentionDays: 400, lock: { mode: "COMPLIANCE", days: 200 } } }),
        { preview },
      );
      const trail = stack.one("cloudtrail/trail:Trail", "audit-trail");
      assert.deepEqual(
        [
          trail.isMultiRegionTrail,
          trail.enableLogFileValidation,
          trail.enableLogging,
          trail.includeGlobalServiceEvents,
        ],
        [true, true, true, true],
      );
      const bucket = stack.one("s3/bucket:Bucket", "audit-bucket");
      assert.deepEqual([bucket.objectLockEnabled, bucket.forceDestroy], [true, false]);
      const { bucket: _name, ...access } = stack.one(
        "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "audit-bucket-access",
      );
      assert.deepEqual(Object.values(access), [true, true, true, true]);
      assert.deepEqual(
        stack.one("s3/bucketVersioning:BucketVersioning", "audit-bucket-versioning").versioningConfiguration,
        { status: "Enabled" },
      );
      assert.deepEqual(
        stack.one("s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "audit-bucket-lock").rule,
        { defaultRetention: { mode: "COMPLIANCE", days: 200 } },
      );
      const [rule] = stack.one(
        "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "audit-bucket-lifecycle",
      ).rules as [{ expiration: object }];
      assert.deepEqual(rule.expiration, { days: 400 });
      const [encryption] = stack.one(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "audit-bucket-encryption",
      ).rules as [any];
      assert.equal(encryption.applyServerSideEncryptionByDefault.sseAlgorithm, "aws:kms");
      assert.ok(
        stack
          .document("s3/bucketPolicy:BucketPolicy", "audit-bucket-policy")
          .Statement.some(
            (s: any) => s.Effect === "Deny" && s.Condition.Bool["aws:SecureTransport"] === "false",
          ),
      );
      assert.equal(trail.cloudWatchLogsRoleArn, undefined);
    });
    it("also goes to CloudWatch Logs where asked, for so long", async () => {
      const stack = await runStack(smallStack({ audit: { logGroup: { retentionDays: 30 } } }), { preview });
      assert.equal(stack.one("cloudwatch/logGroup:LogGroup", "audit-logs").retentionInDays, 30);
      const key = stack.document("kms/key:Key", "audit-key");
      assert.ok(key.Statement.some((s: any) => s.Principal.Service === "logs.eu-west-1.amazonaws.com"));
      const trust = stack.document("iam/role:Role", "audit-logs-role", "assumeRolePolicy");
      assert.equal(trust.Statement[0].Condition, undefined);
      if (!preview) {
        assert.match(
          String(stack.one("cloudtrail/trail:Trail", "audit-trail").cloudWatchLogsGroupArn),
          /trail:\*$/,
        );
      }
    });
    it("alerts on sensitive calls, but not on the deployment role's", async () => {
      const role = "arn:aws:iam::111122223333:role/deploy";
      const stack = await runStack(smallStack({ audit: { deploymentRoles: [role] } }), { preview });
      const { detail } = stack.document(
        "cloudwatch/eventRule:EventRule",
        "audit-alerts-sensitive-call",
        "eventPattern",
      );
      assert.ok(
        [
          "DeleteRepository",
          "BatchDeleteImage",
          "SetRepositoryPolicy",
          "PutRegistryScanningConfiguration",
        ].every((name) => detail.eventName.includes(name)),
      );
      assert.deepEqual(detail.userIdentity.sessionContext.sessionIssuer.arn, [
        { "anything-but": [role] },
        { exists: false },
      ]);
    });
    it("may be another stack's, and alerts still come", async () => {
      const stack = await runStack(
        smallStack({
          audit: { manage: false, trailArn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org" },
        }),
        { preview },
      );
      assert.equal(stack.all("cloudtrail/trail:Trail").size, 0);
      assert.ok(stack.all("cloudwatch/eventRule:EventRule").has("audit-alerts-sensitive-call"));
    });
  });
}
