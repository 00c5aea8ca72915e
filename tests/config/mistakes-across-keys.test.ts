import assert from "node:assert/strict";
import { parseConfig } from "../../config/load";
import { checkStacks } from "../../config/checks/stacks";
import type { Settings } from "../../config/settings";
import { parse, smallStack, team } from "../support/config";

/** A mistake that no single value shows, and what is reported of it. */
interface Row {
  /** What somebody wrote. */
  mistake: string;
  /** Keys of an otherwise small and sound stack. */
  config: Record<string, unknown>;
  around?: Parameters<typeof parse>[1];
  /** The keys that are reported. */
  keys: string[];
  severity?: "error" | "warning";
  /** What the report says, with its rule and fix. */
  says: RegExp;
}

const VPC = {
  id: "vpc-0123456789abcdef0",
  subnetIds: ["subnet-0123456789abcdef0"],
  routeTableIds: ["rtb-0123456789abcdef0"],
};
const TOPIC = "arn:aws:sns:eu-west-1:111122223333:alerts";
const TRAIL = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org";
const mail = () => ({ protocol: "email", endpoint: "a@acme.example" });
const role = (name: string, rest: object = {}) => ({
  name,
  repository: "acme/payments",
  branches: ["main"],
  ...rest,
});

const REPEATED: Row[] = [
  {
    mistake: "an endpoint's service twice",
    config: {
      network: { vpc: VPC, services: ["ecr.api", "ecr.dkr", "s3", "s3"], allowedCidrs: ["10.0.0.0/8"] },
    },
    keys: ["network.services[3]"],
    says: /the same as network\.services\[2\]\. remove one/,
  },
  {
    mistake: "a network, a prefix list and a security group twice",
    config: {
      network: {
        vpc: VPC,
        allowedCidrs: ["10.0.0.0/8", "10.0.0.0/8"],
        allowedPrefixLists: ["pl-01234567", "pl-01234567"],
        allowedSecurityGroups: ["sg-01234567", "sg-01234567"],
      },
    },
    keys: ["network.allowedCidrs[1]", "network.allowedPrefixLists[1]", "network.allowedSecurityGroups[1]"],
    says: /remove one/,
  },
  {
    mistake: "a subnet twice",
    config: {
      network: {
        vpc: { ...VPC, subnetIds: [...VPC.subnetIds, ...VPC.subnetIds] },
        allowedCidrs: ["10.0.0.0/8"],
      },
    },
    keys: ["network.vpc.subnetIds[1]"],
    says: /the same as network\.vpc\.subnetIds\[0\]/,
  },
  {
    mistake: "an address for costs three times",
    config: { costs: { monthlyBudget: 5, emails: ["a@acme.example", "a@acme.example", "a@acme.example"] } },
    keys: ["costs.emails[1]", "costs.emails[2]"],
    says: /the same as costs\.emails\[0\]/,
  },
  {
    mistake: "a member account of Inspector twice",
    config: { scanning: { inspector: { memberAccounts: ["777788889999", "777788889999"] } } },
    keys: ["scanning.inspector.memberAccounts[1]"],
    says: /remove one/,
  },
  {
    mistake: "a team's service of a push role twice",
    config: {
      registry: { githubOidcProvider: "existing" },
      teams: [team("payments", ["api"], { githubRoles: [role("ci", { services: ["api", "api"] })] })],
    },
    keys: ["teams[0].githubRoles[0].services[1]"],
    says: /the same as teams\[0\]\.githubRoles\[0\]\.services\[0\]/,
  },
  {
    mistake: "roles of two teams that come to one name",
    config: {
      registry: { githubOidcProvider: "existing" },
      teams: [
        team("pay", ["api"], { githubRoles: [role("ments-ci")] }),
        team("pay-ments", ["web"], { githubRoles: [role("ci")] }),
      ],
    },
    keys: ["teams[1].githubRoles[0].name"],
    says: /pay-ments-ci-dev-push would belong to the teams pay and pay-ments\. rename one/,
  },
];

function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const { mistake, config, around, keys, severity = "error", says } of rows) {
      it(`reports ${mistake}`, () => {
        const { diagnostics, settings } = parse(smallStack(config), around);
        const found = diagnostics.filter((one) => one.severity === severity);
        assert.deepEqual(
          found.map(({ key }) => key),
          keys,
          JSON.stringify(diagnostics, null, 2),
        );
        for (const { rule, fix } of found) {
          assert.match(`${rule}. ${fix}`, says);
        }
        assert.equal(settings === undefined, severity === "error");
      });
    }
  });
}

table("what a list repeats", REPEATED);

const NO_EFFECT: [string, Record<string, unknown>, string[], RegExp][] = [
  [
    "alerts where findings are off",
    { findings: { manage: false, topicArn: TOPIC, subscriptions: [mail()], securityHub: "enable" } },
    ["findings.subscriptions", "findings.securityHub"],
    /no effect: findings\.manage is off/,
  ],
  [
    "a budget where costs are off",
    { costs: { manage: false, monthlyBudget: 5, emails: ["a@acme.example"] } },
    ["costs.monthlyBudget", "costs.emails"],
    /costs\.manage is off/,
  ],
  [
    "thresholds without a budget",
    { costs: { actualThresholds: [50] } },
    ["costs.actualThresholds"],
    /there is no budget/,
  ],
  [
    "addresses for costs that nothing watches",
    { costs: { emails: ["a@acme.example"] } },
    ["costs.emails"],
    /no budget, billing alarm or anomaly/,
  ],
  [
    "a log group where the trail is elsewhere",
    { audit: { manage: false, trailArn: TRAIL, logGroup: { retentionDays: 90 } } },
    ["audit.logGroup"],
    /audit\.manage is off, so this stack has no trail/,
  ],
  [
    "deployment roles without alerts on calls",
    { audit: { alerts: false, deploymentRoles: ["arn:aws:iam::111122223333:role/deploy"] } },
    ["audit.deploymentRoles"],
    /audit\.alerts is off/,
  ],
  [
    "Inspector's settings, its alert and Security Hub with basic scanning",
    {
      scanning: { type: "basic", inspector: { mode: "elsewhere", resourceTypes: ["ECR", "EC2"] } },
      findings: { subscriptions: [mail()], scanComplete: true, securityHub: "integrate" },
    },
    [
      "scanning.inspector.mode",
      "scanning.inspector.resourceTypes",
      "findings.scanComplete",
      "findings.securityHub",
    ],
    /basic/,
  ],
  [
    "what Inspector scans where something else enables it",
    { scanning: { inspector: { mode: "elsewhere", resourceTypes: ["ECR", "EC2"] } } },
    ["scanning.inspector.resourceTypes"],
    /does not enable Inspector/,
  ],
  [
    "scanning filters where another stack owns the scanning configuration",
    { scanning: { manage: false, continuous: ["payments-*"] } },
    ["scanning.continuous"],
    /scanning\.manage is off/,
  ],
  [
    "a network without a VPC",
    { network: { allowedCidrs: ["10.0.0.0/8"] } },
    ["network.allowedCidrs"],
    /there is no network\.vpc/,
  ],
  [
    "metrics and a dashboard where operations are off",
    { operations: { manage: false, metrics: { schedule: "rate(1 hour)" }, dashboard: false } },
    ["operations.metrics", "operations.dashboard"],
    /operations\.manage is off/,
  ],
  [
    "a clean-up without a rule",
    { operations: { cleanUp: { mode: "delete", schedule: "rate(7 days)" } } },
    ["operations.cleanUp.mode", "operations.cleanUp.schedule"],
    /no repository has a rule in cleanUp/,
  ],
  [
    "a schedule of a clean-up that is off",
    { operations: { cleanUp: { mode: "off", schedule: "rate(7 days)" } } },
    ["operations.cleanUp.schedule"],
    /operations\.cleanUp\.mode is off/,
  ],
];

table(
  "keys that have no effect",
  NO_EFFECT.map(([mistake, config, keys, says]) => ({ mistake, config, keys, severity: "warning", says })),
);

table("what would never happen, or happen elsewhere", [
  {
    mistake: "replication that another stack owns",
    config: { registry: { manage: false, replicateFrom: ["777788889999"] } },
    keys: ["registry.replicateFrom"],
    says: /registry\.manage, which is off/,
  },
  {
    mistake: "a replication prefix with a typo",
    config: {
      registry: { replication: [{ prefixes: ["pay-ments"], destinations: [{ region: "eu-central-1" }] }] },
    },
    keys: ["registry.replication[0].prefixes[0]"],
    severity: "warning",
    says: /no repository of this stack begins with it.* did you mean payments\?/,
  },
  {
    mistake: "schedules on days that no month has, and in a year that is over",
    config: {
      repositories: { cleanUp: { olderThanDays: 90 } },
      operations: {
        metrics: { schedule: "cron(0 3 31 2 ? *)" },
        cleanUp: { schedule: "cron(0 3 * * ? 2020)" },
      },
    },
    keys: ["operations.metrics.schedule", "operations.cleanUp.schedule"],
    says: /it never runs/,
  },
  {
    mistake: "an organization path that no account has",
    config: {
      organizationId: "o-a1b2c3d4e5",
      repositories: {
        sharing: { organizationPaths: ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111", "o-a1b2c3d4e5/r-ab12*"] },
      },
    },
    keys: ["repositories.sharing.organizationPaths[0]", "repositories.sharing.organizationPaths[1]"],
    says: /ends with \/ or \/\*: no account matches any other/,
  },
  {
    mistake: "a filter for every tag in production",
    config: { repositories: { imageTags: { mutable: ["v*", "*"] } } },
    around: { stack: "prod" },
    keys: ["repositories.imageTags.mutable[1]"],
    says: /in production tags are immutable.* matches every tag/,
  },
  ...["prod-eu", "live", "prd", "qa"].map((stack): Row => ({
    mistake: `the stack ${stack} without a word on production`,
    config: {},
    around: { stack },
    keys: ["production"],
    says: new RegExp(
      `auto decides for dev, test, staging, prod, production, and the environment is ${stack}.* write production: yes`,
    ),
  })),
  {
    mistake: "a chat's webhook as https endpoint",
    config: {
      findings: {
        subscriptions: [
          { protocol: "https", endpoint: "https://hooks.slack.com/services/T0/B0/secret" },
          { protocol: "https", endpoint: "https://acme.webhook.office.com:443/webhookb2/secret" },
        ],
      },
    },
    keys: ["findings.subscriptions[0].endpoint", "findings.subscriptions[1].endpoint"],
    says: /does not confirm a subscription of SNS.* findings\.slack/,
  },
  {
    mistake: "clean-up by version where tags are dates",
    config: {
      repositories: {
        cleanUp: { keep: 5, keepBy: "semver" },
        lifecycle: { rules: [{ tags: ["2026-*"], keep: 50 }] },
      },
    },
    keys: ["repositories.cleanUp.keepBy"],
    severity: "warning",
    says: /dates are not semantic versions.* payments-api-dev has tags such as 2026-\*\. write keepBy: pushed/,
  },
  {
    mistake: "a service with its team's name, and one with another environment",
    config: { teams: [team("storefront", ["storefront-web", "web-prod"])] },
    keys: ["teams[0].services[0].name", "teams[0].services[1].name"],
    severity: "warning",
    says: /repository is storefront-storefront-web-dev\. write web|ends in another one, prod\. write web/,
  },
]);

describe("stacks of one account", () => {
  it("are reported where both alert on the whole account", () => {
    const settings = ["dev", "prod"].map((stack) => parse(smallStack(), { stack }).settings!);
    const found = checkStacks(settings).map(({ stack, key }) => `${stack} ${key}`);
    assert.ok(found.includes("prod findings.scope"), found.join());
    const [dev, prod] = settings as [Settings, Settings];
    const own = { ...prod, findings: { ...prod.findings, scope: "environment" as const } };
    assert.ok(checkStacks([dev, own]).every(({ key }) => key !== "findings.scope"));
  });
});

describe("what is not reported", () => {
  const sound: [string, Record<string, unknown>, Parameters<typeof parse>[1]?][] = [
    ["the environment that decides instead of the stack's name", { environment: "prod" }, { stack: "live" }],
    ["a stack of any name that says whether it is production", { production: "yes" }, { stack: "prod-eu" }],
    [
      "a replication prefix of a cache",
      {
        registry: {
          pullThroughCache: [{ prefix: "hub", upstream: "ecr-public" }],
          replication: [{ prefixes: ["hub/library", "pay"], destinations: [{ region: "eu-central-1" }] }],
        },
      },
    ],
    [
      "dates that are versions",
      {
        repositories: {
          cleanUp: { keep: 5, keepBy: "semver" },
          lifecycle: { rules: [{ tags: ["20.*"], keep: 50 }] },
        },
      },
    ],
    [
      "a schedule on the last day of each month",
      {
        repositories: { cleanUp: { olderThanDays: 90 } },
        operations: { cleanUp: { schedule: "cron(0 3 L * ? *)" }, metrics: { schedule: "rate(6 hours)" } },
      },
    ],
    [
      "the type of scans whose configuration another stack owns",
      { scanning: { manage: false, type: "basic" } },
    ],
  ];
  for (const [what, config, around] of sound) {
    it(what, () => assert.deepEqual(parse(smallStack(config), around).diagnostics, []));
  }
});

describe("keys whose prefix is mistyped", () => {
  const config: Record<string, string> = {
    "aws:region": "eu-west-1",
    "aws:allowedAccountIds": '["111122223333"]',
    ...Object.fromEntries(
      Object.entries(smallStack()).map(([key, value]) => [
        `ecr-platform:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  };
  const reported = (others: Record<string, string>) =>
    parseConfig({ project: "ecr-platform", stack: "dev", config: { ...config, ...others } }).diagnostics;

  it("are reported with the right one", () => {
    const [found, ...rest] = reported({ "ecr_platform:costs": '{"monthlyBudget":5}' });
    assert.deepEqual(rest, []);
    assert.equal(found?.key, "ecr_platform:costs");
    assert.equal(found.fix, "write ecr-platform:costs");
  });
  it("are not reported as missing, too", () => {
    const { "ecr-platform:teams": teams = "", ...others } = config;
    const parsed = parseConfig({
      project: "ecr-platform",
      stack: "dev",
      config: { ...others, "ecr_platform:teams": teams },
    });
    assert.deepEqual(
      parsed.diagnostics.map(({ key }) => key),
      ["ecr_platform:teams"],
    );
    assert.equal(parsed.settings, undefined);
  });
  it("do not include those of providers and other projects", () =>
    assert.deepEqual(reported({ "aws:profile": "dev", "random:costs": "1", "ecr-platforms:seed": "1" }), []));
});
