import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { policyFindings, readPolicyConfig, type PolicyFinding } from "../../plan/policies";
import { runProgram, type ProgramRun } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { RULES } from "../../policies/rules";
import { TAGGED } from "../../policies/rules/resource-types";
import { ROOT } from "../support/project";
import { PolicyServer } from "./server";
import { named, set, document } from "./changes";
import { FAULTS } from "./faults";

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
      "docs/policies.md lists each rule with its level, severity and description",
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
      "add a bad stack to FAULTS in tests/policies/faults.ts",
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
          /there is no policy imutable-tags\nfix: name one of immutable-tags,/,
        ],
        ['{"immutable-tags": "loud"}', /Invalid/],
        ["{", /is not a policy config/],
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
