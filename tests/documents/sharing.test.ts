import assert from "node:assert/strict";
import { repositoryPolicy } from "../../documents/repository-policy";
import {
  place,
  repository,
  PARTNER,
  ORGANIZATION,
  decides,
  nobody,
  PULL,
  PUSH,
  DESTROY,
  expectDecisions,
} from "../support/decisions";

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
