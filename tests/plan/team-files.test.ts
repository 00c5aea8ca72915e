import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { spawnSync } from "node:child_process";
import { stringify } from "yaml";
import { copyOfProject, editStack, ROOT } from "../support/project";

describe("team files in the plan", function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => {
    folder = copyOfProject();
    fs.mkdirSync(path.join(folder, "teams"));
    editStack(folder, "dev", (config) => {
      for (const team of config["ecr-platform:teams"] as { name: string }[]) {
        fs.writeFileSync(path.join(folder, "teams", `${team.name}.yaml`), stringify(team));
      }
      delete config["ecr-platform:teams"];
      config["ecr-platform:teamsFrom"] = "teams/*.yaml";
    });
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [path.join(folder, "cli/ecr-platform.js"), ...args], {
      // From anywhere: the files are found from the project's folder.
      cwd: ROOT,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
  const git = (...args: string[]) =>
    spawnSync("git", ["-c", "user.name=test", "-c", "user.email=test@test.invalid", ...args], {
      cwd: folder,
    });

  it("declare what the teams in the stack's file did", () => {
    const { status, stdout, stderr } = run("plan", "--stack", "dev", "--against", "HEAD", "--exit-code");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^Against HEAD: no changes|0 added, 0 changed, 0 removed/m);
  });

  it("are read through symbolic links", () => {
    fs.mkdirSync(path.join(folder, "elsewhere"));
    fs.renameSync(path.join(folder, "teams/data.yaml"), path.join(folder, "elsewhere/data.yaml"));
    fs.symlinkSync("../elsewhere/data.yaml", path.join(folder, "teams/data.yaml"));
    const { status, stderr } = run("plan", "--stack", "dev", "--against", "HEAD", "--exit-code");
    assert.equal(status, 0, stderr);
  });

  it("are compared with those of the other revision", () => {
    git("add", "-A");
    git("commit", "-qm", "team files");
    fs.appendFileSync(path.join(folder, "teams/data.yaml"), "monthlyBudget: 70\n");
    const { stdout } = run("plan", "--stack", "dev", "--against", "HEAD");
    assert.match(stdout, /\+ aws\.budgets\.Budget \S*data/);
    assert.match(stdout, /: 1 added, /);
  });

  it("are compared by validate with the environments of all stacks", () => {
    fs.appendFileSync(path.join(folder, "teams/data.yaml"), "environments: { prd: { monthlyBudget: 70 } }\n");
    const warning =
      /teams\/data\.yaml: environments\.prd = "prd"\n {4}rule: it has no effect: .*\n {4}fix: {2}did you mean prod\?/;
    for (const stacks of [[], ["--stack", "dev"]]) {
      const { status, stdout } = run("validate", ...stacks);
      assert.equal(status, 0);
      assert.match(stdout, warning);
    }
    assert.doesNotMatch(run("validate", "--stack", "prod").stdout, warning);
  });

  it("are refused by plan and validate with the file and the key", () => {
    fs.appendFileSync(path.join(folder, "teams/data.yaml"), "storageAlarms: 70\n");
    for (const command of ["plan", "validate"]) {
      const { status, stdout, stderr } = run(command, "--stack", "dev");
      assert.equal(status, 1);
      assert.match(`${stdout}${stderr}`, /teams\/data\.yaml: storageAlarms = 70\n {4}rule: unknown key/);
    }
  });
});

describe("a stack whose config is too large for Pulumi", function () {
  this.timeout(60_000);

  it("is refused by plan and validate", () => {
    const folder = copyOfProject();
    editStack(folder, "dev", (config) => {
      const [team] = config["ecr-platform:teams"] as { name: string }[];
      config["ecr-platform:teams"] = Array.from({ length: 400 }, (_, i) => ({
        ...structuredClone(team),
        name: `team-${i}`,
      }));
    });
    for (const command of ["plan", "validate"]) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [path.join(folder, "cli/ecr-platform.js"), command, "--stack", "dev"],
        { cwd: folder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
      );
      assert.equal(status, 1);
      assert.match(
        `${stdout}${stderr}`,
        /teams = "[\d,]+ bytes"\n.*at most 131,057 to a program.*\n.*team-files\.md/,
      );
    }
    fs.rmSync(folder, { recursive: true });
  });
});
