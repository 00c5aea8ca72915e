import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { copyOfProject, runCommand } from "../support/project";

describe("the stacks that commands work on", function () {
  this.timeout(180_000);
  let folder: string;
  beforeEach(() => {
    folder = copyOfProject();
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) => runCommand(folder, ...args);
  const file = (name: string) => path.join(folder, name);
  const edit = (name: string, change: (text: string) => string) => {
    fs.writeFileSync(file(name), change(fs.readFileSync(file(name), "utf8")));
  };

  it("have a file: another name is answered with the stacks that there are", () => {
    const there = "Stacks that have a file: dev, prod\n";
    for (const [args, fix] of [
      [["plan", "--stack", "nope"], "name one of the stacks that have a file: dev, prod\n"],
      [["plan", "--stack", "prd"], `did you mean prod? ${there}`],
      [["images", "list", "--stack", "prd"], `did you mean prod? ${there}`],
      [["new-service", "--team", "t", "--service", "s", "--stack", "prd", "--yes"], there],
      [["new-env", "x", "--from", "prd", "--account", "222233334444", "--yes"], there],
    ] as const) {
      const { status, stderr } = run(...args);
      assert.equal(status, 1);
      assert.match(stderr, /^there is no stack (nope|prd): Pulumi\.\1\.yaml does not exist\nfix: /);
      assert.ok(stderr.endsWith(fix), stderr);
    }
  });

  it("are shown with the characters that nobody sees in a name", () => {
    const { stderr } = run("plan", "--stack", "dev\u200b");
    assert.match(stderr, /^"dev\\u200b" is not a stack's name\nfix: /);
    assert.equal(run("plan", "--json", "--stack", "dev\u200b").stderr.includes("\u200b"), false);
  });

  it("have a file that can be read", () => {
    fs.mkdirSync(file("Pulumi.folder.yaml"));
    for (const args of [["plan"], ["validate"], ["new-service", "--team", "t", "--service", "s", "--yes"]]) {
      const { status, stdout, stderr } = run(...args, "--stack", "folder");
      assert.equal(status, 1);
      assert.match(stdout + stderr, /EISDIR: illegal operation on a directory, read\n *fix: +make it a file/);
    }
  });

  it("are named as Pulumi names them, with organization and project", () => {
    for (const name of ["prod", "acme/prod", "acme/ecr-platform/prod"]) {
      assert.equal(run("validate", "--stack", name).stdout, "ok  Pulumi.prod.yaml\n");
    }
    assert.equal(run("validate", "--stack", "dev", "acme/dev", "prod").stdout.match(/^ok/gm)?.length, 2);
    assert.match(run("plan", "--stack", "acme/ecr-platform/prod").stdout, /^ecr-platform prod: /);
    assert.match(
      run("plan", "--stack", "acme/other/prod").stderr,
      /^acme\/other\/prod is a stack of the project other, and this is ecr-platform\nfix: write prod, or/,
    );
    assert.match(run("plan", "--stack", "a/b/c/d").stderr, /^"a\/b\/c\/d" is not a stack's name\nfix: /);
  });

  it("are all validated, also behind a file that is not YAML", () => {
    fs.writeFileSync(file("Pulumi.bad.yaml"), "config:\n  a: b: c\n");
    edit("Pulumi.dev.yaml", (text) => text.replace("retentionDays: 90", "retentionDays: 1"));
    const { status, stdout } = run("validate");
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^not valid {2}Pulumi\.bad\.yaml\n {2}Pulumi\.bad\.yaml, line 2: [^]*\n {4}fix: [^]*\nnot valid {2}Pulumi\.dev\.yaml: 1 error\n[^]*\nok {2}Pulumi\.prod\.yaml\n$/,
    );
    const results = JSON.parse(run("validate", "--json").stdout) as Record<string, any>[];
    assert.deepEqual(
      results.map(({ stack, valid, findings, unreadable }) => [
        stack,
        valid,
        findings.length,
        unreadable === undefined,
      ]),
      [
        ["bad", false, 0, false],
        ["dev", false, 1, true],
        ["prod", true, 0, true],
      ],
    );
    const { stderr } = run("new-env", "x", "--from", "bad", "--account", "222233334444", "--yes");
    assert.match(stderr, /^Pulumi\.bad\.yaml is not YAML: [^]*\nfix: correct the line that it names\n$/);
  });

  it("may be of a project with another name", () => {
    for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"]) {
      edit(name, (text) =>
        text.replaceAll("ecr-platform:", "registry:").replace(/^name: .*/m, "name: registry"),
      );
    }
    const repositories = [{ repositoryName: "payments-refunds-dev" }, { repositoryName: "orders-api-dev" }];
    fs.writeFileSync(file("repositories.json"), JSON.stringify({ repositories }));
    for (const args of [
      ["new-team", "--name", "checkout", "--contact", "c@acme.example", "--service", "cart"],
      ["new-service", "--team", "checkout", "--service", "page"],
      ["import", "--from", "repositories.json"],
      ["new-env", "staging", "--account", "222233334444"],
    ]) {
      const { status, stderr } = run(...args, "--yes");
      assert.equal(status, 0, `${args[0]}: ${stderr}`);
    }
    assert.match(run("validate").stdout, /^ok {2}Pulumi\.dev\.yaml\nok {2}Pulumi\.prod\.yaml\nok/);
    const staging = fs.readFileSync(file("Pulumi.staging.yaml"), "utf8");
    assert.match(staging, /^ {2}registry:accountId: "222233334444"$/m);
    assert.match(staging, /- name: checkout\n {6}contact: .*\n {6}services:\n {8}- { name: cart }\n.*page/);
    assert.match(staging, /- name: orders\n {6}contact: platform@acme\.example\n/);
    assert.doesNotMatch(staging, /ecr-platform:/);
  });

  describe("made by new-env", () => {
    it("have the account that was asked for, also where the other's comes from Pulumi.yaml", () => {
      edit("Pulumi.dev.yaml", (text) => text.replace(/.*ecr-platform:accountId.*\n/, ""));
      edit("Pulumi.yaml", (text) => text.replace("accountId:", 'accountId:\n    default: "111122223333"'));
      const { status, stdout, stderr } = run("new-env", "staging", "--account", "222233334444", "--yes");
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^Pulumi\.staging\.yaml: account 222233334444, eu-west-1, /);
      const written = fs.readFileSync(file("Pulumi.staging.yaml"), "utf8");
      assert.match(written, /^ {2}ecr-platform:accountId: "222233334444"$/m);
      assert.doesNotMatch(written, /111122223333/);
    });

    it("are not made for an account with too few digits, which no YAML has read", () => {
      const { status, stderr } = run("new-env", "staging", "--account", "22223333444", "--yes");
      assert.equal(status, 1);
      assert.match(stderr, /^22223333444 is not an account's id: it has exactly twelve digits\nfix: /);
    });
  });
});
