import assert from "node:assert/strict";
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
