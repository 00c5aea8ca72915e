import assert from "node:assert/strict";
import { trailKeyPolicy } from "../../documents/key-policies";
import { topicPolicy } from "../../documents/topic-policy";
import { trailBucketPolicy } from "../../documents/trail-policies";
import { place, decides } from "../support/decisions";

describe("an alert topic", () => {
  const topic = "arn:aws:sns:eu-west-1:111122223333:alerts";
  const policy = topicPolicy(place, topic, ["events", "cloudwatch"], "ecr-platform-prod-");
  const publish = (service: string, context: Record<string, string>) =>
    decides({
      principal: `${service}.amazonaws.com`,
      action: "sns:Publish",
      resource: topic,
      resourcePolicy: policy,
      identityPolicy: undefined,
      context: { "aws:SecureTransport": "true", ...context },
    });
  const rule = (account: string, name: string) => ({
    "aws:SourceAccount": account,
    "aws:SourceArn": `arn:aws:events:eu-west-1:${account}:rule/${name}`,
  });

  it("takes EventBridge's messages although it states no source", async () =>
    assert.equal(await publish("events", {}), "Allowed"));
  it("takes those of the stack's own rules", async () =>
    assert.equal(
      await publish("events", rule("111122223333", "ecr-platform-prod-findings-finding")),
      "Allowed",
    ));
  it("refuses a stated source in another account", async () =>
    assert.notEqual(
      await publish("events", rule("999999999999", "ecr-platform-prod-findings-finding")),
      "Allowed",
    ));
  it("refuses other rules of this account", async () =>
    assert.notEqual(await publish("events", rule("111122223333", "other")), "Allowed"));
  it("takes alarms of this account only", async () => {
    const alarm = (account: string) => ({
      "aws:SourceAccount": account,
      "aws:SourceArn": `arn:aws:cloudwatch:eu-west-1:${account}:alarm:x`,
    });
    assert.equal(await publish("cloudwatch", alarm("111122223333")), "Allowed");
    assert.notEqual(await publish("cloudwatch", alarm("999999999999")), "Allowed");
  });
  it("refuses plain HTTP", async () =>
    assert.notEqual(
      await decides({
        principal: "arn:aws:iam::111122223333:role/x",
        action: "sns:Publish",
        resource: topic,
        resourcePolicy: policy,
        context: { "aws:SecureTransport": "false" },
      }),
      "Allowed",
    ));
});

describe("the trail's bucket", () => {
  const trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/ecr";
  const policy = trailBucketPolicy(place, "logs", trail);
  const write = (key: string, source: string) =>
    decides({
      principal: "cloudtrail.amazonaws.com",
      action: "s3:PutObject",
      resource: `arn:aws:s3:::logs/${key}`,
      resourcePolicy: policy,
      identityPolicy: undefined,
      context: {
        "aws:SourceArn": source,
        "s3:x-amz-acl": "bucket-owner-full-control",
        "aws:SecureTransport": "true",
      },
    });
  it("takes this trail's log files of this account", async () =>
    assert.equal(await write("AWSLogs/111122223333/x.gz", trail), "Allowed"));
  it("takes no other trail's", async () =>
    assert.notEqual(await write("AWSLogs/111122223333/x.gz", `${trail}-other`), "Allowed"));
  it("takes nothing elsewhere in the bucket", async () =>
    assert.notEqual(await write("x.gz", trail), "Allowed"));
});

describe("the trail's key", () => {
  const trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/ecr";
  const uses = (action: string, source: string) =>
    decides({
      principal: "cloudtrail.amazonaws.com",
      action,
      resource: "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-0000-0000-000000000000",
      resourcePolicy: trailKeyPolicy(place, trail, undefined),
      identityPolicy: undefined,
      context: { "aws:SourceArn": source, "kms:EncryptionContext:aws:cloudtrail:arn": source },
    });
  // CloudTrail refuses a trail without kms:Decrypt where the bucket has an S3 Bucket Key.
  for (const action of ["kms:Decrypt", "kms:DescribeKey"]) {
    it(`lets CloudTrail call ${action} for this trail, and for no other`, async () => {
      assert.equal(await uses(action, trail), "Allowed");
      assert.notEqual(await uses(action, `${trail}-other`), "Allowed");
    });
  }
});
