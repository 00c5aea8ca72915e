import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { platformOutputs } from "../../outputs";
import { smallStack, team } from "../support/config";
import { resolved, runStack } from "../support/stack";

const SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/hub-AbCdEf";

for (const preview of [true, false]) {
  describe(`the registry, in ${preview ? "a preview" : "an update"}`, () => {
    it("replicates by prefix to regions and accounts", async () => {
      const stack = await runStack(
        smallStack({
          registry: {
            replication: [
              {
                prefixes: ["payments"],
                destinations: [
                  { region: "eu-central-1" },
                  { region: "eu-west-1", accountId: "222233334444" },
                ],
              },
            ],
          },
        }),
        { preview },
      );
      assert.deepEqual(
        stack.one("ecr/replicationConfiguration:ReplicationConfiguration", "registry-replication")
          .replicationConfiguration,
        {
          rules: [
            {
              destinations: [
                { region: "eu-central-1", registryId: "111122223333" },
                { region: "eu-west-1", registryId: "222233334444" },
              ],
              repositoryFilters: [{ filter: "payments", filterType: "PREFIX_MATCH" }],
            },
          ],
        },
      );
    });
    it("replicates every repository by a rule without prefixes", async () => {
      const stack = await runStack(
        smallStack({ registry: { replication: [{ destinations: [{ region: "eu-central-1" }] }] } }),
        { preview },
      );
      assert.deepEqual(
        stack.one("ecr/replicationConfiguration:ReplicationConfiguration", "registry-replication")
          .replicationConfiguration,
        { rules: [{ destinations: [{ region: "eu-central-1", registryId: "111122223333" }] }] },
      );
    });
    it("accepts replication from named accounts only, into repositories made like the rest", async () => {
      const stack = await runStack(smallStack({ registry: { replicateFrom: ["222233334444"] } }), {
        preview,
      });
      const [statement] = stack.document("ecr/registryPolicy:RegistryPolicy", "registry-policy").Statement;
      assert.deepEqual(statement.Principal, { AWS: ["arn:aws:iam::222233334444:root"] });
      assert.deepEqual(statement.Action, ["ecr:CreateRepository", "ecr:ReplicateImage"]);
      const template = stack.one(
        "ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
        "registry-template-ROOT",
      );
      assert.deepEqual([template.appliedFors, template.imageTagMutability], [["REPLICATION"], "IMMUTABLE"]);
    });
    it("caches upstreams into encrypted, tagged repositories that are cleaned up", async () => {
      const stack = await runStack(
        smallStack({
          registry: { pullThroughCache: [{ prefix: "hub", upstream: "docker-hub", credentialArn: SECRET }] },
        }),
        { preview },
      );
      const rule = stack.one("ecr/pullThroughCacheRule:PullThroughCacheRule", "registry-cache-hub");
      assert.deepEqual([rule.upstreamRegistryUrl, rule.credentialArn], ["registry-1.docker.io", SECRET]);
      const template = stack.one(
        "ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
        "registry-template-hub",
      );
      assert.equal(template.imageTagMutability, "MUTABLE");
      assert.equal((template.resourceTags as any).ManagedBy, "pulumi");
      assert.equal((template.encryptionConfigurations as any)[0].encryptionType, "KMS");
      assert.equal(JSON.parse(String(template.lifecyclePolicy)).rules.at(-1).selection.tagStatus, "any");
      if (!preview) {
        const policy = stack.document("iam/rolePolicy:RolePolicy", "registry-creation-role-policy");
        assert.equal(policy.Statement[1].Resource, "arn:aws:kms:eu-west-1:111122223333:repositories-key");
      }
    });
    it("lets principals that images are shared with pull through the caches, including the first pull", async () => {
      const stack = await runStack(
        smallStack({
          organizationId: "o-a1b2c3d4e5",
          registry: {
            pullThroughCache: [
              { prefix: "quay", upstream: "quay" },
              { prefix: "k8s", upstream: "kubernetes" },
            ],
            replicateFrom: ["222233334444"],
          },
          repositories: { sharing: { accounts: ["333344445555"], organization: true, lambda: true } },
          teams: [team("a", [{ name: "x", sharing: { accounts: ["666677778888"] } }])],
        }),
        { preview },
      );
      const { Statement } = stack.document("ecr/registryPolicy:RegistryPolicy", "registry-policy");
      const through = {
        Action: ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
        Resource: [
          "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*",
          "arn:aws:ecr:eu-west-1:111122223333:repository/k8s/*",
        ],
        Condition: { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } },
      };
      assert.equal(Statement[0].Sid, "ReplicationFromAccounts");
      assert.deepEqual(Statement.slice(1), [
        {
          Sid: "PullThroughCacheForAccounts",
          Effect: "Allow",
          Principal: { AWS: ["arn:aws:iam::333344445555:root"] },
          ...through,
        },
        { Sid: "PullThroughCacheForOrganization", Effect: "Allow", Principal: "*", ...through },
      ]);
      const templates = stack.all("ecr/repositoryCreationTemplate:RepositoryCreationTemplate");
      for (const prefix of ["quay", "k8s"]) {
        const policy = JSON.parse(String(templates.get(`registry-template-${prefix}`)?.repositoryPolicy));
        assert.deepEqual(
          policy.Statement.map(({ Sid }: any) => Sid),
          ["PullForAccounts", "PullForOrganization"],
        );
      }
      assert.equal(templates.get("registry-template-ROOT")?.repositoryPolicy, undefined);
    });
    it("has no registry policy if caches are not shared", async () => {
      const stack = await runStack(
        smallStack({ registry: { pullThroughCache: [{ prefix: "quay", upstream: "quay" }] } }),
        { preview },
      );
      assert.equal(stack.all("ecr/registryPolicy:RegistryPolicy").size, 0);
      const template = stack.one(
        "ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
        "registry-template-quay",
      );
      assert.equal(template.repositoryPolicy, undefined);
      const { rules } = JSON.parse(String(template.lifecyclePolicy));
      assert.deepEqual(
        rules.map(({ selection }: any) => selection.tagStatus),
        ["tagged", "any"],
        "no rule of its own for untagged images",
      );
    });
    it("makes push roles that GitHub assumes, with the provider made or taken", async () => {
      const teams = [
        team("a", ["x", "y"], {
          githubRoles: [{ name: "ci", repository: "acme/a", branches: ["main"], services: ["y"] }],
        }),
      ];
      for (const githubOidcProvider of ["create", "existing"]) {
        const stack = await runStack(smallStack({ registry: { githubOidcProvider }, teams }), { preview });
        assert.equal(
          stack.all("iam/openIdConnectProvider:OpenIdConnectProvider").size,
          githubOidcProvider === "create" ? 1 : 0,
        );
        assert.equal(stack.one("iam/role:Role", "github-a-ci").name, "a-ci-dev-push");
        const policy = stack.document("iam/rolePolicy:RolePolicy", "github-a-ci-push");
        assert.deepEqual(policy.Statement[1].Resource, [
          "arn:aws:ecr:eu-west-1:111122223333:repository/a-y-dev",
        ]);
      }
    });
  });

  describe(`costs, in ${preview ? "a preview" : "an update"}`, () => {
    const config = smallStack({
      costs: {
        monthlyBudget: 100,
        actualThresholds: [50, 90],
        forecastThresholds: [100],
        emails: ["f@acme.example"],
        billingAlarm: 120,
        anomalyThreshold: 30,
      },
      teams: [team("a", ["x"], { monthlyBudget: 40 }), team("b", ["y"])],
    });
    it("have budgets for ECR and per team, with actual and forecast thresholds to mail and SNS", async () => {
      const stack = await runStack(config, { preview });
      const ecr = stack.one("budgets/budget:Budget", "costs-ecr");
      assert.deepEqual(
        [ecr.limitAmount, ecr.name, ecr.costFilters],
        [
          "100",
          "ecr-platform-dev-eu-west-1-ecr",
          [{ name: "Service", values: ["Amazon EC2 Container Registry (ECR)"] }],
        ],
      );
      assert.deepEqual(
        (ecr.notifications as any[]).map(
          ({ notificationType, threshold }) => `${notificationType} ${threshold}`,
        ),
        ["ACTUAL 50", "ACTUAL 90", "FORECASTED 100"],
      );
      const ofTeam = stack.one("budgets/budget:Budget", "costs-team-a");
      assert.deepEqual(ofTeam.costFilters, [{ name: "TagKeyValue", values: ["user:Team$a"] }]);
      assert.deepEqual((ofTeam.notifications as any[])[0].subscriberEmailAddresses, ["team@acme.example"]);
      assert.equal(stack.all("budgets/budget:Budget").size, 2);
      if (!preview) {
        assert.equal((ecr.notifications as any[])[0].subscriberSnsTopicArns.length, 1);
      }
    });
    it("alarm in us-east-1, with the topic and key there, whatever the stack's region", async () => {
      const stack = await runStack(config, { preview, region: "ap-southeast-2" });
      const alarm = stack.one("cloudwatch/metricAlarm:MetricAlarm", "costs-billing-alarm");
      assert.deepEqual(
        [alarm.region, alarm.threshold, alarm.dimensions],
        ["us-east-1", 120, { ServiceName: "AmazonECR", Currency: "USD" }],
      );
      assert.equal(stack.one("sns/topic:Topic", "costs-topic").region, "us-east-1");
      assert.equal(stack.one("kms/key:Key", "costs-key").region, "us-east-1");
      const policy = stack.document("sns/topicPolicy:TopicPolicy", "costs-topic-policy");
      assert.deepEqual(
        policy.Statement.map((s: any) => s.Principal.Service ?? s.Principal),
        ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "costalerts.amazonaws.com", "*"],
      );
      assert.ok(
        policy.Statement.every(
          (s: any) => s.Resource.includes("us-east-1") || s.Resource[0].includes("us-east-1"),
        ),
      );
    });
    it("are watched for anomalies where asked", async () => {
      const stack = await runStack(config, { preview });
      const subscription = stack.one(
        "costexplorer/anomalySubscription:AnomalySubscription",
        "costs-anomalies-subscription",
      );
      assert.deepEqual((subscription.thresholdExpression as any).dimension.values, ["30"]);
      const without = await runStack(smallStack(), { preview });
      assert.ok(
        !without.all("sns/topic:Topic").has("costs-topic"),
        "nothing to tell needs no topic, and no key",
      );
      assert.equal(without.all("costexplorer/anomalyMonitor:AnomalyMonitor").size, 0);
      assert.equal(without.all("cloudwatch/metricAlarm:MetricAlarm").has("costs-billing-alarm"), false);
    });
    it("are left to their owner where this stack does not manage them", async () => {
      const stack = await runStack(smallStack({ costs: { manage: false } }), { preview });
      assert.equal(stack.all("budgets/budget:Budget").size, 0);
      assert.ok(!stack.all("sns/topic:Topic").has("costs-topic"));
    });
  });
}

describe("a stack's outputs", () => {
  it("name what other stacks build on", async () => {
    const stack = await runStack(smallStack({ costs: { monthlyBudget: 5, emails: ["f@acme.example"] } }));
    const { repositories, hints, registry } = stack.outputs as any;
    assert.deepEqual(repositories["payments/api"], {
      name: "payments-api-dev",
      arn: "arn:aws:ecr:eu-west-1:111122223333:repository/payments-api-dev",
      url: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/payments-api-dev",
    });
    assert.equal(registry, "111122223333.dkr.ecr.eu-west-1.amazonaws.com");
    assert.match(hints.login, /--region eu-west-1 \| docker login .* 111122223333\.dkr/);
    assert.equal(
      await resolved(stack.outputs.trailArn),
      "arn:aws:cloudtrail:eu-west-1:111122223333:ecr-platform-dev-trail",
    );
    assert.deepEqual(await resolved(stack.outputs.budgetNames), { ecr: "ecr-platform-dev-eu-west-1-ecr" });
  });

  it("lack the parts that the stack does not own, without a warning", async () => {
    const stack = await runStack(
      smallStack({
        repositories: { encryption: "AES256" },
        scanning: { manage: false },
        findings: { manage: false },
        audit: { manage: false, alerts: false },
        operations: { manage: false },
      }),
    );
    assert.deepEqual(Object.keys(stack.outputs), ["registry", "repositories", "hints"]);
    assert.deepEqual(stack.warnings, []);
  });

  it("come back typed through a stack reference", async () => {
    const exported = {
      registry: "r",
      repositories: { "a/x": { name: "n", arn: "a", url: "u" } },
      hints: { login: "l", push: "p" },
    };
    await pulumi.runtime.setMocks({
      newResource: ({ inputs }) => ({
        id: "ref",
        state: { ...inputs, outputs: exported, secretOutputNames: [] },
      }),
      call: () => ({}),
    });
    const outputs = platformOutputs(new pulumi.StackReference("acme/ecr-platform/prod"));
    const { repositories, vpcId } = await resolved(outputs);
    assert.equal(repositories["a/x"]?.url, "u");
    assert.equal(vpcId, undefined);
  });
});
