import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { policyFindings, readPolicyConfig, type PolicyFinding } from "../../plan/policies";
import { runProgram, type PlannedResource, type ProgramRun } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { RULES } from "../../policies/rules";
import { TAGGED } from "../../policies/rules/resource-types";
import { ROOT } from "../support/project";
import { planned } from "../support/planned";
import { PolicyServer } from "./server";

type Change = (run: ProgramRun) => void;

function named(run: ProgramRun, name: string): PlannedResource {
  const found = run.resources.find((resource) => resource.name === name);
  assert.ok(found, `there is no ${name}`);
  return found;
}

const set =
  (name: string, inputs: Record<string, unknown>): Change =>
  (run) => {
    Object.assign(named(run, name).inputs, inputs);
  };

const remove =
  (name: string): Change =>
  (run) => {
    const { urn } = named(run, name);
    run.resources = run.resources.filter((resource) => resource.urn !== urn);
  };

const add =
  (type: string, name: string, inputs: Record<string, unknown> = {}): Change =>
  (run) => {
    run.resources.push(planned(name, inputs, { type }));
  };

/** Changes the policy document that an input holds. */
const document =
  (name: string, key: string, change: (statements: any[]) => unknown): Change =>
  (run) => {
    const { inputs } = named(run, name);
    const parsed = JSON.parse(inputs[key] as string) as { Statement: any[] };
    parsed.Statement = (change(parsed.Statement) as any[] | undefined) ?? parsed.Statement;
    inputs[key] = JSON.stringify(parsed);
  };

const open = { Sid: "Open", Effect: "Allow", Action: "ecr:BatchGetImage" };
const allow =
  (statement: object): Change =>
  (run) => {
    document("payments-ledger-policy", "policy", (statements) => [...statements, { ...open, ...statement }])(
      run,
    );
  };

const untagged: Change = (run) => {
  named(run, "findings-topic").inputs.tags = { Project: "x", Environment: "prod", ManagedBy: "pulumi" };
};

/** One fault in the prod stack a row: the policy that must find it, and what it must say. */
const FAULTS: [policy: string, what: string, change: Change, says: RegExp][] = [
  [
    "immutable-tags",
    "tags that move",
    set("payments-api", { imageTagMutability: "MUTABLE" }),
    /payments-api is MUTABLE/,
  ],
  [
    "immutable-tags",
    "tags of which some move, without a reason",
    set("payments-api", { imageTagMutability: "IMMUTABLE_WITH_EXCLUSION" }),
    /no tag MutableTags says why/,
  ],
  [
    "immutable-tags",
    "no word about mutability, which is AWS's MUTABLE",
    (run) => delete named(run, "payments-api").inputs.imageTagMutability,
    /payments-api is MUTABLE/,
  ],
  [
    "repository-lifecycle",
    "no lifecycle policy",
    remove("data-notebook-lifecycle"),
    /data-notebook has no lifecycle policy/,
  ],
  [
    "repository-lifecycle",
    "an empty lifecycle policy",
    set("data-notebook-lifecycle", { policy: '{"rules": []}' }),
    /without rules/,
  ],
  ["registry-scanning", "no scanning rule", set("scanning-configuration", { rules: [] }), /scans nothing/],
  [
    "registry-scanning",
    "a filter that misses a repository",
    set("scanning-configuration", {
      rules: [
        {
          scanFrequency: "CONTINUOUS_SCAN",
          repositoryFilters: [
            { filter: "payments-*" },
            { filter: "storefront" },
            { filter: "*notebook-prod" },
          ],
        },
      ],
    }),
    /not data-etl-runner-prod\. Fix/,
  ],
  [
    "scanning-declared",
    "no scanning configuration",
    remove("scanning-configuration"),
    /no registry scanning configuration/,
  ],
  [
    "repository-name",
    "a foreign name",
    set("payments-api", { name: "my_repo" }),
    /is named my_repo; by its tags/,
  ],
  [
    "repository-customer-key",
    "S3's own key",
    set("payments-api", { encryptionConfigurations: [{ encryptionType: "AES256" }] }),
    /not encrypted with a customer-managed key/,
  ],
  [
    "repository-not-public",
    "a public repository",
    add("aws:ecrpublic/repository:Repository", "shop-window"),
    /shop-window .* is public/,
  ],
  [
    "no-public-principal",
    "everyone as principal",
    allow({ Principal: "*" }),
    /statement Open allows ecr:BatchGetImage/,
  ],
  [
    "no-public-principal",
    "everyone among accounts",
    allow({ Principal: { AWS: ["111122223333", "*"] } }),
    /Open/,
  ],
  [
    "no-public-principal",
    "a condition that does not limit",
    allow({ Principal: "*", Condition: { StringLike: { "aws:PrincipalOrgID": "*" } } }),
    /Open/,
  ],
  [
    "no-public-principal",
    "a condition on ARNs of any account",
    allow({ Principal: "*", Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/ci" } } }),
    /Open/,
  ],
  [
    "no-public-principal",
    "a condition that holds where the key is absent",
    allow({ Principal: "*", Condition: { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } }),
    /Open/,
  ],
  [
    "no-public-principal",
    "a creation template that opens its repositories to everyone",
    document("registry-template-docker-hub", "repositoryPolicy", (statements) => [
      ...statements,
      { ...open, Principal: "*" },
    ]),
    /registry-template-docker-hub: statement Open/,
  ],
  [
    "no-public-principal",
    "everyone but one",
    allow({ NotPrincipal: { AWS: "111122223333" } }),
    /everyone but those it names/,
  ],
  [
    "no-public-principal",
    "a role that everyone assumes",
    document("findings-chat-role", "assumeRolePolicy", (statements) => [
      ...statements,
      { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
    ]),
    /findings-chat-role: statement \(without Sid\)/,
  ],
  [
    "federated-roles-bound",
    "tokens of any repository",
    document("github-payments-release", "assumeRolePolicy", ([statement]) => {
      delete statement.Condition;
    }),
    /whatever its sub/,
  ],
  [
    "federated-roles-bound",
    "tokens of any owner",
    document("github-payments-release", "assumeRolePolicy", ([statement]) => {
      statement.Condition = {
        StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
        StringLike: { "token.actions.githubusercontent.com:sub": "repo:acme*" },
      };
    }),
    /whatever its sub/,
  ],
  [
    "federated-roles-bound",
    "tokens with any repository id",
    document("github-payments-release", "assumeRolePolicy", ([statement]) => {
      statement.Condition = {
        StringEquals: { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
        StringLike: {
          "token.actions.githubusercontent.com:repository_id": "*",
          "token.actions.githubusercontent.com:sub": "repo:*:ref:refs/heads/main",
        },
      };
    }),
    /whatever its sub/,
  ],
  [
    "tls-only",
    "a bucket that takes plain HTTP",
    document("audit-bucket-policy", "policy", (statements) =>
      statements.filter(({ Effect }) => Effect !== "Deny"),
    ),
    /audit-bucket takes plain HTTP/,
  ],
  [
    "tls-only",
    "a topic without a policy",
    remove("findings-topic-policy"),
    /findings-topic takes plain HTTP/,
  ],
  [
    "tls-only",
    "a denial with a way around",
    document("findings-routes-dead-letters-policy", "policy", (statements) => {
      for (const statement of statements.filter(({ Effect }) => Effect === "Deny")) {
        statement.Condition.StringEquals = { "aws:PrincipalAccount": "444455556666" };
      }
    }),
    /findings-routes-dead-letters takes plain HTTP/,
  ],
  [
    "tls-only",
    "a subscription over plain HTTP",
    add("aws:sns/topicSubscription:TopicSubscription", "plain", { protocol: "http" }),
    /plain delivers over plain HTTP/,
  ],
  [
    "encrypted-at-rest",
    "a topic without a key",
    (run) => delete named(run, "findings-topic").inputs.kmsMasterKeyId,
    /findings-topic is not encrypted/,
  ],
  [
    "encrypted-at-rest",
    "a topic with AWS's own key",
    set("findings-topic", { kmsMasterKeyId: "alias/aws/sns" }),
    /findings-topic is not encrypted/,
  ],
  [
    "encrypted-at-rest",
    "a queue without encryption",
    set("findings-routes-dead-letters", { sqsManagedSseEnabled: false }),
    /findings-routes-dead-letters is not/,
  ],
  [
    "buckets-locked-down",
    "a bucket that takes public policies",
    set("audit-bucket-access", { blockPublicPolicy: false }),
    /set blockPublicPolicy\./,
  ],
  [
    "buckets-locked-down",
    "a bucket without encryption",
    remove("audit-bucket-encryption"),
    /not encrypted with a KMS/,
  ],
  [
    "key-rotation",
    "a key that never rotates",
    set("repositories-key", { enableKeyRotation: false }),
    /never rotates/,
  ],
  [
    "private-endpoints",
    "an endpoint without private DNS",
    set("network-ecr-dkr", { privateDnsEnabled: false }),
    /network-ecr-dkr has no private DNS/,
  ],
  [
    "private-endpoints",
    "an endpoint without a policy",
    (run) => delete named(run, "network-ecr-api").inputs.policy,
    /network-ecr-api has no policy/,
  ],
  [
    "private-endpoints",
    "an endpoint with the default security group",
    (run) => delete named(run, "network-ecr-api").inputs.securityGroupIds,
    /default security group/,
  ],
  [
    "endpoint-policy-limited",
    "an endpoint through which everything passes",
    set("network-logs", {
      policy: JSON.stringify({
        Statement: { Sid: "All", Effect: "Allow", Principal: "*", Action: "*", Resource: "*" },
      }),
    }),
    /network-logs: statement All/,
  ],
  [
    "endpoints-not-open",
    "an ingress rule for everyone",
    set("network-from-10.32.0.0/16", { cidrIpv4: "0.0.0.0/0" }),
    /lets every address in/,
  ],
  ["no-nat", "a NAT gateway", add("aws:ec2/natGateway:NatGateway", "out"), /out is a NAT gateway/],
  ["pull-path", "no endpoint for layers", remove("network-s3"), /no endpoint for s3/],
  ["owner-tags", "a topic without a contact", untagged, /findings-topic lacks the tags Contact/],
  [
    "production-protected",
    "an unprotected repository",
    (run) => {
      named(run, "payments-api").protect = false;
    },
    /payments-api is not protected: its images are deleted with it/,
  ],
  [
    "production-protected",
    "a repository that goes with its images",
    set("payments-api", { forceDelete: true }),
    /deleted with its images/,
  ],
  [
    "trail-tamper-proof",
    "a trail of one region",
    set("audit-trail", { isMultiRegionTrail: false }),
    /lacks isMultiRegionTrail/,
  ],
  [
    "trail-tamper-proof",
    "a trail that is off",
    set("audit-trail", { enableLogging: false }),
    /lacks enableLogging/,
  ],
  [
    "trail-tamper-proof",
    "a bucket without a lock",
    remove("audit-bucket-lock"),
    /log files that can be deleted/,
  ],
  [
    "budget-present",
    "no forecast",
    (run) => {
      run.resources = run.resources.filter(({ type }) => type !== "aws:budgets/budget:Budget");
    },
    /no budget in this stack/,
  ],
];

function sorted(findings: PolicyFinding[]): PolicyFinding[] {
  const text = (finding: PolicyFinding) => JSON.stringify([finding.policy, finding.urn, finding.message]);
  return [...findings].sort((a, b) => text(a).localeCompare(text(b)));
}

describe("the policy pack", () => {
  let server: PolicyServer;
  let dev: ProgramRun;
  let prod: ProgramRun;
  before(async () => {
    dev = await runProgram(ROOT, readStackConfig(ROOT, "dev"));
    prod = await runProgram(ROOT, readStackConfig(ROOT, "prod"));
    server = await PolicyServer.start();
  });
  after(() => {
    server.stop();
  });

  /** What both the plan and Pulumi's policy server find, which must be the same. */
  async function both(run: ProgramRun): Promise<PolicyFinding[]> {
    const found = sorted(policyFindings(run));
    assert.deepEqual(sorted(await server.findings(run)), found);
    return found;
  }

  it("asks for the versions that the program has", () => {
    const dependencies = (file: string) =>
      (JSON.parse(fs.readFileSync(path.join(ROOT, file), "utf8")) as { dependencies: Record<string, string> })
        .dependencies;
    const program = dependencies("package.json");
    for (const [name, version] of Object.entries(dependencies("policies/package.json"))) {
      assert.equal(version, program[name], name);
    }
  });

  it("is documented rule by rule", () => {
    const text = fs.readFileSync(path.join(ROOT, "docs/policies.md"), "utf8");
    const rows = [...text.matchAll(/^\| `([a-z-]+)` +\| (\w+) +\| (\w+) +\| (.*?) +\|$/gm)].map((row) =>
      row.slice(1),
    );
    assert.deepEqual(
      rows,
      RULES.map(({ name, enforcementLevel, severity, description }) => [
        name,
        enforcementLevel,
        severity,
        description,
      ]),
    );
  });

  it("serves every rule", async () => {
    assert.deepEqual(
      await server.policies(),
      RULES.map(({ name }) => name),
    );
  });

  it("asks for an owner of every type that the stacks declare with tags", () => {
    const tagged = [dev, prod].flatMap(({ resources }) =>
      resources.filter(({ custom, inputs }) => custom && "tags" in inputs).map(({ type }) => type),
    );
    assert.deepEqual(
      [...new Set(tagged)].filter((type) => !TAGGED.includes(type)),
      [],
      "takesTags in cli/commands/generate.ts does not find them",
    );
  });

  it("has nothing mandatory to say against the committed stacks", async () => {
    assert.deepEqual(await both(dev), []);
    const found = await both(prod);
    assert.deepEqual(
      found.map(({ policy, level, urn }) => [policy, level, urn?.split("::").at(-1)]),
      [["endpoint-policy-limited", "advisory", "network-s3"]],
      "the shared VPC's S3 gateway is open on purpose",
    );
  });

  for (const [policy, what, change, says] of FAULTS) {
    it(`${policy} finds ${what}`, async () => {
      const good = policyFindings(prod).map((finding) => JSON.stringify(finding));
      const bad = structuredClone(prod);
      change(bad);
      const found = (await both(bad)).filter((finding) => !good.includes(JSON.stringify(finding)));
      assert.deepEqual([...new Set(found.map((finding) => finding.policy))], [policy]);
      assert.match(found.map(({ message }) => message).join("\n"), says);
      assert.ok(found.every(({ message }) => /Fix: \S/.test(message)));
      assert.equal(found[0]?.level, RULES.find(({ name }) => name === policy)?.enforcementLevel);
    });
  }

  it("has a bad stack for every rule", () => {
    const tried = new Set(FAULTS.map(([policy]) => policy));
    assert.deepEqual(
      RULES.map(({ name }) => name).filter((name) => !tried.has(name)),
      [],
    );
  });

  it("takes a written reason for tags that move", () => {
    const excused = structuredClone(prod);
    const { inputs } = named(excused, "payments-api");
    inputs.imageTagMutability = "IMMUTABLE_WITH_EXCLUSION";
    inputs.tags = { ...(inputs.tags as object), MutableTags: "the base image is rebuilt each night" };
    assert.deepEqual(policyFindings(excused), policyFindings(prod));
  });

  it("accepts the id of a GitHub repository instead of its owner's name", () => {
    const byId = structuredClone(prod);
    document("github-payments-release", "assumeRolePolicy", ([statement]) => {
      statement.Condition = {
        StringEquals: {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
          "token.actions.githubusercontent.com:repository_id": "456",
        },
        StringLike: { "token.actions.githubusercontent.com:sub": ["repo:*:ref:refs/tags/v*"] },
      };
    })(byId);
    assert.deepEqual(policyFindings(byId), policyFindings(prod));
  });

  it("says nothing of what a preview cannot know", async () => {
    const unknown = structuredClone(prod);
    for (const name of ["audit-bucket-policy", "payments-ledger-policy", "findings-topic-policy"]) {
      named(unknown, name).inputs.policy = "<unknown>";
    }
    assert.deepEqual(await both(unknown), sorted(policyFindings(prod)));
  });

  describe("with a config", () => {
    it("changes levels and what a rule wants, as Pulumi's server does", async () => {
      const bad = structuredClone(prod);
      set("payments-api", { imageTagMutability: "MUTABLE" })(bad);
      named(bad, "payments-api").protect = false;
      await server.configure({
        "immutable-tags": { level: "ADVISORY" },
        "endpoint-policy-limited": { level: "DISABLED" },
        "production-protected": { level: "MANDATORY", properties: { environments: ["live"] } },
        "owner-tags": { level: "MANDATORY", properties: { required: ["Division", "DataClass"] } },
      });
      const served = sorted(await server.findings(bad));
      await server.configure({});
      const found = policyFindings(bad, {
        "immutable-tags": "advisory",
        "endpoint-policy-limited": "disabled",
        "production-protected": { environments: ["live"] },
        "owner-tags": { enforcementLevel: "mandatory", required: ["Division", "DataClass"] },
      });
      assert.deepEqual(served, sorted(found));
      assert.ok(found.some(({ policy, level }) => policy === "immutable-tags" && level === "advisory"));
      assert.ok(found.some(({ message }) => message.includes("lacks the tags DataClass.")));
      assert.ok(!found.some(({ policy }) => policy === "production-protected"));
      assert.ok(!found.some(({ policy }) => policy === "endpoint-policy-limited"));
    });

    it("refuses a file that names no policy of the pack, or is none", () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), "policy-config-"));
      const file = path.join(folder, "config.json");
      for (const [text, says] of [
        [
          '{"imutable-tags": "advisory"}',
          /there is no policy imutable-tags\. Fix: name one of immutable-tags,/,
        ],
        ['{"immutable-tags": "loud"}', /Invalid/],
        ["{", /is no policy config/],
      ] as const) {
        fs.writeFileSync(file, text);
        assert.throws(() => readPolicyConfig(file), says);
      }
      fs.writeFileSync(file, '{"all": "advisory", "immutable-tags": {"enforcementLevel": "disabled"}}');
      assert.ok(policyFindings(prod, readPolicyConfig(file)).every(({ level }) => level === "advisory"));
      fs.rmSync(folder, { recursive: true });
    });
  });
});
