import assert from "node:assert/strict";
import { deploymentPolicies, deploymentTrusts } from "../../documents/deployment-permissions";
import type { PolicyDocument } from "../../documents/iam";
import { LIMITS } from "../../aws/limits";
import { RESOURCE_TYPES } from "../../aws/resource-types";
import { allows as simulated } from "../support/simulate";

const place = { partition: "aws", region: "eu-west-1", accountId: "444455556666" };
const scope = { place, prefix: "ecr-platform-prod", environment: "prod" };
const state = {
  bucketArn: "arn:aws:s3:::acme-state",
  keyArn: "arn:aws:kms:eu-west-1:444455556666:key/11111111-2222-3333-4444-555555555555",
};

const allows = (policies: PolicyDocument[], action: string, resource: string) =>
  simulated(policies, { principal: "arn:aws:iam::444455556666:role/deploy", action, resource });

describe("the permissions to deploy", () => {
  it("are refused for a type that is not known, with the file to edit", () => {
    assert.throws(
      () => deploymentPolicies(scope, ["aws:ssm/parameter:Parameter"]),
      /permissions for aws:ssm\/parameter:Parameter are not known\. Fix: add the type to aws\/resource-types\/ssm\.ts\./,
    );
  });

  /** The actions of one role, for a stack that declares some types only. */
  const actionsOf = (role: "preview" | "update", ...types: string[]) =>
    deploymentPolicies(scope, types)[role].flatMap(({ Statement }) =>
      Statement.flatMap(({ Action }) => Action),
    );

  it("are those that the provider and AWS require, whatever else the stack declares", () => {
    const bucket = "aws:s3/bucket:Bucket";
    const endpoint = "aws:ec2/vpcEndpoint:VpcEndpoint";
    const cases: [role: "preview" | "update", type: string, action: string][] = [
      // The provider reads every setting of a bucket, with or without an audit trail that locks objects.
      ["preview", bucket, "s3:GetBucketObjectLockConfiguration"],
      ["preview", bucket, "s3:GetBucketVersioning"],
      ["preview", bucket, "s3:ListTagsForResource"],
      ["update", bucket, "s3:TagResource"],
      ["update", bucket, "s3:UntagResource"],
      // Private DNS.
      ["update", endpoint, "route53:AssociateVPCWithHostedZone"],
      ["preview", endpoint, "ec2:DescribeNetworkInterfaces"],
      // Also where somebody else enables Inspector.
      ["update", "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", "inspector2:Enable"],
      [
        "preview",
        "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration",
        "chatbot:ListMicrosoftTeamsChannelConfigurations",
      ],
      ["update", "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate", "ecr:SetRepositoryPolicy"],
    ];
    for (const [role, type, action] of cases) {
      assert.ok(actionsOf(role, type).includes(action), `${role} of ${type}: ${action}`);
    }
  });

  it("leave out what the provider never calls", () => {
    const all = actionsOf("update", ...Object.keys(RESOURCE_TYPES));
    for (const action of [
      "chatbot:GetMicrosoftTeamsChannelConfiguration",
      "cloudtrail:GetTrail",
      "events:DisableRule",
      "events:EnableRule",
      "sqs:GetQueueUrl",
    ]) {
      assert.ok(!all.includes(action), action);
    }
  });

  it("hold the roles to the stack's own things", async () => {
    const { preview, update } = deploymentPolicies(scope, Object.keys(RESOURCE_TYPES), state);
    const repository = (name: string) => `arn:aws:ecr:eu-west-1:444455556666:repository/${name}`;
    const cases: [policies: PolicyDocument[], action: string, resource: string, allowed: boolean][] = [
      [update, "ecr:CreateRepository", repository("checkout-cart-prod"), true],
      [update, "ecr:CreateRepository", repository("checkout-cart-dev"), false],
      [update, "ecr:SetRepositoryPolicy", repository("docker-hub/library/alpine"), true],
      [update, "ecr:SetRepositoryPolicy", repository("checkout-cart-dev"), false],
      [update, "ecr:BatchDeleteImage", repository("checkout-cart-prod"), false],
      [update, "ecr:PutImage", repository("checkout-cart-prod"), false],
      [preview, "ecr:DescribeRepositories", repository("checkout-cart-prod"), true],
      [preview, "ecr:CreateRepository", repository("checkout-cart-prod"), false],
      [update, "iam:CreateRole", "arn:aws:iam::444455556666:role/checkout-release-prod-push", true],
      [update, "iam:CreateRole", "arn:aws:iam::444455556666:role/admin", false],
      [update, "iam:PassRole", "arn:aws:iam::444455556666:role/ecr-platform-prod-chat", true],
      [update, "iam:PassRole", "arn:aws:iam::444455556666:role/admin", false],
      [update, "s3:DeleteBucket", "arn:aws:s3:::other", false],
      [
        update,
        "sns:CreateTopic",
        "arn:aws:sns:us-east-1:444455556666:ecr-platform-prod-costs-eu-west-1",
        true,
      ],
      [update, "s3:PutObject", "arn:aws:s3:::acme-state/.pulumi/stacks/ecr-platform/prod.json", true],
      [preview, "s3:GetObject", "arn:aws:s3:::acme-state/.pulumi/stacks/ecr-platform/prod.json", true],
      [preview, "s3:PutObject", "arn:aws:s3:::acme-state/.pulumi/stacks/ecr-platform/prod.json", false],
      [preview, "kms:Decrypt", state.keyArn, true],
      [
        update,
        "kms:Decrypt",
        "arn:aws:kms:eu-west-1:444455556666:key/99999999-2222-3333-4444-555555555555",
        false,
      ],
    ];
    for (const [policies, action, resource, allowed] of cases) {
      assert.equal(await allows(policies, action, resource), allowed, `${action} on ${resource}`);
    }
  });

  it("fit IAM's quotas: the size of a managed policy, and ten a role", () => {
    const { preview, update } = deploymentPolicies(scope, Object.keys(RESOURCE_TYPES), state);
    for (const documents of [preview, update]) {
      assert.ok(documents.length <= 10);
      assert.ok(documents.every((document) => JSON.stringify(document).length <= LIMITS.managedPolicy.max));
      const ids = documents.flatMap((document) => document.Statement.map(({ Sid }) => Sid));
      assert.equal(new Set(ids).size, ids.length);
    }
  });

  it("are had by the repository's own workflows: previews by pull requests, updates by the environment", () => {
    const { preview, update } = deploymentTrusts(place, "acme/ecr-platform", "prod");
    const subjects = ({ Statement: [statement] }: PolicyDocument) =>
      statement?.Condition?.StringEquals?.["token.actions.githubusercontent.com:sub"];
    assert.deepEqual(subjects(preview), [
      "repo:acme/ecr-platform:pull_request",
      "repo:acme/ecr-platform:ref:refs/heads/main",
    ]);
    assert.deepEqual(subjects(update), ["repo:acme/ecr-platform:environment:prod"]);
  });

  it("are given to a repository with ids under any name", () => {
    const { preview, update } = deploymentTrusts(place, "acme@123/ecr-platform@456", "prod");
    const conditions = ({ Statement: [statement] }: PolicyDocument) => statement?.Condition;
    const claim = (name: string) => `token.actions.githubusercontent.com:${name}`;
    const equal = { [claim("aud")]: "sts.amazonaws.com", [claim("repository_id")]: "456" };
    assert.deepEqual(conditions(preview), {
      StringEquals: equal,
      StringLike: { [claim("sub")]: ["repo:*:pull_request", "repo:*:ref:refs/heads/main"] },
    });
    assert.deepEqual(conditions(update), {
      StringEquals: equal,
      StringLike: { [claim("sub")]: ["repo:*:environment:prod"] },
    });
  });
});
