import assert from "node:assert/strict";
import { runSimulation, type Simulation } from "@cloud-copilot/iam-simulate";
import type { Place } from "../../aws/arns";
import { ecrEndpointPolicy, ownCallersPolicy, s3EndpointPolicy } from "../../documents/endpoint-policies";
import { acceptedClaims, githubTrust, pushPolicy } from "../../documents/github-role";
import type { PolicyDocument } from "../../documents/iam";
import { trailKeyPolicy } from "../../documents/key-policies";
import { repositoryPolicy, type SharingSettings } from "../../documents/repository-policy";
import { topicPolicy } from "../../documents/topic-policy";
import { trailBucketPolicy } from "../../documents/trail-policies";

const place: Place = { partition: "aws", region: "eu-west-1", accountId: "111122223333" };
const repository = "arn:aws:ecr:eu-west-1:111122223333:repository/payments-api-prod";
const PARTNER = "222233334444";
const ORGANIZATION = "o-a1b2c3d4e5";

const allowsAll: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Sid: "All", Effect: "Allow", Action: "*", Resource: "*" }],
};

async function decides(request: {
  principal: string;
  action: string;
  resource: string;
  owner?: string;
  resourcePolicy?: PolicyDocument;
  identityPolicy?: PolicyDocument | undefined;
  endpointPolicy?: PolicyDocument;
  context?: Record<string, string | string[]>;
}): Promise<string> {
  const simulation: Simulation = {
    request: {
      principal: request.principal,
      action: request.action,
      resource: { resource: request.resource, accountId: request.owner ?? place.accountId },
      contextVariables: request.context ?? {},
    },
    identityPolicies:
      "identityPolicy" in request
        ? request.identityPolicy === undefined
          ? []
          : [{ name: "identity", policy: request.identityPolicy }]
        : [{ name: "all", policy: allowsAll }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: request.resourcePolicy,
    ...(request.endpointPolicy === undefined
      ? {}
      : { vpcEndpointPolicies: [{ name: "endpoint", policy: request.endpointPolicy }] }),
  };
  const result = await runSimulation(simulation, {});
  if (result.resultType === "error") {
    throw new Error(JSON.stringify(result.errors));
  }
  return result.overallResult;
}

const nobody: SharingSettings = {
  accounts: [],
  organization: false,
  organizationPaths: [],
  principals: [],
  lambda: false,
  pushPrincipals: [],
  outsideOrganization: false,
};

const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"];
const PUSH = ["ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"];
const DESTROY = [
  "ecr:BatchDeleteImage",
  "ecr:DeleteRepository",
  "ecr:SetRepositoryPolicy",
  "ecr:PutLifecyclePolicy",
];

async function expectDecisions(
  expected: "Allowed" | "denied",
  actions: string[],
  policy: PolicyDocument | undefined,
  principal: string,
  context?: Record<string, string | string[]>,
): Promise<void> {
  for (const action of actions) {
    const decision = await decides({
      principal,
      action,
      resource: repository,
      resourcePolicy: policy,
      context,
    });
    assert.equal(decision === "Allowed", expected === "Allowed", `${principal} ${action}: ${decision}`);
  }
}

describe("a shared repository", () => {
  const shared = repositoryPolicy(place, ORGANIZATION, { ...nobody, accounts: [PARTNER] });
  const role = `arn:aws:iam::${PARTNER}:role/runtime`;
  const inside = { "aws:PrincipalOrgID": ORGANIZATION };

  it("lets a listed account of the organization pull", () =>
    expectDecisions("Allowed", PULL, shared, role, inside));
  it("does not let it push", () => expectDecisions("denied", PUSH, shared, role, inside));
  it("does not let it delete or change policies", () =>
    expectDecisions("denied", DESTROY, shared, role, inside));
  it("does not let an unlisted account pull", () =>
    expectDecisions("denied", PULL, shared, "arn:aws:iam::333344445555:role/runtime", inside));
  it("does not let a listed account that left the organization pull", () =>
    expectDecisions("denied", PULL, shared, role, { "aws:PrincipalOrgID": "o-zzzzzzzzzz" }));
  it("lets a listed account outside the organization pull where that is said", () =>
    expectDecisions(
      "Allowed",
      PULL,
      repositoryPolicy(place, ORGANIZATION, { ...nobody, accounts: [PARTNER], outsideOrganization: true }),
      role,
    ));
  it("lets the whole organization pull, and nobody else", async () => {
    const policy = repositoryPolicy(place, ORGANIZATION, { ...nobody, organization: true });
    await expectDecisions("Allowed", PULL, policy, role, inside);
    await expectDecisions("denied", PUSH, policy, role, inside);
    await expectDecisions("denied", PULL, policy, role, { "aws:PrincipalOrgID": "o-zzzzzzzzzz" });
    await expectDecisions("denied", PULL, policy, role);
  });
  it("lets an organizational unit pull, and not its sibling", async () => {
    const unit = `${ORGANIZATION}/r-ab12/ou-ab12-11111111/`;
    const policy = repositoryPolicy(place, ORGANIZATION, { ...nobody, organizationPaths: [`${unit}*`] });
    await expectDecisions("Allowed", PULL, policy, role, {
      "aws:PrincipalOrgPaths": [`${unit}ou-ab12-22222222/`],
    });
    await expectDecisions("denied", PULL, policy, role, {
      "aws:PrincipalOrgPaths": [`${ORGANIZATION}/r-ab12/ou-ab12-99999999/`],
    });
  });
  it("lets a named role pull, and not another role of its account", async () => {
    const policy = repositoryPolicy(place, undefined, { ...nobody, principals: [role] });
    await expectDecisions("Allowed", PULL, policy, role);
    await expectDecisions("denied", PULL, policy, `arn:aws:iam::${PARTNER}:role/other`);
  });
  it("lets a named CI role push, and not delete", async () => {
    const policy = repositoryPolicy(place, undefined, { ...nobody, pushPrincipals: [role] });
    await expectDecisions("Allowed", [...PULL, ...PUSH], policy, role);
    await expectDecisions("denied", DESTROY, policy, role);
  });
  it("lets Lambda run functions of the listed accounts from it, under the id that Lambda would write", async () => {
    const policy = repositoryPolicy(place, ORGANIZATION, { ...nobody, accounts: [PARTNER], lambda: true });
    const statement = policy?.Statement.find(({ Sid }) => Sid === "LambdaECRImageRetrievalPolicy");
    assert.deepEqual(statement?.Condition, {
      StringLike: {
        "aws:SourceArn": [
          `arn:aws:lambda:eu-west-1:111122223333:function:*`,
          `arn:aws:lambda:eu-west-1:${PARTNER}:function:*`,
        ],
      },
    });
    const lambda = (source: string, action = "ecr:BatchGetImage") =>
      decides({
        principal: "lambda.amazonaws.com",
        action,
        resource: repository,
        resourcePolicy: policy!,
        identityPolicy: undefined,
        context: { "aws:SourceArn": source },
      });
    assert.equal(await lambda(`arn:aws:lambda:eu-west-1:${PARTNER}:function:pay`), "Allowed");
    assert.notEqual(await lambda("arn:aws:lambda:eu-west-1:999999999999:function:pay"), "Allowed");
    assert.notEqual(
      await lambda(`arn:aws:lambda:eu-west-1:${PARTNER}:function:pay`, "ecr:PutImage"),
      "Allowed",
    );
  });
  it("has no policy at all where nothing is shared", () =>
    assert.equal(repositoryPolicy(place, ORGANIZATION, nobody), undefined));
});

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

describe("the ECR endpoints", () => {
  const through = (
    resource: string,
    owner: string,
    context: Record<string, string> = {},
    organizationId?: string,
  ) =>
    decides({
      principal: "arn:aws:iam::111122223333:role/task",
      action: "ecr:BatchGetImage",
      resource,
      owner,
      resourcePolicy: {
        Version: "2012-10-17",
        Statement: [{ Sid: "All", Effect: "Allow", Principal: "*", Action: "ecr:*" }],
      },
      endpointPolicy: ecrEndpointPolicy(place, { accounts: [PARTNER], organizationId }),
      context,
    });
  it("reach this account's and the listed accounts' repositories", async () => {
    assert.equal(await through(repository, place.accountId), "Allowed");
    assert.equal(await through(`arn:aws:ecr:eu-west-1:${PARTNER}:repository/x`, PARTNER), "Allowed");
  });
  it("reach nobody else's", async () => {
    assert.notEqual(
      await through("arn:aws:ecr:eu-west-1:333344445555:repository/x", "333344445555"),
      "Allowed",
    );
  });
  it("reach the organization's where that is said", async () => {
    const foreign = ["arn:aws:ecr:eu-west-1:333344445555:repository/x", "333344445555"] as const;
    assert.equal(await through(...foreign, { "aws:ResourceOrgID": ORGANIZATION }, ORGANIZATION), "Allowed");
    assert.notEqual(
      await through(...foreign, { "aws:ResourceOrgID": "o-zzzzzzzzzz" }, ORGANIZATION),
      "Allowed",
    );
  });
  it("let callers log in", async () => {
    assert.equal(
      await decides({
        principal: "arn:aws:iam::111122223333:role/task",
        action: "ecr:GetAuthorizationToken",
        resource: "*",
        endpointPolicy: ecrEndpointPolicy(place, { accounts: [], organizationId: undefined }),
      }),
      "Allowed",
    );
  });
});

describe("the sts and logs endpoints", () => {
  const through = (action: string, account: string, resource: string) =>
    decides({
      principal: `arn:aws:iam::${account}:role/task`,
      action,
      resource,
      owner: resource.split(":")[4] ?? "",
      resourcePolicy: {
        Version: "2012-10-17",
        Statement: [{ Sid: "All", Effect: "Allow", Principal: "*", Action: "sts:*" }],
      },
      endpointPolicy: ownCallersPolicy(place),
      context: { "aws:PrincipalAccount": account },
    });
  const role = (account: string) => `arn:aws:iam::${account}:role/x`;
  it("serve callers of this account", async () =>
    assert.equal(await through("sts:AssumeRole", place.accountId, role(PARTNER)), "Allowed"));
  it("serve nobody else", async () =>
    assert.notEqual(await through("sts:AssumeRole", PARTNER, role(PARTNER)), "Allowed"));
  it("serve federation into this account's roles, which states no caller's account", () => {
    const statement = ownCallersPolicy(place).Statement.find(({ Sid }) => Sid === "FederatedIntoThisAccount");
    assert.deepEqual(statement?.Resource, "arn:aws:iam::111122223333:role/*");
    assert.equal(statement?.Condition, undefined);
  });
});

describe("the S3 gateway endpoint", () => {
  const get = (bucket: string, policy: PolicyDocument, action = "s3:GetObject") =>
    decides({
      principal: "arn:aws:iam::111122223333:role/task",
      action,
      resource: `arn:aws:s3:::${bucket}/layer`,
      endpointPolicy: policy,
    });
  it("lets layers through and, in ecr-layers, nothing else but named buckets", async () => {
    const policy = s3EndpointPolicy(place, "ecr-layers", ["app-assets"]);
    assert.equal(await get("prod-eu-west-1-starport-layer-bucket", policy), "Allowed");
    assert.notEqual(await get("prod-eu-west-1-starport-layer-bucket", policy, "s3:PutObject"), "Allowed");
    assert.equal(await get("app-assets", policy), "Allowed");
    assert.notEqual(await get("somewhere-else", policy), "Allowed");
  });
  it("lets everything through in any, as others share the gateway", async () =>
    assert.equal(await get("somewhere-else", s3EndpointPolicy(place, "any", [])), "Allowed"));
});

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
