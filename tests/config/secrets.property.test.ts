import assert from "node:assert/strict";
import fc from "fast-check";
import { formatDiagnostics } from "../../config/diagnostics";
import { parseTeamFile } from "../../config/team-files";
import { UserError } from "../../plan/user-error";
import { checked, reportOf } from "../support/mistakes";

/** In every part of an address that may be secret. */
const TOKEN = "t0ken";

const secretPart = fc.stringMatching(/^[A-Za-z0-9_%=.,&;~-]{0,8}$/).map((text) => `${text}${TOKEN}`);

/** Addresses with a secret after their host or in place of a password, some of them mistyped. */
const address = fc
  .record({
    scheme: fc.constantFrom("https://", "http://", "https:", "https:/", "//", ""),
    user: fc.constantFrom("", `me:${TOKEN}@`),
    host: fc.constantFrom("hooks.slack.com", "acme.webhook.office.com", "h.example:8443"),
    path: fc.array(secretPart, { minLength: 1, maxLength: 3 }),
    mark: fc.constantFrom("/", "?", "#"),
  })
  .map(({ scheme, user, host, path, mark }) => `${scheme}${user}${host}${mark}${path.join("/")}`);

/** What somebody may write where an address is: alone, among others, in a list or a mapping. */
const value = address.chain((url) =>
  fc.constantFrom<unknown>(
    url,
    [url, url],
    `a@acme.example, ${url}`,
    `see ${url} for more`,
    { url },
    { [url]: true },
    [
      { protocol: "https", endpoint: url },
      { protocol: "https", endpoint: url },
    ],
    [{ name: url, protocol: "https", url }],
  ),
);

/** Keys of a config, sound or not. */
const KEYS = [
  "accountId",
  "aws:allowedAccountIds",
  "aws:region",
  "contact",
  "environment",
  "organizationId",
  "webhook",
  "tags",
  "teamsFrom",
  "teams",
  "teams.0",
  "teams.0.name",
  "teams.0.contact",
  "teams.0.services",
  "teams.0.services.0.name",
  "teams.0.findings.subscriptions",
  "teams.0.githubRoles.0.repository",
  "teams.0.githubRoles.0.branches",
  "repositories",
  "repositories.encryption",
  "repositories.sharing.accounts",
  "scanning.continuous",
  "findings",
  "findings.slack",
  "findings.subscriptions",
  "findings.subscriptions.0",
  "findings.topicArn",
  "network.existing",
  "network.allowedCidrs",
  "registry.replication.0.prefixes",
  "registry.replication.0.destinations.0.region",
  "registry.pullThroughCache.0.credentialArn",
  "costs.emails",
  "operations.metrics.schedule",
  "operations.cleanUp.inUse.images",
];

/** Sets a value at a path, in a small config that has what is above it. */
function configWith(path: string, set: unknown): Record<string, unknown> {
  const config: Record<string, any> = {
    costs: { monthlyBudget: 5 },
    findings: { subscriptions: [{}] },
    network: { vpc: { cidr: "10.0.0.0/20" } },
    operations: { metrics: {}, cleanUp: { inUse: {} } },
    registry: {
      githubOidcProvider: "existing",
      pullThroughCache: [{ prefix: "hub", upstream: "docker-hub" }],
      replication: [{ destinations: [{ region: "eu-central-1" }] }],
    },
    repositories: { sharing: {} },
    scanning: {},
    teams: [
      {
        name: "payments",
        contact: "a@acme.example",
        services: [{ name: "api" }],
        findings: {},
        githubRoles: [{ name: "ci", repository: "acme/payments", branches: ["main"] }],
      },
    ],
  };
  const parts = path.split(".");
  const parent = parts.slice(0, -1).reduce((at, part) => at[part], config);
  parent[parts.at(-1)!] = set;
  return config;
}

function assertNoSecret(what: unknown): void {
  assert.ok(!JSON.stringify(what).includes(TOKEN), JSON.stringify(what, null, 2));
}

describe("the secret part of an address", () => {
  it("is in no report, wherever the address is", () => {
    fc.assert(
      fc.property(fc.constantFrom(...KEYS), value, (key, set) => {
        const yaml = Object.entries(configWith(key, set))
          .map(([name, inner]) => `${name}: ${JSON.stringify(inner)}`)
          .join("\n");
        const result = checked({ yaml });
        assert.ok(!(result instanceof UserError));
        assertNoSecret([result, formatDiagnostics(result)]);
      }),
      { numRuns: Number(process.env.RUNS ?? 60), seed: 7 },
    );
  });

  it("is in no report of a team file", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KEYS.flatMap((key) => /^teams\.0\.(.*)/.exec(key)?.[1] ?? [])),
        value,
        (key, set) => {
          const [team] = configWith(`teams.0.${key}`, set).teams as [object];
          const parsed = parseTeamFile({ file: "teams/payments.yaml", text: JSON.stringify(team) });
          assertNoSecret(Array.isArray(parsed) ? parsed : []);
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 30), seed: 7 },
    );
  });

  it("is in no message about text that is not YAML", () => {
    fc.assert(
      fc.property(
        address,
        fc.constantFrom(
          (url: string) => `contact: ${url}: x`,
          (url: string) => `contact: *${url}`,
          (url: string) => `contact: @${url}`,
          (url: string) => `contact: "${url}`,
          (url: string) => `${url}: 1\n${url}: 2`,
          (url: string) => `contact: [${url}`,
          (url: string) => `contact: !${url} x`,
          (url: string) => `contact: &${url}`,
          (url: string) => `contact\n ${url}`,
        ),
        (url, line) => assertNoSecret(reportOf({ yaml: line(url) })),
      ),
      { numRuns: Number(process.env.RUNS ?? 50), seed: 7 },
    );
  });
});
