import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { text as textOf } from "node:stream/consumers";
import { parse } from "yaml";
import { copyOfProject, editStack } from "../support/project";

const NEW_TEAM = ["new-team", "--name", "checkout", "--contact", "c@acme.example", "--service", "cart"];
const NEW_SERVICE = ["new-service", "--team", "payments", "--service", "refunds"];
const NEW_ENV = ["new-env", "staging", "--account", "222233334444"];
const IMPORT = ["import", "--from", "repositories.json"];

describe("the commands that write stack files", function () {
  this.timeout(180_000);
  let folder: string;
  beforeEach(() => {
    folder = copyOfProject();
    const repositories = [{ repositoryName: "payments-refunds-dev" }];
    fs.writeFileSync(path.join(folder, "repositories.json"), JSON.stringify({ repositories }));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const program = () => path.join(folder, "cli/ecr-platform.js");
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program(), ...args], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    return { status, stdout, stderr };
  };
  const file = (stack: string) => path.join(folder, `Pulumi.${stack}.yaml`);
  const read = (stack: string) => fs.readFileSync(file(stack), "utf8");
  const config = (stack: string) => (parse(read(stack)) as { config: Record<string, any> }).config;
  const teams = (stack: string) =>
    (config(stack)["ecr-platform:teams"] as { name: string }[]).map(({ name }) => name);
  /** The folder's files with the moment of their last change, of content or otherwise. */
  const files = () =>
    fs.readdirSync(folder).map((name) => [name, fs.lstatSync(path.join(folder, name)).ctimeMs]);

  it("touch no file where they only look", () => {
    const before = files();
    for (const args of [NEW_TEAM, NEW_SERVICE, NEW_ENV, IMPORT]) {
      const { status, stderr } = run(...args, "--dry-run");
      assert.equal(status, 0, stderr);
    }
    assert.deepEqual(files(), before);
  });

  it("write nothing without --yes where nobody can be asked, or where the result is not valid", () => {
    const before = files();
    const problem = "confirmation is needed, and there is no terminal; nothing was written";
    for (const args of [NEW_TEAM, NEW_ENV, IMPORT]) {
      const { status, stderr } = run(...args);
      assert.equal(status, 1);
      assert.match(stderr, new RegExp(`${problem}\nfix: .*--yes`));
    }
    const { status, stderr } = run(...NEW_SERVICE, "--json");
    assert.equal(status, 1);
    const answer = JSON.parse(stderr) as { problem: string; fix: string };
    assert.equal(answer.problem, problem);
    assert.match(answer.fix, /--yes/);
    const bad = run("new-team", "--name", "c", "--contact", "c@acme.example", "--service", "api-v2", "--yes");
    assert.match(bad.stderr, /"api-v2"\n {4}rule: versions live in image tags/);
    assert.deepEqual(files(), before);
  });

  it("keep every byte that is not theirs: line ends, byte order mark, quotes, numbers, comments", () => {
    const odd = `\uFEFF${read("dev")
      .replace("monthlyBudget: 50", "monthlyBudget: 5_0 # odd\n    anomalyThreshold:   0x10")
      .replace("5_0", "50.0")
      .replaceAll("\n", "\r\n")}`;
    fs.writeFileSync(file("dev"), odd);
    const { status, stderr } = run(...NEW_TEAM, "--stack", "dev", "--yes");
    assert.equal(status, 0, stderr);
    const added =
      "\r\n    - name: checkout\r\n      contact: c@acme.example\r\n      services:\r\n        - { name: cart }\r\n";
    assert.equal(read("dev").replace(added, ""), odd);
    assert.equal(run(...NEW_SERVICE, "--stack", "dev", "--yes").status, 0);
    assert.equal(read("dev").replace(added, "").replace("        - { name: refunds }\r\n", ""), odd);
  });

  it("finish what a run that was ended between two files has begun, and refuse what is there", () => {
    assert.equal(run(...NEW_TEAM, "--stack", "dev", "--yes").status, 0);
    const dev = read("dev");
    const { status, stdout, stderr } = run(...NEW_TEAM, "--yes");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /\nwrote Pulumi\.prod\.yaml; commit it/);
    assert.equal(read("dev"), dev);
    assert.ok(teams("prod").includes("checkout"));
    assert.match(run(...NEW_TEAM, "--yes").stderr, /Pulumi\.dev\.yaml has a team checkout already\nfix: /);
  });

  it("lose no team where two are added at once", async () => {
    const children = ["one", "two"].map((name) => {
      const args = ["new-team", "--name", name, "--contact", "c@acme.example", "--service", "x", "--yes"];
      const child = spawn(process.execPath, [program(), ...args], { cwd: folder });
      return {
        name,
        ended: Promise.all([once(child, "close"), textOf(child.stderr)]),
        stdout: textOf(child.stdout),
      };
    });
    for (const { name, ended } of children) {
      const [[status], stderr] = (await ended) as [[number], string];
      for (const stack of ["dev", "prod"]) {
        assert.equal(teams(stack).includes(name), status === 0, `${name} in ${stack}: ${stderr}`);
      }
      assert.match(
        stderr,
        status === 0 ? /^$/ : /changed while the command ran; nothing was written\nfix: run it/,
      );
    }
    assert.equal(run("validate").status, 0);
    assert.deepEqual(
      fs.readdirSync(folder).filter((name) => name.endsWith(".tmp")),
      [],
    );
  });

  it("add a service where its team is, with the roles and rules that name it", () => {
    const { status, stdout, stderr } = run(...NEW_SERVICE, "--yes");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^dev\nAgainst the file as it is: \d+ added/);
    assert.match(
      stdout,
      /Statement\[PushAndPull\]\.Resource: \+ arn:aws:ecr:eu-west-1:111122223333:repository\/payments-refunds-dev\n/,
    );
    assert.match(read("prod"), /card-vault-runtime"\]\n {8}- \{ name: refunds \}\n {6}findings:/);
    assert.match(run(...NEW_SERVICE, "--yes").stderr, /payments has refunds already\nfix: /);
    assert.match(
      run("new-service", "--team", "payment", "--service", "x", "--yes").stderr,
      /dev and prod has no team payment\nfix: did you mean payments\?/,
    );
  });

  describe("new-env", () => {
    it("makes a production stack of a production stack, whatever its name", () => {
      const { status, stdout, stderr } = run(
        ...[
          "new-env",
          "prod-us",
          "--from",
          "prod",
          "--account",
          "222233334444",
          "--region",
          "us-east-1",
          "--yes",
        ],
      );
      assert.equal(status, 0, stderr);
      assert.match(read("prod-us"), /accountId: "222233334444"\n {2}ecr-platform:production: "yes"\n/);
      assert.match(stdout, /175 resources, [1-9]\d* of them protected/);
      assert.match(stdout, /add prod-us to the environments of production-protected/);
      const copied = run("new-env", "test", "--account", "333344445555", "--yes");
      assert.equal(copied.status, 0, copied.stderr);
      assert.equal(config("test")["ecr-platform:production"], undefined);
    });

    it("says what it copied that may not be right", () => {
      editStack(folder, "dev", (edited) => {
        edited["ecr-platform:environment"] = "dev";
      });
      fs.appendFileSync(file("dev"), "# as in dev\n# nothing\n");
      const { stdout } = run(...NEW_ENV, "--dry-run", "--json");
      const { check, leftOut } = JSON.parse(stdout) as Record<string, { key: string; why: string }[]>;
      const keys = check!.map(({ key }) => key);
      for (const key of [
        "repositories.forceDelete = true",
        "operations.cleanUp.mode = delete",
        "findings.subscriptions[0].endpoint = platform-dev@acme.example",
        "audit.deploymentRoles[0] = arn:aws:iam::222233334444:role/ecr-platform-deploy",
      ]) {
        assert.ok(keys.includes(key), `${key} in ${keys.join("\n")}`);
      }
      assert.deepEqual(
        keys.filter((key) => key.startsWith("line ")).map((key) => key.replace(/\d+/, "n")),
        ["line n: # as in dev"],
      );
      assert.deepEqual(
        leftOut!.map(({ key }) => key),
        ["environment"],
      );
    });

    it("refuses what validate refuses: two owners of what an account has once", () => {
      const { status, stderr } = run("new-env", "staging", "--account", "111122223333", "--yes");
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^staging cannot be in account 111122223333 beside the stack[^]*\nfix: name another/,
      );
      assert.match(stderr, /audit\.manage .*\n {4}rule: one stack owns it in an account, and dev does/);
      assert.ok(!fs.existsSync(file("staging")));
    });
  });
});
