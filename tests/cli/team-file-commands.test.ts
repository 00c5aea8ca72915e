import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parseConfig, settingsOf } from "../../config/load";
import { readStackConfig } from "../../plan/stack-file";
import { copyOfProject, editStack, runCommand } from "../support/project";

const NEW_TEAM = ["new-team", "--name", "checkout", "--contact", "c@acme.example", "--service", "cart"];
const PAYMENTS = `# Reviewed by payments.
name: payments
contact: payments@acme.example
services:
  - { name: api } # the API
  - name: ledger
    environments: [prod]
environments: { staging: false }
`;

describe("the commands that add teams and services, in a project with team files", function () {
  this.timeout(180_000);
  let folder: string;
  beforeEach(() => {
    folder = copyOfProject();
    write("teams/payments.yaml", PAYMENTS);
    for (const stack of ["dev", "prod"]) {
      teamsFrom(stack, "teams/*.yaml");
    }
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) => runCommand(folder, ...args);
  const succeeds = (...args: string[]) => {
    const { status, stdout, stderr } = run(...args);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const refused = (...args: string[]) => {
    const { status, stdout, stderr } = run(...args, "--yes");
    assert.equal(status, 1, stdout);
    return stderr;
  };
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
  };
  const read = (file: string) => fs.readFileSync(path.join(folder, file), "utf8");
  const has = (file: string) => fs.existsSync(path.join(folder, file));
  const teamsFrom = (stack: string, globs: string | string[]) => {
    editStack(folder, stack, (config) => {
      delete config["ecr-platform:teams"];
      config["ecr-platform:teamsFrom"] = globs;
    });
  };
  /** The repositories that each stack's config comes to. */
  const repositories = () =>
    ["dev", "prod"].map((stack) =>
      settingsOf(stack, parseConfig(readStackConfig(folder, stack))).teams.flatMap((team) =>
        team.repositories.map(({ service }) => `${team.name}-${service}`),
      ),
    );
  const stackFiles = () => ["dev", "prod"].map((stack) => read(`Pulumi.${stack}.yaml`));

  describe("new-team", () => {
    it("makes one file for all environments, and shows what that adds to each", () => {
      const before = stackFiles();
      const stdout = succeeds(...NEW_TEAM, "--monthly-budget", "60", "--yes");
      assert.match(stdout, /^dev\nAgainst [^]* \+ aws\.ecr\.Repository checkout-cart\n[^]*\nprod\nAgainst /);
      assert.match(stdout, /\nwrote teams\/checkout\.yaml; commit it/);
      assert.equal(
        read("teams/checkout.yaml"),
        "# yaml-language-server: $schema=../schema/team-file.schema.json\nname: checkout\ncontact: c@acme.example\nmonthlyBudget: 60\nservices:\n  - { name: cart }\n",
      );
      assert.deepEqual(stackFiles(), before);
      assert.match(refused(...NEW_TEAM), /^teams\/checkout\.yaml has a team checkout already\nfix: /);
    });

    it("makes the first file, and its folder", () => {
      fs.rmSync(path.join(folder, "teams"), { recursive: true });
      assert.match(succeeds(...NEW_TEAM, "--dry-run"), /\+ aws\.ecr\.Repository checkout-cart\n/);
      assert.ok(!has("teams"));
      succeeds(...NEW_TEAM, "--yes");
      assert.deepEqual(repositories(), [["checkout-cart"], ["checkout-cart"]]);
    });

    it("limits the team to the environments of the stacks that were named", () => {
      succeeds(...NEW_TEAM, "--stack", "dev", "--yes");
      assert.match(read("teams/checkout.yaml"), /\nenvironments:\n {2}- dev\n$/);
      assert.deepEqual(repositories(), [
        ["checkout-cart", "payments-api"],
        ["payments-api", "payments-ledger"],
      ]);
      fs.cpSync(path.join(folder, "Pulumi.dev.yaml"), path.join(folder, "Pulumi.dev-us.yaml"));
      editStack(folder, "dev-us", (config) => {
        config["ecr-platform:environment"] = "dev";
      });
      assert.match(
        refused(...NEW_TEAM.with(2, "other"), "--stack", "dev"),
        /^dev-us has the environment dev as well, and a team file names environments\nfix: name dev-us with/,
      );
    });

    it("needs --file where globs leave the folder open, and takes only one that they match", () => {
      teamsFrom("dev", "teams/**/*.yaml");
      teamsFrom("prod", ["teams/*.yaml", "teams/core/*.yaml"]);
      assert.match(refused(...NEW_TEAM), /^missing: --file\n/);
      for (const file of ["elsewhere/checkout.yaml", "teams/checkout.yml", "teams/../teams/checkout.yaml"]) {
        assert.match(refused(...NEW_TEAM, "--file", file), /^teamsFrom of dev and prod does not match /);
      }
      assert.match(
        refused(...NEW_TEAM, "--file", "teams/payments.yaml"),
        /^teams\/payments\.yaml exists already\n/,
      );
      succeeds(...NEW_TEAM, "--file", "teams/core/checkout.yaml", "--yes");
      assert.match(read("teams/core/checkout.yaml"), /\$schema=\.\.\/\.\.\/schema\//);
      // Only dev reads this folder.
      const other = [...NEW_TEAM.with(2, "other"), "--file", "teams/web/other.yaml"];
      assert.match(refused(...other, "--stack", "dev", "prod"), /^teamsFrom of prod does not match /);
      succeeds(...other, "--yes");
      assert.ok(!read("teams/web/other.yaml").includes("environments"));
      assert.deepEqual(
        repositories().map((names) => names.filter((name) => !name.startsWith("payments"))),
        [["checkout-cart", "other-cart"], ["checkout-cart"]],
      );
    });

    it("adds the team to the files of stacks that have no team files, too", () => {
      editStack(folder, "prod", (config) => {
        delete config["ecr-platform:teamsFrom"];
        config["ecr-platform:teams"] = [
          { name: "data", contact: "d@acme.example", services: [{ name: "etl" }] },
        ];
      });
      const stdout = succeeds(...NEW_TEAM, "--yes");
      assert.match(stdout, /\nwrote Pulumi\.prod\.yaml and teams\/checkout\.yaml; commit it/);
      assert.deepEqual(repositories(), [
        ["checkout-cart", "payments-api"],
        ["data-etl", "checkout-cart"],
      ]);
      assert.match(
        refused(...NEW_TEAM.with(2, "other"), "--stack", "prod", "--owner", "@acme/other"),
        /^--owner: no stack has team files here\n/,
      );
    });

    it("reports what is wrong with the team by its file", () => {
      const stderr = refused(...NEW_TEAM.with(6, "api-v2"));
      assert.match(stderr, /teams\/checkout\.yaml: services\[0\]\.name = "api-v2"\n {4}rule: versions live/);
      assert.ok(!has("teams/checkout.yaml"));
    });
  });

  it("let a team review its own file", () => {
    write("CODEOWNERS", "* @acme/platform\n");
    const owned = [...NEW_TEAM, "--owner", "@acme/checkout", "@acme/platform"];
    assert.match(succeeds(...owned, "--dry-run"), /nothing was written/);
    assert.equal(read("CODEOWNERS"), "* @acme/platform\n");
    assert.match(succeeds(...owned, "--yes"), /\nwrote CODEOWNERS and teams\/checkout\.yaml; commit/);
    assert.equal(
      read("CODEOWNERS"),
      "* @acme/platform\n/teams/checkout.yaml @acme/checkout @acme/platform\n",
    );
    assert.match(refused(...NEW_TEAM, "--owner", "payments"), /^--owner payments: not an owner as /);
  });

  describe("new-service", () => {
    const add = (...args: string[]) => ["new-service", "--team", "payments", "--service", ...args];

    it("adds a line to the team's file, and keeps the rest of it", () => {
      const stdout = succeeds(...add("refunds"), "--yes");
      assert.match(stdout, /^dev\n[^]*\nprod\n[^]*\nwrote teams\/payments\.yaml; commit it/);
      assert.equal(read("teams/payments.yaml").replace("  - { name: refunds }\n", ""), PAYMENTS);
      assert.match(refused(...add("refunds")), /^payments has refunds already\n/);
    });

    it("limits the service to the environments of the stacks that were named", () => {
      succeeds(...add("api", "sandbox"), "--stack", "dev", "--yes");
      assert.deepEqual(repositories(), [
        ["payments-api", "payments-sandbox"],
        ["payments-api", "payments-ledger"],
      ]);
      assert.match(
        refused(...add("ledger")),
        /^teams\/payments\.yaml has ledger, but not in every environment that was named\nfix: add the environment to services\[1\]\.environments/,
      );
    });

    it("adds no list of environments where all that have the team were named", () => {
      write("teams/payments.yaml", PAYMENTS.replace("{ staging: false }", "[dev]"));
      succeeds(...add("refunds"), "--stack", "dev", "--yes");
      assert.match(read("teams/payments.yaml"), / {2}- \{ name: refunds \}\n/);
    });

    it("answers a stack or a team that is not there with those that are", () => {
      assert.match(
        refused(...add("refunds"), "--stack", "prd"),
        /^there is no stack prd: [^]*Stacks that have a file: dev, prod\n$/,
      );
      assert.match(
        refused("new-service", "--team", "payment", "--service", "x"),
        /^dev and prod has no team payment\nfix: did you mean payments\?/,
      );
      write("teams/payments.yaml", PAYMENTS.replace("{ staging: false }", "[dev]"));
      assert.match(
        refused(...add("x"), "--stack", "prod"),
        /^prod has no team payments\nfix: change environments in teams\/payments\.yaml\n/,
      );
    });
  });

  describe("import", () => {
    const importing = (...names: string[]) => {
      write(
        "existing.json",
        JSON.stringify({ repositories: names.map((repositoryName) => ({ repositoryName })) }),
      );
      return ["import", "--from", "existing.json"];
    };

    it("adds a repository to the file of its team, for its environment only", () => {
      const before = stackFiles();
      const stdout = succeeds(...importing("payments-refunds-dev"), "--yes");
      assert.match(stdout, /\nnew in the config:\n {2}payments-refunds-dev\n/);
      assert.match(stdout, /\nwrote teams\/payments\.yaml and import\.dev\.json\. Next:/);
      assert.deepEqual(stackFiles(), before);
      assert.deepEqual(repositories(), [
        ["payments-api", "payments-refunds"],
        ["payments-api", "payments-ledger"],
      ]);
      assert.match(read("import.dev.json"), /"payments-refunds-dev"/);
    });

    it("says which team has to be made first", () => {
      assert.match(
        refused(...importing("checkout-cart-dev")),
        /^dev has no team checkout, and all its teams are in team files\nfix: add it first: new-team --stack dev --name checkout --service cart /,
      );
    });
  });
});
