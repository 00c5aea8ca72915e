import assert from "node:assert/strict";
import type { PolicyDocument } from "../../documents/iam";
import { registryPolicy } from "../../documents/registry-policy";
import { cacheSharing, repositoryPolicy } from "../../documents/repository-policy";
import { nobody } from "../support/decisions";
import { allows } from "../support/simulate";

const place = { partition: "aws", region: "eu-west-1", accountId: "111122223333" };
const ORGANIZATION = "o-a1b2c3d4e5";
const PARTNER = "222233334444";
const PUSHER = `arn:aws:iam::${PARTNER}:role/ci`;
const registry = { replicateFrom: [], pullThroughCache: [{ prefix: "docker-hub" }] };
const everything: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Sid: "All", Effect: "Allow", Action: "*", Resource: "*" }],
};
const IMPORT = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"];

/** Whether a role of another account that its own account lets do everything may make a call here. */
const may = (
  resourcePolicy: PolicyDocument | undefined,
  action: string,
  {
    repository = "docker-hub/library/alpine",
    principal = `arn:aws:iam::${PARTNER}:role/runtime`,
    organization = ORGANIZATION,
  } = {},
) =>
  allows([everything], {
    principal,
    action,
    resource: `arn:aws:ecr:eu-west-1:111122223333:repository/${repository}`,
    owner: place.accountId,
    resourcePolicy,
    context: { "aws:PrincipalOrgID": organization },
  });

describe("a shared pull through cache", () => {
  const policy = registryPolicy(place, ORGANIZATION, registry, { ...nobody, accounts: [PARTNER] });

  it("lets a listed account import images and create their repositories, below the cache's prefix only", async () => {
    for (const action of IMPORT) {
      assert.ok(await may(policy, action));
      for (const repository of ["payments-api-prod", "docker-hub", "docker-hub-2/alpine", "quay/alpine"]) {
        assert.ok(!(await may(policy, action, { repository })), repository);
      }
    }
  });
  it("lets it do nothing else by the registry policy", async () => {
    for (const action of [
      "ecr:PutImage",
      "ecr:ReplicateImage",
      "ecr:DeleteRepository",
      "ecr:BatchDeleteImage",
    ]) {
      assert.ok(!(await may(policy, action)), action);
    }
  });
  it("gives nothing to an account that is not listed, or that left the organization", async () => {
    assert.ok(
      !(await may(policy, "ecr:CreateRepository", { principal: "arn:aws:iam::333344445555:role/runtime" })),
    );
    assert.ok(!(await may(policy, "ecr:CreateRepository", { organization: "o-zzzzzzzzzz" })));
  });
  it("can be used by the whole organization if images are shared with it", async () => {
    const open = registryPolicy(place, ORGANIZATION, registry, { ...nobody, organization: true });
    assert.ok(await may(open, "ecr:CreateRepository"));
    assert.ok(!(await may(open, "ecr:CreateRepository", { organization: "o-zzzzzzzzzz" })));
  });
  it("lets a CI role that may push elsewhere pull, and not push", async () => {
    const sharing = { ...nobody, pushPrincipals: [PUSHER] };
    const ofRepository = repositoryPolicy(place, ORGANIZATION, cacheSharing(sharing));
    const ofRegistry = registryPolicy(place, ORGANIZATION, registry, sharing);
    assert.ok(await may(ofRegistry, "ecr:BatchImportUpstreamImage", { principal: PUSHER }));
    assert.ok(await may(ofRepository, "ecr:BatchGetImage", { principal: PUSHER }));
    assert.ok(!(await may(ofRepository, "ecr:PutImage", { principal: PUSHER })));
  });
  it("has no statement for Lambda, which cannot pull through caches", () => {
    assert.equal(repositoryPolicy(place, ORGANIZATION, cacheSharing({ ...nobody, lambda: true })), undefined);
  });
  it("needs no registry policy if nothing is shared or nothing is cached", () => {
    assert.equal(registryPolicy(place, ORGANIZATION, registry, nobody), undefined);
    const uncached = { replicateFrom: [], pullThroughCache: [] };
    assert.equal(
      registryPolicy(place, ORGANIZATION, uncached, { ...nobody, accounts: [PARTNER] }),
      undefined,
    );
  });
});
