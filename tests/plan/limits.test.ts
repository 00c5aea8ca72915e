import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { measure, type Measurable } from "../../plan/limits";
import { runProgram, UNKNOWN } from "../../plan/run";
import { readStackConfig, stacksOf } from "../../plan/stack-file";
import { parse, smallStack, team } from "../support/config";
import { copyOfProject, ROOT } from "../support/project";
import { lookups, runStack } from "../support/stack";

const resource = (
  type: string,
  inputs: Record<string, unknown>,
  name = "one",
  parent?: string,
): Measurable => ({
  type,
  name,
  inputs,
  parent,
});
const text = (length: number) => "x".repeat(length);
const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const rolePolicy = (length: number, role: string) =>
  resource(
    "aws:iam/rolePolicy:RolePolicy",
    { role: UNKNOWN, policy: JSON.stringify(text(length - 2)) },
    "p",
    `urn::${role}`,
  );
const eventRule = (i: number) => resource("aws:cloudwatch/eventRule:EventRule", { name: `r${i}` }, `r${i}`);
const ingress = (source: Record<string, string>, i: number) =>
  resource("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", source, `i${i}`, "urn::group");
const tagged = (type: string, keys: string[]) =>
  resource(type, { tags: Object.fromEntries(keys.map((key) => [key, "x"])) });

describe("what a plan measures against AWS's limits", () => {
  const sound: [string, Measurable[], Measurable[]][] = [
    ...[10_240, 10_241]
      .slice(0, 1)
      .map((length): [string, Measurable[], Measurable[]] => [
        "a repository policy of 10,241 characters",
        [resource("aws:ecr/repositoryPolicy:RepositoryPolicy", { policy: text(length) })],
        [resource("aws:ecr/repositoryPolicy:RepositoryPolicy", { policy: text(length + 1) })],
      ]),
    [
      "two policies of one role that exceed its limit together",
      [rolePolicy(6000, "a"), rolePolicy(6000, "b")],
      [rolePolicy(6000, "a"), rolePolicy(6000, "a")],
    ],
    [
      "a schedule's input of more than 256 KB, in bytes",
      [resource("aws:scheduler/schedule:Schedule", { target: { input: "é".repeat(131_072) } })],
      [resource("aws:scheduler/schedule:Schedule", { target: { input: "é".repeat(131_073) } })],
    ],
    ["the replication to a 26th destination", [replication(25)], [replication(26)]],
    [
      "51 tags",
      [
        tagged(
          "aws:sns/topic:Topic",
          many(50, (i) => `k${i}`),
        ),
      ],
      [
        tagged(
          "aws:sns/topic:Topic",
          many(51, (i) => `k${i}`),
        ),
      ],
    ],
    [
      "a role's tags that differ in letter case",
      [tagged("aws:sns/topic:Topic", ["Division", "division"])],
      [tagged("aws:iam/role:Role", ["Division", "division"])],
    ],
    [
      "a tag's value with an ampersand",
      [resource("aws:sns/topic:Topic", { tags: { Contact: "a+b@acme.example" } })],
      [resource("aws:sns/topic:Topic", { tags: { Contact: "a&b@acme.example" } })],
    ],
    [
      "an empty list in a policy",
      [resource("aws:iam/role:Role", { assumeRolePolicy: '{"Statement":[{"Action":["a"]}]}' })],
      [resource("aws:iam/role:Role", { assumeRolePolicy: '{"Statement":[{"Action":[]}]}' })],
    ],
    [
      "a role's name of 65 characters",
      [resource("aws:iam/role:Role", { name: text(64) })],
      [resource("aws:iam/role:Role", { name: text(65) })],
    ],
  ];
  for (const [what, within, above] of sound) {
    it(`refuses ${what}`, () => {
      assert.deepEqual(measure(within, "eu-west-1").findings, []);
      assert.deepEqual(
        measure(above, "eu-west-1").findings.map(({ standing }) => standing),
        ["refused"],
      );
    });
  }

  it("tells what is above a default that AWS raises, by the region's default", () => {
    assert.deepEqual(measure(many(300, eventRule), "eu-west-1").findings, []);
    for (const [count, region, most] of [
      [301, "eu-west-1", 300],
      [101, "eu-south-1", 100],
    ] as const) {
      const [finding] = measure(many(count, eventRule), region).findings;
      assert.equal(finding?.standing, "quota");
      assert.equal(finding.name, "the default event bus");
      assert.equal(
        finding.message,
        `an EventBridge event bus has at most ${most} rules, unless the account's quota is raised; here it is ${count}`,
      );
    }
  });

  it("counts a security group's rules for IPv4 and IPv6 apart, and other sources in both", () => {
    const both = [
      ...many(50, (i) => ingress({ cidrIpv4: "10.0.0.0/8" }, i)),
      ...many(50, (i) => ingress({ cidrIpv6: "fd00::/8" }, 50 + i)),
      ...many(10, (i) => ingress({ prefixListId: "pl-1" }, 100 + i)),
    ];
    assert.deepEqual(measure(both, "eu-west-1").findings, []);
    const found = measure([...both, ingress({ prefixListId: "pl-1" }, 200)], "eu-west-1").findings;
    assert.deepEqual(
      found.map(({ name, count }) => [name, count]),
      [
        ["group, IPv4", 61],
        ["group, IPv6", 61],
      ],
    );
  });

  it("names what only the update knows, instead of passing it", () => {
    const { findings, unknown } = measure(
      [resource("aws:iam/rolePolicy:RolePolicy", { policy: UNKNOWN }, "role-policy")],
      "eu-west-1",
    );
    assert.deepEqual(findings, []);
    assert.deepEqual(unknown, ["role-policy.policy"]);
  });

  it("finds nothing in the committed stacks", async () => {
    for (const stack of stacksOf(ROOT)) {
      const { resources, region } = await runProgram(ROOT, readStackConfig(ROOT, stack));
      assert.deepEqual(measure(resources, region).findings, [], stack);
    }
  });

  it("fails the plan of a program that declares too much", () => {
    const folder = copyOfProject();
    try {
      const file = path.join(folder, "aws/arns.ts");
      const before = fs.readFileSync(file, "utf8");
      const after = before.replace(
        "return shortName(`${prefix}-${topic}`, 256);",
        "return `${prefix}-${topic}`.padEnd(257, 'x');",
      );
      assert.notEqual(after, before);
      fs.writeFileSync(file, after);
      const { status, stdout } = spawnSync(
        process.execPath,
        ["cli/ecr-platform.js", "plan", "--stack", "dev"],
        { cwd: folder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
      );
      assert.match(
        stdout,
        /AWS limits: \d exceeded, 0 above a default quota\n {2}findings-topic\.name: the name of an SNS topic has at most 256 characters; here it is 257 \(https:/,
      );
      assert.equal(status, 1);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});

function replication(destinations: number): Measurable {
  return resource("aws:ecr/replicationConfiguration:ReplicationConfiguration", {
    replicationConfiguration: {
      rules: [
        { destinations: many(destinations, (i) => ({ region: "eu-west-1", registryId: String(i) })) },
        { destinations: [{ region: "eu-west-1", registryId: "0" }] },
      ],
    },
  });
}

/** Configs that are small but for one part or two, which are near a limit or far above it. */
function generated(): fc.Arbitrary<Record<string, unknown>> {
  const account = (i: number) => String(210_000_000_000 + i);
  const role = (i: number) => `arn:aws:iam::${account(i)}:role/reader`;
  const parts: Record<string, (count: number) => (config: any) => void> = {
    accounts: (n) => (config) => void (config.repositories.sharing.accounts = many(n, account)),
    principals: (n) => (config) => void (config.repositories.sharing.principals = many(n, role)),
    lambda: (n) => (config) =>
      void (config.repositories.sharing = { accounts: many(n / 2, account), lambda: true }),
    services: (n) => (config) => void (config.teams[0].services = many(n, (i) => ({ name: `service-${i}` }))),
    branches: (n) => (config) =>
      void (config.teams[0].githubRoles[0].branches = many(n, (i) => `release/${i}`)),
    readers: (n) => (config) => void (config.operations.cleanUp.inUse.roles = many(n, role)),
    deployers: (n) => (config) => void (config.audit.deploymentRoles = many(n, role)),
    sources: (n) => (config) => void (config.registry.replicateFrom = many(n, account)),
    prefixes: (n) => (config) => void (config.registry.replication[0].prefixes = many(n, (i) => `p${i}`)),
    destinations: (n) => (config) =>
      void (config.registry.replication[0].destinations = many(n, (i) => ({
        region: "eu-west-1",
        accountId: account(i),
      }))),
    caches: (n) => (config) =>
      void (config.registry.pullThroughCache = many(n, (i) => ({ prefix: `c${i}`, upstream: "quay" }))),
    reach: (n) => (config) => void (config.network.allowedAccounts = many(n * 3, account)),
    buckets: (n) => (config) => void (config.network.s3Buckets = many(n, (i) => `acme-artifacts-${i}`)),
    cidrs: (n) => (config) =>
      void (config.network.allowedCidrs = many(n, (i) => `10.${i >> 8}.${i & 255}.0/24`)),
    tags: (n) => (config) => void (config.tags = Object.fromEntries(many(n, (i) => [`Key${i}`, "x"]))),
    filters: (n) => (config) => void (config.scanning.onPush = many(n, (i) => `f${i}-*`)),
    rules: (n) => (config) =>
      void (config.repositories.lifecycle = { rules: [{ tags: many(n, (i) => `t${i}-*`), keep: 5 }] }),
    images: (n) => (config) =>
      void (config.operations.cleanUp.inUse.images = many(n * 30, (i) => `payments-api-dev:v${i}.*`)),
    environment: (n) => (config) => void (config.environment = `e${"x".repeat(n)}`),
    team: (n) => (config) => void (config.teams[0].name = `t${"x".repeat(n)}`),
    contact: (n) => (config) => void (config.contact = `${"x".repeat(n)}@acme.example`),
  };
  const near = fc.oneof(
    fc.constantFrom(1, 40, 44, 45, 48, 50, 51, 60, 61, 100, 101, 150, 200, 256, 300, 310),
    fc.nat({ max: 320 }).map((n) => n + 1),
  );
  return fc
    .dictionary(fc.constantFrom(...Object.keys(parts)), near, { minKeys: 1, maxKeys: 2 })
    .map((chosen) => {
      const config: any = smallStack({
        repositories: { sharing: {}, cleanUp: { olderThanDays: 90 } },
        teams: [
          team("payments", ["api"], {
            githubRoles: [{ name: "ci", repository: "acme/payments", branches: ["main"] }],
          }),
          team("web", ["shop"], {
            findings: { subscriptions: [{ protocol: "email", endpoint: "web@acme.example" }] },
          }),
        ],
        scanning: { continuous: ["*"] },
        network: {
          vpc: {
            id: "vpc-0123456789abcdef0",
            subnetIds: ["subnet-0123456789abcdef0"],
            routeTableIds: ["rtb-0123456789abcdef0"],
          },
          allowedSecurityGroups: ["sg-0123456789abcdef0"],
          s3Policy: "ecr-layers",
        },
        registry: {
          githubOidcProvider: "existing",
          replication: [{ prefixes: ["payments"], destinations: [{ region: "eu-central-1" }] }],
        },
        audit: {},
        operations: { cleanUp: { inUse: {} } },
      });
      for (const [part, count] of Object.entries(chosen)) {
        parts[part]!(count)(config);
      }
      return config as Record<string, unknown>;
    });
}

describe("a config that the checks accept, whatever it is", () => {
  // Each run logs the config's warnings.
  const { warn } = console;
  before(() => void (console.warn = () => undefined));
  after(() => void (console.warn = warn));

  it("declares nothing that AWS's limits refuse, and warns where a quota must be raised", async () => {
    let accepted = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(generated(), async (config) => {
        const { settings, diagnostics } = parse(config);
        if (settings === undefined) {
          refused++;
          return;
        }
        accepted++;
        const { resources } = await runStack(config, { lookups });
        const measured = measure(resources, "eu-west-1");
        assert.deepEqual(measured.unknown, []);
        const of = (standing: string) => measured.findings.filter((finding) => finding.standing === standing);
        assert.deepEqual(of("refused"), []);
        const warnings = diagnostics.filter(({ rule }) =>
          rule.includes("unless the account's quota is raised"),
        );
        assert.deepEqual(
          [...new Set(of("quota").map(({ message }) => message.replace(/; here.*/, "")))].sort(),
          [...new Set(warnings.map(({ rule }) => rule.replace(/; here.*/, "")))].sort(),
        );
      }),
      { numRuns: 60, seed: 20261124 },
    );
    assert.ok(
      accepted >= 20 && refused >= 15,
      `${accepted} accepted, ${refused} refused: the test says little`,
    );
  });
});
