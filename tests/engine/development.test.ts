import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { editStack } from "../support/project";
import type { PlanReport } from "../../plan/report";
import { runProgram } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { DEV, EngineProject } from "./engine";
import { madeIn, REPOSITORY, smallTeams, teamsOf, wholeOf } from "./small-stack";

describe("development on the real engine", () => {
  let project: EngineProject;
  beforeEach(async () => {
    project = await EngineProject.of("dev", DEV, smallTeams);
  });
  afterEach(() => {
    project.close();
  });

  const whole = () => wholeOf(project);
  const made = () => madeIn(project);

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
      ["cli/ecr-platform.js", "import", "--from", "described.json", "--yes"],
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
