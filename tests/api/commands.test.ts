import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CreateVpcCommand, CreateVpcEndpointCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  PutRegistryPolicyCommand,
  PutRegistryScanningConfigurationCommand,
  PutReplicationConfigurationCommand,
} from "@aws-sdk/client-ecr";
import { CreateOpenIDConnectProviderCommand, IAMClient } from "@aws-sdk/client-iam";
import { EnableCommand, Inspector2Client } from "@aws-sdk/client-inspector2";
import type { Checked } from "../../cli/doctor";
import type { CleanUpReport } from "../../images/clean-up";
import { cloudWatchClient, ecrClient } from "../../images/clients";
import type { ImageFinding } from "../../images/findings";
import { handler as metricsHandler } from "../../functions/metrics";
import { copyOfProject, editStack } from "../support/project";
import { seedDemo, seedInspector } from "./demo";
import { Emulator, REGION } from "./emulator";
import { about, digestOf, image, index, repository } from "./registry";
import { commandShims } from "./shims";

/** Begins a terminal's control sequences. */
const ESCAPE = String.fromCharCode(27);

interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

describe("the commands, against an API", () => {
  let aws: Emulator;
  let folder: string;
  let shims: string;
  const variables = { ...process.env };
  before(async () => {
    aws = await Emulator.start();
    Object.assign(process.env, aws.environment);
  });
  beforeEach(async () => {
    await aws.reset();
    folder = copyOfProject();
    shims = commandShims(folder);
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  after(() => {
    aws.close();
    process.env = variables;
  });

  const environment = () => ({ ...process.env, PATH: `${shims}:${process.env.PATH}`, NO_COLOR: "1" });
  const program = () => path.join(folder, "cli/ecr-platform.js");
  const run = (...args: string[]): Ran => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program(), ...args], {
      cwd: folder,
      encoding: "utf8",
      input: "",
      env: environment(),
      maxBuffer: 64 * 1024 * 1024,
    });
    return { status, stdout, stderr };
  };
  const json = <T>(...args: string[]): T => {
    const { stdout, stderr } = run(...args, "--json");
    assert.equal(stderr, "");
    return JSON.parse(stdout) as T;
  };
  /** On a terminal, with keys typed. */
  const onTerminal = (keys: string[], ...args: string[]): Ran => {
    const typed = keys.map((key) => `sleep 1; printf '${key}\\r'; `).join("");
    const command = [process.execPath, program(), ...args].map((word) => `"${word}"`).join(" ");
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["-c", `(sleep 3; ${typed}sleep 3) | script -qec '${command}' /dev/null`],
      { cwd: folder, encoding: "utf8", env: { ...environment(), NO_COLOR: "" } },
    );
    return { status, stdout, stderr };
  };
  const stackFile = (stack: string) => path.join(folder, `Pulumi.${stack}.yaml`);

  describe("on another account's credentials", () => {
    it("do nothing, and say which account", () => {
      const { status, stdout, stderr } = run("images", "list", "--stack", "prod");
      assert.equal(status, 1);
      assert.equal(stdout, "");
      assert.match(
        stderr,
        /the credentials are of account 111122223333, and prod is in 444455556666\nfix: set AWS_PROFILE/,
      );
    });
    it("name a repository or team that is mistyped", () => {
      const { stderr } = run("images", "list", "--team", "payment");
      assert.match(stderr, /dev has no team payment\nfix: did you mean payments\?/);
      assert.match(run("findings", "-r", "payments/apii").stderr, /did you mean payments\/api\?/);
    });
    it("go to another address by flag as by variable", () => {
      const { status, stdout } = spawnSync(
        process.execPath,
        [program(), "doctor", "--json", "--endpoint-url", aws.endpoint],
        { cwd: folder, encoding: "utf8", env: { ...environment(), AWS_ENDPOINT_URL: undefined } },
      );
      assert.equal(status, 0, stdout);
    });
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
        /images are shared with 777788889999, 012345678901, and clean-up cannot see what runs there/,
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
      for (const key of [
        "scanning.manage",
        "audit.manage",
        "registry.githubOidcProvider",
        "costs.monthlyBudget",
      ]) {
        assert.match(
          stdout,
          new RegExp(`${key.replace(".", "\\.")} = .*\n {4}rule: one stack owns it in an account`),
          key,
        );
      }
      assert.match(stdout, /costs\.monthlyBudget = 50\n/, "the value that stands there");
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
      }>(...team);
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
      const exists = run("new-team", "--name", "payments", "--contact", "c@acme.example", "--service", "x");
      assert.match(exists.stderr, /Pulumi\.dev\.yaml has a team payments already\nfix: /);
      const bad = run("new-team", "--name", "Check Out", "--contact", "c@acme.example", "--service", "x");
      assert.match(bad.stderr, /Pulumi\.dev\.yaml has 1 problem[\s\S]*"Check Out"\n {4}rule: lowercase/);
      assert.deepEqual([exists.status, bad.status], [1, 1]);
      assert.equal(fs.readFileSync(stackFile("dev"), "utf8"), before);
    });
    it("names what is missing where there is nobody to ask", () => {
      const { status, stderr } = run("new-team", "--name", "checkout");
      assert.equal(status, 1);
      assert.equal(
        stderr,
        "missing: --contact, --service\nfix: give the flags, or run it on a terminal to be asked\n",
      );
    });
    it("asks on a terminal, refuses what is not valid, and writes once that is confirmed", () => {
      const asked = onTerminal(
        ["Check", "\\177\\177\\177\\177\\177checkout", "c@acme.example", "cart page", "y"],
        "new-team",
        "--stack",
        "dev",
      );
      assert.match(asked.stdout, /Team, first part of its repositories' names/);
      assert.match(asked.stdout, /lowercase letters and digits/);
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
      const { stack, leftOut } = json<{ stack: string; leftOut: string[] }>(
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
          leftOut.some((one) => what.test(one)),
          `${what} in ${leftOut.join("; ")}`,
        );
      }
    });
    it("refuses a stack that exists, and what no account or region is", () => {
      assert.match(
        run("new-env", "dev", "--account", "222233334444").stderr,
        /Pulumi\.dev\.yaml exists already/,
      );
      assert.match(
        run("new-env", "qa", "--account", "12345").stderr,
        /12345: an AWS account id is exactly twelve digits/,
      );
      assert.match(
        run("new-env", "qa", "--account", "222233334444", "--region", "eu-west-9").stderr,
        /did you mean eu-west-[1-3]\?/,
      );
      assert.match(run("new-env", "QA", "--account", "222233334444").stderr, /lowercase/);
      assert.ok(!fs.existsSync(stackFile("qa")));
    });
  });

  describe("images", () => {
    it("lists by team and repository, by size, and untagged ones", async () => {
      await seedDemo(aws);
      const { images } = json<{ images: { repository: string; bytes: number }[] }>(
        "images",
        "list",
        "--sort",
        "size",
      );
      assert.equal(images.length, 23);
      assert.deepEqual(
        [images[0]?.repository, images[1]?.repository],
        ["data-notebook-dev", "storefront-search-dev"],
      );
      assert.equal(json<{ images: object[] }>("images", "list", "-t", "payments").images.length, 11);
      assert.equal(
        json<{ images: object[] }>("images", "list", "-r", "payments/api", "--untagged").images.length,
        1,
      );
      assert.match(
        run("images", "list", "--limit", "2").stdout,
        /\n\n23 images in 7 repositories, .* the first 2 are shown/,
      );
    });

    it("says of a repository that is not there, shows the rest, and fails", async () => {
      await aws.seed([repository("payments-api-dev", [image("a")])]);
      const { status, stdout } = run("images", "list", "-t", "payments");
      assert.equal(status, 1);
      assert.match(stdout, /1 images in 3 repositories/);
      assert.match(stdout, /not read: payments-ledger-dev: it does not exist \(yet: pulumi up makes it\)/);
    });

    it("asks for rules where neither flags nor the stack's file have any", () => {
      editStack(folder, "dev", (config) => {
        delete config["ecr-platform:repositories"].cleanUp;
      });
      assert.match(
        run("images", "stale").stderr,
        /dev has no rules to clean up by\nfix: give flags such as --untagged-days 14/,
      );
    });

    it("are judged by flags instead of the file's rules, with more protection", async () => {
      await seedDemo(aws);
      const report = json<CleanUpReport>("images", "stale", "--older-than-days", "60", "--protect", "v1.1.*");
      const selected = report.repositories.flatMap((one) =>
        one.selected.map(({ tags }) => tags[0] ?? "untagged"),
      );
      assert.deepEqual(selected.filter((tag) => tag !== "untagged").sort(), ["v1.2.0", "v1.9.0"]);
      assert.equal(report.dryRun, true);
      assert.equal((await aws.calls()).calls.BatchDeleteImage, undefined);
    });

    it("are deleted with --yes only, and just those that were shown", async () => {
      await seedDemo(aws);
      const before = await aws.images();
      const refused = run("images", "clean");
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /nobody is there to confirm/);
      assert.deepEqual(await aws.images(), before);
      const report = json<CleanUpReport>(
        "images",
        "clean",
        "--yes",
        "--report",
        path.join(folder, "report.json"),
      );
      assert.deepEqual([report.totals.deleted, report.totals.failed, report.dryRun], [7, 0, false]);
      assert.deepEqual(JSON.parse(fs.readFileSync(path.join(folder, "report.json"), "utf8")), report);
      const left = (await aws.images())["storefront-web-dev"];
      assert.ok(left?.includes(digestOf("web running")), "a task runs it");
      assert.ok(
        (await aws.images())["payments-api-dev"]?.includes(digestOf("api deployed")),
        "its tag is protected",
      );
      assert.match(run("images", "clean", "--yes").stdout, /0 of 16 images can go[\s\S]*nothing to delete/);
    });

    it("are only those that were confirmed, although more have become stale meanwhile", async () => {
      await seedDemo(aws);
      const command = [process.execPath, program(), "images", "clean", "-t", "payments"]
        .map((word) => `"${word}"`)
        .join(" ");
      const child = spawn(
        "bash",
        ["-c", `(sleep 8; printf 'y\\r'; sleep 4) | script -qec '${command}' /dev/null`],
        {
          cwd: folder,
          env: environment(),
        },
      );
      let shown = "";
      child.stdout.on("data", (data: Buffer) => (shown += data.toString()));
      while (!shown.includes("for good?")) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await aws.seed([repository("payments-api-dev", [image("just now stale", { days: 99 })])]);
      await new Promise((resolve) => child.once("close", resolve));
      assert.match(shown, /deleted 3 images/);
      assert.ok((await aws.images())["payments-api-dev"]?.includes(digestOf("just now stale")));
    });

    it("are kept where a list says that they run", async () => {
      await seedDemo(aws);
      fs.writeFileSync(path.join(folder, "pods.txt"), "# kubectl get pods\npayments-api-dev:v1.2.0\n");
      const report = json<CleanUpReport>(
        "images",
        "clean",
        "--yes",
        "-t",
        "payments",
        "--in-use",
        path.join(folder, "pods.txt"),
      );
      assert.equal(report.totals.deleted, 2);
      assert.ok((await aws.images())["payments-api-dev"]?.includes(digestOf("api old")));
      const { status, stdout } = spawnSync(
        process.execPath,
        [program(), "images", "clean", "--yes", "-t", "storefront", "--in-use", "-", "--json"],
        { cwd: folder, encoding: "utf8", env: environment(), input: "storefront-web-dev:v1.9.0\n" },
      );
      assert.equal(status, 0);
      assert.equal((JSON.parse(stdout) as CleanUpReport).totals.selected, 0, "a list from standard input");
    });

    it("are not deleted where they are shared with accounts that nobody sees", async () => {
      await seedDemo(aws);
      editStack(folder, "dev", (config) => {
        config["ecr-platform:operations"].cleanUp.mode = "dry-run";
        config["ecr-platform:repositories"].sharing = { accounts: ["777788889999"] };
      });
      const { status, stderr } = run("images", "clean", "--yes");
      assert.equal(status, 1);
      assert.match(
        stderr,
        /images are shared with 777788889999, and nobody sees what runs there\nfix: set operations\.cleanUp\.inUse/,
      );
      fs.writeFileSync(path.join(folder, "pods.txt"), "ghcr.io/acme/other:1\n");
      fs.writeFileSync(path.join(folder, "error.txt"), "error: You must be logged in to the server\n");
      assert.match(
        run("images", "stale", "--in-use", path.join(folder, "error.txt")).stderr,
        /^--in-use cannot be read, so nothing is selected: .*error\.txt, line 1: "error: You must be logged in/,
      );
      assert.equal(
        run("images", "clean", "--yes", "--in-use", path.join(folder, "pods.txt")).status,
        1,
        "a list says nothing of accounts that it does not speak of",
      );
      assert.equal(
        json<CleanUpReport>("images", "clean", "--yes", "--ignore-other-accounts").totals.deleted,
        7,
      );
    });

    it("stop being deleted at Ctrl-C, between two batches, and go on the next time", async () => {
      await aws.seed([
        repository(
          "payments-api-dev",
          Array.from({ length: 450 }, (_, i) => image(`m${i}`, { days: 50 })),
        ),
      ]);
      await aws.fault({ action: "BatchDeleteImage", after: 1, count: 1, kind: "slow", seconds: 2 });
      const child = spawn(
        process.execPath,
        [program(), "images", "clean", "-r", "payments/api", "--yes", "--json"],
        {
          cwd: folder,
          env: environment(),
        },
      );
      let stdout = "";
      child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
      while (((await aws.calls()).calls.BatchDeleteImage ?? 0) < 2) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      child.kill("SIGINT");
      const status = await new Promise((resolve) => child.once("close", resolve));
      assert.equal(status, 130);
      const report = JSON.parse(stdout) as CleanUpReport;
      assert.deepEqual([report.totals.deleted, report.stopped], [200, "it was interrupted"]);
      assert.equal((await aws.images())["payments-api-dev"]?.length, 250);
      assert.equal(json<CleanUpReport>("images", "clean", "-r", "payments/api", "--yes").totals.deleted, 250);
    });

    it("are cleaned by two people at once to the same end", async () => {
      await aws.seed([
        repository(
          "payments-api-dev",
          Array.from({ length: 400 }, (_, i) => image(`m${i}`, { days: 50 })),
        ),
      ]);
      const statuses = await Promise.all(
        [1, 2].map(
          () =>
            new Promise((resolve) => {
              spawn(process.execPath, [program(), "images", "clean", "-r", "payments/api", "--yes"], {
                cwd: folder,
                env: environment(),
                stdio: "ignore",
              }).once("close", resolve);
            }),
        ),
      );
      assert.deepEqual(statuses, [0, 0]);
      assert.deepEqual((await aws.images())["payments-api-dev"], []);
    });

    it("show progress and colours on a terminal only", async () => {
      await seedDemo(aws);
      const { stdout } = onTerminal([], "images", "list", "--untagged");
      assert.match(stdout, /repositories .*7\/7/);
      assert.match(stdout, new RegExp(`${ESCAPE}\\[2muntagged`));
      const { stdout: piped, stderr } = run("images", "list", "--untagged");
      assert.doesNotMatch(piped, new RegExp(`${ESCAPE}|repositories .*/7`));
      assert.equal(stderr, "");
    });
  });

  describe("scan", () => {
    it("starts a basic scan and waits for it, once a day", async () => {
      await seedDemo(aws);
      type Scans = { scans: { state: { status: string; counts: Record<string, number> }; note?: string }[] };
      const first = json<Scans>("scan", "-r", "payments/api");
      assert.deepEqual(first.scans[0]?.state.counts, { CRITICAL: 1, HIGH: 1 });
      assert.equal(first.scans[0]?.note, undefined);
      assert.match(
        json<Scans>("scan", "-r", "payments/api").scans[0]?.note ?? "",
        /^scanned in the last 24 hours/,
      );
      assert.equal(json<Scans>("scan", "-r", "payments/api", "--all").scans.length, 9);
    });
    it("fails where a scan fails or there is no such image", async () => {
      await seedDemo(aws);
      await aws.scanResults([
        { repository: "payments-ledger-dev", digest: digestOf("ledger"), status: "FAILED", findings: [] },
      ]);
      assert.equal(run("scan", "-r", "payments/ledger").status, 1);
      assert.match(run("scan", "-r", "payments/ledger", "--image", "v9").stderr, /no image to scan is v9/);
    });
    it("shows what Inspector covers, and why nothing is started", async () => {
      await seedDemo(aws);
      await seedInspector(aws);
      const { coverage, manualStart } = json<{
        manualStart: string;
        coverage: {
          repository: string;
          frequency: string;
          images: number;
          scanned: number;
          notScanned: object;
        }[];
      }>("scan", "-t", "payments", "storefront");
      assert.match(manualStart, /no manual start/);
      assert.deepEqual(
        coverage.map(({ repository: name, frequency, images, scanned, notScanned }) => [
          name,
          frequency,
          images,
          scanned,
          notScanned,
        ]),
        [
          ["payments-api-dev", "CONTINUOUS_SCAN", 2, 1, { SCAN_ELIGIBILITY_EXPIRED: 1 }],
          ["payments-ledger-dev", "CONTINUOUS_SCAN", 1, 1, {}],
          ["payments-card-vault-dev", "CONTINUOUS_SCAN", 0, 0, {}],
          ["storefront-web-dev", "SCAN_ON_PUSH", 1, 0, { UNSUPPORTED_OS: 1 }],
          ["storefront-search-dev", "SCAN_ON_PUSH", 0, 0, {}],
        ],
      );
      assert.equal((await aws.calls()).calls.StartImageScan, undefined);
    });
  });

  describe("findings", () => {
    it("are Inspector's, of the stack's repositories, worst first, with the version that has a fix", async () => {
      await seedDemo(aws);
      await seedInspector(aws);
      const { findings, scanType } = json<{ scanType: string; findings: ImageFinding[] }>(
        "findings",
        "--severity",
        "LOW",
      );
      assert.equal(scanType, "ENHANCED");
      assert.deepEqual(
        findings.map(({ id, severity, team, fixedIn }) => [id, severity, team, fixedIn]),
        [
          ["CVE-2026-1111", "CRITICAL", "payments", "0:3.0.15-1"],
          ["CVE-2026-2222", "HIGH", "payments", undefined],
          ["CVE-2026-3333", "HIGH", "storefront", "2.9.14-1.3"],
          ["CVE-2026-4444", "LOW", "data", undefined],
        ],
      );
      assert.equal(
        json<{ findings: object[] }>("findings", "--fixable", "-t", "payments").findings.length,
        1,
      );
      assert.equal(json<{ findings: object[] }>("findings", "--image", "v2.0.0").findings.length, 1);
      assert.equal(json<{ findings: object[] }>("findings", "--severity", "CRITICAL").findings.length, 1);
    });
    it("page through thousands of Inspector's", async () => {
      await seedDemo(aws);
      await seedInspector(aws);
      const [one] = json<{ findings: ImageFinding[] }>("findings").findings;
      await aws.inspectorFindings(
        Array.from({ length: 2500 }, (_, i) => ({
          title: `CVE-${i}`,
          severity: "HIGH",
          status: "ACTIVE",
          resources: [
            {
              details: {
                awsEcrContainerImage: {
                  repositoryName: one?.repository,
                  imageHash: one?.digest,
                  imageTags: [],
                },
              },
            },
          ],
          packageVulnerabilityDetails: { vulnerabilityId: `CVE-${i}` },
        })),
      );
      assert.equal(json<{ findings: object[] }>("findings").findings.length, 2500);
    });
    it("are ECR's own under basic scanning", async () => {
      await seedDemo(aws);
      const { scanType, findings } = json<{ scanType: string; findings: ImageFinding[] }>("findings");
      assert.equal(scanType, "BASIC");
      assert.deepEqual(
        findings
          .map(({ id, severity, package: name, installed, fixedIn, score }) => [
            id,
            severity,
            name,
            installed,
            fixedIn,
            score,
          ])
          .slice(0, 2),
        [
          ["CVE-2026-1111", "CRITICAL", "openssl", "3.0.11-1", "3.0.15-1", 9.8],
          ["CVE-2026-1111", "HIGH", "libxml2", "2.9.14", "2.9.14+dfsg-1.3", 7.5],
        ],
      );
    });
    it("are written as SARIF: a rule a vulnerability, a result a package and image", async () => {
      await seedDemo(aws);
      const { runs, version } = JSON.parse(run("findings", "--format", "sarif").stdout) as {
        version: string;
        runs: { tool: { driver: { rules: any[] } }; results: any[] }[];
      };
      assert.equal(version, "2.1.0");
      const { tool, results } = runs[0]!;
      assert.deepEqual(
        tool.driver.rules.map(({ id }) => id as string),
        ["CVE-2026-1111", "CVE-2026-2222"],
      );
      assert.equal(results.length, 4);
      for (const { ruleId, ruleIndex, level, locations } of results) {
        assert.equal(tool.driver.rules[ruleIndex].id, ruleId);
        assert.equal(level, "error");
        assert.match(
          locations[0].physicalLocation.artifactLocation.uri,
          /^111122223333\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/payments-api-dev@sha256:/,
        );
      }
      assert.equal(
        new Set(results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size,
        4,
      );
    });
    it("are written as a page that shows markup as text", async () => {
      await seedDemo(aws);
      await aws.scanResults([
        {
          repository: "payments-api-dev",
          digest: digestOf("api 1"),
          status: "COMPLETE",
          findings: [
            {
              name: "CVE-1",
              severity: "HIGH",
              description: "<script>alert(1)</script>",
              uri: "javascript:alert(1)",
              attributes: [],
            },
          ],
        },
      ]);
      const file = path.join(folder, "page.html");
      assert.equal(run("findings", "--format", "html", "-o", file).status, 0);
      const html = fs.readFileSync(file, "utf8");
      assert.doesNotMatch(
        html,
        /<script|href="javascript|src=|@import|url\(/,
        "nothing runs and nothing is loaded",
      );
      assert.match(html, /&#60;script&#62;alert\(1\)/);
      assert.equal(html.match(/<svg /g)?.length, 4);
    });
  });

  describe("login", () => {
    it("hands the token to the client's standard input, and shows it nowhere", async () => {
      const { status, stdout, stderr } = run("login");
      assert.equal(status, 0, stderr);
      const [args, token] = fs.readFileSync(path.join(shims, "docker.log"), "utf8").split("\n");
      assert.equal(
        args,
        `login --username AWS --password-stdin 111122223333.dkr.ecr.${REGION}.amazonaws.com`,
      );
      assert.ok((token ?? "").length > 10);
      assert.ok(!`${stdout}${stderr}`.includes(token ?? ""));
      assert.equal((await aws.calls()).calls.GetAuthorizationToken, 1);
    });
    it("hides the token in what a client says that fails", () => {
      fs.writeFileSync(
        path.join(shims, "docker"),
        '#!/bin/sh\ntoken=$(cat)\necho "denied: $token" >&2\nexit 3\n',
      );
      const { status, stderr } = run("login");
      assert.equal(status, 1);
      assert.match(stderr, /docker login ended with 3: denied: <token>\nfix: /);
      assert.match(run("login", "--client", "nerdctl").stderr, /nerdctl is not installed/);
    });
    it("prints a command without asking AWS", async () => {
      assert.match(
        run("login", "--print").stdout,
        /^aws ecr get-login-password --region eu-west-1 \| docker login --username AWS --password-stdin \S+\n$/,
      );
      assert.deepEqual((await aws.calls()).calls, {});
    });
  });

  describe("cost", () => {
    type Costs = {
      source: string;
      priceRegions: { storage: string; transfer: string };
      teams: {
        team: string;
        storageBytes: number;
        pulls: number;
        storageUsdPerMonth: number;
        transferBytes?: number;
        transferUsdAtMost?: number;
      }[];
    };
    const pulledTimes = (name: string, times: number, days = 1) =>
      cloudWatchClient(aws.connection).send(
        new PutMetricDataCommand({
          Namespace: "AWS/ECR",
          MetricData: [
            {
              MetricName: "RepositoryPullCount",
              Value: times,
              Timestamp: new Date(Date.now() - days * 24 * 3600_000),
              Dimensions: [{ Name: "RepositoryName", Value: name }],
            },
          ],
        }),
      );
    it("is read from the metrics function's last run, and by listing where that has not run", async () => {
      await seedDemo(aws);
      const listed = json<Costs>("cost");
      assert.equal(listed.source, "images");
      assert.deepEqual(listed.priceRegions, { storage: "us-east-1", transfer: "us-east-1" });
      assert.equal(json<Costs>("cost", "--from", "metrics").teams[0]?.storageBytes, 0);
      await metricsHandler({ project: "ecr-platform", environment: "dev" });
      const before = (await aws.calls()).calls.DescribeImages;
      const measured = json<Costs>("cost");
      assert.equal(measured.source, "metrics");
      const held = ({ team, storageBytes, storageUsdPerMonth, pulls }: Costs["teams"][number]) => ({
        team,
        storageBytes,
        storageUsdPerMonth,
        pulls,
      });
      assert.deepEqual(measured.teams.map(held), listed.teams.map(held), "both say the same");
      assert.ok(listed.teams.every(({ transferBytes }) => transferBytes !== undefined));
      assert.ok(
        measured.teams.every(({ transferBytes }) => transferBytes === undefined),
        "the metrics do not know how large a pulled image is",
      );
      assert.match(run("cost").stdout, /run with --from images to estimate the transfer/);
      assert.equal((await aws.calls()).calls.DescribeImages, before);
      const payments = measured.teams.find(({ team }) => team === "payments");
      assert.equal(payments?.pulls, 420);
      assert.ok(
        Math.abs((payments?.storageUsdPerMonth ?? 0) - ((payments?.storageBytes ?? 0) / 2 ** 30) * 0.1) <
          1e-9,
      );
    });
    it("counts a manifest list as its largest image when pulled, and as 0 bytes when stored", async () => {
      const entries = [image("amd64", { bytes: 300 }), image("arm64", { bytes: 200 })];
      const list = index("list", entries, { tags: ["v1"] });
      await aws.seed([
        repository("storefront-web-dev", [
          ...entries,
          list,
          about("signature", list, { tags: [`${list.digest.replace(":", "-")}.sig`], bytes: 10 }),
        ]),
      ]);
      await pulledTimes("storefront-web-dev", 7);
      const [team] = json<Costs>("cost", "-r", "storefront/web").teams;
      assert.deepEqual([team?.storageBytes, team?.transferBytes], [510, 7 * 300]);
      const { images } = json<{ images: { digest: string; bytes: number; pullBytes: number }[] }>(
        "images",
        "list",
        "-r",
        "storefront/web",
      );
      const listed = images.find(({ digest }) => digest === list.digest);
      assert.deepEqual([listed?.bytes, listed?.pullBytes], [0, 300]);
      assert.match(
        run("images", "list", "-r", "storefront/web").stdout,
        /4 images in 1 repositories, 510 B stored/,
      );
    });
    it("counts pulls of the days that are asked for", async () => {
      await seedDemo(aws);
      await pulledTimes("payments-ledger-dev", 1000, 20);
      const pulls = (days: string) => json<Costs>("cost", "--days", days, "-t", "payments").teams[0]?.pulls;
      assert.deepEqual([pulls("7"), pulls("30")], [420, 1420]);
    });
  });

  describe("doctor", () => {
    const checks = (status = 0): Map<string, Checked> => {
      const ran = run("doctor", "--json");
      assert.equal(ran.status, status, ran.stdout + ran.stderr);
      return new Map((JSON.parse(ran.stdout) as Checked[]).map((one) => [one.check, one]));
    };
    it("finds nothing in a new account but what no stack has made yet", () => {
      assert.deepEqual(
        [...checks().values()].filter(({ status }) => status !== "ok"),
        [],
      );
    });
    it("stops at credentials that are none, or another account's", () => {
      const other = JSON.parse(run("doctor", "--stack", "prod", "--json").stdout) as Checked[];
      assert.deepEqual(
        other.map(({ check, status }) => [check, status]),
        [
          ["endpoints reachable", "ok"],
          ["credentials", "fail"],
        ],
      );
      assert.match(other[1]?.detail ?? "", /of account 111122223333, and prod is in 444455556666/);
    });
    it("tells of permissions that an update lacks, by IAM's simulation", async () => {
      await aws.deny("ecr:CreateRepository", "kms:CreateGrant");
      const found = checks().get("permissions");
      assert.equal(found?.status, "warn");
      assert.match(
        found?.detail ?? "",
        /^2 of the \d+ actions that an update takes are not allowed: ecr:CreateRepository, kms:CreateGrant$/,
      );
      assert.match(found?.fix ?? "", /npm run permissions -- --stack dev/);
    });
    it("tells of what it may not look at, and of what does not answer", async () => {
      await aws.fault({
        action: "GetRegistryScanningConfiguration",
        count: 1,
        kind: "error",
        name: "AccessDeniedException",
      });
      await aws.fault({ action: "DescribeRegistry", count: 1, kind: "error", name: "ServerException" });
      await aws.fault({
        action: "DescribeRegistry",
        count: 20,
        kind: "error",
        name: "InvalidParameterException",
      });
      const found = checks();
      assert.equal(found.get("scanning configuration")?.status, "warn");
      assert.match(found.get("scanning configuration")?.detail ?? "", /not allowed to look/);
      assert.equal(found.get("replication and registry policy")?.status, "skip");
    });
    it("tells of singletons that somebody else has set", async () => {
      const ecr = ecrClient(aws.connection);
      await ecr.send(
        new PutRegistryScanningConfigurationCommand({
          scanType: "BASIC",
          rules: [
            {
              scanFrequency: "SCAN_ON_PUSH",
              repositoryFilters: [{ filter: "theirs", filterType: "WILDCARD" }],
            },
          ],
        }),
      );
      await ecr.send(
        new PutReplicationConfigurationCommand({
          replicationConfiguration: {
            rules: [{ destinations: [{ region: "us-east-1", registryId: "111122223333" }] }],
          },
        }),
      );
      await new IAMClient(aws.connection).send(
        new CreateOpenIDConnectProviderCommand({
          Url: "https://token.actions.githubusercontent.com",
          ThumbprintList: ["a".repeat(40)],
        }),
      );
      const found = checks();
      assert.match(
        found.get("scanning configuration")?.detail ?? "",
        /it is BASIC with SCAN_ON_PUSH theirs, and this stack would overwrite it/,
      );
      assert.match(
        found.get("replication and registry policy")?.detail ?? "",
        /replicated to us-east-1 111122223333/,
      );
      assert.equal(found.get("GitHub's OIDC provider")?.status, "warn");
    });
    it("reports a registry policy unless this stack declares one, as for shared caches", async () => {
      const policy = {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Theirs",
            Effect: "Allow",
            Principal: { AWS: "arn:aws:iam::222233334444:root" },
            Action: "ecr:CreateRepository",
            Resource: `arn:aws:ecr:${REGION}:111122223333:repository/*`,
          },
        ],
      };
      await ecrClient(aws.connection).send(
        new PutRegistryPolicyCommand({ policyText: JSON.stringify(policy) }),
      );
      const detail = () => checks().get("replication and registry policy")?.detail ?? "";
      assert.match(detail(), /a registry policy that this stack does not declare/);
      editStack(folder, "dev", (config) => {
        config["ecr-platform:repositories"].sharing = { accounts: ["222233334444"] };
        config["ecr-platform:operations"].cleanUp.mode = "dry-run";
      });
      assert.doesNotMatch(detail(), /does not declare/);
    });
    it("is at ease with what this stack has declared", async () => {
      await ecrClient(aws.connection).send(
        new PutRegistryScanningConfigurationCommand({
          scanType: "BASIC",
          rules: [
            { scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }] },
          ],
        }),
      );
      assert.equal(checks().get("scanning configuration")?.detail, "BASIC, as this stack declares it");
    });
    it("lists the claims of GitHub's tokens that each push role accepts", () => {
      editStack(folder, "dev", (config) => {
        config["ecr-platform:registry"] = { githubOidcProvider: "create" };
        const [team] = config["ecr-platform:teams"] as [Record<string, unknown>];
        team.githubRoles = [{ name: "ci", repository: "acme@123/x@456", branches: ["main"] }];
      });
      assert.match(
        checks().get("GitHub roles")?.detail ?? "",
        /^payments\/ci accepts repository_id 456, sub repo:\*:ref:refs\/heads\/main;/,
      );
    });
    it("tells of resource types that the Inspector enabler would switch off", async () => {
      editStack(folder, "dev", (config) => {
        config["ecr-platform:scanning"] = { type: "enhanced" };
      });
      await new Inspector2Client(aws.connection).send(
        new EnableCommand({ accountIds: ["111122223333"], resourceTypes: ["ECR", "LAMBDA"] }),
      );
      const found = checks(1).get("Inspector");
      assert.match(found?.detail ?? "", /it scans LAMBDA too, which the enabler would switch off/);
      assert.match(found?.fix ?? "", /resourceTypes: \[ECR, LAMBDA\]/);
    });
    it("reports whether Inspector's findings reach Security Hub", async () => {
      const set = (securityHub: string) => {
        editStack(folder, "dev", (config) => {
          config["ecr-platform:findings"].securityHub = securityHub;
        });
      };
      const subscription = (product: string) =>
        `arn:aws:securityhub:${REGION}:111122223333:product-subscription/aws/${product}`;
      set("enable");
      assert.equal(checks().get("Security Hub")?.detail, "this stack enables it");
      set("integrate");
      const missing = checks(1).get("Security Hub");
      assert.match(missing?.detail ?? "", /Security Hub is not enabled in eu-west-1/);
      assert.equal(missing?.fix, "enable it, or set findings.securityHub: enable");
      await aws.securityHub(subscription("guardduty"));
      assert.match(checks().get("Security Hub")?.detail ?? "", /Inspector does not send findings to it/);
      await aws.securityHub(subscription("guardduty"), subscription("inspector"));
      assert.deepEqual(checks().get("Security Hub"), {
        check: "Security Hub",
        status: "ok",
        detail: "Inspector sends its findings there",
      });
    });
    it("tells of an endpoint with private DNS that the VPC has already", async () => {
      const ec2 = new EC2Client(aws.connection);
      const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }));
      const vpcId = Vpc?.VpcId ?? "";
      const { VpcEndpoint } = await ec2.send(
        new CreateVpcEndpointCommand({
          VpcId: vpcId,
          ServiceName: `com.amazonaws.${REGION}.ecr.dkr`,
          VpcEndpointType: "Interface",
          PrivateDnsEnabled: true,
        }),
      );
      const id = VpcEndpoint?.VpcEndpointId ?? "";
      const network = (existing: object) => {
        editStack(folder, "dev", (config) => {
          config["ecr-platform:network"] = {
            vpc: {
              id: vpcId,
              subnetIds: ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
              routeTableIds: ["rtb-0a1b2c3d4e5f60721"],
            },
            allowedCidrs: ["10.9.0.0/16"],
            existing,
          };
        });
      };
      network({});
      const found = checks(1).get("private DNS of endpoints");
      assert.match(
        found?.detail ?? "",
        new RegExp(`${vpcId} has ${id} for ecr\\.dkr already, and a second one is refused`),
      );
      assert.equal(found?.fix, `write network.existing: { ecr.dkr: ${id} }`);
      network({ "ecr.dkr": id });
      assert.equal(checks().get("private DNS of endpoints")?.status, "ok");
    });
    it("tells of a billing alarm that can never fire", async () => {
      editStack(folder, "dev", (config) => {
        config["ecr-platform:costs"].billingAlarm = 60;
      });
      assert.match(checks().get("billing alerts")?.detail ?? "", /would never fire/);
      await cloudWatchClient({ ...aws.connection, region: "us-east-1" }).send(
        new PutMetricDataCommand({
          Namespace: "AWS/Billing",
          MetricData: [{ MetricName: "EstimatedCharges", Value: 1 }],
        }),
      );
      assert.equal(checks().get("billing alerts")?.status, "ok");
    });
    it("tells of subscriptions that nobody has confirmed", async () => {
      await seedDemo(aws);
      assert.match(
        checks().get("subscriptions")?.detail ?? "",
        /not confirmed: platform-dev@acme\.example to ecr-platform-dev-alerts/,
      );
      await aws.confirm("platform-dev@acme.example");
      assert.equal(checks().get("subscriptions")?.detail, "1 confirmed");
    });
    it("says that nothing answers where nothing does", () => {
      const { status, stdout } = spawnSync(
        process.execPath,
        [program(), "doctor", "--endpoint-url", "http://127.0.0.1:9"],
        { cwd: folder, encoding: "utf8", env: environment() },
      );
      assert.equal(status, 1);
      assert.match(stdout, /^fail {2}endpoints reachable: 127\.0\.0\.1:9 cannot be reached/);
    });
  });
});
