import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as path from "node:path";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { s3Client } from "../../images/clients";
import { handler as cleanUpHandler } from "../../functions/clean-up";
import { ROOT } from "../support/project";
import { ACCOUNT, Emulator, REGION } from "./emulator";
import { about, digestOf, image, index, repository } from "./registry";
import {
  BUCKET,
  HOST,
  CLEANING,
  askSync,
  cleanUpOn,
  functionsApi,
  invocation,
  rememberUntagged,
} from "./functions";
import { Running } from "./running";

describe("a clean-up that is limited, fails or is interrupted", () => {
  let aws: Emulator;
  let running: Running;
  functionsApi((emulator, workloads) => {
    aws = emulator;
    running = workloads;
  });
  const run = cleanUpOn(() => aws);

  it("deletes thousands in batches of a hundred although AWS throttles", async () => {
    const many = repository(
      "a-x-dev",
      Array.from({ length: 3050 }, (_, i) => image(`m${i}`, { days: 50 })),
    );
    await aws.seed([many]);
    await aws.fault({ action: "BatchDeleteImage", after: 3, count: 2, kind: "throttle" });
    await aws.fault({ action: "DescribeImages", after: 5, count: 2, kind: "throttle" });
    const report = await run({ rules: { untaggedDays: 1 } }, [many]);
    assert.deepEqual([report.totals.deleted, report.totals.failed, report.stopped], [3050, 0, undefined]);
    assert.deepEqual((await aws.images())["a-x-dev"], []);
    assert.equal((await aws.calls()).calls.BatchDeleteImage, 31 + 2);
  });

  it("deletes nothing but what it is limited to, and lists of lists step by step", async () => {
    const leaf = image("leaf", { days: 99 });
    const inner = index("inner", [leaf], { days: 99 });
    const outer = index("outer", [inner], { days: 99, tags: ["v1"] });
    const seeded = repository("a-x-dev", [leaf, inner, outer, image("other", { days: 99, tags: ["v2"] })]);
    await aws.seed([seeded]);
    const only = new Map([
      ["a-x-dev", new Map([outer, inner, leaf].map(({ digest }) => [digest, "delete" as const]))],
    ]);
    const report = await run({ rules: { olderThanDays: 1 } }, [seeded], { only });
    assert.deepEqual(report.repositories[0]?.deleted, [outer.digest, inner.digest, leaf.digest]);
    assert.deepEqual((await aws.images())["a-x-dev"], [digestOf("other")]);
  });

  it("tells of an image that a list holds which was pushed meanwhile", async () => {
    const leaf = image("leaf", { days: 99 });
    const seeded = repository("a-x-dev", [leaf, image("next", { days: 98 })]);
    await aws.seed([seeded]);
    let pushed = false;
    const report = await run({ rules: { untaggedDays: 1 } }, [seeded], {
      progress: () => undefined,
      shouldStop: () => {
        if (!pushed) {
          pushed = true;
          const body = JSON.stringify({
            account: ACCOUNT,
            region: REGION,
            repositories: [repository("a-x-dev", [index("late", [leaf], { tags: ["v3"] })])],
          });
          askSync(aws.endpoint, "/test/seed", body);
        }
        return undefined;
      },
    });
    assert.deepEqual(report.repositories[0]?.deleted, [digestOf("next")]);
    assert.match(report.repositories[0]?.failed[0]?.reason ?? "", /^ImageReferencedByManifestList: /);
  });

  it("stops at its limit, and says so", async () => {
    const seeded = repository(
      "a-x-dev",
      Array.from({ length: 250 }, (_, i) => image(`m${i}`, { days: 50 })),
    );
    await aws.seed([seeded]);
    const report = await run({ rules: { untaggedDays: 1 }, maxDeletions: 120 }, [seeded]);
    assert.equal(report.totals.deleted, 120);
    assert.equal(report.stopped, "the limit of 120 images was reached");
    assert.equal(report.totals.left, 130);
    assert.equal(report.repositories[0]?.left[0]?.reason, "the limit of 120 images was reached");
    const dryRun = await run({ rules: { untaggedDays: 1 }, maxDeletions: 120, dryRun: true }, [seeded]);
    assert.deepEqual([dryRun.totals.selected, dryRun.totals.left], [130, 10]);
    const rest = await run({ rules: { untaggedDays: 1 }, maxDeletions: 130 }, [seeded]);
    assert.deepEqual([rest.totals.deleted, rest.stopped], [130, undefined]);
  });

  it("deletes a list with its entries in one run, so that a limit leaves no entries behind", async () => {
    const families = Array.from({ length: 6 }, (_, i) => {
      const entries = [1, 2, 3, 4].map((n) => image(`entry ${i}-${n}`, { days: 50 - i }));
      return [...entries, index(`list ${i}`, entries, { tags: [`v${i}`], days: 50 - i })];
    });
    const seeded = repository("a-x-dev", families.flat());
    await aws.seed([seeded]);
    const outcomes: unknown[] = [];
    for (let runs = 0; runs < 3; runs++) {
      const { totals, stopped } = await run({ rules: { olderThanDays: 1 }, maxDeletions: 13 }, [seeded]);
      outcomes.push([totals.deleted, totals.left, stopped]);
    }
    const reason = "the next 5 images belong together and exceed the limit of 13";
    assert.deepEqual(outcomes, [
      [10, 20, reason],
      [10, 10, reason],
      [10, 0, undefined],
    ]);
    assert.deepEqual((await aws.images())["a-x-dev"], []);
  });

  it("stops before its time runs out, with a report", async () => {
    const seeded = repository(
      "a-x-dev",
      Array.from({ length: 250 }, (_, i) => image(`m${i}`, { days: 50 })),
    );
    await aws.seed([seeded]);
    await rememberUntagged(aws, [seeded]);
    let asked = 0;
    // It asks at the start, before it reads the repository, and before each batch.
    const context = { ...invocation(), getRemainingTimeInMillis: () => (asked++ < 4 ? 900_000 : 1000) };
    const totals = await cleanUpHandler({ ...CLEANING, dryRun: false, rules: { untaggedDays: 1 } }, context);
    assert.equal(totals.deleted, 200);
    const { Contents } = await s3Client(aws.connection).send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "clean-up/" }),
    );
    assert.equal(Contents?.length, 1);
  });

  it("tells of an error in one repository, and goes on with the next", async () => {
    const many = Array.from({ length: 150 }, (_, i) => image(`m${i}`, { days: 9 }));
    const both = [repository("a-x-dev", many), repository("a-y-dev", [image("one", { days: 9 })])];
    await aws.seed(both);
    await aws.fault({ action: "BatchDeleteImage", count: 1, kind: "error", name: "AccessDeniedException" });
    const report = await run({ rules: { untaggedDays: 1 }, maxDeletions: 100 }, both);
    const { deleted, failed, left } = report.totals;
    assert.deepEqual([deleted, failed, left], [1, 100, 50], "what failed does not count toward the limit");
    assert.equal(report.stopped, undefined);
    assert.equal(
      report.repositories[0]?.left[0]?.reason,
      "an earlier image of the repository could not be changed",
    );
    assert.match(report.repositories[0]?.failed[0]?.reason ?? "", /AccessDenied/);
  });

  it("tells of each image once, although its batch fails after some were gone", async () => {
    const seeded = repository("a-x-dev", [image("gone", { days: 9 }), image("stays", { days: 8 })]);
    await aws.seed([seeded]);
    await aws.fault({ action: "BatchDeleteImage", count: 1, kind: "error", name: "AccessDeniedException" });
    const report = await run({ rules: { untaggedDays: 1 } }, [seeded], {
      shouldStop: () => {
        const body = { account: ACCOUNT, region: REGION, repository: "a-x-dev", digest: digestOf("gone") };
        askSync(aws.endpoint, "/test/remove", JSON.stringify(body));
        return undefined;
      },
    });
    assert.deepEqual(report.repositories[0]?.gone, [digestOf("gone")]);
    assert.deepEqual(report.repositories[0]?.deleted, []);
    assert.deepEqual(
      report.repositories[0]?.failed.map(({ digest }) => digest),
      [digestOf("stays")],
    );
  });

  it("leaves an image that was tagged since it was judged", async () => {
    const seeded = repository("a-x-dev", [image("old", { days: 99 }), image("older", { days: 100 })]);
    await aws.seed([seeded]);
    const report = await run({ rules: { untaggedDays: 1 } }, [seeded], {
      // Asked after the images are judged, before they are deleted.
      shouldStop: () => {
        const [digest, tag] = [digestOf("old"), "deployed-now"];
        const body = { account: ACCOUNT, region: REGION, repository: "a-x-dev", digest, tag };
        askSync(aws.endpoint, "/test/retag", JSON.stringify(body));
        return undefined;
      },
    });
    assert.deepEqual(report.repositories[0]?.deleted, [digestOf("older")]);
    assert.match(report.repositories[0]?.failed[0]?.reason ?? "", /tagged deployed-now in the meantime/);
  });

  it("leaves the signatures of an image that was tagged since it was judged", async () => {
    const signed = image("signed", { days: 99 });
    const seeded = repository("a-x-dev", [
      about("sbom", about("signature", signed), { days: 99 }),
      about("signature", signed, { days: 99 }),
      signed,
      image("other", { days: 99 }),
    ]);
    await aws.seed([seeded]);
    const report = await run({ rules: { untaggedDays: 1 } }, [seeded], {
      shouldStop: () => {
        const body = {
          account: ACCOUNT,
          region: REGION,
          repository: "a-x-dev",
          digest: signed.digest,
          tag: "live",
        };
        askSync(aws.endpoint, "/test/retag", JSON.stringify(body));
        return undefined;
      },
    });
    assert.deepEqual(report.repositories[0]?.deleted, [digestOf("other")]);
    assert.deepEqual(
      report.repositories[0]?.failed.map(({ reason }) => reason.replace(/sha256:\w+/, "it")),
      [
        "it was tagged live in the meantime",
        "it belongs to it, which stays",
        "it belongs to it, which stays",
      ],
    );
    assert.equal((await aws.images())["a-x-dev"]?.length, 3);
  });

  it("leaves an image that was pulled since it was selected", async () => {
    const old = image("old", { days: 99 });
    const seeded = repository("a-x-dev", [old]);
    await aws.seed([seeded]);
    const report = await run({ rules: { untaggedDays: 1 } }, [seeded], {
      shouldStop: () => {
        const images = [{ ...old, pulledAt: new Date().toISOString() }];
        const remove = { account: ACCOUNT, region: REGION, repository: "a-x-dev", digest: old.digest };
        const seed = { account: ACCOUNT, region: REGION, repositories: [{ ...seeded, images }] };
        askSync(aws.endpoint, "/test/remove", JSON.stringify(remove));
        askSync(aws.endpoint, "/test/seed", JSON.stringify(seed));
        return undefined;
      },
    });
    assert.equal(report.repositories[0]?.failed[0]?.reason, "it was pulled in the meantime");
    assert.deepEqual((await aws.images())["a-x-dev"], [old.digest]);
  });

  it("leaves an image that something started to use while the repositories were read", async () => {
    const old = image("old", { days: 99 });
    const seeded = repository("a-x-dev", [old]);
    await aws.seed([seeded]);
    await aws.fault({ action: "DescribeImages", count: 1, kind: "slow", seconds: 3 });
    const cleaning = run({ rules: { untaggedDays: 1 } }, [seeded]);
    while (((await aws.calls()).calls.DescribeImages ?? 0) < 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await running.taskDefinition("late", `${HOST}/a-x-dev@${old.digest}`);
    const report = await cleaning;
    assert.deepEqual(report.repositories[0]?.kept, { "in use": 1 });
  });

  it("lists a repository once, not once per batch, if another run deletes its images", async () => {
    const seeded = repository(
      "a-x-dev",
      Array.from({ length: 600 }, (_, i) => image(`m${i}`, { days: 50 })),
    );
    await aws.seed([seeded]);
    let first = true;
    let reading = 0;
    const report = await run({ rules: { untaggedDays: 1 } }, [seeded], {
      // Before the first batch, another run deletes everything.
      record: async () => {
        if (first) {
          first = false;
          await run({ rules: { untaggedDays: 1 } }, [seeded]);
          reading = (await aws.calls()).calls.DescribeImages ?? 0;
        }
      },
    });
    assert.deepEqual([report.totals.deleted, report.totals.gone], [0, 600]);
    assert.equal(((await aws.calls()).calls.DescribeImages ?? 0) - reading, 2, "one batch, and the list");
  });

  it("comes to the same end when two run at once", async () => {
    const seeded = repository("a-x-dev", [
      ...Array.from({ length: 600 }, (_, i) => image(`m${i}`, { days: 50 })),
      image("kept", { tags: ["v1"] }),
    ]);
    await aws.seed([seeded]);
    const reports = await Promise.all([1, 2].map(() => run({ rules: { untaggedDays: 1 } }, [seeded])));
    assert.deepEqual((await aws.images())["a-x-dev"], [digestOf("kept")]);
    for (const { totals } of reports) {
      assert.deepEqual([totals.deleted + totals.gone, totals.failed, totals.left], [600, 0, 0]);
    }
    assert.equal(
      reports.reduce((sum, { totals }) => sum + totals.deleted, 0),
      600,
      "only one of them says that it deleted an image",
    );
  });

  it("can be killed at any moment and run again", async () => {
    const amd = image("amd", { days: 99 });
    const seeded = repository("a-x-dev", [
      ...Array.from({ length: 500 }, (_, i) => image(`m${i}`, { days: 50 })),
      amd,
      index("list", [amd], { tags: ["v1"], days: 1 }),
    ]);
    await aws.seed([seeded]);
    await rememberUntagged(aws, [seeded]);
    await aws.fault({ action: "BatchDeleteImage", after: 2, count: 1, kind: "slow", seconds: 30 });
    const script = `require(${JSON.stringify(path.join(ROOT, "functions/clean-up"))}).handler(
      ${JSON.stringify({ ...CLEANING, dryRun: false, rules: { untaggedDays: 1 } })},
      { ...${JSON.stringify(invocation())}, getRemainingTimeInMillis: () => 900000 })`;
    const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", script], {
      cwd: ROOT,
      stdio: "ignore",
    });
    while (((await aws.calls()).calls.BatchDeleteImage ?? 0) < 3) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    assert.equal((await aws.images())["a-x-dev"]?.length, 302, "two batches are gone");
    const report = await run({ rules: { untaggedDays: 1 } }, [seeded]);
    assert.deepEqual([report.totals.deleted, report.totals.failed], [300, 0]);
    assert.deepEqual((await aws.images())["a-x-dev"]?.sort(), [amd.digest, digestOf("list")].sort());
  });
});
