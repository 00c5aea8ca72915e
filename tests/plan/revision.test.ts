import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { copyOfProject, ROOT } from "../support/project";

describe("a plan against a revision", function () {
  this.timeout(120_000);
  const folders: string[] = [];
  const projectCopy = () => {
    const folder = copyOfProject();
    folders.push(folder);
    return folder;
  };
  after(() => {
    for (const folder of folders) {
      fs.rmSync(folder, { recursive: true });
    }
  });

  const git = (folder: string, ...args: string[]) => {
    const identity = ["-c", "user.name=test", "-c", "user.email=test@test.invalid"];
    execFileSync("git", [...identity, ...args], { cwd: folder, stdio: "ignore" });
  };
  const plan = (folder: string, args: string[], PATH = process.env.PATH) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [path.join(folder, "cli/ecr-platform.js"), "plan", "--against", ...args],
      { cwd: folder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1", PATH } },
    );
    return { status, stdout, stderr };
  };

  it("never gives git an option instead of a revision", () => {
    const folder = projectCopy();
    assert.match(
      plan(folder, ["--all"]).stderr,
      /^--against --all: --all is an option, not a revision\nfix: .*--against origin\/main\n$/,
    );
    assert.match(plan(folder, [""]).stderr, /^--against is empty\nfix: /);
  });

  it("says what to do without git, and without its revisions", () => {
    const folder = projectCopy();
    assert.match(plan(folder, ["HEAD"], folder).stderr, /^git is not installed.*\nfix: install git/);
    fs.rmSync(path.join(folder, ".git"), { recursive: true });
    assert.match(plan(folder, ["HEAD"]).stderr, /^git does not read .*not a git repository.*\nfix: .*clone/);
  });

  it("tells a clone that is shallow from a revision that there is not", () => {
    const folder = projectCopy();
    assert.match(
      plan(folder, ["HEAD~1"]).stderr,
      /^git knows no revision HEAD~1\nfix: name a commit, branch or tag/,
    );
    git(folder, "commit", "-q", "--allow-empty", "-m", "another");
    const clone = `${folder}-clone`;
    folders.push(clone);
    git(folder, "clone", "-q", "--depth", "1", `file://${folder}`, clone);
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(clone, "node_modules"));
    assert.match(
      plan(clone, ["HEAD~1"]).stderr,
      /^git knows no revision HEAD~1: this clone is shallow.*\nfix: .*git fetch --unshallow.*fetch-depth: 0/,
    );
  });

  it("says where a project was that has moved, and reads it there", () => {
    const folder = projectCopy();
    const moved = path.join(folder, "registry");
    fs.mkdirSync(moved);
    const files = fs.readdirSync(folder).filter((name) => !["registry", ".git", ".gitignore"].includes(name));
    for (const name of files) {
      fs.renameSync(path.join(folder, name), path.join(moved, name));
    }
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", "moved");
    assert.match(
      plan(moved, ["HEAD~1"]).stderr,
      /^HEAD~1 has no project in registry, but in \.\nfix: .*--against HEAD~1:\n$/,
    );
    for (const revision of ["HEAD", "HEAD~1:"]) {
      const { stdout, stderr } = plan(moved, [revision]);
      assert.match(stdout, new RegExp(`^Against ${revision}: 0 added, 0 changed, 0 removed`, "m"), stderr);
    }
    fs.mkdirSync(path.join(folder, "platform"));
    fs.renameSync(moved, path.join(folder, "platform/ecr"));
    const { stderr } = plan(path.join(folder, "platform/ecr"), ["HEAD"]);
    assert.match(stderr, /^HEAD has no project in platform\/ecr, but in registry\nfix: .*HEAD:registry\n$/);
  });

  it("says what the program changes by itself, with the config as it was", () => {
    const folder = projectCopy();
    const file = path.join(folder, "documents/github-role.ts");
    fs.writeFileSync(
      file,
      fs.readFileSync(file, "utf8").replace('"ecr:DescribeImages"', '"ecr:BatchDeleteImage"'),
    );
    const { status, stdout, stderr } = plan(folder, ["HEAD", "--exit-code"]);
    assert.equal(status, 4, stderr);
    assert.match(
      stdout,
      /\nRisks: 1\n {2}access: dev: by the program, not by the config: github-payments-ci-push and github-storefront-ci-push \(aws\.iam\.RolePolicy\) changed\n$/,
    );
  });
});
