import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { type PlanReport } from "../../plan/report";
import { UNKNOWN } from "../../plan/run";
import { copyOfProject, editStack } from "../support/project";

const NO_NETWORK = path.join(__dirname, "../support/no-network.js");

/** Runs the command as `npm run plan` does. */
function plan(folder: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["-r", NO_NETWORK, path.join(folder, "cli/ecr-platform.js"), "plan", ...args],
    // No proxy, no credentials, no home: nothing that a network call could use.
    {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env.PATH, NO_COLOR: "1", AWS_EC2_METADATA_DISABLED: "true" },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return { status, stdout, stderr };
}

const json = (text: string) => JSON.parse(text) as PlanReport;

describe("the plan command", () => {
  let folder: string;
  before(() => {
    folder = copyOfProject();
  });
  after(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it("ends quietly where nobody reads on, with the exit code that it would have had", () => {
    const { stdout, stderr } = spawnSync(
      "bash",
      ["-c", `"${process.execPath}" cli/ecr-platform.js plan --json | head -n 1; echo "$\{PIPESTATUS[0]}"`],
      { cwd: folder, encoding: "utf8" },
    );
    assert.equal(stdout, "{\n0\n");
    assert.equal(stderr, "");
  });

  it("shows each stack by component and team, with counts, protection, cost and its date", () => {
    const { status, stdout, stderr } = plan(folder, "--stack", "prod");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^ecr-platform prod: account 444455556666, eu-west-1/);
    assert.match(
      stdout,
      /├─ payments \(TeamRepositories\)\n│ {2}├─ aws\.ecr\.Repository payments-api payments-api-prod \[protected, retained\]/,
    );
    assert.match(stdout, /Resources: \d+\n/);
    assert.match(stdout, /Protected: \d+\n.*payments-ledger/);
    assert.match(stdout, /Cost: about \d+\.\d\d USD a month \(list prices of \d{4}-\d\d/);
    assert.match(stdout, /not included: data transfer/);
    assert.doesNotMatch(stdout, /"Statement"/);
  });

  it("prints policy documents on request", () => {
    const { stdout } = plan(folder, "--stack", "prod", "--policies");
    assert.match(stdout, /payments-card-vault-policy\.policy\n\{\n {2}"Version"/);
    assert.match(stdout, /arn:aws:iam::777788889999:role\/card-vault-runtime/);
  });

  it("prints JSON of one stack, and of all, with what only AWS can know as unknown", () => {
    const one = json(plan(folder, "--stack", "dev", "--json").stdout);
    assert.equal(one.stack, "dev");
    assert.equal((one.outputs as any).repositoryKeyArn, UNKNOWN);
    const all = JSON.parse(plan(folder, "--all", "--json").stdout) as PlanReport[];
    assert.deepEqual(
      all.map(({ stack }) => stack),
      ["dev", "prod"],
    );
    assert.deepEqual(all[0], one);
  });

  it("reports every problem of a bad stack file, and exits with 1", () => {
    const bad = copyOfProject();
    editStack(bad, "dev", (config) => {
      config["ecr-platform:teams"][0].name = "Payments";
      config["ecr-platform:audit"].retentionDays = 1;
    });
    const { status, stdout, stderr } = plan(bad, "--stack", "dev");
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /Pulumi\.dev\.yaml has 2 problems; nothing was declared/);
    assert.match(stderr, /fix: .*\n$/, "the report, and nothing after it");
    fs.rmSync(bad, { recursive: true });
  });

  it("holds the stack to the policy pack, and exits with 1 where a mandatory policy is broken", () => {
    const bad = copyOfProject();
    editStack(bad, "dev", (config) => {
      delete config["ecr-platform:repositories"].imageTags.reason;
      delete config["ecr-platform:costs"];
    });
    const { status, stdout } = plan(bad, "--stack", "dev");
    assert.equal(status, 1);
    assert.match(
      stdout,
      /Policy pack: 6 mandatory, 1 advisory\n {2}mandatory immutable-tags: payments-api is IMMUTABLE_WITH_EXCLUSION/,
    );
    assert.match(stdout, /\n {2}advisory budget-present: there is no budget/);
    const { stdout: markdown } = plan(bad, "--stack", "dev", "--markdown");
    assert.match(
      markdown,
      /\n> \[!CAUTION\]\n> \*\*A mandatory policy .*\n>\n> - dev: policy `immutable-tags`: payments-api/,
    );
    const lenient = path.join(bad, "policy.json");
    fs.writeFileSync(lenient, '{"immutable-tags": "advisory"}');
    assert.equal(plan(bad, "--stack", "dev", "--policy-config", lenient).status, 0);
    fs.writeFileSync(lenient, '{"imutable-tags": "advisory"}');
    const { status: wrong, stderr } = plan(bad, "--stack", "dev", "--policy-config", lenient);
    assert.equal(wrong, 1);
    assert.match(stderr, /there is no policy imutable-tags/);
    fs.rmSync(bad, { recursive: true });
  });

  it("opens no connection and looks no name up", () => {
    const { status, stderr } = plan(folder, "--all", "--json");
    assert.equal(status, 0, stderr);
    const { status: guarded } = spawnSync(process.execPath, [
      "-r",
      NO_NETWORK,
      "-e",
      'require("net").connect(1, "192.0.2.1")',
    ]);
    assert.equal(guarded, 99, "the guard that every plan here runs under stops a connection");
  });

  it("finds nothing against its own revision", () => {
    const { status, stdout } = plan(folder, "--stack", "dev", "--against", "HEAD", "--exit-code");
    assert.match(stdout, /Against HEAD: 0 added, 0 changed, 0 removed\n\nUnchanged since HEAD: dev\n$/);
    assert.equal(status, 0);
  });

  describe("against another revision", () => {
    let changed: string;
    before(() => {
      changed = copyOfProject();
      editStack(changed, "prod", (config) => {
        const teams = config["ecr-platform:teams"];
        teams[0].services.push({ name: "refunds" });
        teams[1].services.pop();
        teams[2].services[0].encryption = "AES256";
        config["ecr-platform:audit"].retentionDays = 800;
      });
    });
    after(() => {
      fs.rmSync(changed, { recursive: true, force: true });
    });

    it("shows what is added, changed field by field, and removed", () => {
      const { status, stdout } = plan(changed, "--stack", "prod", "--against", "HEAD", "--exit-code");
      assert.equal(status, 3);
      assert.match(stdout, /\n {2}- aws\.ecr\.Repository storefront-search/);
      assert.match(
        stdout,
        /\n {2}± aws\.ecr\.Repository data-notebook.*replaced\n {6}encryptionConfigurations\[0\]\.encryptionType: KMS => AES256 \(replaces\)/,
      );
      assert.match(
        stdout,
        /\n {2}~ aws\.s3\.BucketLifecycleConfiguration audit-bucket-lifecycle.*\n {6}rules\[0\]\.expiration\.days: 2555 => 800/,
      );
      assert.match(stdout, /\n {2}\+ aws\.ecr\.Repository payments-refunds/);
    });

    it("shows only what differs, a dashboard in one line, and ends with the risks", () => {
      const { stdout } = plan(changed, "--all", "--against", "HEAD");
      assert.doesNotMatch(stdout, /├─|^Cost: |Storage by repository|payments-ledger/m);
      assert.match(
        stdout,
        /\n {2}~ aws\.cloudwatch\.Dashboard operations-dashboard \(\d+ graphs and texts\)\n/,
      );
      const [, summary] = stdout.split(/^Unchanged since HEAD: dev$/m);
      assert.match(
        summary!,
        /^\nWhat changes\n {2}payments-refunds-prod: new in team payments\n[^]*\nprod: about \d+\.\d\d USD a month, \+0\.00 USD\nRisks: 3\n/,
      );
      assert.match(
        summary!,
        /Risks: 3\n {2}deletes: storefront-search-prod: .* its protection refuses.*\n {2}deletes: data-notebook-prod: it is encrypted with S3's own key.*\n {2}protection: prod: log files are kept for 800 days; before, 2,555 days\n$/,
      );
    });

    it("leaves the other stack alone", () => {
      const { status } = plan(changed, "--stack", "dev", "--against", "HEAD", "--exit-code");
      assert.equal(status, 0);
    });

    it("puts the summary first in Markdown, and only what differs", () => {
      const { stdout } = plan(changed, "--stack", "prod", "--against", "HEAD", "--markdown");
      assert.match(
        stdout,
        /^<!-- risks: deletes protection -->\n## Plan for ecr-platform: 3 risks\n\nCompared with `HEAD`, offline\.\n\n> \[!CAUTION\]\n/,
      );
      assert.match(stdout, /\n> - storefront-search-prod: the repository is removed/);
      assert.doesNotMatch(stdout, /payments-ledger/);
    });
  });
});
