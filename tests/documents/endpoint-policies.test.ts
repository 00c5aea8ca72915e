import assert from "node:assert/strict";
import { ecrEndpointPolicy, ownCallersPolicy, s3EndpointPolicy } from "../../documents/endpoint-policies";
import type { PolicyDocument } from "../../documents/iam";
import { place, repository, PARTNER, ORGANIZATION, decides } from "../support/decisions";

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
