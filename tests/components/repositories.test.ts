import assert from "node:assert/strict";
import { smallStack, team } from "../support/config";
import { runStack } from "../support/stack";

const REPOSITORY = "ecr/repository:Repository";

for (const preview of [true, false]) {
  describe(`repositories, in ${preview ? "a preview" : "an update"}`, () => {
    it("are named <team>-<service>-<env>, tagged, immutable and encrypted with the stack's key", async () => {
      const stack = await runStack(
        smallStack({
          costCentre: "CC-1",
          tags: { Division: "x" },
          teams: [team("payments", [{ name: "api", description: "Payment API" }], { costCentre: "CC-2" })],
        }),
        { preview },
      );
      const repository = stack.one(REPOSITORY, "payments-api");
      assert.equal(repository.name, "payments-api-dev");
      assert.deepEqual(repository.tags, {
        Division: "x",
        Project: "ecr-platform",
        Environment: "dev",
        ManagedBy: "pulumi",
        Contact: "team@acme.example",
        CostCentre: "CC-2",
        Team: "payments",
        Service: "api",
        Description: "Payment API",
      });
      assert.equal(repository.imageTagMutability, "IMMUTABLE");
      assert.equal(repository.forceDelete, false);
      const [encryption] = repository.encryptionConfigurations as [
        { encryptionType: string; kmsKey?: string },
      ];
      assert.equal(encryption.encryptionType, "KMS");
      if (preview) {
        assert.notEqual(typeof encryption.kmsKey, "string", "a key that is not there yet has no ARN");
      } else {
        assert.equal(encryption.kmsKey, "arn:aws:kms:eu-west-1:111122223333:repositories-key");
      }
      assert.equal(stack.one("kms/key:Key", "repositories-key").enableKeyRotation, true);
    });

    it("say why where their tags may move, and only there", async () => {
      const stack = await runStack(
        smallStack({
          repositories: { imageTags: { mutable: ["latest*"], reason: "rebuilt each night" } },
          teams: [team("a", ["x", { name: "y", imageTags: { mutable: [] } }])],
        }),
        { preview },
      );
      const reason = (name: string) =>
        (stack.one(REPOSITORY, name).tags as Record<string, string>).MutableTags;
      assert.equal(reason("a-x"), "rebuilt each night");
      assert.equal(reason("a-y"), undefined);
    });

    it("use an existing key, or none of KMS, and then there is no key of the stack", async () => {
      const keyArn = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555";
      const stack = await runStack(
        smallStack({
          repositories: { encryption: keyArn },
          teams: [team("a", ["x", { name: "y", encryption: "AES256" }])],
        }),
        { preview },
      );
      assert.deepEqual(stack.one(REPOSITORY, "a-x").encryptionConfigurations, [
        { encryptionType: "KMS", kmsKey: keyArn },
      ]);
      assert.deepEqual(stack.one(REPOSITORY, "a-y").encryptionConfigurations, [{ encryptionType: "AES256" }]);
      assert.ok(!stack.all("kms/key:Key").has("repositories-key"));
    });

    it("let the tags move that a team names", async () => {
      const stack = await runStack(
        smallStack({ teams: [team("a", ["x"], { imageTags: { mutable: ["latest*", "edge"] } })] }),
        { preview },
      );
      const repository = stack.one(REPOSITORY, "a-x");
      assert.equal(repository.imageTagMutability, "IMMUTABLE_WITH_EXCLUSION");
      assert.deepEqual(repository.imageTagMutabilityExclusionFilters, [
        { filter: "latest*", filterType: "WILDCARD" },
        { filter: "edge", filterType: "WILDCARD" },
      ]);
    });

    it("each have a lifecycle policy, and a repository policy only where something is shared", async () => {
      const stack = await runStack(
        smallStack({
          teams: [
            team("a", ["x", { name: "y", sharing: { accounts: ["222233334444"] } }], {
              lifecycle: { protect: ["deployed-*"], rules: [{ tags: ["v*"], keep: 3 }] },
            }),
          ],
        }),
        { preview },
      );
      assert.deepEqual(
        [...stack.all("ecr/lifecyclePolicy:LifecyclePolicy").keys()],
        ["a-x-lifecycle", "a-y-lifecycle"],
      );
      const policy = stack.document("ecr/lifecyclePolicy:LifecyclePolicy", "a-x-lifecycle");
      assert.deepEqual(
        policy.rules.map((rule: any) => rule.selection.tagPatternList?.[0] ?? rule.selection.tagStatus),
        ["sha256-*", "deployed-*", "v*", "untagged", "any"],
      );
      assert.deepEqual([...stack.all("ecr/repositoryPolicy:RepositoryPolicy").keys()], ["a-y-policy"]);
      const [statement] = stack.document("ecr/repositoryPolicy:RepositoryPolicy", "a-y-policy").Statement;
      assert.deepEqual(statement.Principal, { AWS: ["arn:aws:iam::222233334444:root"] });
    });

    it("do not change for other teams when a team is added, moved or removed", async () => {
      const a = team("a", ["x", "y"]);
      const b = team("b", ["x"]);
      const named = async (teams: unknown[]) =>
        (await runStack(smallStack({ teams }), { preview })).resources
          .filter(({ name, type }) => /^a(-|$)/.test(name) && type !== "aws:cloudwatch/eventRule:EventRule")
          .map(({ type, name, inputs }) => JSON.stringify([type, name, inputs]))
          .sort();
      const alone = await named([a]);
      assert.ok(alone.length >= 5);
      assert.deepEqual(await named([b, a]), alone);
      assert.deepEqual(await named([a, b]), alone);
    });

    it("declare nothing before the config is valid", async () => {
      await assert.rejects(
        runStack(smallStack({ teams: [team("A", ["x"])], audit: { retentionDays: 1 } }), { preview }),
        /has 2 problems; nothing was declared(.|\n)*audit\.retentionDays/,
      );
    });
  });
}

describe("a program", () => {
  it("never names two resources of one type alike", async () => {
    const stack = await runStack(
      smallStack({
        teams: [
          team("a", ["x", "y"]),
          team("b", ["x"], { findings: { subscriptions: [{ protocol: "email", endpoint: "b@b.example" }] } }),
        ],
        costs: { monthlyBudget: 5, billingAlarm: 5, emails: ["a@b.example"] },
      }),
    );
    const names = stack.resources.map(({ type, name }) => `${type} ${name}`);
    assert.equal(new Set(names).size, names.length);
  });
});
