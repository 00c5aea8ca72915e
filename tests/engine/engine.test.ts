import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { editStack } from "../support/project";
import { policyFindings } from "../../plan/policies";
import type { PlanReport } from "../../plan/report";
import { runProgram, type ProgramRun } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { DEV, EngineProject, nameOf, PROD, STACKS, withoutAwsx } from "./engine";

const LIFECYCLE = "aws:ecr/lifecyclePolicy:LifecyclePolicy";
const REPOSITORY = "aws:ecr/repository:Repository";

const teamsOf = (config: Record<string, any>) => config["ecr-platform:teams"] as any[];

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

describe("development on the real engine", () => {
  const SMALL = (config: Record<string, any>) => {
    withoutAwsx(config);
    config["ecr-platform:teams"] = [
      { name: "payments", contact: "p@acme.example", services: [{ name: "api" }, { name: "ledger" }] },
      { name: "data", contact: "d@acme.example", services: [{ name: "etl" }] },
    ];
  };
  let project: EngineProject;
  beforeEach(async () => {
    project = await EngineProject.of("dev", DEV, SMALL);
  });
  afterEach(() => {
    project.close();
  });

  it("deletes a removed team's resources, and nobody else's", () => {
    project.up();
    project.edit((config) => teamsOf(config).pop());
    const calls = project.up();
    assert.deepEqual(calls.map(({ operation, name }) => `${operation} ${name}`).sort(), [
      "delete data-etl",
      "delete operations-storage-data",
      "update operations-dashboard",
    ]);
  });

  it("leaves Inspector on in an account that is no longer listed as a member", () => {
    const members = (...memberAccounts: string[]) => {
      project.edit((config) => {
        config["ecr-platform:scanning"] = { inspector: { memberAccounts } };
      });
      return project.up();
    };
    const enabled = () =>
      Object.values(project.world().resources)
        .filter(({ type }) => type === "aws:inspector2/enabler:Enabler")
        .flatMap(({ outs }) => outs.accountIds as string[]);
    members("222233334444", "333344445555");
    const calls = members("333344445555");
    assert.deepEqual(
      calls.filter(({ type }) => type.includes("inspector2")),
      [],
    );
    assert.deepEqual(enabled().sort(), [DEV, "222233334444", "333344445555"]);
  });

  it("does not delete a repository with images unless asked to", () => {
    project.edit((config) => {
      config["ecr-platform:repositories"].forceDelete = false;
    });
    project.up();
    project.world({ ...project.world(), images: { "data-etl-dev": 3 } });
    project.edit((config) => teamsOf(config).pop());
    const { status, text } = project.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
    assert.notEqual(status, 0);
    assert.match(text, /RepositoryNotEmptyException/);
  });

  it("leaves on destroy only the account's singletons and lifecycle policies", () => {
    project.up();
    project.must("destroy", "--yes", "--skip-preview", "--stack", "dev");
    const left = Object.values(project.world().resources).map(({ type }) => type.split(":").at(-1));
    assert.deepEqual([...new Set(left)].sort(), [
      "AccountSetting",
      "LifecyclePolicy",
      "RegistryScanningConfiguration",
    ]);
  });

  /** What the stack has once it is whole. */
  async function whole(): Promise<string[]> {
    return (await runProgram(project.folder, readStackConfig(project.folder, "dev"))).resources
      .filter(({ custom }) => custom)
      .map(({ type, name }) => `${type} ${name}`)
      .sort();
  }
  const made = () =>
    Object.values(project.world().resources)
      .map(({ type, name }) => `${type} ${name}`)
      .sort();

  it("reaches the same end after a failure at each of many calls, with nothing made twice", async () => {
    const expected = await whole();
    for (const at of [1, 2, 4, 7, 11, 17]) {
      project.world({ ...project.world(), fault: { operation: "create", at, how: "fail" } });
      const { status, text } = project.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
      assert.notEqual(status, 0, text);
      assert.match(text, /ThrottlingException/);
    }
    project.up();
    assert.deepEqual(made(), expected);
    project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev");
    // Not only creates fail.
    project.edit((config) => {
      config["ecr-platform:tags"] = { Division: "other" };
      teamsOf(config).pop();
    });
    for (const operation of ["update", "update", "delete"] as const) {
      project.world({ ...project.world(), fault: { operation, at: 1, how: "fail" } });
      assert.notEqual(project.pulumi("up", "--yes", "--skip-preview", "--stack", "dev").status, 0);
    }
    project.up();
    // Its lifecycle policy goes with the repository in AWS; the stand-in keeps what Pulumi retains.
    assert.deepEqual(made(), [...(await whole()), `${LIFECYCLE} data-etl-lifecycle`].sort());
    project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev");
  });

  it("reaches the same end after being killed in each of many calls, with nothing made twice", async () => {
    const expected = await whole();
    for (const at of [1, 5, 12, 20]) {
      await project.interruptUp(
        { operation: "create", at, how: "hang-before" },
        "SIGKILL",
        "--parallel",
        "1",
      );
      project.must("cancel", "--yes", "dev");
    }
    project.must("refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", "dev");
    project.up();
    assert.deepEqual(made(), expected);
    project.edit((config) => {
      config["ecr-platform:tags"] = { Division: "other" };
      teamsOf(config).pop();
    });
    for (const operation of ["update", "delete"] as const) {
      await project.interruptUp({ operation, at: 1, how: "hang-before" }, "SIGKILL", "--parallel", "1");
      project.must("cancel", "--yes", "dev");
    }
    project.up();
    assert.deepEqual(made(), [...(await whole()), `${LIFECYCLE} data-etl-lifecycle`].sort());
    project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev");
  });

  it("takes in what AWS made although the process was killed before it heard of it", async () => {
    await project.interruptUp({ operation: "create", type: REPOSITORY, at: 1, how: "hang-after" }, "SIGKILL");
    project.must("cancel", "--yes", "dev");
    const { name } = project.world().calls.find(({ type }) => type === REPOSITORY)!;
    const { status, text } = project.pulumi("up", "--yes", "--skip-preview", "--stack", "dev");
    assert.notEqual(status, 0, "AWS has the repository, and Pulumi does not know");
    assert.match(text, /RepositoryAlreadyExistsException/);
    // The commands of docs/deploying.md: what Pulumi would create, cut down to what AWS has.
    project.must("preview", "--stack", "dev", "--import-file", "import.json");
    const file = path.join(project.folder, "import.json");
    const { resources, ...rest } = JSON.parse(fs.readFileSync(file, "utf8")) as {
      resources: { name: string; type: string; id?: string }[];
    };
    const orphan = resources.find((one) => one.name === name && one.type === REPOSITORY)!;
    fs.writeFileSync(file, JSON.stringify({ ...rest, resources: [{ ...orphan, id: `${name}-dev` }] }));
    project.must(
      ...["import", "--yes", "--skip-preview", "--stack", "dev", "--file", "import.json"],
      ...["--generate-code=false", "--protect=false"],
    );
    project.up();
    assert.deepEqual(made(), await whole());
    assert.equal(
      project.world().calls.filter((call) => call.operation === "create" && call.name === name).length,
      1,
    );
  });

  it("stops cleanly when it is cancelled, and goes on from there", async () => {
    const status = await project.interruptUp({ operation: "create", at: 6, how: "slow" }, "SIGINT");
    assert.notEqual(status, 0);
    const stopped = made();
    assert.ok(stopped.length >= 6 && stopped.length < (await whole()).length);
    project.up();
    assert.deepEqual(made(), await whole());
    const creates = project.world().calls.map(({ type, name }) => `${type} ${name}`);
    assert.equal(new Set(creates).size, creates.length, "nothing was made twice");
  });

  it("touches a renamed team's own resources only", () => {
    project.up();
    project.edit((config) => {
      teamsOf(config)[1].name = "analytics";
    });
    assert.deepEqual(
      project
        .up()
        .map(({ operation, name }) => `${operation} ${name}`)
        .sort(),
      [
        "create analytics-etl",
        "create analytics-etl-lifecycle",
        "create operations-storage-analytics",
        "delete data-etl",
        "delete operations-storage-data",
        "update operations-dashboard",
      ],
    );
  });

  it("takes an alias in the program for a rename, as the offline plan does", async () => {
    project.up();
    const before = await runProgram(project.folder, readStackConfig(project.folder, "dev"));
    const component = path.join(project.folder, "components/parts/encryption-key.ts");
    const source = fs.readFileSync(component, "utf8");
    const renamed = source.replace(
      /`\$\{name\}-alias`,([^]*?)\{ parent \}/,
      "`${name}-short-name`,$1{ parent, aliases: [{ name: `${name}-alias` }] }",
    );
    assert.notEqual(renamed, source);
    fs.writeFileSync(component, renamed);
    const world = project.world();
    assert.deepEqual(project.up(), []);
    assert.deepEqual(project.world().resources, world.resources);
    const plan = spawnSync(
      process.execPath,
      ["cli/ecr-platform.js", "plan", "--stack", "dev", "--against", "HEAD", "--json"],
      { cwd: project.folder, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
    );
    const { diff } = (JSON.parse(plan.stdout) as PlanReport).against!;
    const aliases = before.resources.filter(({ type }) => type === "aws:kms/alias:Alias");
    assert.ok(aliases.length > 1);
    assert.deepEqual(
      diff.changed.flatMap(({ renamedFrom }) => renamedFrom ?? []).sort(),
      aliases.map(({ name }) => name).sort(),
    );
  });

  it("takes in repositories that exist, by the import command's files, and replaces none", async () => {
    project.edit((config) => {
      config["ecr-platform:repositories"].encryption = "AES256";
    });
    const existing = ["payments-api-dev", "payments-refunds-dev", "checkout-cart-dev"];
    const world = project.world();
    for (const name of existing) {
      const inputs = {
        name,
        imageTagMutability: "MUTABLE",
        encryptionConfigurations: [{ encryptionType: "AES256" }],
      };
      world.resources[`${REPOSITORY}|${name}`] = {
        type: REPOSITORY,
        name: "(made by hand)",
        outs: {
          ...inputs,
          arn: `arn:aws:ecr:eu-west-1:${DEV}:repository/${name}`,
          __given: Object.keys(inputs),
        },
      };
    }
    project.world(world);
    const answer = existing.map((repositoryName) => ({ repositoryName, imageTagMutability: "MUTABLE" }));
    fs.writeFileSync(path.join(project.folder, "described.json"), JSON.stringify({ repositories: answer }));
    const command = spawnSync(
      process.execPath,
      ["cli/ecr-platform.js", "import", "--from", "described.json"],
      { cwd: project.folder, encoding: "utf8" },
    );
    assert.equal(command.status, 0, command.stderr);
    // What the command says to run.
    const next = /pulumi (import .*)/.exec(command.stdout)![1]!;
    project.must(...next.split(" "), "--yes", "--skip-preview");
    const calls = project.up().filter(({ type }) => type === REPOSITORY);
    assert.deepEqual(calls.map(({ operation, name }) => `${operation} ${name}`).sort(), [
      "create data-etl",
      "create payments-ledger",
      "update checkout-cart",
      "update payments-api",
      "update payments-refunds",
    ]);
    assert.deepEqual(made(), await whole());
    project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", "dev");
  });

  it("gives a cache prefix another upstream, deleting the old rule before it creates the new one", () => {
    const cache = (upstream: string) => (config: Record<string, any>) => {
      config["ecr-platform:registry"] = { pullThroughCache: [{ prefix: "mirror", upstream }] };
    };
    project.edit(cache("quay"));
    project.up();
    project.edit(cache("kubernetes"));
    assert.deepEqual(
      project.up().map(({ operation, name }) => `${operation} ${name}`),
      ["delete registry-cache-mirror", "create registry-cache-mirror"],
    );
  });

  it("moves the endpoints to another VPC, deleting the security group after what uses it", () => {
    project.up();
    project.edit((config) => {
      config["ecr-platform:network"].vpc = {
        id: "vpc-0a1b2c3d4e5f60799",
        subnetIds: ["subnet-0a1b2c3d4e5f60731", "subnet-0a1b2c3d4e5f60732"],
        routeTableIds: ["rtb-0a1b2c3d4e5f60741"],
      };
    });
    project.up();
    const places = Object.values(project.world().resources).flatMap(({ outs }) =>
      typeof outs.vpcId === "string" ? [outs.vpcId] : [],
    );
    assert.deepEqual([...new Set(places)], ["vpc-0a1b2c3d4e5f60799"]);
  });

  it("finds its VPC by tags", () => {
    project.edit((config) => {
      config["ecr-platform:network"].vpc = { tags: { Name: "main" }, subnetTags: { Tier: "private" } };
    });
    project.up();
    const endpoint = Object.values(project.world().resources).find(({ name }) => name === "network-ecr-api")!;
    assert.equal(endpoint.outs.vpcId, "vpc-0a1b2c3d4e5f60718");
    assert.deepEqual(endpoint.outs.subnetIds, ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"]);
  });

  it("hands the singletons of an account to another stack, and never loses them", () => {
    project.up();
    const own = (manage: boolean) => (config: Record<string, any>) => {
      config["ecr-platform:scanning"] = { type: "basic", manage };
      config["ecr-platform:registry"] = {
        githubOidcProvider: config["ecr-platform:registry"].githubOidcProvider,
        ...(manage ? { pullThroughCache: [{ prefix: "ecr-public", upstream: "ecr-public" }] } : { manage }),
      };
    };
    project.addStack("staging", (config) => {
      own(false)(config);
      config["ecr-platform:registry"].githubOidcProvider = "existing";
      config["ecr-platform:audit"] = { manage: false, alerts: false };
      config["ecr-platform:network"] = { manage: false };
      config["ecr-platform:costs"] = { manage: false };
      config["ecr-platform:findings"].scope = "environment";
      for (const team of teamsOf(config)) {
        team.contact = "staging@acme.example";
      }
    });
    const upStaging = () =>
      project.pulumi("up", "--yes", "--skip-preview", "--stack", "staging", "--continue-on-error");
    const first = upStaging();
    assert.equal(first.status, 0, first.text.slice(-2000));

    // Two owners: where AWS has a name for it, it refuses the second.
    editStack(project.folder, "staging", own(true));
    const second = upStaging();
    assert.notEqual(second.status, 0);
    assert.match(second.text, /TemplateAlreadyExistsException/);
    editStack(project.folder, "staging", own(false));
    project.must("up", "--yes", "--skip-preview", "--stack", "staging");

    const before = project.world().calls.length;
    project.edit(own(false));
    project.up();
    editStack(project.folder, "staging", own(true));
    const { status, text } = upStaging();
    assert.equal(status, 0, text);
    const count = (type: string) =>
      Object.values(project.world().resources).filter((one) => one.type.endsWith(`:${type}`)).length;
    for (const type of ["RegistryScanningConfiguration", "AccountSetting", "PullThroughCacheRule"]) {
      assert.equal(count(type), 1, type);
    }
    assert.ok(
      !project
        .world()
        .calls.slice(before)
        .some(
          ({ operation, type }) => operation === "delete" && /Scanning|AccountSetting|Enabler/.test(type),
        ),
    );
    for (const stack of ["dev", "staging"]) {
      project.must("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack);
    }
  });
});
