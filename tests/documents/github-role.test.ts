import assert from "node:assert/strict";
import { acceptedClaims, githubTrust, pushPolicy } from "../../documents/github-role";
import type { PolicyDocument } from "../../documents/iam";
import { place, repository, decides, DESTROY, PULL, PUSH } from "../support/decisions";

describe("a GitHub push role", () => {
  const subjects = {
    repository: "acme/payments",
    branches: ["main", "release/*"],
    tags: ["v*"],
    environments: ["production"],
  };
  // The simulator drops context keys that it does not know, and it knows none of OIDC providers: request
  // tags, which it takes, stand for them.
  const known = (policy: PolicyDocument) =>
    JSON.parse(
      JSON.stringify(policy).replaceAll("token.actions.githubusercontent.com:", "aws:RequestTag/"),
    ) as PolicyDocument;
  const assumes = (policy: PolicyDocument, claims: Record<string, string>) =>
    decides({
      principal: "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
      action: "sts:AssumeRoleWithWebIdentity",
      resource: "arn:aws:iam::111122223333:role/payments-ci-prod-push",
      resourcePolicy: known(policy),
      identityPolicy: undefined,
      context: Object.fromEntries(
        Object.entries({ aud: "sts.amazonaws.com", ...claims }).map(([claim, value]) => [
          `aws:RequestTag/${claim}`,
          value,
        ]),
      ),
    });
  const assume = (sub: string, aud = "sts.amazonaws.com") =>
    assumes(githubTrust(place, subjects), { sub, aud, repository_id: "456" });
  const contexts = [
    "ref:refs/heads/main",
    "ref:refs/heads/release/1.2",
    "ref:refs/tags/v1.0.0",
    "environment:production",
  ];
  for (const sub of contexts) {
    it(`is assumed from ${sub}`, async () =>
      assert.equal(await assume(`repo:acme/payments:${sub}`), "Allowed"));
  }
  for (const sub of [
    "repo:acme/payments:pull_request",
    "repo:acme/payments:ref:refs/heads/feature/x",
    "repo:evil/payments:ref:refs/heads/main",
    "repo:acme/payments-fork:ref:refs/heads/main",
    "repo:acme/payments:environment:staging",
    "repo:acme@123/payments@456:ref:refs/heads/main",
  ]) {
    it(`is not assumed from ${sub}`, async () => assert.notEqual(await assume(sub), "Allowed"));
  }
  it("is not assumed for another audience", async () =>
    assert.notEqual(
      await assume("repo:acme/payments:ref:refs/heads/main", "https://github.com/acme"),
      "Allowed",
    ));

  describe("for a repository with ids", () => {
    const withIds = { ...subjects, repository: "acme@123/payments@456" };
    const trust = githubTrust(place, withIds);
    const byId = (sub: string, repository_id = "456") => assumes(trust, { sub, repository_id });
    for (const name of ["acme@123/payments@456", "acme/payments", "acme@123/billing@456", "other@9/x@456"]) {
      it(`is assumed as ${name}, in both of GitHub's formats and after a rename`, async () => {
        for (const context of contexts) {
          assert.equal(await byId(`repo:${name}:${context}`), "Allowed", context);
        }
      });
    }
    it("is not assumed by another repository that took the name", async () =>
      assert.notEqual(await byId("repo:acme@123/payments@789:ref:refs/heads/main", "789"), "Allowed"));
    it("is not assumed by a token without the repository's id", async () =>
      assert.notEqual(await assumes(trust, { sub: "repo:acme/payments:ref:refs/heads/main" }), "Allowed"));
    for (const context of [
      "pull_request",
      "ref:refs/heads/feature/x",
      "ref:refs/heads/feature/ref/refs/heads/main",
      "environment:staging",
      // GitHub writes the colons in an environment's name as %3A.
      "environment:x%3Aref%3Arefs/heads/main",
      "environment:x%3Aenvironment%3Aproduction",
    ]) {
      it(`is not assumed from its ${context}`, async () =>
        assert.notEqual(await byId(`repo:acme@123/payments@456:${context}`), "Allowed"));
    }
    it("always evaluates the subject, as IAM requires of a role that trusts GitHub", () =>
      assert.ok(
        trust.Statement[0]?.Condition?.StringLike?.["token.actions.githubusercontent.com:sub"] !== undefined,
      ));
    it("is assumed by the exact subject in partitions where AWS does not document repository_id", () => {
      for (const [partition, region] of [
        ["aws-cn", "cn-north-1"],
        ["aws-us-gov", "us-gov-west-1"],
      ] as const) {
        const exact = githubTrust({ ...place, partition, region }, withIds);
        const [statement] = exact.Statement;
        assert.deepEqual(statement?.Condition, {
          StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
          StringLike: {
            "token.actions.githubusercontent.com:sub": [
              "repo:acme@123/payments@456:ref:refs/heads/main",
              "repo:acme@123/payments@456:ref:refs/heads/release/*",
              "repo:acme@123/payments@456:ref:refs/tags/v*",
              "repo:acme@123/payments@456:environment:production",
            ],
          },
        });
      }
    });
    it("is described by the claims that it accepts, to compare with those of a workflow", () => {
      const role = { ...withIds, branches: ["main"], tags: [], environments: ["blue green"] };
      assert.equal(
        acceptedClaims(place, role),
        "repository_id 456, sub repo:*:ref:refs/heads/main or repo:*:environment:blue green",
      );
      assert.equal(
        acceptedClaims(place, { ...role, repository: "acme/payments" }),
        "sub repo:acme/payments:ref:refs/heads/main or repo:acme/payments:environment:blue green",
      );
    });
  });

  const may = (action: string, resource: string) =>
    decides({
      principal: "arn:aws:iam::111122223333:role/payments-ci-prod-push",
      action,
      resource,
      identityPolicy: pushPolicy(place, ["payments-api-prod"]),
    });
  it("pushes to its repositories and logs in", async () => {
    for (const action of [...PULL, ...PUSH]) {
      assert.equal(await may(action, repository), "Allowed", action);
    }
    assert.equal(await may("ecr:GetAuthorizationToken", "*"), "Allowed");
  });
  it("pushes nowhere else and deletes nothing", async () => {
    assert.notEqual(
      await may("ecr:PutImage", "arn:aws:ecr:eu-west-1:111122223333:repository/storefront-web-prod"),
      "Allowed",
    );
    for (const action of DESTROY) {
      assert.notEqual(await may(action, repository), "Allowed", action);
    }
  });
});
