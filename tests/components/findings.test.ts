import assert from "node:assert/strict";
import { smallStack, team } from "../support/config";
import { runStack } from "../support/stack";

const mail = (endpoint: string) => ({ protocol: "email", endpoint });

for (const preview of [true, false]) {
  describe(`findings, in ${preview ? "a preview" : "an update"}`, () => {
    it("reach an encrypted topic through rules with retries, dead letters and alarms", async () => {
      const stack = await runStack(
        smallStack({
          findings: { scanComplete: true, pushes: true, subscriptions: [mail("p@acme.example")] },
        }),
        { preview },
      );
      const rules = stack.all("cloudwatch/eventRule:EventRule");
      assert.deepEqual([...rules.keys()].sort(), [
        "audit-alerts-sensitive-call",
        ...[
          "failed-replication",
          "finding",
          "image-delete",
          "image-push",
          "initial-scan",
          "not-covered",
          "not-scanned",
        ].map((name) => `findings-routes-${name}`),
      ]);
      const targets = stack.all("cloudwatch/eventTarget:EventTarget");
      assert.equal(targets.size, rules.size);
      for (const [name, target] of targets) {
        assert.deepEqual(
          target.retryPolicy,
          { maximumEventAgeInSeconds: 86400, maximumRetryAttempts: 185 },
          name,
        );
        assert.ok("deadLetterConfig" in target, name);
        assert.equal(target.roleArn, undefined, "EventBridge wants no role for a topic");
        const { inputPaths, inputTemplate } = target.inputTransformer as {
          inputPaths: object;
          inputTemplate: string;
        };
        assert.ok(Object.keys(inputPaths).length > 0);
        assert.equal(typeof JSON.parse(inputTemplate), "string", "several lines would be quoted one by one");
      }
      const alarms = [...stack.all("cloudwatch/metricAlarm:MetricAlarm").values()];
      const watched = (metric: string) => alarms.filter(({ metricName }) => metricName === metric).length;
      assert.equal(watched("FailedInvocations"), rules.size);
      assert.equal(watched("ApproximateNumberOfMessagesVisible"), stack.all("sqs/queue:Queue").size);
      assert.equal(
        stack.one("sns/topicSubscription:TopicSubscription", "findings-email-p@acme.example").endpoint,
        "p@acme.example",
      );
      const statements = stack.document("kms/key:Key", "findings-key").Statement as any[];
      const events = statements.find(({ Principal }) => Principal.Service === "events.amazonaws.com");
      assert.deepEqual(events.Action, ["kms:Decrypt", "kms:GenerateDataKey*"]);
      assert.equal(events.Condition, undefined, "a condition would make delivery fail silently");
      if (!preview) {
        assert.equal(
          stack.one("sns/topic:Topic", "findings-topic").kmsMasterKeyId,
          "arn:aws:kms:eu-west-1:111122223333:findings-key",
        );
      }
    });
    it("follow the scan type: basic scans have no Inspector events", async () => {
      const stack = await runStack(smallStack({ scanning: { type: "basic" } }), { preview });
      const patterns = [...stack.all("cloudwatch/eventRule:EventRule").values()].map(({ eventPattern }) =>
        String(eventPattern),
      );
      assert.ok(
        patterns.some((pattern) => pattern.includes("ECR Image Scan") && pattern.includes("COMPLETE")),
      );
      assert.ok(patterns.some((pattern) => pattern.includes("FAILED")));
      assert.ok(!patterns.some((pattern) => pattern.includes("aws.inspector2")));
    });
    it("reach a team's own topic, for its repositories and its severity", async () => {
      const stack = await runStack(
        smallStack({
          teams: [
            team("a", ["x"], {
              findings: { minimumSeverity: "LOW", subscriptions: [mail("a@acme.example")] },
            }),
            team("a-b", ["y"]),
          ],
        }),
        { preview },
      );
      const pattern = stack.document(
        "cloudwatch/eventRule:EventRule",
        "findings-routes-a-finding",
        "eventPattern",
      );
      assert.deepEqual(pattern.detail.severity, ["UNTRIAGED", "LOW", "MEDIUM", "HIGH", "CRITICAL"]);
      assert.deepEqual(pattern.detail.resources.details.awsEcrContainerImage.repositoryName, ["a-x-dev"]);
      assert.ok(
        stack.all("sns/topic:Topic").has("findings-a-topic") &&
          !stack.all("sns/topic:Topic").has("findings-a-b-topic"),
      );
      if (!preview) {
        const topicOf = (target: string) => stack.one("cloudwatch/eventTarget:EventTarget", target).arn;
        assert.match(String(topicOf("findings-routes-a-finding-target")), /alerts-a$/);
        assert.match(String(topicOf("findings-routes-finding-target")), /alerts$/);
      }
    });
    it("split a large team's rules rather than exceed EventBridge's limit", async () => {
      const services = Array.from({ length: 120 }, (_, i) => `service-number-${i}`);
      const stack = await runStack(
        smallStack({
          teams: [team("large", services, { findings: { subscriptions: [mail("a@acme.example")] } })],
        }),
        { preview },
      );
      const rules = [...stack.all("cloudwatch/eventRule:EventRule")].filter(([name]) =>
        name.startsWith("findings-routes-large"),
      );
      assert.ok(rules.length > 1);
      const covered = rules.flatMap(
        ([, { eventPattern }]) =>
          JSON.parse(String(eventPattern)).detail.resources.details.awsEcrContainerImage.repositoryName,
      );
      assert.equal(new Set(covered).size, 120);
      rules.forEach(([, rule]) =>
        assert.ok(String(rule.eventPattern).length <= 2048 && String(rule.name).length <= 64),
      );
    });
    it("reach chat by a topic of their own, which has only messages that chat shows", async () => {
      const stack = await runStack(
        smallStack({
          findings: {
            subscriptions: [mail("p@acme.example")],
            slack: [{ name: "sec", workspaceId: "T0ACME0001", channelId: "C0SECURE01" }],
            microsoftTeams: [
              {
                name: "ops",
                tenantId: "11111111-2222-4333-8444-555555555555",
                teamId: "11111111-2222-4333-8444-555555555556",
                channelId: "19%3Ax%40thread.tacv2",
              },
            ],
          },
          operations: { cleanUp: { mode: "delete" } },
          repositories: { cleanUp: { untaggedDays: 3 } },
          teams: [
            team("chat", ["x"], { findings: { subscriptions: [mail("a@acme.example")] } }),
            team("b", ["y"]),
          ],
        }),
        { preview },
      );
      const targets = [...stack.all("cloudwatch/eventTarget:EventTarget")];
      const inChat = targets.filter(([, { targetId }]) => targetId === "chat");
      const rules = [...stack.all("cloudwatch/eventRule:EventRule").keys()];
      assert.deepEqual(
        inChat.map(([name]) => name).sort(),
        rules
          .filter((name) => !name.startsWith("findings-routes-chat-"))
          .map((name) => `${name}-chat`)
          .sort(),
        "every rule of the platform, and no rule of a team",
      );
      for (const [name, { inputTransformer }] of inChat) {
        const { content, ...rest } = JSON.parse(
          (inputTransformer as { inputTemplate: string }).inputTemplate,
        );
        assert.deepEqual(rest, { version: "1.0", source: "custom" }, name);
        assert.deepEqual(Object.keys(content), ["textType", "title", "description"], name);
      }
      for (const type of [
        "chatbot/slackChannelConfiguration:SlackChannelConfiguration",
        "chatbot/teamsChannelConfiguration:TeamsChannelConfiguration",
      ]) {
        const [[, channel]] = [...stack.all(type)] as [[string, Record<string, unknown>]];
        assert.deepEqual(channel.guardrailPolicyArns, ["arn:aws:iam::aws:policy/AWSDenyAll"]);
        if (!preview) {
          assert.match(String(channel.snsTopicArns), /^arn:aws:sns:[^,]*:ecr-platform-dev-chat$/);
        }
      }
      assert.equal(stack.one("sns/topic:Topic", "findings-chat-alerts-topic").name, "ecr-platform-dev-chat");
      assert.equal(stack.all("kms/key:Key").has("findings-chat-alerts-key"), false);
      if (!preview) {
        const chat = inChat[0]?.[1].arn;
        assert.ok(inChat.every(([, { arn }]) => arn === chat));
        for (const [name, { alarmActions, okActions }] of stack.all("cloudwatch/metricAlarm:MetricAlarm")) {
          if (!name.startsWith("costs-")) {
            assert.deepEqual(
              [alarmActions, okActions],
              Array(2).fill([stack.outputs.alertTopicArn, chat]),
              name,
            );
          }
        }
        const { environment } = stack.one("lambda/function:Function", "operations-clean-up-function") as any;
        assert.equal(environment.variables.CHAT_TOPIC_ARN, chat);
        assert.ok(
          stack
            .document("iam/rolePolicy:RolePolicy", "operations-clean-up-role-policy")
            .Statement.some(
              ({ Action, Resource }: any) => Action === "sns:Publish" && Resource.includes(chat),
            ),
        );
      }
    });
    it("add nothing for chat if there is no channel", async () => {
      const stack = await runStack(smallStack(), { preview });
      assert.deepEqual(
        [...stack.all("sns/topic:Topic").keys()].filter((name) => name.includes("chat")),
        [],
      );
      for (const [name, { targetId }] of stack.all("cloudwatch/eventTarget:EventTarget")) {
        assert.equal(targetId, "topic", name);
      }
    });
    it("report failed caching if the stack has cache rules, and nothing that is switched off", async () => {
      const rulesWith = async (config: Record<string, unknown>) => [
        ...(await runStack(smallStack(config), { preview })).all("cloudwatch/eventRule:EventRule").keys(),
      ];
      const registry = { pullThroughCache: [{ prefix: "ecr-public", upstream: "ecr-public" }] };
      assert.ok((await rulesWith({ registry })).includes("findings-routes-failed-cache"));
      assert.ok(!(await rulesWith({})).includes("findings-routes-failed-cache"));
      const off = { scanFailures: false, registryFailures: false, deletes: false };
      assert.deepEqual((await rulesWith({ registry, findings: off })).sort(), [
        "audit-alerts-sensitive-call",
        "findings-routes-finding",
      ]);
    });
    it("may invoke a subscribed function of this account, from this topic only", async () => {
      const own = "arn:aws:lambda:eu-central-1:111122223333:function:alerts";
      const foreign = "arn:aws:lambda:eu-west-1:222233334444:function:alerts";
      const subscriptions = [own, foreign].map((endpoint) => ({ protocol: "lambda", endpoint }));
      const stack = await runStack(smallStack({ findings: { subscriptions } }), { preview });
      const permissions = [...stack.all("lambda/permission:Permission").values()];
      assert.equal(permissions.length, 1, "another account's function is its own to open");
      assert.deepEqual(
        [permissions[0]?.function, permissions[0]?.principal, permissions[0]?.region],
        [own, "sns.amazonaws.com", "eu-central-1"],
      );
      if (!preview) {
        assert.match(String(permissions[0]?.sourceArn), /:sns:.*alerts$/);
      }
    });
    it("keep a webhook's address out of names", async () => {
      const stack = await runStack(
        smallStack({
          findings: {
            subscriptions: [
              { protocol: "https", endpoint: "https://hooks.example/t0ken" },
              { protocol: "lambda", endpoint: "arn:aws:lambda:eu-west-1:111122223333:function:f" },
            ],
          },
        }),
        { preview },
      );
      const subscriptions = stack.all("sns/topicSubscription:TopicSubscription");
      assert.ok([...subscriptions.keys()].every((name) => !name.includes("t0ken")));
      assert.deepEqual([...subscriptions.values()].map(({ protocol }) => protocol).sort(), [
        "https",
        "lambda",
      ]);
    });
    it("do not subscribe Security Hub to Inspector, which AWS does", async () => {
      const hubs = async (securityHub: string) => {
        const stack = await runStack(smallStack({ findings: { securityHub } }), { preview });
        return [
          stack.all("securityhub/account:Account").size,
          stack.all("securityhub/productSubscription:ProductSubscription").size,
        ];
      };
      assert.deepEqual(
        [await hubs("off"), await hubs("integrate"), await hubs("enable")],
        [
          [0, 0],
          [0, 0],
          [1, 0],
        ],
      );
    });
    it("leave audit alerts to a topic from elsewhere", async () => {
      const topicArn = "arn:aws:sns:eu-west-1:111122223333:central";
      const stack = await runStack(smallStack({ findings: { manage: false, topicArn } }), { preview });
      assert.equal(stack.all("sns/topic:Topic").has("findings-topic"), false);
      assert.equal(
        stack.one("cloudwatch/eventTarget:EventTarget", "audit-alerts-sensitive-call-target").arn,
        topicArn,
      );
    });
  });
}
