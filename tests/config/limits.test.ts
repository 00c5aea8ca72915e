import assert from "node:assert/strict";
import { formatDiagnostics } from "../../config/diagnostics";
import { parse, smallStack, team } from "../support/config";

const account = (i: number) => String(210_000_000_000 + i);
const accounts = (count: number) => Array.from({ length: count }, (_, i) => account(i));
const roles = (count: number) => accounts(count).map((id) => `arn:aws:iam::${id}:role/ecr-clean-up-reader`);
const numbered = <T>(count: number, text: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => text(i));

type Overrides = Record<string, unknown>;

function problems(overrides: Overrides, severity: "error" | "warning") {
  return parse(smallStack(overrides)).diagnostics.filter((one) => one.severity === severity);
}

/** The largest number that the config takes without a problem at the key, found by halving. */
function mostOf(
  make: (count: number) => Overrides,
  key: string,
  severity: "error" | "warning" = "error",
): number {
  const fits = (count: number) => {
    const found = parse(smallStack(make(count))).diagnostics.filter((one) => one.key === key);
    assert.ok(found.length <= 1, JSON.stringify(found));
    return found.every((one) => severity === "error" && one.severity === "warning");
  };
  let [within, above] = [1, 4096];
  assert.ok(fits(within), `${key}: one is too many`);
  assert.ok(!fits(above), `${key}: ${above} are taken`);
  while (above - within > 1) {
    const middle = (within + above) >> 1;
    [within, above] = fits(middle) ? [middle, above] : [within, middle];
  }
  return within;
}

/** The number that AWS counts, as an error or warning reports it. */
function counted(overrides: Overrides, key: string, severity: "error" | "warning" = "error"): number {
  const rule = problems(overrides, severity).find((one) => one.key === key)?.rule ?? "";
  return Number(/; here it is ([\d,]+)/.exec(rule)?.[1]?.replaceAll(",", ""));
}

const SECRETS = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/";

const sharing = (count: number) => ({
  repositories: { sharing: { accounts: accounts(count), lambda: true } },
});
const replicateFrom = (count: number) => ({ registry: { replicateFrom: accounts(count) } });
const network = (rest: object) => ({
  network: {
    vpc: {
      id: "vpc-0123456789abcdef0",
      subnetIds: ["subnet-0123456789abcdef0"],
      routeTableIds: ["rtb-0123456789abcdef0"],
    },
    allowedSecurityGroups: ["sg-0123456789abcdef0"],
    ...rest,
  },
});
const allowedAccounts = (count: number) => network({ allowedAccounts: accounts(count) });
const s3Buckets = (count: number) =>
  network({ s3Policy: "ecr-layers", s3Buckets: numbered(count, (i) => `acme-build-artifacts-${i}`) });
const pushRole = (rest: object, services: string[] = ["api"]) => ({
  registry: { githubOidcProvider: "existing" },
  teams: [
    team("payments", services, {
      githubRoles: [{ name: "ci", repository: "acme/payments", branches: ["main"], ...rest }],
    }),
  ],
});
const pushServices = (count: number) =>
  pushRole(
    {},
    numbered(count, (i) => `service-${i}`),
  );
const branches = (count: number) => pushRole({ branches: numbered(count, (i) => `release/${i}.x`) });
const topics = (count: number) => ({
  teams: numbered(count, (i) =>
    team(`t${i}`, ["api"], {
      findings: { subscriptions: [{ protocol: "email", endpoint: "team@acme.example" }] },
    }),
  ),
});
const readers = (count: number) => ({
  repositories: { cleanUp: { olderThanDays: 90 } },
  operations: { cleanUp: { inUse: { roles: roles(count) } } },
});

describe("a config that adds up to more than AWS takes", () => {
  const refused: [string, (count: number) => Overrides, string, number][] = [
    ["a repository policy of 10,240 characters", sharing, "repositories.sharing.accounts", 10_240],
    ["a registry policy of 10,240 characters", replicateFrom, "registry.replicateFrom", 10_240],
    [
      "an endpoint policy of 20,480 characters, by accounts",
      allowedAccounts,
      "network.allowedAccounts",
      20_480,
    ],
    ["an endpoint policy of 20,480 characters, by buckets", s3Buckets, "network.s3Buckets", 20_480],
    ["10,240 characters of a push role's policy", pushServices, "teams[0].githubRoles[0].services", 10_240],
    ["10,240 characters of the clean-up's policy", readers, "operations.cleanUp.inUse.roles", 10_240],
    ["8,192 characters of a trust policy", branches, "teams[0].githubRoles[0].branches", 8192],
  ];
  for (const [what, make, key, limit] of refused) {
    it(`is refused above ${what}, with the number, and taken just below`, () => {
      const most = mostOf(make, key);
      assert.deepEqual(problems(make(most), "error"), []);
      assert.equal(parse(smallStack(make(most + 1))).settings, undefined);
      const above = counted(make(most + 1), key);
      // One entry more is what makes the difference.
      const entry = counted(make(most + 2), key) - above;
      assert.ok(above > limit && above - entry <= limit, `${above}, ${entry} for each entry`);
    });
  }

  const warned: [string, (count: number) => Overrides, string, number][] = [
    ["2,048 characters of a trust policy", branches, "teams[0].githubRoles[0].branches", 2048],
    [
      "2,048 characters of the pattern for sensitive calls",
      (count) => ({ audit: { deploymentRoles: roles(count) } }),
      "audit.deploymentRoles",
      2048,
    ],
    ["300 rules of the default event bus", topics, "teams", 300],
  ];
  for (const [what, make, key, limit] of warned) {
    it(`is taken with a warning above ${what}, which AWS raises on request`, () => {
      const most = mostOf(make, key, "warning");
      const above = counted(make(most + 1), key, "warning");
      const entry = counted(make(most + 2), key, "warning") - above;
      assert.ok(above > limit && above - entry <= limit, `${above}, ${entry} for each entry`);
      assert.notEqual(parse(smallStack(make(most + 1))).settings, undefined);
    });
  }

  const lists: [string, (count: number) => Overrides, string, number][] = [
    [
      "filters of a replication rule",
      (count) => ({
        registry: {
          replication: [
            { prefixes: numbered(count, (i) => `team-${i}`), destinations: [{ region: "eu-central-1" }] },
          ],
        },
      }),
      "registry.replication[0].prefixes",
      100,
    ],
    [
      "destinations of all replication rules",
      (count) => ({
        registry: {
          replication: [0, 1].map((rule) => ({
            prefixes: [`team-${rule}`],
            destinations: accounts(count)
              .filter((_, i) => i % 2 === rule || i === 0)
              .map((accountId) => ({ region: "eu-central-1", accountId })),
          })),
        },
      }),
      "registry.replication",
      25,
    ],
    [
      "pull through cache rules",
      (count) => ({
        registry: {
          pullThroughCache: numbered(count, (i) => `cache-${i}`).map((prefix) => ({
            prefix,
            upstream: "quay",
          })),
        },
      }),
      "registry.pullThroughCache",
      50,
    ],
    ...(["continuous", "onPush"] as const).map(
      (rule): [string, (count: number) => Overrides, string, number] => [
        `filters of scanning.${rule}`,
        (count) => ({ scanning: { continuous: ["*"], [rule]: numbered(count, (i) => `x${i}-*`) } }),
        `scanning.${rule}`,
        100,
      ],
    ),
    [
      "tags, with the six of the repository with most",
      (count) => ({ tags: Object.fromEntries(numbered(count, (i) => `Key${i}`).map((key) => [key, "x"])) }),
      "tags",
      44,
    ],
    ["characters of an environment", (count) => ({ environment: "e".repeat(count) }), "environment", 100],
    [
      "characters of a contact",
      (count) => ({ contact: `${"a".repeat(count)}@acme.example` }),
      "contact",
      241,
    ],
    [
      "characters of the path and name of a role whose pulls do not count",
      (count) => ({
        scanning: { pullTimeExclusions: [`arn:aws:iam::111122223333:role/${"a".repeat(count)}`] },
      }),
      "scanning.pullTimeExclusions[0]",
      200 - "arn:aws:iam::111122223333:role/".length,
    ],
    [
      "characters of a secret's name behind its prefix",
      (count) => ({
        registry: {
          pullThroughCache: [
            { prefix: "hub", upstream: "docker-hub", credentialArn: `${SECRETS}${"a".repeat(count)}` },
          ],
        },
      }),
      "registry.pullThroughCache[0].credentialArn",
      612 - SECRETS.length,
    ],
    [
      "minutes in a schedule of 256 characters",
      (count) => ({
        operations: { metrics: { schedule: `cron(${numbered(count, () => 1).join()} * * * ? *)` } },
      }),
      "operations.metrics.schedule",
      (256 - "cron( * * * ? *)".length) / 2,
    ],
    [
      "characters of a topic's name",
      (count) => ({
        findings: { manage: false, topicArn: `arn:aws:sns:eu-west-1:111122223333:${"a".repeat(count)}` },
      }),
      "findings.topicArn",
      256,
    ],
  ];
  for (const [what, make, key, most] of lists) {
    it(`is refused above ${most} ${what}`, () => assert.equal(mostOf(make, key), most));
  }

  it("may have more rules of a security group than the default, with a warning, for IPv4 and IPv6 apart", () => {
    const cidrs = (count: number) =>
      network({ allowedCidrs: numbered(count, (i) => `10.${i >> 8}.${i & 255}.0/24`) });
    assert.equal(mostOf(cidrs, "network.allowedCidrs", "warning"), 59);
    const both = network({
      allowedCidrs: [
        ...numbered(59, (i) => `10.0.${i}.0/24`),
        ...numbered(59, (i) => `fd00:${i.toString(16)}::/32`),
      ],
    });
    assert.deepEqual(problems(both, "warning"), []);
    assert.equal(mostOf(cidrs, "network.allowedCidrs", "error"), 999);
  });
});

describe("the report of a limit", () => {
  const report = (overrides: Overrides, severity: "error" | "warning") =>
    formatDiagnostics(problems(overrides, severity));

  it("is the number reached, the limit and the way out", () => {
    assert.equal(
      report(sharing(200), "error"),
      [
        '  repositories.sharing.accounts = ["210000000000","210000000001","210000000002","210000000003","210000000004","210000000005","210000000006","2100000000...',
        "    rule: an ECR repository policy has at most 10,240 characters; here it is 17,259 for payments-api-dev",
        "    fix:  share with the organization or organizationPaths instead of one by one, or list fewer",
      ].join("\n"),
    );
  });

  it("names the key of the service that goes too far, once", () => {
    const own = { name: "api", sharing: { pushPrincipals: roles(200) } };
    const found = problems({ ...sharing(3), teams: [team("payments", [own, "web"])] }, "error");
    assert.deepEqual(
      found.map(({ key }) => key),
      ["teams[0].services[0].sharing.pushPrincipals"],
    );
    assert.equal(problems({ ...sharing(200), teams: [team("payments", ["api", "web"])] }, "error").length, 1);
  });

  it("includes how a quota is raised", () => {
    assert.equal(
      report(branches(60), "warning"),
      [
        '  teams[0].githubRoles[0].branches = ["release/0.x","release/1.x","release/2.x","release/3.x","release/4.x","release/5.x","release/6.x","release/7.x","rel...',
        "    rule: an IAM role's trust policy has at most 2,048 characters without white space, unless the account's quota is raised, to 8,192 at most; here it is 3,298 for payments-ci-dev-push",
        "    fix:  use wildcards or a GitHub environment instead of a long list, or request an increase of L-C07B4B0D (iam) in Service Quotas in us-east-1; doctor compares with the account",
      ].join("\n"),
    );
  });

  it("counts a list that is too long", () => {
    const caches = numbered(51, (i) => `cache-${i}`).map((prefix) => ({ prefix, upstream: "quay" }));
    assert.match(
      report({ registry: { pullThroughCache: caches } }, "error"),
      /rule: an ECR registry has at most 50 pull through cache rules; here it is 51\n/,
    );
  });
});

describe("tags that AWS refuses", () => {
  const keys = (overrides: Overrides) => problems(overrides, "error").map(({ key }) => key);

  it("are keys that differ only in letter case, which IAM takes for the same", () =>
    assert.deepEqual(keys({ tags: { Division: "a", Office: "x", division: "b" } }), ["tags.division"]));

  it("are contacts with characters that a tag does not take, although they are mail addresses", () => {
    assert.deepEqual(keys({ contact: "pay&risk@acme.example" }), ["contact"]);
    assert.deepEqual(keys({ teams: [{ ...team("pay", ["api"]), contact: "pay&risk@acme.example" }] }), [
      "teams[0].contact",
    ]);
    assert.deepEqual(
      keys({ contact: "pay+risk@acme.example", costs: { emails: ["pay&risk@acme.example"] } }),
      [],
    );
  });

  it("are a contact of 272 characters", () =>
    assert.deepEqual(keys({ contact: `${"a".repeat(259)}@acme.example` }), ["contact"]));
});

describe("a push role", () => {
  it("is refused without any service: its policy would have no resource", () =>
    assert.deepEqual(
      problems(pushRole({ services: [] }), "error").map(({ key }) => key),
      ["teams[0].githubRoles[0].services"],
    ));
});
