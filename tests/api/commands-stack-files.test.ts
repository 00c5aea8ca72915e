import assert from "node:assert/strict";
import * as fs from "node:fs";
import { editStack } from "../support/project";
import { commandsApi } from "./commands";

/** The key that takes back a character. */
const ERASE = "\\177";

describe("the commands, against an API", () => {
  let folder: string;
  const { run, json, onTerminal, stackFile } = commandsApi((started) => {
    ({ folder } = started);
  });

  describe("validate", () => {
    it("finds nothing wrong with the committed stacks", () => {
      const { status, stdout } = run("validate");
      assert.deepEqual([status, stdout], [0, "ok  Pulumi.dev.yaml\nok  Pulumi.prod.yaml\n"]);
    });
    it("tells every problem of every stack, with rule and fix", () => {
      editStack(folder, "dev", (config) => {
        config["ecr-platform:teams"][0].name = "Payments";
        config["ecr-platform:operations"].metrics.schedule = "rate(2 days)";
      });
      editStack(folder, "prod", (config) => {
        config["ecr-platform:operations"].cleanUp = { mode: "delete" };
      });
      const { status, stdout } = run("validate");
      assert.equal(status, 1);
      assert.match(stdout, /not valid {2}Pulumi\.dev\.yaml: 2 errors\n {2}teams\[0\]\.name = "Payments"/);
      assert.match(
        stdout,
        /operations\.metrics\.schedule = "rate\(2 days\)"\n {4}rule: metrics are published at least once a day/,
      );
      assert.match(
        stdout,
        /images are shared with 777788889999, 012345678901, and clean-up cannot see which images are in use there/,
      );
      const results = json<{ stack: string; valid: boolean }[]>("validate", "--stack", "dev");
      assert.deepEqual(
        results.map(({ stack, valid }) => [stack, valid]),
        [["dev", false]],
      );
    });
    it("tells of two owners of what an account has once, and of two of a repository", () => {
      fs.copyFileSync(stackFile("dev"), stackFile("test"));
      const { status, stdout } = run("validate");
      assert.equal(status, 1);
      for (const line of [
        "scanning.manage is not set (default true)",
        "audit.manage is not set (default true)",
        'registry.githubOidcProvider = "create"',
        "costs.monthlyBudget = 50",
      ]) {
        assert.ok(stdout.includes(`  ${line}\n    rule: one stack owns it in an account`), line);
      }
      assert.doesNotMatch(stdout, /a repository has one owner/, "their names end differently");
      editStack(folder, "test", (config) => {
        config["ecr-platform:environment"] = "dev";
      });
      assert.match(run("validate").stdout, /a repository has one owner, and dev declares payments-api-dev/);
    });
  });

  describe("new-team", () => {
    const team = [
      "new-team",
      "--name",
      "checkout",
      "--contact",
      "c@acme.example",
      "--service",
      "cart",
      "page",
    ];
    it("adds the team to all stacks, and keeps every comment and line", () => {
      const before = ["dev", "prod"].map((stack) => fs.readFileSync(stackFile(stack), "utf8").split("\n"));
      const { written, stacks } = json<{
        written: string[];
        stacks: { stack: string; added: { name: string }[] }[];
      }>(...team, "--yes");
      assert.equal(written.length, 2);
      assert.ok(stacks[0]?.added.some(({ name }) => name === "checkout-cart"));
      ["dev", "prod"].forEach((stack, i) => {
        const after = fs.readFileSync(stackFile(stack), "utf8").split("\n");
        const start = after.findIndex((line) => line.includes("name: checkout"));
        assert.deepEqual(after.splice(start, 6), [
          "    - name: checkout",
          "      contact: c@acme.example",
          "      services:",
          "        - { name: cart }",
          "        - { name: page }",
          "",
        ]);
        assert.deepEqual(after, before[i], "without it, the file is as it was");
      });
      assert.equal(run("validate").status, 0);
    });
    it("writes nothing in a dry run, for a team that exists, or where the result is not valid", () => {
      const before = fs.readFileSync(stackFile("dev"), "utf8");
      assert.equal(run(...team, "--dry-run").status, 0);
      const exists = run(...team.with(2, "payments"), "--yes");
      assert.match(exists.stderr, /Pulumi\.dev\.yaml has a team payments already\nfix: /);
      const bad = run(...team.with(2, "Check Out"), "--yes");
      assert.match(bad.stderr, /Pulumi\.dev\.yaml has 1 problem[\s\S]*"Check Out"\n {4}rule: lowercase/);
      assert.deepEqual([exists.status, bad.status], [1, 1]);
      assert.equal(fs.readFileSync(stackFile("dev"), "utf8"), before);
    });
    it("names what is missing where there is nobody to ask", () => {
      const { status, stderr } = run("new-team", "--name", "checkout", "--yes");
      assert.equal(status, 1);
      assert.equal(
        stderr,
        "missing: --contact, --service\nfix: give the flags, or run it on a terminal to be asked\n",
      );
    });
    it("asks on a terminal, refuses what is not valid, and writes once that is confirmed", () => {
      const asked = onTerminal(
        [
          "Check",
          `${ERASE.repeat(5)}data`,
          `${ERASE.repeat(4)}checkout`,
          "c@acme.example",
          "cart api-v2",
          `${ERASE.repeat(6)}page`,
          "y",
        ],
        "new-team",
        "--stack",
        "dev",
      );
      assert.match(asked.stdout, /Team, first part of its repositories' names/);
      assert.match(asked.stdout, /lowercase letters and digits/);
      assert.match(asked.stdout, /duplicate of teams\[2\]/);
      assert.match(asked.stdout, /versions live in image tags/);
      assert.match(asked.stdout, /wrote Pulumi\.dev\.yaml/);
      assert.match(
        fs.readFileSync(stackFile("dev"), "utf8"),
        /- name: checkout\n {6}contact: c@acme\.example/,
      );
      const before = fs.readFileSync(stackFile("dev"), "utf8");
      const declined = onTerminal(
        ["n"],
        "new-team",
        "--stack",
        "dev",
        "--name",
        "other",
        "--contact",
        "c@acme.example",
        "--service",
        "x",
      );
      assert.match(declined.stdout, /nothing was written/);
      assert.equal(fs.readFileSync(stackFile("dev"), "utf8"), before);
    });
  });

  describe("new-env", () => {
    it("makes an environment of another account, without its network and its secrets", () => {
      editStack(folder, "prod", (config) => {
        config["ecr-platform:registry"].replication = [];
        config["ecr-platform:findings"].subscriptions.push({
          protocol: "https",
          endpoint: { secure: "v1:abc" },
        });
      });
      fs.appendFileSync(stackFile("prod"), "encryptionsalt: v1:salt\n");
      const { stack, leftOut } = json<{ stack: string; leftOut: { key: string; why: string }[] }>(
        "new-env",
        "live2",
        "--from",
        "prod",
        "--account",
        "222233334444",
        "--region",
        "eu-central-1",
        "--contact",
        "live@acme.example",
        "--yes",
      );
      assert.equal(stack, "live2");
      const text = fs.readFileSync(stackFile("live2"), "utf8");
      assert.doesNotMatch(text, /444455556666|v1:abc|v1:salt|vpc-0a1b/);
      assert.match(text, /arn:aws:sqs:eu-central-1:222233334444:siem-intake/);
      assert.match(text, /aws:region: eu-central-1\n/);
      assert.match(text, /contact: live@acme\.example/);
      assert.match(text, /arn:aws:iam::777788889999:role\/card-vault-runtime/, "other accounts' roles stay");
      for (const what of [/^encryptionsalt/, /subscriptions.*endpoint: a secret/, /^network: a VPC/]) {
        assert.ok(
          leftOut.some(({ key, why }) => what.test(`${key}: ${why}`)),
          `${what} in ${JSON.stringify(leftOut)}`,
        );
      }
    });
    it("refuses a stack that exists, and what no account or region is", () => {
      assert.match(
        run("new-env", "dev", "--account", "222233334444", "--yes").stderr,
        /Pulumi\.dev\.yaml exists already/,
      );
      assert.match(
        run("new-env", "qa", "--account", "12345", "--yes").stderr,
        /12345 is not an account's id: it has exactly twelve digits/,
      );
      assert.match(
        run("new-env", "qa", "--account", "222233334444", "--region", "eu-west-9", "--yes").stderr,
        /did you mean eu-west-[1-3]\?/,
      );
      assert.match(run("new-env", "QA", "--account", "222233334444", "--yes").stderr, /lowercase/);
      assert.ok(!fs.existsSync(stackFile("qa")));
    });
  });
});
