import assert from "node:assert/strict";
import { ConfigError } from "../../config/report";
import { keysOf, parse, rejects, smallStack, team } from "../support/config";

describe("a stack's config", () => {
  it("is accepted when it says the least", () => {
    const { settings, findings } = parse(smallStack());
    assert.deepEqual(findings, []);
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
      parsed.findings.filter((finding) => finding.severity === "error"),
    ).message;
    assert.match(text, /Pulumi\.dev\.yaml has 10 problems; nothing was declared/);
    assert.match(text, /teams\[1\]\.name = "Data"\n\s+rule: lowercase/);
    assert.match(text, /did you mean teams\?/);
  });

  it("keeps the stack file's indexes when entries before a contradiction are malformed", () => {
    const parsed = parse(smallStack({ teams: [team("Bad One", ["x"]), team("ok", ["api", "api"])] }));
    assert.deepEqual(keysOf(parsed).sort(), ["teams[0].name", "teams[1].services[1].name"]);
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
    it("says how to write a list", () =>
      rejects("costs.emails", { costs: { emails: "a@b.example" } }, /a list.*\["a@b\.example"\]/));
    it("says that a text is missing, or needs quotes", () => {
      rejects(
        "findings.slack[0].channelId",
        { findings: { slack: [{ name: "ops", workspaceId: "T012ABCDEF" }] } },
        /^text. add it$/m,
      );
      rejects(
        "findings.slack[0].channelId",
        { findings: { slack: [{ name: "ops", workspaceId: "T012ABCDEF", channelId: 12 }] } },
        /^text. write it in quotes$/m,
      );
    });
    it("lists the keys where a group is expected", () =>
      rejects("network", { network: true }, /known keys here: .*vpc/));
    it("does not take any short number for a lost zero", () =>
      rejects(
        "repositories.sharing.accounts[0]",
        { repositories: { sharing: { accounts: [1234] } } },
        /text, not a number/,
      ));
  });
});
