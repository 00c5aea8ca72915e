import assert from "node:assert/strict";
import { accepts, keysOf, parse, rejects, smallStack, team } from "../support/config";

describe("a stack's config", () => {
  describe("scanning", () => {
    it("refuses continuous scans of basic scanning", () =>
      rejects("scanning.continuous", { scanning: { type: "basic", continuous: ["*"] } }));
    it("reports a repository that is not scanned at all", () => {
      const parsed = parse(smallStack({ scanning: { continuous: ["storefront-*"] } }));
      assert.deepEqual(keysOf(parsed, "warning"), ["teams[0].services[0].name"]);
    });
    it("reports a filter without * that matches more than it says", () => {
      const parsed = parse(
        smallStack({
          scanning: { continuous: ["payments-api-dev"] },
          teams: [team("payments", ["api"]), team("eu-payments", ["api"])],
        }),
      );
      assert.deepEqual(keysOf(parsed, "warning"), ["scanning.continuous[0]"]);
      assert.match(parsed.diagnostics[0]!.rule, /contains it, here eu-payments-api-dev/);
    });
    it("reports a filter on push that continuous scanning covers", () => {
      const parsed = parse(smallStack({ scanning: { continuous: ["pay"], onPush: ["payments-*", "*"] } }));
      assert.deepEqual(keysOf(parsed, "warning"), ["scanning.continuous[0]", "scanning.onPush[0]"]);
    });
    it("reports pull-time exclusions that nothing declares", () => {
      const exclusions = { pullTimeExclusions: ["arn:aws:iam::111122223333:role/scanner"] };
      const scanning = { ...exclusions, manage: false };
      assert.deepEqual(keysOf(parse(smallStack({ scanning })), "warning"), ["scanning.pullTimeExclusions"]);
      accepts({ scanning: exclusions });
    });
    it("wants the resource type ECR", () =>
      rejects("scanning.inspector.resourceTypes", { scanning: { inspector: { resourceTypes: ["EC2"] } } }));
    it("refuses member accounts where Inspector is managed elsewhere", () =>
      rejects("scanning.inspector.memberAccounts", {
        scanning: { inspector: { mode: "elsewhere", memberAccounts: ["222233334444"] } },
      }));
  });

  describe("findings", () => {
    const sub = (protocol: string, endpoint: string) => ({
      findings: { subscriptions: [{ protocol, endpoint }] },
    });
    for (const [protocol, endpoint] of [
      ["email", "https://x"],
      ["https", "http://plain.example/x"],
      ["sqs", "queue"],
      ["lambda", "arn:aws:sqs:eu-west-1:111122223333:q"],
    ] as const) {
      it(`refuses ${endpoint} for ${protocol}`, () =>
        rejects("findings.subscriptions[0].endpoint", sub(protocol, endpoint)));
    }
    it("does not repeat the token in a webhook's address", () => {
      const { diagnostics } = parse(smallStack(sub("https", "http://hooks.example/s3cr3t")));
      assert.doesNotMatch(JSON.stringify(diagnostics), /s3cr3t/);
    });
    it("refuses a team's topic where findings are off", () =>
      rejects("teams[0].findings", {
        findings: { manage: false },
        audit: { alerts: false },
        operations: { manage: false },
        teams: [
          team("a", ["x"], { findings: { subscriptions: [{ protocol: "email", endpoint: "a@b.example" }] } }),
        ],
      }));
    it("refuses alerts on API calls without a topic", () =>
      rejects(
        "audit.alerts",
        { findings: { manage: false }, operations: { manage: false } },
        /findings\.topicArn/,
      ));
    it("tells when nobody listens", () => {
      assert.deepEqual(keysOf(parse(smallStack({ findings: {} })), "warning"), ["findings.subscriptions"]);
    });
  });

  describe("Microsoft Teams channels", () => {
    const teams = (...channels: object[]) => ({
      findings: {
        microsoftTeams: channels.map((channel, i) => ({
          name: `ops-${i}`,
          tenantId: "11111111-2222-4333-8444-555555555555",
          teamId: `11111111-2222-4333-8444-55555555555${i}`,
          channelId: "19%3Aabc%40thread.tacv2",
          ...channel,
        })),
      },
    });
    it("are at most one per team, since the provider looks a channel up by its team", () => {
      const teamId = "aaaaaaaa-2222-4333-8444-555555555556";
      accepts(teams({}, {}));
      rejects(
        "findings.microsoftTeams[1].teamId",
        teams({ teamId }, { teamId: teamId.toUpperCase() }),
        /the same Microsoft Teams team as findings\.microsoftTeams\[0\]/,
      );
    });
    it("have URL-encoded ids, as in the channel's link", () => {
      accepts(teams({ channelId: "19%3aab_c-d%40thread.skype" }));
      for (const [channelId, fix] of [
        ["19:abc@thread.tacv2", /write channelId: 19%3Aabc%40thread\.tacv2/],
        ["C07EZ1ABC23", /copy it from the channel's link/],
        [`19%3A${"a".repeat(250)}%40thread.tacv2`, /at most 255 characters/],
      ] as const) {
        rejects("findings.microsoftTeams[0].channelId", teams({ channelId }), fix);
      }
    });
  });
});
