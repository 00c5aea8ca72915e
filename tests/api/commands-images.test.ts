import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { CleanUpReport } from "../../images/clean-up-report";
import { editStack } from "../support/project";
import { seedDemo } from "./demo";
import type { Emulator } from "./emulator";
import { digestOf, image, repository } from "./registry";
import { commandsApi } from "./commands";

/** Begins a terminal's control sequences. */
const ESCAPE = String.fromCharCode(27);

describe("the commands, against an API", () => {
  let aws: Emulator;
  let folder: string;
  const { environment, program, run, json, onTerminal } = commandsApi((started) => {
    ({ aws, folder } = started);
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
      const two = json<{ images: object[]; total: number }>("images", "list", "--limit", "2");
      assert.deepEqual([two.images.length, two.total], [2, 23]);
      assert.match(
        run("images", "list", "--limit", "2").stdout,
        /\n\n23 images in 7 repositories, .* the first 2 are shown/,
      );
    });

    it("says of a repository that is not there, shows the rest, and fails", async () => {
      await aws.seed([repository("payments-api-dev", [image("a")])]);
      const { status, stdout } = run("images", "list", "-t", "payments");
      assert.equal(status, 1);
      assert.match(stdout, /1 image in 3 repositories/);
      assert.match(stdout, /not read: payments-ledger-dev: it does not exist \(yet: pulumi up makes it\)/);
    });

    it("asks for rules where neither flags nor the stack's file have any", () => {
      editStack(folder, "dev", (config) => {
        delete config["ecr-platform:repositories"].cleanUp;
      });
      assert.match(
        run("images", "stale").stderr,
        /dev has no clean-up rules\nfix: give flags such as --untagged-days 14/,
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
      assert.match(refused.stderr, /confirmation is needed, and there is no terminal/);
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
      assert.match(
        run("images", "clean", "--yes").stdout,
        /0 of 16 images can be deleted[\s\S]*nothing to do/,
      );
    });

    it("says how many images one run deletes of those that it found", async () => {
      await seedDemo(aws);
      const { stdout } = run("images", "clean", "--yes", "--max", "3");
      assert.match(
        stdout,
        /\n7 of 23 images can be deleted: .*\none run can delete 3 of them; 4 are left for later runs\n/,
      );
      assert.match(stdout, /\ndeleted 3 images: .*\nstopped: .* limit of 3.*\n4 images were not touched; /);
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
      while (!shown.includes("Permanently delete")) {
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
        /images are shared with 777788889999, and clean-up cannot see which images are in use there\nfix: set operations\.cleanUp\.inUse/,
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

    it("are not touched in a repository that has another stack's tags, whatever its name is", async () => {
      const old = { tags: ["v0.1.0"], days: 400 };
      await aws.seed([
        repository("payments-api-dev", [image("theirs", old)], { environment: "sandbox" }),
        repository("payments-ledger-dev", [image("ours", old)]),
      ]);
      const { status, stdout } = run(
        "images",
        "clean",
        "--yes",
        "-t",
        "payments",
        "--older-than-days",
        "30",
        "--json",
      );
      const report = JSON.parse(stdout) as CleanUpReport;
      assert.equal(status, 1);
      assert.equal(report.totals.deleted, 1);
      assert.match(
        report.failures.find((one) => one.repository === "payments-api-dev")?.error ?? "",
        /it does not have the tags Project: ecr-platform, Environment: dev and Team, so it is not touched/,
      );
      assert.equal((await aws.images())["payments-api-dev"]?.length, 1);
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

    it("stop being deleted at SIGTERM, and the last line says how many were", async () => {
      await aws.seed([
        repository(
          "payments-api-dev",
          Array.from({ length: 250 }, (_, i) => image(`m${i}`, { days: 50 })),
        ),
      ]);
      await aws.fault({ action: "BatchDeleteImage", count: 1, kind: "slow", seconds: 2 });
      const child = spawn(process.execPath, [program(), "images", "clean", "-r", "payments/api", "--yes"], {
        cwd: folder,
        env: environment(),
      });
      let stdout = "";
      child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
      while (((await aws.calls()).calls.BatchDeleteImage ?? 0) < 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      child.kill("SIGTERM");
      assert.equal(await new Promise((resolve) => child.once("close", resolve)), 143);
      assert.match(
        stdout,
        /\ndeleted 100 images: .*\nstopped: it was interrupted\n150 images were not touched; run it again to continue\n$/,
      );
      assert.equal((await aws.images())["payments-api-dev"]?.length, 150);
    });

    it("are not touched by Ctrl-C at the question, which names stack and account", async () => {
      await seedDemo(aws);
      const command = [process.execPath, program(), "images", "clean", "-t", "payments"].join(" ");
      const child = spawn("script", ["-qec", command, "/dev/null"], { cwd: folder, env: environment() });
      let shown = "";
      child.stdout.on("data", (data: Buffer) => {
        const before = shown;
        shown += data.toString();
        if (
          !before.includes("Permanently") &&
          /Permanently delete 3 images of stack dev \(account 111122223333, eu-west-1\)\?/.test(shown)
        ) {
          child.stdin.write("\u0003");
        }
      });
      const status = await new Promise((resolve) => child.once("close", resolve));
      assert.match(shown, /interrupted; nothing was changed\r?\n$/);
      assert.equal(status, 130);
      assert.equal((await aws.images())["payments-api-dev"]?.length, 10);
    });

    it("say on standard error what was deleted where nobody reads standard output to the end", async () => {
      await seedDemo(aws);
      const clean = (reader: string) => {
        const command = `"${process.execPath}" "${program()}" images clean -t payments --yes | ${reader}; exit "$\{PIPESTATUS[0]}"`;
        const { status, stderr } = spawnSync("bash", ["-c", command], {
          cwd: folder,
          encoding: "utf8",
          env: environment(),
        });
        return { status, stderr };
      };
      const before = clean("true");
      assert.equal(before.status, 141);
      assert.match(
        before.stderr,
        /^deleted 0 images: .*\nstopped: .*\n(3 images were not touched|\d repositories were not read); .*\n$/,
      );
      assert.equal((await aws.calls()).calls.BatchDeleteImage, undefined);
      const after = clean("head -n 1");
      assert.equal(after.status, 0);
      assert.match(after.stderr, /^deleted 3 images: .*\n$/);
    });

    it("are not deleted where the report cannot be written", async () => {
      await seedDemo(aws);
      const { status, stderr } = run(
        "images",
        "clean",
        "-t",
        "payments",
        "--yes",
        "--report",
        "missing/report.json",
      );
      assert.equal(status, 1);
      assert.match(stderr, /^missing\/report\.json cannot be written: there is no folder missing\nfix: /);
      assert.equal((await aws.calls()).calls.BatchDeleteImage, undefined);
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

    it("show progress and colors on a terminal only", async () => {
      await seedDemo(aws);
      const { stdout } = onTerminal([], "images", "list", "--untagged");
      assert.match(stdout, /repositories .*7\/7/);
      assert.match(stdout, new RegExp(`${ESCAPE}\\[2muntagged`));
      const { stdout: piped, stderr } = run("images", "list", "--untagged");
      assert.doesNotMatch(piped, new RegExp(`${ESCAPE}|repositories .*/7`));
      assert.equal(stderr, "");
    });
  });
});
