import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { policyFindings } from "../../plan/policies";
import { runProgram, type ProgramRun } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { EngineProject, nameOf, PROD, STACKS } from "./engine";
import { LIFECYCLE, REPOSITORY, teamsOf } from "./small-stack";

for (const [stack, account, change] of STACKS) {
  describe(`the ${stack} stack on the real engine`, () => {
    let project: EngineProject;
    before(async () => {
      project = await EngineProject.of(stack, account, change);
    });
    after(() => {
      project.close();
    });

    it("previews exactly what the offline plan lists", async () => {
      const plan = await runProgram(project.folder, readStackConfig(project.folder, stack));
      const { steps } = project.preview();
      const previewed = steps.map(({ urn }) => urn).filter((urn) => !urn.includes("pulumi:pulumi:Stack::"));
      assert.deepEqual(
        previewed.filter((urn) => !urn.includes("pulumi:providers:")).sort(),
        plan.resources.map(({ urn }) => urn).sort(),
      );
    });

    it("is held to the policy pack, with the offline plan's findings", async () => {
      const plan = (bad: ProgramRun) =>
        policyFindings(bad)
          .map(({ policy, urn }) => `advisory ${policy} ${nameOf(urn ?? `::ecr-platform-${stack}`)}`)
          .sort();
      const good = project.policyFindings();
      assert.equal(good.status, 0);
      assert.deepEqual(
        good.findings,
        plan(await runProgram(project.folder, readStackConfig(project.folder, stack))),
      );

      const before = fs.readFileSync(path.join(project.folder, `Pulumi.${stack}.yaml`));
      project.edit((config) => {
        config["ecr-platform:repositories"].encryption = "AES256";
        config["ecr-platform:repositories"].imageTags = { mutable: ["latest"] };
        config["ecr-platform:costs"] = {};
        config["ecr-platform:scanning"] = { type: "basic", onPush: ["payments-*", "data-*"] };
      });
      const bad = await runProgram(project.folder, readStackConfig(project.folder, stack));
      const { status, findings } = project.policyFindings();
      assert.notEqual(status, 0, "a mandatory policy stops the preview");
      assert.ok(findings.includes("mandatory immutable-tags payments-api"));
      // Rules on the stack run only where no mandatory rule on a resource is broken.
      const lenient = path.join(project.folder, "lenient.json");
      fs.writeFileSync(lenient, '{"all": "advisory"}');
      const all = project.policyFindings("--policy-pack-config", lenient);
      assert.equal(all.status, 0);
      assert.deepEqual(all.findings, plan(bad));
      for (const policy of ["repository-customer-key", "registry-scanning"]) {
        assert.ok(
          all.findings.some((finding) => finding.includes(policy)),
          policy,
        );
      }
      fs.writeFileSync(path.join(project.folder, `Pulumi.${stack}.yaml`), before);
    });

    it("comes up whole, and a second update changes nothing", async () => {
      const calls = project.up();
      const plan = await runProgram(project.folder, readStackConfig(project.folder, stack));
      assert.equal(calls.length, plan.resources.filter(({ custom }) => custom).length);
      assert.ok(calls.every(({ operation }) => operation === "create"));
      project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack);
    });

    it("is driven by the Automation API too, with the plan's counts", async () => {
      const automation = await project.automation();
      const plan = await runProgram(project.folder, readStackConfig(project.folder, stack));
      const { changeSummary } = await automation.preview();
      // The stack itself counts as a resource.
      assert.deepEqual(changeSummary, { same: plan.resources.length + 1 });
      const { summary } = await automation.up({ expectNoChanges: true });
      assert.equal(summary.result, "succeeded");
    });

    it("exports what other stacks build on", () => {
      const outputs = project.outputs();
      const { name, arn, url } = outputs.repositories["payments/api"];
      const made = Object.values(project.world().resources).find(
        (one) => one.type === REPOSITORY && one.outs.name === name,
      );
      assert.deepEqual([made?.outs.arn, made?.outs.repositoryUrl], [arn, url], "as AWS itself gives them");
      assert.match(outputs.trailArn, new RegExp(`^arn:aws:cloudtrail:eu-west-1:${account}:trail/`));
      assert.match(outputs.endpointIds["ecr.api"], /^vpcendpoint-/);
    });

    it("does not care in which order teams are listed", () => {
      project.edit((config) => teamsOf(config).reverse());
      project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack);
    });

    it("touches a new team's own resources only", () => {
      project.edit((config) => {
        teamsOf(config).unshift({
          name: "checkout",
          contact: "c@acme.example",
          services: [{ name: "cart" }],
        });
      });
      const { changes } = project.preview();
      assert.deepEqual(
        changes.map(({ op, urn }) => `${op} ${nameOf(urn)}`).sort(),
        [
          "create checkout",
          "create checkout-cart",
          "create checkout-cart-lifecycle",
          ...(stack === "prod" ? ["create checkout-cart-policy"] : []),
          "create operations-storage-checkout",
          // It shows every team; the functions find a new one by its tags.
          "update operations-dashboard",
        ].sort(),
      );
      project.up();
    });

    it("puts an edited lifecycle policy without ever deleting one", () => {
      project.edit((config) => {
        config["ecr-platform:repositories"].lifecycle.rules[0].keep = 9;
      });
      const calls = project.up().filter(({ type }) => type === LIFECYCLE);
      assert.ok(calls.length >= 7);
      assert.deepEqual([...new Set(calls.map(({ operation }) => operation))], ["create"]);
    });

    it("notices what was changed outside, and puts it back", () => {
      const world = project.world();
      const changed = (name: string, input: string, value: string) => {
        Object.values(world.resources).find((one) => one.name === name)!.outs[input] = value;
      };
      changed("payments-ledger", "imageTagMutability", "MUTABLE");
      changed("audit-alerts-sensitive-call", "state", "DISABLED");
      project.world(world);
      const { status, text } = project.pulumi(
        "refresh",
        "--preview-only",
        "--expect-no-changes",
        "--stack",
        stack,
      );
      assert.notEqual(status, 0);
      assert.match(text, /payments-ledger/);
      assert.match(text, /audit-alerts-sensitive-call/);
      // By which .github/scripts/drift.sh tells drift from a failure.
      assert.match(text, /no changes were expected (for [a-z ]+ )?but changes were proposed/);
      project.must("refresh", "--yes", "--skip-preview", "--stack", stack);
      const calls = project.up();
      assert.deepEqual(calls.map(({ operation, name }) => `${operation} ${name}`).sort(), [
        "update audit-alerts-sensitive-call",
        "update payments-ledger",
      ]);
    });

    it("switches scanning to the other type and back, and never switches Inspector off", () => {
      const { type } =
        project.world().resources[scanningId()]!.outs.scanType === "BASIC"
          ? { type: "enhanced" }
          : { type: "basic" };
      const back = type === "basic" ? "enhanced" : "basic";
      for (const next of [type, back]) {
        project.edit((config) => {
          config["ecr-platform:scanning"] = { type: next };
        });
        const calls = project.up();
        assert.equal(project.world().resources[scanningId()]!.outs.scanType, next.toUpperCase());
        assert.ok(
          !calls.some(
            ({ operation, type: of }) => operation === "delete" && /inspector2|registryScanning/.test(of),
          ),
        );
      }
    });

    function scanningId(): string {
      return Object.entries(project.world().resources).find(([, one]) =>
        one.type.endsWith(":RegistryScanningConfiguration"),
      )![0];
    }
  });
}

describe("production on the real engine", () => {
  let project: EngineProject;
  before(async () => {
    project = await EngineProject.of("prod", PROD);
    project.up();
  });
  after(() => {
    project.close();
  });

  it("withdraws a share in AWS too", () => {
    project.edit((config) => {
      config["ecr-platform:repositories"].sharing.accounts = [];
    });
    const calls = project.up();
    assert.ok(
      calls.some(({ operation, name }) => operation === "delete" && name === "payments-ledger-policy"),
    );
  });

  it("refuses subnets of one zone in the preview", () => {
    const subnets = ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712", "subnet-1a1b2c3d4e5f60711"];
    const keep = project.world();
    let before: string[] = [];
    project.edit((config) => {
      before = config["ecr-platform:network"].vpc.subnetIds;
      config["ecr-platform:network"].vpc.subnetIds = subnets;
    });
    const { status, text } = project.pulumi("preview", "--stack", "prod");
    assert.notEqual(status, 0);
    assert.match(text, /share the zone euw1-az1/);
    assert.deepEqual(project.world(), keep);
    project.edit((config) => {
      config["ecr-platform:network"].vpc.subnetIds = before;
    });
  });

  it("reports every problem of a bad config and declares nothing", () => {
    const keep = project.world();
    project.edit((config) => {
      teamsOf(config)[0].name = "Payments";
    });
    const { status, text } = project.pulumi("up", "--yes", "--skip-preview", "--stack", "prod");
    assert.notEqual(status, 0);
    assert.match(text, /Pulumi\.prod\.yaml has 1 problem; nothing was declared/);
    assert.deepEqual(project.world(), keep);
    project.edit((config) => {
      teamsOf(config)[0].name = "payments";
    });
  });

  it("refuses to lose a repository, and says why", () => {
    project.edit((config) => teamsOf(config).pop());
    const { status, text } = project.pulumi("up", "--yes", "--skip-preview", "--stack", "prod");
    assert.notEqual(status, 0);
    assert.match(text, /data-notebook.* cannot be deleted\s+because it is protected/s);
    assert.ok(Object.values(project.world().resources).some(({ name }) => name === "data-notebook"));
  });

  it("keeps on destroy what holds data", () => {
    const { status } = project.pulumi("destroy", "--yes", "--skip-preview", "--stack", "prod");
    assert.notEqual(status, 0);
    const left = new Set(Object.values(project.world().resources).map(({ type }) => type));
    for (const type of [
      REPOSITORY,
      "aws:kms/key:Key",
      "aws:s3/bucket:Bucket",
      "aws:cloudtrail/trail:Trail",
    ]) {
      assert.ok(left.has(type), type);
    }
    // What the trail delivers to, and by.
    const names = Object.values(project.world().resources).map(({ name }) => name);
    for (const name of ["audit-logs", "audit-logs-role", "audit-logs-role-policy"]) {
      assert.ok(names.includes(name), name);
    }
  });
});
