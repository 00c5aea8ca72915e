import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { runProgram } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { DEV, EngineProject, withoutAwsx } from "./engine";
import { madeIn } from "./small-stack";
import type { WorldCall } from "./world";

const team = (name: string, service: string) => ({
  name,
  contact: `${name}@acme.example`,
  services: [{ name: service }],
  githubRoles: [{ name: "ci", repository: `acme/${name}`, branches: ["main"] }],
});

describe("stacks with team files, on the real engine", () => {
  let project: EngineProject;
  const write = (file: string, content: object) => {
    fs.mkdirSync(path.join(project.folder, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(project.folder, file), stringify(content));
  };
  before(async () => {
    project = await EngineProject.of("dev", DEV, (config) => {
      withoutAwsx(config);
      delete config["ecr-platform:teams"];
      config["ecr-platform:teamsFrom"] = "teams/a/*.yaml";
      // What holds data is protected, as in production.
      config["ecr-platform:production"] = "yes";
      config["ecr-platform:repositories"].forceDelete = false;
      config["ecr-platform:operations"].cleanUp = { mode: "dry-run" };
    });
    write("teams/a/payments.yaml", team("payments", "api"));
    write("teams/a/data.yaml", { ...team("data", "etl"), environments: { dev: { monthlyBudget: 7 } } });
  });
  after(() => {
    project.close();
  });

  const repositories = () =>
    Object.entries(project.world().resources)
      .filter(([, { type }]) => type === "aws:ecr/repository:Repository")
      .map(([id]) => id)
      .sort();

  it("preview what the offline plan lists, and are up after one update", async () => {
    const plan = await runProgram(project.folder, readStackConfig(project.folder, "dev"));
    const { steps } = project.preview();
    assert.deepEqual(
      steps
        .map(({ urn }) => urn)
        .filter((urn) => !/pulumi:(pulumi:Stack|providers:)/.test(urn))
        .sort(),
      plan.resources.map(({ urn }) => urn).sort(),
    );
    project.up();
    assert.equal(repositories().length, 2);
    assert.ok(
      madeIn(project).some((one) => /budgets\/budget:Budget .*data/.test(one)),
      madeIn(project).join(),
    );
    assert.deepEqual(project.up(), []);
  });

  it("are shards of one environment, between which a team moves and keeps its repositories", () => {
    const { repositoryKeyArn, alertTopicArn } = project.outputs();
    project.addStack("dev-b", (config) => {
      config["ecr-platform:environment"] = "dev";
      config["ecr-platform:teamsFrom"] = "teams/b/*.yaml";
      config["ecr-platform:repositories"].encryption = repositoryKeyArn;
      config["ecr-platform:scanning"] = { type: "basic", manage: false };
      config["ecr-platform:registry"] = { manage: false, githubOidcProvider: "existing" };
      config["ecr-platform:findings"] = { manage: false, topicArn: alertTopicArn };
      config["ecr-platform:network"] = { manage: false };
      config["ecr-platform:audit"] = { manage: false, alerts: false };
      config["ecr-platform:costs"] = { manage: false };
      config["ecr-platform:operations"] = { manage: false };
    });
    write("teams/b/web.yaml", team("web", "shop"));
    project.must("up", "--yes", "--skip-preview", "--stack", "dev-b");
    const before = repositories();
    assert.equal(before.length, 3);
    const { status, stdout } = spawnSync(
      process.execPath,
      [path.join(project.folder, "cli/ecr-platform.js"), "validate", "--stack", "dev", "dev-b"],
      { cwd: project.folder, encoding: "utf8" },
    );
    assert.equal(status, 0, stdout);

    fs.renameSync(
      path.join(project.folder, "teams/a/payments.yaml"),
      path.join(project.folder, "teams/b/payments.yaml"),
    );
    project.must(
      ...["state", "move", "--yes", "--source", "dev", "--dest", "dev-b"],
      "urn:pulumi:dev::ecr-platform::ecr-platform:index:TeamRepositories::payments",
    );
    const upB = () => {
      const calls = project.world().calls.length;
      project.must("up", "--yes", "--skip-preview", "--stack", "dev-b");
      return project.world().calls.slice(calls);
    };
    const inWords = (calls: WorldCall[]) => calls.map(({ operation, name }) => `${operation} ${name}`).sort();
    // The role has its name back after the second update: the first one removes it.
    assert.deepEqual(inWords(project.up()), [
      "delete github-payments-ci",
      "delete github-payments-ci-push",
      "delete operations-storage-payments",
      "update operations-dashboard",
    ]);
    assert.deepEqual(inWords(upB()), ["create github-payments-ci", "create github-payments-ci-push"]);
    assert.deepEqual(repositories(), before);
    assert.deepEqual([project.up(), upB()], [[], []]);
    const exported = JSON.parse(project.must("stack", "export", "--stack", "dev-b")) as {
      deployment: { resources: { urn: string; protect?: boolean }[] };
    };
    const moved = exported.deployment.resources.find(({ urn }) => urn.endsWith("::payments-api"));
    assert.equal(moved?.protect, true);
  });
});
