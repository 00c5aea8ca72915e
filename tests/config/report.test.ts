import assert from "node:assert/strict";
import { ConfigError, formatDiagnostics } from "../../config/diagnostics";
import { encrypted } from "../../config/secrets";
import { keysOf, parse, rejects, smallStack, team } from "../support/config";

describe("a stack's config", () => {
  it("is accepted when it says the least", () => {
    const { settings, diagnostics } = parse(smallStack());
    assert.deepEqual(diagnostics, []);
    assert.equal(settings?.teams[0]?.repositories[0]?.name, "payments-api-dev");
  });

  it("is reported with every problem at once, malformed values beside contradictions", () => {
    const parsed = parse({
      accountId: 12345678901,
      contact: "nobody",
      teems: [],
      teams: [
        team("payments", ["api", "api"]),
        team("Data", ["etl"]),
        team("a-b", ["c"]),
        team("a", ["b-c", { name: "web", lifecycle: { untaggedDays: 0 } }], {
          githubRoles: [{ name: "ci", repository: "acme/x", branches: ["main"] }],
        }),
      ],
      costs: { billingAlarm: -1 },
      audit: { lock: { days: 500 } },
    });
    assert.deepEqual(keysOf(parsed).sort(), [
      "accountId",
      "audit.lock.days",
      "contact",
      "costs.billingAlarm",
      "teams[0].services[1].name",
      "teams[1].name",
      "teams[3].githubRoles[0]",
      "teams[3].services[0].name",
      "teams[3].services[1].lifecycle.untaggedDays",
      "teems",
    ]);
    const text = new ConfigError(
      "dev",
      parsed.diagnostics.filter(({ severity }) => severity === "error"),
    ).message;
    assert.match(text, /Pulumi\.dev\.yaml has 10 problems; nothing was declared/);
    assert.match(text, /teams\[1\]\.name = "Data"\n\s+rule: lowercase/);
    assert.match(text, /did you mean teams\?/);
  });

  it("keeps the stack file's indexes when entries before a contradiction are malformed", () => {
    const parsed = parse(smallStack({ teams: [team("Bad One", ["x"]), team("ok", ["api", "api"])] }));
    assert.deepEqual(keysOf(parsed).sort(), ["teams[0].name", "teams[1].services[1].name"]);
  });

  describe("the value in a report", () => {
    const lines = (config: unknown, around?: Parameters<typeof parse>[1]) =>
      formatDiagnostics(parse(config, around).diagnostics)
        .split("\n")
        .filter((line) => !/^ {4}(rule|fix):/.test(line));

    it("is the one in the stack file, at its index there", () => {
      const config = smallStack({
        teams: [
          team("Bad One", ["x"]),
          team("ok", ["api"], {
            findings: { subscriptions: [{ protocol: "email", endpoint: "ok@acme.example" }] },
          }),
        ],
        findings: { manage: false },
        audit: { alerts: false },
        operations: { manage: false },
        registry: { manage: false, replicateFrom: ["222233334444"] },
      });
      assert.deepEqual(lines(config), [
        '  teams[0].name = "Bad One"',
        '  teams[1].findings = {"subscriptions":[{"protocol":"email","endpoint":"ok@acme.example"}]}',
        '  registry.replicateFrom = ["222233334444"]',
      ]);
    });

    it("is found below a name that contains dots", () => {
      const vpcEndpoint = "vpce-0123456789abcdef0";
      const network = { vpc: { cidr: "10.0.0.0/20" }, existing: { "ecr.api": vpcEndpoint } };
      assert.deepEqual(lines(smallStack({ network })), [`  network.existing.ecr.api = "${vpcEndpoint}"`]);
    });

    it("is said not to be set, with the default that applies", () => {
      const config = smallStack({
        findings: { manage: false },
        audit: { manage: false, trailArn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org" },
        registry: { pullThroughCache: [{ prefix: "hub", upstream: "docker-hub" }] },
        repositories: { lifecycle: { rules: [{ tags: ["*"], keep: 5 }] } },
      });
      assert.deepEqual(lines(config, { allowed: undefined }), [
        "  aws:allowedAccountIds is not set",
        '  repositories.lifecycle.others is not set (default {"days":365})',
        "  registry.pullThroughCache[0].credentialArn is not set",
        "  audit.alerts is not set (default true)",
        "  operations.manage is not set (default true)",
      ]);
    });

    it("never holds a webhook's token or an encrypted value, nor does the fix", () => {
      const webhook = "https://user:pa55word@hooks.acme.example/services/t0ken?key=t0ken";
      const https = { protocol: "https", endpoint: webhook };
      const config = smallStack({
        contact: encrypted("AAA"),
        findings: {
          slack: webhook,
          subscriptions: [https, { ...https, url: webhook }, { protocol: "sqs", endpoint: webhook }],
        },
      });
      const { diagnostics } = parse(config);
      assert.doesNotMatch(JSON.stringify(diagnostics), /t0ken|pa55word|secret\.invalid/);
      assert.deepEqual(lines(config), [
        '  contact = "[secret]"',
        '  findings.subscriptions[1].url = "https://hooks.acme.example/…"',
        '  findings.slack = "https://hooks.acme.example/…"',
        '  findings.subscriptions[0].endpoint = "https://hooks.acme.example/…"',
        '  findings.subscriptions[1].endpoint = "https://hooks.acme.example/…"',
        '  findings.subscriptions[2].endpoint = "https://hooks.acme.example/…"',
      ]);
    });

    it("has the indexes of the stack file where a rule names another key", () => {
      const teams = [team("Bad One", ["x"]), team("ok", ["api"]), team("ok", ["web"])];
      const rules = parse(smallStack({ teams })).diagnostics.map(({ key, rule }) => [key, rule]);
      assert.deepEqual(rules.at(-1), ["teams[2].name", "duplicate of teams[1]; list each team once"]);
    });
  });

  describe("unknown keys", () => {
    it("suggests a top-level key", () => rejects("scaning", { scaning: {} }, /did you mean scanning\?/));
    it("suggests a key inside a team's service", () =>
      rejects(
        "teams[0].services[0].lifecyle",
        { teams: [team("a", [{ name: "x", lifecyle: {} }])] },
        /did you mean lifecycle\?/,
      ));
    it("lists what there is where nothing is near", () =>
      rejects("audit.zzz", { audit: { zzz: 1 } }, /known keys here: .*retentionDays/));
  });

  describe("values of another kind", () => {
    it("says how to write a service that is only a name", () =>
      rejects(
        "teams[0].services[0]",
        { teams: [team("a", [])].map((entry) => ({ ...entry, services: ["api"] })) },
        /write \{ name: api \}/,
      ));
    it("says that a text is missing", () =>
      rejects(
        "findings.slack[0].channelId",
        { findings: { slack: [{ name: "ops", workspaceId: "T012ABCDEF" }] } },
        /^text. add it$/m,
      ));
    it("lists the keys where a group is expected", () =>
      rejects("network", { network: true }, /known keys here: .*vpc/));
  });
});
