import assert from "node:assert/strict";
import { repositoryArn } from "../../aws/arns";
import { contextOf } from "../../cli/context";
import type { PolicyDocument } from "../../documents/iam";
import { PULL_ACTIONS, repositoryPolicy } from "../../documents/repository-policy";
import { ROOT, runCommand } from "../support/project";
import { allows } from "../support/simulate";

describe("access", function () {
  this.timeout(60_000);
  const access = (...args: string[]) => {
    const { status, stdout, stderr } = runCommand(ROOT, "access", ...args);
    assert.equal(status, 0, stderr);
    return stdout;
  };

  it("says who may pull and push, under which condition, and which key of the config grants it", () => {
    const text = access("payments/api", "--stack", "prod");
    assert.match(text, /\n +account 777788889999 +pull +in organization o-a1b2c3d4e5 +sharing\.accounts\n/);
    assert.match(text, /\n +workflows of GitHub's acme\/payments \(tag v\*\) +pull, push +githubRoles\n/);
  });

  it("prints the IAM policy with which a role of an account that may pull can pull, and without which it cannot", async () => {
    const { policies } = JSON.parse(access("payments/api", "--stack", "prod", "--json")) as {
      policies: { pull: PolicyDocument };
    };
    const { place, organizationId, teams } = contextOf(ROOT, { stack: "prod" }).settings;
    const repository = teams
      .flatMap((team) => team.repositories)
      .find(({ name }) => name === "payments-api-prod");
    assert.ok(repository !== undefined && organizationId !== undefined);
    const pulls = (own: PolicyDocument[]) =>
      Promise.all(
        PULL_ACTIONS.map((action) =>
          allows(own, {
            principal: "arn:aws:iam::777788889999:role/runtime",
            action,
            resource: repositoryArn(place, repository.name),
            owner: place.accountId,
            resourcePolicy: repositoryPolicy(place, organizationId, repository.sharing),
            context: { "aws:PrincipalOrgID": organizationId },
          }),
        ),
      );
    assert.deepEqual(await pulls([policies.pull]), [true, true, true]);
    assert.deepEqual(await pulls([]), [false, false, false]);
  });
});
