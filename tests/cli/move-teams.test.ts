import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parseConfig, settingsOf } from "../../config/load";
import { readStackConfig, stacksOf } from "../../plan/stack-file";
import { copyOfProject, editStack, runCommand } from "../support/project";

describe("move-teams", function () {
  this.timeout(180_000);
  let folder: string;
  beforeEach(() => {
    folder = copyOfProject();
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]) => runCommand(folder, "move-teams", ...args);
  const succeeds = (...args: string[]) => {
    const { status, stdout, stderr } = run(...args);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const refused = (...args: string[]) => {
    const { status, stderr } = run(...args, "--yes");
    assert.equal(status, 1);
    return stderr;
  };
  const read = (file: string) => fs.readFileSync(path.join(folder, file), "utf8");
  const files = () =>
    fs.existsSync(path.join(folder, "teams")) ? fs.readdirSync(path.join(folder, "teams")) : [];
  /** The teams' settings in each stack, in the order of their names. */
  const settings = () =>
    stacksOf(folder).map((stack) =>
      settingsOf(stack, parseConfig(readStackConfig(folder, stack))).teams.sort((a, b) =>
        a.name < b.name ? -1 : 1,
      ),
    );

  it("moves all teams, and changes nothing in the plans or in the rest of the files", () => {
    const before = settings();
    const texts = ["dev", "prod"].map((stack) => read(`Pulumi.${stack}.yaml`));
    const none = "Against the file as it is: 0 added, 0 changed, 0 removed\n";
    assert.equal(
      succeeds("--yes"),
      `dev\n${none}\nprod\n${none}\nUnchanged since the file as it is: dev, prod\n\nwrote 5 files; commit it and open a pull request\n`,
    );
    assert.deepEqual(settings(), before);
    ["dev", "prod"].forEach((stack, i) => {
      const teams = / {2}ecr-platform:teams:\n( {4}.*\n|\n(?= {4}))+/;
      assert.equal(
        read(`Pulumi.${stack}.yaml`),
        texts[i]!.replace(teams, "  ecr-platform:teamsFrom: teams/*.yaml\n"),
      );
    });
    assert.deepEqual(files(), ["data.yaml", "payments.yaml", "storefront.yaml"]);
    assert.match(
      read("teams/payments.yaml"),
      /^# yaml-language-server: \$schema=\.\.\/schema\/team-file\.schema\.json\nname: payments\n[^]*# One account only[^]*branches: \["main", /,
    );
    assert.match(refused(), /^no stack file has teams\n/);
  });

  it("moves the teams that are named, and leaves what a team file cannot say, with the reason", () => {
    for (const stack of ["dev", "prod"]) {
      editStack(folder, stack, (config) => {
        config["ecr-platform:teams"][0].findings = {
          subscriptions: [{ protocol: "https", endpoint: { secure: "encrypted" } }],
        };
      });
    }
    fs.copyFileSync(path.join(folder, "Pulumi.prod.yaml"), path.join(folder, "Pulumi.prod-us.yaml"));
    editStack(folder, "prod-us", (config) => {
      config["aws:region"] = "us-east-1";
      config["aws:allowedAccountIds"] = ["555566667777"];
      config["ecr-platform:accountId"] = "555566667777";
      config["ecr-platform:environment"] = "prod";
      config["ecr-platform:registry"].pullThroughCache.pop();
      config["ecr-platform:teams"][1].monthlyBudget = 7;
    });
    const before = settings();
    const { moved, left } = JSON.parse(succeeds("--yes", "--json")) as Record<string, any>;
    assert.deepEqual(moved, ["data"]);
    assert.deepEqual(
      new Set(left.map(({ team, why }: any) => `${team}: ${why}`)),
      new Set([
        "payments: Pulumi.dev.yaml has an encrypted value of it, and team files have none",
        "payments: Pulumi.prod.yaml has an encrypted value of it, and team files have none",
        "payments: Pulumi.prod-us.yaml has an encrypted value of it, and team files have none",
        "storefront: one file cannot say what it is in prod-us and elsewhere",
      ]),
    );
    assert.deepEqual(settings(), before);
    assert.deepEqual(files(), ["data.yaml"]);
    assert.match(
      refused("--team", "payments"),
      /^no team can be moved:\n {2}payments: Pulumi\.dev\.yaml has/,
    );
    assert.match(
      refused("--team", "checkout"),
      /^no stack file has a team checkout\nfix: name one of payments, /,
    );
  });

  it("writes nothing in a dry run, or over a file that is there", () => {
    succeeds("--team", "data", "--dry-run");
    assert.deepEqual(files(), []);
    fs.mkdirSync(path.join(folder, "teams"));
    fs.writeFileSync(path.join(folder, "teams/data.yaml"), "name: data\n");
    assert.match(
      refused(),
      /^teams\/data\.yaml exists already\nfix: remove it, or name another folder with --to\n$/,
    );
    succeeds("--team", "payments", "--to", "config/teams", "--yes");
    assert.match(read("Pulumi.dev.yaml"), /\n {2}ecr-platform:teamsFrom: config\/teams\/\*\.yaml\n/);
    assert.match(read("Pulumi.dev.yaml"), /\n {4}- name: storefront\n/);
    assert.doesNotMatch(read("Pulumi.dev.yaml"), /- name: payments\n/);
  });
});
