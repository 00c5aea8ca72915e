import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { DEFAULT_ASSUMPTIONS } from "../../plan/cost";
import { dashboardBody } from "../../documents/dashboard";
import { diffRuns } from "../../plan/diff";
import { renderMarkdown } from "../../plan/markdown";
import { reportOf, type PlanReport } from "../../plan/report";
import { runProgram, UNKNOWN, type ProgramRun } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { renderText } from "../../plan/text";
import { copyOfProject, editStack, ROOT } from "../support/project";
import { planned, runOf } from "../support/planned";
import { runStack } from "../support/stack";

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
    assert.match(markdown, /\n> \*\*Mandatory policy\*\* `immutable-tags`: payments-api/);
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

  it("says which file is missing", () => {
    const { status, stderr } = plan(folder, "--stack", "qa");
    assert.equal(status, 1);
    assert.match(stderr, /Pulumi\.qa\.yaml does not exist/);
  });

  it("finds nothing against its own revision", () => {
    const { status, stdout } = plan(folder, "--stack", "dev", "--against", "HEAD", "--exit-code");
    assert.match(stdout, /Against HEAD: 0 added, 0 changed, 0 removed, \+0\.00 USD a month/);
    assert.equal(status, 0);
  });

  it("says when git does not know the revision", () => {
    const { status, stderr } = plan(folder, "--against", "no-such-branch");
    assert.equal(status, 1);
    assert.match(stderr, /git archive .*no-such-branch failed/);
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

    it("shows what is added, changed field by field, and removed, with lost protected things on top", () => {
      const { status, stdout } = plan(changed, "--stack", "prod", "--against", "HEAD", "--exit-code");
      assert.equal(status, 3);
      const lines = stdout.split("\n");
      const at = lines.findIndex((line) => line.startsWith("Against HEAD"));
      assert.match(
        lines[at + 1]!,
        /! aws\.ecr\.Repository storefront-search is protected and would be deleted/,
      );
      assert.match(lines[at + 2]!, /! aws\.ecr\.Repository data-notebook is protected and would be replaced/);
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

    it("leaves the other stack alone", () => {
      const { status } = plan(changed, "--stack", "dev", "--against", "HEAD", "--exit-code");
      assert.equal(status, 0);
    });

    it("puts the summary first in Markdown, and only what differs", () => {
      const { stdout } = plan(changed, "--stack", "prod", "--against", "HEAD", "--markdown");
      assert.match(
        stdout,
        /^## Plan for ecr-platform prod\n\nAgainst `HEAD`: \*\*\d+ added, \d+ changed, \d+ removed\*\*/,
      );
      assert.match(
        stdout,
        /> \*\*Warning:\*\* `storefront-search` \(aws\.ecr\.Repository\) is protected and \*\*would be deleted\*\*/,
      );
      assert.doesNotMatch(stdout, /payments-ledger/);
    });
  });
});

describe("a plan", () => {
  it("lists what the program declares on Pulumi's own mocks, no more and no less", async () => {
    for (const stack of ["dev", "prod"]) {
      const run = await runProgram(ROOT, readStackConfig(ROOT, stack));
      const file = parse(fs.readFileSync(path.join(ROOT, `Pulumi.${stack}.yaml`), "utf8")) as {
        config: Record<string, unknown>;
      };
      const own = Object.entries(file.config).flatMap(([key, value]): [string, unknown][] =>
        key.startsWith("ecr-platform:") ? [[key.replace("ecr-platform:", ""), value]] : [],
      );
      const mocked = await runStack(Object.fromEntries(own), {
        stack,
        preview: true,
        lookups: { "aws:ec2/getSubnet:getSubnet": ({ id }) => ({ id, availabilityZoneId: id }) },
      });
      const names = (list: readonly { type: string; name: string }[]) =>
        list.map(({ type, name }) => `${type} ${name}`).sort();
      assert.deepEqual(names(run.resources), names(mocked.resources));
    }
  });

  it("hides secrets", async () => {
    const folder = copyOfProject();
    editStack(folder, "dev", (config) => {
      config["ecr-platform:findings"].subscriptions.push({
        protocol: "https",
        endpoint: "https://hooks.example/t0ken",
      });
      config["ecr-platform:findings"].subscriptions.push({
        protocol: "https",
        endpoint: { secure: "v1:abc" },
      });
    });
    const text = JSON.stringify(await runProgram(folder, readStackConfig(folder, "dev")));
    assert.doesNotMatch(text, /t0ken/);
    assert.equal(text.split("<secret>").length - 1, 2);
    fs.rmSync(folder, { recursive: true });
  });

  it("protects and retains in prod what holds data, and lets a lifecycle policy be edited", async () => {
    const { resources } = await runProgram(ROOT, readStackConfig(ROOT, "prod"));
    const of = (suffix: string) => resources.filter(({ type }) => type.endsWith(suffix));
    for (const suffix of [
      "ecr/repository:Repository",
      "kms/key:Key",
      "s3/bucket:Bucket",
      "cloudtrail/trail:Trail",
    ]) {
      assert.ok(
        of(suffix).length > 0 && of(suffix).every(({ protect, retainOnDelete }) => protect && retainOnDelete),
        suffix,
      );
    }
    // Protected, an edit (which replaces) would be refused; not retained, the edited policy would be lost.
    assert.ok(of(":LifecyclePolicy").every(({ protect, retainOnDelete }) => !protect && retainOnDelete));
    // Retained, a withdrawn share would stay in force.
    assert.ok(of(":RepositoryPolicy").every(({ protect, retainOnDelete }) => !protect && !retainOnDelete));
    for (const suffix of [":RegistryScanningConfiguration", ":Enabler"]) {
      assert.ok(
        of(suffix).every(({ retainOnDelete }) => retainOnDelete),
        suffix,
      );
    }
  });

  it("retains the account's singletons in dev too, and protects nothing there", async () => {
    const { resources } = await runProgram(ROOT, readStackConfig(ROOT, "dev"));
    assert.ok(
      resources
        .filter(({ type }) => type.endsWith(":RegistryScanningConfiguration"))
        .every(({ retainOnDelete }) => retainOnDelete),
    );
    assert.deepEqual(
      resources.filter(({ protect }) => protect),
      [],
    );
  });

  it("gives the Inspector enabler time, and makes things in the order that AWS needs", async () => {
    const { resources } = await runProgram(ROOT, readStackConfig(ROOT, "prod"));
    const named = (name: string) => resources.find((one) => one.name === name)!;
    const waits = (name: string, other: string) => named(name).dependsOn.includes(named(other).urn);
    assert.deepEqual(named("scanning-inspector").timeouts, { create: "15m", update: "15m", delete: "15m" });
    assert.ok(waits("scanning-configuration", "scanning-inspector"));
    assert.ok(waits("audit-trail", "audit-bucket-policy"));
    assert.ok(waits("audit-trail", "audit-logs-role-policy"));
    assert.ok(waits("registry-cache-docker-hub", "registry-template-docker-hub"));
    assert.ok(waits("github-payments-release", "github-provider"));
    assert.ok(waits("payments-api-lifecycle", "payments-api"));
  });

  it("refuses two resources of one name, as the engine does", async () => {
    const folder = copyOfProject();
    const index = path.join(folder, "index.ts");
    fs.appendFileSync(index, '\nnew RepositoryKey("repositories", common);\n');
    await assert.rejects(runProgram(folder, readStackConfig(folder, "dev")), /Duplicate resource URN/);
    fs.rmSync(folder, { recursive: true });
  });

  it("estimates by what is declared", async () => {
    const cost = (run: ProgramRun) => reportOf(run, DEFAULT_ASSUMPTIONS).cost;
    const dev = cost(await runProgram(ROOT, readStackConfig(ROOT, "dev")));
    const quantity = (item: string) => dev.lines.find((line) => line.item === item)?.quantity;
    assert.equal(quantity("Image storage"), 7 * DEFAULT_ASSUMPTIONS.gbPerRepository);
    assert.equal(quantity("First scans"), undefined, "basic scanning is free");
    assert.equal(quantity("Interface endpoints"), 3 * 2 * 730);
    assert.equal(dev.lines.find((line) => line.item === "Interface endpoints")?.price, 0.011);
    assert.ok(
      Math.abs(dev.total - dev.lines.reduce((sum, line) => sum + line.price * line.quantity, 0)) < 1e-9,
    );
    const prod = cost(await runProgram(ROOT, readStackConfig(ROOT, "prod")));
    assert.equal(prod.lines.find((line) => line.item === "Interface endpoints")?.quantity, 3 * 3 * 730);
    assert.ok(prod.lines.some((line) => line.item === "Rescans"));
  });
});

describe("the difference of two runs", () => {
  it("takes an alias for a rename, not for a removal", () => {
    const diff = diffRuns(
      runOf(planned("old", { name: "r" })),
      runOf(planned("new", { name: "r" }, { aliases: ["old"] })),
    );
    assert.deepEqual([diff.added.length, diff.removed.length, diff.changed[0]?.renamedFrom], [0, 0, "old"]);
  });

  it("looks inside policies", () => {
    const policy = (action: string) => JSON.stringify({ Statement: [{ Action: action }] });
    const type = "aws:ecr/repositoryPolicy:RepositoryPolicy";
    const diff = diffRuns(
      runOf(planned("p", { policy: policy("a") }, { type })),
      runOf(planned("p", { policy: policy("b") }, { type })),
    );
    assert.deepEqual(diff.changed[0]?.fields, [
      { field: "policy.Statement[0].Action", before: "a", after: "b", replaces: false },
    ]);
  });

  it("shows one more line of a dashboard as that line, wherever it stands", () => {
    const dashboard = (teams: Record<string, string[]>) =>
      runOf(
        planned("d", {
          dashboardBody: JSON.stringify(
            dashboardBody({ region: "eu-west-1", environment: "dev", period: 3600, teams, alarmArns: [] }),
          ),
        }),
      );
    const { changed } = diffRuns(dashboard({ b: ["b-x-dev"] }), dashboard({ a: [], b: ["b-x-dev"] }));
    assert.deepEqual(
      changed[0]?.fields.map(({ field }) => field),
      [
        "dashboardBody.text 0.markdown",
        "dashboardBody.Storage by team.shows.EcrPlatform StorageSize Environment dev Team a",
        "dashboardBody.Images by team.shows.EcrPlatform ImageCount Environment dev Team a",
        "dashboardBody.Critical findings by team.shows.EcrPlatform ImageScanFindingsCount Environment dev Team a Severity CRITICAL",
      ],
    );
  });
  it("names lost protection", () => {
    const diff = diffRuns(runOf(planned("r", {}, { protect: true })), runOf(planned("r", {})));
    assert.deepEqual(diff.changed[0]?.fields, [
      { field: "(protect)", before: true, after: false, replaces: false },
    ]);
  });

  it("does not call the replacement of something unprotected a danger", () => {
    const diff = diffRuns(runOf(planned("r", { name: "a" })), runOf(planned("r", { name: "b" })));
    assert.equal(diff.changed[0]?.replaced, true);
    assert.deepEqual(diff.dangers, []);
  });
});

describe("many plans in one process", () => {
  it("keep no earlier run in memory", async () => {
    const runner = require.cache[require.resolve("../../plan/run")];
    for (let i = 0; i < 3; i++) {
      await runProgram(ROOT, readStackConfig(ROOT, "dev"));
    }
    const programs = runner?.children.filter(({ filename }) => filename === path.join(ROOT, "index.ts"));
    assert.equal(programs?.length, 1);
  });
});

describe("a plan of thousands of resources", () => {
  it("fits a pull request's comment, summary first", () => {
    const many = Array.from({ length: 3000 }, (_, i) =>
      planned(`team-service-${i}`, { name: `team-service-${i}-dev` }),
    );
    const report = reportOf(runOf(...many), DEFAULT_ASSUMPTIONS, {
      before: { revision: "main", run: undefined },
    });
    const text = renderMarkdown(report, { policies: false });
    assert.ok(text.length <= 64_000);
    assert.match(text, /3000 added.*the stack is new/);
    assert.match(text, /cut: the whole plan is longer/);
    assert.equal(
      renderText(report, { policies: false })
        .split("\n")
        .filter((line) => line.includes("└─") || line.includes("├─")).length,
      3000,
    );
  });
});
