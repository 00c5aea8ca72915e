import assert from "node:assert/strict";
import { ConfigError } from "../../config/report";
import { keysOf, parse, smallStack, team } from "../support/config";

/** The one error that a stack with the given overrides gets. */
function errorOf(overrides: Record<string, unknown>, around: Parameters<typeof parse>[1] = {}) {
  const { findings, settings } = parse(smallStack(overrides), around);
  const errors = findings.filter(({ severity }) => severity === "error");
  assert.equal(errors.length, 1, JSON.stringify(errors, null, 2));
  assert.equal(settings, undefined);
  return errors[0]!;
}

function rejects(
  key: string,
  overrides: Record<string, unknown>,
  says?: RegExp,
  around?: Parameters<typeof parse>[1],
) {
  const error = errorOf(overrides, around);
  assert.equal(error.key, key);
  assert.ok(error.rule.length > 0 && error.fix.length > 0);
  if (says !== undefined) {
    assert.match(`${error.rule}. ${error.fix}`, says);
  }
}

function accepts(overrides: Record<string, unknown>, around?: Parameters<typeof parse>[1]) {
  const parsed = parse(smallStack(overrides), around);
  assert.deepEqual(keysOf(parsed), []);
  return parsed.settings!;
}

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

  describe("names", () => {
    const named = (name: string, service = "api") => ({ teams: [team(name, [service])] });
    for (const bad of ["Payments", "pay_ments", "-pay", "pay-", "pay--ments", "", "pay ments", "päy"]) {
      it(`refuses the team ${JSON.stringify(bad)}`, () => rejects("teams[0].name", named(bad)));
    }
    it("refuses a name longer than ECR takes, counting the whole", () =>
      rejects(
        "teams[0].services[0].name",
        named("a".repeat(125), "b".repeat(127)),
        /257 characters; ECR takes 2 to 256/,
      ));
    it("takes a name of exactly 256 characters", () => void accepts(named("a".repeat(125), "b".repeat(126))));
    it("refuses words that read as something else", () => rejects("teams[0].name", named("all"), /reserved/));
    it("refuses an environment as a service", () =>
      rejects("teams[0].services[0].name", named("x", "prod"), /reserved/));
    it("refuses versions in names", () =>
      rejects("teams[0].services[0].name", named("x", "api-v2"), /versions live in image tags.*write api$/));
    it("refuses the environment twice", () =>
      rejects("teams[0].services[0].name", named("x", "api-dev"), /appended.*write api$/));
    it("names both teams of a collision", () =>
      rejects(
        "teams[1].services[0].name",
        { teams: [team("a-b", ["c"]), team("a", ["b-c"])] },
        /teams a-b and a/,
      ));
    it("refuses a team twice", () =>
      rejects("teams[1].name", { teams: [team("a", ["x"]), team("a", ["y"])] }, /listed once/));
    it("refuses a service twice", () =>
      rejects("teams[0].services[1].name", { teams: [team("a", ["x", "x"])] }));
    it("refuses a stack whose name is no part of a name", () =>
      rejects("environment", {}, /set environment/, { stack: "Dev_1" }));
    it("takes the environment from config instead", () => {
      const settings = accepts({ environment: "qa" }, { stack: "Dev_1" });
      assert.equal(settings.teams[0]?.repositories[0]?.name, "payments-api-qa");
    });
  });

  describe("accounts and organizations", () => {
    it("says that a short number lost its leading zero", () =>
      rejects("accountId", { accountId: 12345678901 }, /dropped its leading zero.*"012345678901"/, {
        allowed: ["x"],
      }));
    it("says so too when Pulumi hands it over as text", () =>
      rejects("accountId", { accountId: "12345678901" }, /leading zero/, { allowed: ["x"] }));
    it("wants twelve digits quoted", () =>
      rejects(
        "repositories.sharing.accounts[0]",
        { repositories: { sharing: { accounts: [123456789012] } } },
        /text, not a number.*quote it: "123456789012"/,
      ));
    it("wants the provider bound to the account", () =>
      rejects("aws:allowedAccountIds", {}, /\["111122223333"\]/, { allowed: undefined }));
    it("refuses an organization id of another form", () =>
      rejects("organizationId", { organizationId: "acme" }));
    it("refuses organization shares without the organization", () =>
      rejects(
        "repositories.sharing.organization",
        { repositories: { sharing: { organization: true } } },
        /organizationId/,
      ));
    it("refuses a path of another organization", () =>
      rejects("repositories.sharing.organizationPaths[0]", {
        organizationId: "o-aaaaaaaaaa",
        repositories: { sharing: { organizationPaths: ["o-bbbbbbbbbb/r-ab12/*"] } },
      }));
  });

  describe("regions and partitions", () => {
    it("suggests the region that was meant", () =>
      rejects("aws:region", {}, /did you mean eu-west-1\?/, { region: "eu-wset-1" }));
    it("misses a region", () => rejects("aws:region", {}, undefined, { region: "" }));
    for (const [region, partition] of [
      ["cn-north-1", "aws-cn"],
      ["us-gov-west-1", "aws-us-gov"],
      ["ap-south-2", "aws"],
    ] as const) {
      it(`knows ${region} as ${partition}`, () => {
        const settings = accepts({}, { region });
        assert.equal(settings.place.partition, partition);
        assert.match(settings.teams[0]!.repositories[0]!.arn, new RegExp(`^arn:${partition}:ecr:${region}:`));
      });
    }
    it("writes China's registry host", () =>
      assert.match(
        accepts({}, { region: "cn-north-1" }).teams[0]!.repositories[0]!.url,
        /\.amazonaws\.com\.cn\//,
      ));
    it("refuses principals of another partition", () =>
      rejects("repositories.sharing.principals[0]", {
        repositories: { sharing: { principals: ["arn:aws-cn:iam::111122223333:role/x"] } },
      }));
    it("refuses a billing alarm where no charges are published", () =>
      rejects("costs.billingAlarm", { costs: { billingAlarm: 5, emails: ["a@b.example"] } }, /us-east-1/, {
        region: "cn-north-1",
      }));
    it("refuses isolated regions", () => rejects("aws:region", {}, undefined, { region: "us-iso-east-1" }));
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

  describe("repositories", () => {
    it("refuses a sixth exclusion filter", () =>
      rejects("repositories.imageTags.mutable", {
        repositories: { imageTags: { mutable: ["a", "b", "c", "d", "e", "f"] } },
      }));
    it("refuses three wildcards in an exclusion filter", () =>
      rejects(
        "repositories.imageTags.mutable[0]",
        { repositories: { imageTags: { mutable: ["a*b*c*"] } } },
        /at most two/,
      ));
    it("refuses exceptions to mutable tags", () =>
      rejects("repositories.imageTags.mutable", {
        repositories: { imageTags: { immutable: false, mutable: ["x"] } },
      }));
    it("refuses mutable tags in production", () =>
      rejects(
        "repositories.imageTags.immutable",
        { repositories: { imageTags: { immutable: false } } },
        /ECR\.2/,
        { stack: "prod" },
      ));
    it("refuses force delete in production", () =>
      rejects("teams[0].forceDelete", { teams: [team("a", ["x"], { forceDelete: true })] }, /production/, {
        stack: "prod",
      }));
    it("refuses a key of another region", () =>
      rejects("repositories.encryption", {
        repositories: {
          encryption: "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555",
        },
      }));
    it("refuses an alias for a key", () =>
      rejects("repositories.encryption", { repositories: { encryption: "alias/x" } }));
    it("refuses tags that the platform sets", () =>
      rejects("tags.team", { tags: { team: "x" } }, /sets the tag Team itself/));
    it("refuses AWS's own tag prefix", () => rejects("tags.aws:x", { tags: { "aws:x": "y" } }));
    it("refuses more tags than a resource takes", () =>
      rejects(
        "tags",
        { tags: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, "v"])) },
        /at most 50/,
      ));
    it("merges the environment's, team's and service's options key by key", () => {
      const settings = accepts({
        repositories: {
          lifecycle: { untaggedDays: 3, others: { days: 60 } },
          imageTags: { mutable: ["latest*"] },
        },
        teams: [
          team("a", ["x", { name: "y", lifecycle: { untaggedDays: 9 }, imageTags: { mutable: [] } }], {
            lifecycle: { others: { keep: 5 } },
          }),
        ],
      });
      const [x, y] = settings.teams[0]!.repositories;
      assert.deepEqual(
        [x!.lifecycle.untaggedDays, x!.lifecycle.others, x!.mutableTagFilters],
        [3, { keep: 5 }, ["latest*"]],
      );
      assert.deepEqual(
        [y!.lifecycle.untaggedDays, y!.lifecycle.others, y!.mutableTagFilters],
        [9, { keep: 5 }, []],
      );
    });
  });

  describe("lifecycle rules", () => {
    const rules = (...list: unknown[]) => ({ repositories: { lifecycle: { rules: list } } });
    it("refuses both keep and days", () =>
      rejects("repositories.lifecycle.rules[0]", rules({ tags: ["v*"], keep: 1, days: 1 })));
    it("refuses neither keep nor days", () =>
      rejects("repositories.lifecycle.rules[0]", rules({ tags: ["v*"] }), /set exactly one of them/));
    for (const since of ["pulled", "pushed"]) {
      it(`says what replaces since: ${since} of earlier versions`, () =>
        rejects(
          "repositories.lifecycle.rules[0].since",
          rules({ tags: ["v*"], days: 9, since }),
          /ECR does not expire images by their last pull.*remove since.*cleanUp\.unpulledDays/,
        ));
    }
    it("says what replaces since in a service's rules, too, and only in lifecycle rules", () => {
      const parsed = parse({
        ...smallStack(),
        teams: [
          team("a", [{ name: "x", lifecycle: { rules: [{ tags: ["v*"], days: 9, since: "pulled" }] } }]),
        ],
        audit: { since: "pulled" },
      });
      assert.deepEqual(
        parsed.findings.map(({ key, fix }) => [key, fix.includes("unpulledDays")]),
        [
          ["teams[0].services[0].lifecycle.rules[0].since", true],
          ["audit.since", false],
        ],
      );
    });
    it("refuses rules on signatures, which a rule of the platform keeps", () =>
      rejects(
        "repositories.lifecycle.rules[0].tags[0]",
        rules({ tags: ["sha256-*"], days: 9 }),
        /never expire signatures.*clean-up deletes signatures/,
      ));
    it("refuses a count of nothing", () =>
      rejects("repositories.lifecycle.rules[0].keep", rules({ tags: ["v*"], keep: 0 }), /from 1 to/));
    it("refuses five wildcards", () =>
      rejects(
        "repositories.lifecycle.rules[0].tags[0]",
        rules({ tags: ["*a*b*c*d*"], keep: 1 }),
        /at most four/,
      ));
    it("refuses a pattern twice, as ECR does", () =>
      rejects(
        "repositories.lifecycle.rules[1].tags[0]",
        rules({ tags: ["v*"], keep: 1 }, { tags: ["v*"], days: 2 }),
        /one rule only/,
      ));
    it("refuses more rules than a policy takes", () =>
      rejects(
        "repositories.lifecycle.rules",
        rules({ tags: Array.from({ length: 49 }, (_, i) => `t${i}`), keep: 1 }),
        /at most 50/,
      ));
    it("tells of a rule that an earlier one shadows, where it is written", () => {
      const parsed = parse(
        smallStack({
          teams: [
            team("a", [
              {
                name: "x",
                lifecycle: {
                  rules: [
                    { tags: ["v*"], keep: 5 },
                    { tags: ["v1.*"], days: 5 },
                  ],
                },
              },
            ]),
          ],
        }),
      );
      assert.deepEqual(keysOf(parsed), []);
      assert.deepEqual(keysOf(parsed, "warning"), ["teams[0].services[0].lifecycle.rules[1].tags[0]"]);
    });
    it("tells of inherited dead rules once, not once a repository", () => {
      const parsed = parse(
        smallStack({ ...rules({ tags: ["*"], keep: 5 }), teams: [team("a", ["x", "y"]), team("b", ["z"])] }),
      );
      assert.deepEqual(keysOf(parsed, "warning"), ["repositories.lifecycle.others"]);
    });
  });

  describe("scanning", () => {
    it("refuses continuous scans of basic scanning", () =>
      rejects("scanning.continuous", { scanning: { type: "basic", continuous: ["*"] } }));
    it("tells of a repository that is not scanned at all", () => {
      const parsed = parse(smallStack({ scanning: { continuous: ["storefront-*"] } }));
      assert.deepEqual(keysOf(parsed, "warning"), ["teams[0].services[0].name"]);
    });
    it("tells of a filter without * that matches more than it says", () => {
      const parsed = parse(
        smallStack({
          scanning: { continuous: ["payments-api-dev"] },
          teams: [team("payments", ["api"]), team("eu-payments", ["api"])],
        }),
      );
      assert.deepEqual(keysOf(parsed, "warning"), ["scanning.continuous[0]"]);
      assert.match(parsed.findings[0]!.rule, /contains it, here eu-payments-api-dev/);
    });
    it("tells of a filter on push that continuous scanning covers", () => {
      const parsed = parse(smallStack({ scanning: { continuous: ["pay"], onPush: ["payments-*", "*"] } }));
      assert.deepEqual(keysOf(parsed, "warning"), ["scanning.continuous[0]", "scanning.onPush[0]"]);
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
      const { findings } = parse(smallStack(sub("https", "http://hooks.example/s3cr3t")));
      assert.doesNotMatch(JSON.stringify(findings), /s3cr3t/);
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

  describe("network", () => {
    const ids = {
      id: "vpc-0a1b2c3d4e5f60718",
      subnetIds: ["subnet-0a1b2c3d4e5f60711"],
      routeTableIds: ["rtb-0a1b2c3d4e5f60721"],
    };
    const net = (network: Record<string, unknown>) => ({
      network: { allowedCidrs: ["10.0.0.0/8"], ...network },
    });
    it("takes an existing VPC", () => assert.equal(accepts(net({ vpc: ids })).network?.vpc.kind, "ids"));
    it("refuses a VPC both named and made", () =>
      rejects("network.vpc", net({ vpc: { ...ids, cidr: "10.0.0.0/16" } }), /exactly one/));
    it("refuses an id of another kind", () =>
      rejects("network.vpc.id", net({ vpc: { ...ids, id: "subnet-0a1b2c3d4e5f60711" } })));
    it("refuses a malformed subnet id", () =>
      rejects("network.vpc.subnetIds[0]", net({ vpc: { ...ids, subnetIds: ["subnet-1"] } })));
    it("wants subnets", () => rejects("network.vpc.subnetIds", net({ vpc: { ...ids, subnetIds: [] } })));
    it("wants route tables for S3", () =>
      rejects("network.vpc.routeTableIds", net({ vpc: { ...ids, routeTableIds: [] } })));
    it("refuses a CIDR with host bits", () =>
      rejects(
        "network.allowedCidrs[0]",
        net({ vpc: ids, allowedCidrs: ["10.0.0.5/8"] }),
        /write 10\.0\.0\.0\/8/,
      ));
    it("refuses the whole internet", () =>
      rejects("network.allowedCidrs[0]", net({ vpc: ids, allowedCidrs: ["0.0.0.0/0"] })));
    it("refuses what is no CIDR", () =>
      rejects("network.allowedCidrs[0]", net({ vpc: ids, allowedCidrs: ["10.0.0.0"] })));
    it("refuses a new VPC that is too small for its zones", () =>
      rejects("network.vpc.cidr", net({ vpc: { cidr: "10.0.0.0/28" } })));
    it("refuses endpoints that nobody reaches", () =>
      rejects("network.allowedCidrs", { network: { vpc: ids } }));
    it("refuses an existing endpoint that is not wanted", () =>
      rejects(
        "network.existing.sts",
        net({ vpc: ids, existing: { sts: "vpce-0a1b2c3d4e5f60731" } }),
        /add sts/,
      ));
    it("wants the organization's id to reach its repositories", () =>
      rejects("network.allowOrganization", net({ vpc: ids, allowOrganization: true })));
    it("refuses named buckets beside any", () =>
      rejects("network.s3Buckets", net({ vpc: ids, s3Buckets: ["my-bucket"] })));
    it("opens a shared gateway for everything unless told otherwise", () => {
      assert.equal(accepts(net({ vpc: ids })).network?.s3Policy, "any");
      assert.equal(accepts({ network: { vpc: { cidr: "10.0.0.0/20" } } }).network?.s3Policy, "ecr-layers");
    });
    it("tells that layers come from S3", () => {
      assert.deepEqual(
        keysOf(parse(smallStack(net({ vpc: ids, services: ["ecr.api", "ecr.dkr"] }))), "warning"),
        ["network.services"],
      );
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

  describe("registry and push roles", () => {
    it("refuses replication to itself", () =>
      rejects("registry.replication[0].destinations[0]", {
        registry: { replication: [{ destinations: [{ region: "eu-west-1" }] }] },
      }));
    it("accepts any beginning of a repository's name as prefix of replication", () => {
      const replication = (prefix: string) => ({
        registry: { replication: [{ prefixes: [prefix], destinations: [{ region: "eu-central-1" }] }] },
      });
      for (const prefix of ["payments-", "payments-ledger-reconciliation-worker", "hub/library/"]) {
        accepts(replication(prefix));
      }
      for (const prefix of ["", "pay*", "Payments"]) {
        rejects("registry.replication[0].prefixes[0]", replication(prefix), /without wildcards/);
      }
    });
    it("refuses replication across partitions", () =>
      rejects("registry.replication[0].destinations[0].region", {
        registry: { replication: [{ destinations: [{ region: "cn-north-1" }] }] },
      }));
    it("requires credentials for Docker Hub", () =>
      rejects("registry.pullThroughCache[0].credentialArn", {
        registry: { pullThroughCache: [{ prefix: "hub", upstream: "docker-hub" }] },
      }));
    const hub = (region: string, account: string) => ({
      registry: {
        pullThroughCache: [
          {
            prefix: "hub",
            upstream: "docker-hub",
            credentialArn: `arn:aws:secretsmanager:${region}:${account}:secret:ecr-pullthroughcache/hub-AbCdEf`,
          },
        ],
      },
    });
    it("refuses credentials in another region or account, where ECR does not look for them", () => {
      accepts(hub("eu-west-1", "111122223333"));
      for (const [region, account] of [
        ["eu-central-1", "111122223333"],
        ["eu-west-1", "222233334444"],
      ] as const) {
        rejects(
          "registry.pullThroughCache[0].credentialArn",
          hub(region, account),
          /111122223333 and eu-west-1/,
        );
      }
    });
    it("does not compare the credentials' account with a malformed account id", () =>
      rejects("accountId", { accountId: "1111", ...hub("eu-west-1", "111122223333") }));
    for (const region of ["cn-north-1", "us-gov-west-1"]) {
      it(`refuses pull through caches in ${region}, which does not support them`, () => {
        const { findings } = parse(
          smallStack({ registry: { pullThroughCache: [{ prefix: "quay", upstream: "quay" }] } }),
          { region },
        );
        assert.deepEqual(
          findings
            .filter(({ key }) => key.startsWith("registry"))
            .map(({ key, rule }) => [key, rule.includes(region)]),
          [["registry.pullThroughCache", true]],
        );
      });
    }
    it("refuses a push role without GitHub's provider", () =>
      rejects(
        "teams[0].githubRoles[0]",
        {
          teams: [
            team("a", ["x"], { githubRoles: [{ name: "ci", repository: "acme/x", branches: ["main"] }] }),
          ],
        },
        /githubOidcProvider/,
      ));
    it("refuses a role that any ref could assume", () =>
      rejects("teams[0].githubRoles[0].branches[0]", {
        registry: { githubOidcProvider: "create" },
        teams: [team("a", ["x"], { githubRoles: [{ name: "ci", repository: "acme/x", branches: ["*"] }] })],
      }));
    const githubRole = (role: object) => ({
      registry: { githubOidcProvider: "create" },
      teams: [team("a", ["web"], { githubRoles: [{ name: "ci", repository: "acme/x", ...role }] })],
    });
    it("accepts a GitHub repository by name or with its ids", () => {
      for (const repository of ["acme/x", "acme@123/x@456", "octo_acme/x.y_z"]) {
        accepts(githubRole({ repository, branches: ["main"] }));
      }
    });
    it("refuses a GitHub repository that no token has, with the name to write", () => {
      for (const [repository, fix] of [
        ["acme/x.git", /write repository: acme\/x$/m],
        ["acme@123/x.git@456", /write repository: acme@123\/x@456$/m],
        ["https://github.com/acme/x.git", /write repository: acme\/x$/m],
        ["git@github.com:acme/x.git", /write repository: acme\/x$/m],
        ["acme@123/x", /acme@123\/payments@456/],
        ["acme/x@456", /acme@123\/payments@456/],
        ["acme/*", /without a URL, \.git or wildcards/],
      ] as const) {
        rejects("teams[0].githubRoles[0].repository", githubRole({ repository, branches: ["main"] }), fix);
      }
    });
    it("refuses a branch or tag that no token has, with the name to write", () => {
      for (const [refs, key, fix] of [
        [{ branches: ["refs/heads/main"] }, "branches[0]", /write "main"$/m],
        [{ branches: ["refs/tags/v1"] }, "branches[0]", /write "v1" under tags$/m],
        [{ tags: ["refs/tags/v*"] }, "tags[0]", /write "v\*"$/m],
        [{ tags: ["refs/heads/main"] }, "tags[0]", /write "main" under branches$/m],
        [{ branches: ["refs/pull/1"] }, "branches[0]", /write it like/],
      ] as const) {
        rejects(`teams[0].githubRoles[0].${key}`, githubRole(refs), fix);
      }
    });
    it("accepts a GitHub environment with spaces, and refuses names that can have the subject of another", () => {
      accepts(githubRole({ environments: ["Production (EU) #2", "prod/*"] }));
      for (const name of ["a:b", "a%3Ab", "prod?", "${aws:username}", "**", "", " prod"]) {
        rejects("teams[0].githubRoles[0].environments[0]", githubRole({ environments: [name] }));
      }
    });
    it("suggests the service that was meant", () =>
      rejects(
        "teams[0].githubRoles[0].services[0]",
        {
          registry: { githubOidcProvider: "create" },
          teams: [
            team("a", ["web"], {
              githubRoles: [{ name: "ci", repository: "acme/x", branches: ["main"], services: ["wbe"] }],
            }),
          ],
        },
        /did you mean web\?/,
      ));
    it("refuses a role's name longer than IAM takes", () =>
      rejects(
        "teams[0].githubRoles[0].name",
        {
          registry: { githubOidcProvider: "create" },
          teams: [
            team("a", ["web"], {
              githubRoles: [{ name: "c".repeat(60), repository: "acme/x", branches: ["main"] }],
            }),
          ],
        },
        /IAM takes 64/,
      ));
  });

  describe("audit and costs", () => {
    it("refuses a lock longer than the log files live", () =>
      rejects("audit.lock.days", { audit: { lock: { days: 401 } } }));
    it("refuses a retention that CloudWatch Logs lacks", () =>
      rejects("audit.logGroup.retentionDays", { audit: { logGroup: { retentionDays: 91 } } }));
    it("wants a trail for alerts", () => rejects("audit.alerts", { audit: { manage: false } }, /trailArn/));
    it("takes a trail from elsewhere", () =>
      void accepts({
        audit: { manage: false, trailArn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org" },
      }));
    it("refuses a budget of nothing", () => rejects("costs.monthlyBudget", { costs: { monthlyBudget: 0 } }));
    it("refuses a threshold twice", () =>
      rejects("costs.actualThresholds", { costs: { actualThresholds: [80, 80] } }));
    it("refuses a threshold of 0 percent", () =>
      rejects("costs.actualThresholds[0]", { costs: { actualThresholds: [0] } }));
    it("refuses a team's budget where costs are off", () =>
      rejects("teams[0].monthlyBudget", {
        costs: { manage: false },
        teams: [team("a", ["x"], { monthlyBudget: 5 })],
      }));
    it("refuses more notifications than a budget takes", () =>
      rejects("costs.actualThresholds", {
        costs: {
          monthlyBudget: 5,
          emails: ["a@b.example"],
          actualThresholds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        },
      }));
  });

  describe("operations", () => {
    const rules = { untaggedDays: 7 };
    const shared = (operations: Record<string, unknown>, sharing: Record<string, unknown>) => ({
      organizationId: "o-a1b2c3d4e5",
      repositories: { cleanUp: rules, sharing },
      findings: {
        deletes: false,
        subscriptions: [{ protocol: "email", endpoint: "platform@acme.example" }],
      },
      operations: { cleanUp: { mode: "delete", ...operations } },
    });
    it("merge rules key by key, and never touch what the lifecycle policy protects", () => {
      const settings = accepts({
        repositories: { cleanUp: { untaggedDays: 7, keep: 5 }, lifecycle: { protect: ["deployed-*"] } },
        teams: [
          team("a", ["x", { name: "y", cleanUp: { keep: 0, protect: ["v*"] } }], { cleanUp: { keep: 9 } }),
        ],
      });
      assert.deepEqual(
        settings.teams[0]?.repositories.map(({ cleanUp }) => cleanUp),
        [
          { untaggedDays: 7, keep: 9, keepBy: "pushed", protect: ["deployed-*"] },
          { untaggedDays: 7, keep: 0, keepBy: "pushed", protect: ["deployed-*", "v*"] },
        ],
      );
    });
    it("need a topic for alarms and reports", () =>
      rejects(
        "operations.manage",
        { findings: { manage: false }, audit: { alerts: false } },
        /findings\.topicArn/,
      ));
    it("refuse to delete what accounts may run that nobody sees", () => {
      rejects("operations.cleanUp.inUse.roles", shared({}, { accounts: ["222233334444"] }), /222233334444/);
      rejects(
        "operations.cleanUp.inUse.roles",
        shared(
          { inUse: { roles: ["arn:aws:iam::222233334444:role/r"] } },
          { accounts: ["222233334444"], principals: ["arn:aws:iam::333344445555:role/x"] },
        ),
        /images are shared with 333344445555,/,
      );
      rejects("operations.cleanUp.inUse.list", shared({}, { organization: true }), /not listed one by one/);
      accepts(
        shared({ inUse: { roles: ["arn:aws:iam::222233334444:role/r"] } }, { accounts: ["222233334444"] }),
      );
      accepts(shared({ inUse: { list: { bucket: "lists", key: "a" } } }, { organization: true }));
      accepts(shared({ mode: "dry-run" }, { organization: true }));
    });
    for (const [schedule, says] of [
      ["every day", /rate\(value unit\)/],
      ["rate(0 hours)", /rate\(value unit\)/],
      ["rate(5 weeks)", /rate\(value unit\)/],
      ["cron(0 3 * * SUN)", /six fields/],
      ["cron(0 25 * * ? *)", /six fields/],
      ["cron(0 3 * * SUN *)", /day fields/],
    ] as const) {
      it(`refuse the schedule ${schedule}`, () =>
        rejects("operations.cleanUp.schedule", { operations: { cleanUp: { schedule } } }, says));
    }
    for (const schedule of [
      "rate(1 day)",
      "rate(90 minutes)",
      "cron(0 */6 * * ? *)",
      "cron(15 10 ? * MON-FRI *)",
    ]) {
      it(`take the schedule ${schedule}`, () => void accepts({ operations: { cleanUp: { schedule } } }));
    }
    it("measure at least once a day, for alarms look back no further", () => {
      rejects("operations.metrics.schedule", { operations: { metrics: { schedule: "rate(25 hours)" } } });
      rejects("operations.metrics.schedule", {
        operations: { metrics: { schedule: "cron(0 3 ? * MON-FRI *)" } },
      });
      accepts({ operations: { metrics: { schedule: "cron(0 3 * * ? *)" } } });
    });
    it("assume roles, in regions that exist, and list images by reference", () => {
      const inUse = (given: object) => ({ operations: { cleanUp: { inUse: given } } });
      rejects(
        "operations.cleanUp.inUse.roles[0]",
        inUse({ roles: ["arn:aws:iam::222233334444:user/u"] }),
        /cannot be assumed/,
      );
      rejects("operations.cleanUp.inUse.regions[0]", inUse({ regions: ["eu-west-9"] }), /did you mean/);
      rejects(
        "operations.cleanUp.inUse.images[0]",
        inUse({ images: ["two words"] }),
        /reference to an image/,
      );
      accepts(
        inUse({
          images: [
            "a-x-dev:v1.*",
            `111122223333.dkr.ecr.eu-west-1.amazonaws.com/a-x-dev@sha256:${"a".repeat(64)}`,
          ],
        }),
      );
    });
    it("refuse a team's alarm where this stack has none", () =>
      rejects("teams[0].storageAlarm", {
        operations: { manage: false },
        teams: [team("a", ["x"], { storageAlarm: 5 })],
      }));
    it("refuse more rules than a function's input takes", () =>
      rejects(
        "teams",
        {
          repositories: { cleanUp: rules },
          teams: [
            team(
              "a",
              Array.from({ length: 900 }, (_, i) => ({
                name: `s${i}`,
                cleanUp: { protect: [`${"x".repeat(120)}${i}`, `${"y".repeat(120)}${i}`] },
              })),
            ),
          ],
        },
        /at most 262,144 bytes/,
      ));
    it("warn of rules that nothing acts on, of keepBy without keep, and of an alert for each image deleted", () => {
      const warnings = (overrides: Record<string, unknown>) =>
        keysOf(parse(smallStack(overrides)), "warning");
      const ruled = { repositories: { cleanUp: rules } };
      assert.deepEqual(warnings(ruled), []);
      assert.deepEqual(warnings({ ...ruled, operations: { cleanUp: { mode: "off" } } }), [
        "operations.cleanUp.mode",
      ]);
      assert.deepEqual(warnings({ ...ruled, operations: { manage: false } }), ["operations.manage"]);
      assert.deepEqual(warnings({ repositories: { cleanUp: { ...rules, keepBy: "semver" } } }), [
        "repositories.cleanUp.keepBy",
      ]);
      assert.deepEqual(warnings({ ...ruled, operations: { cleanUp: { mode: "delete" } } }), [
        "findings.deletes",
      ]);
    });
  });
});
