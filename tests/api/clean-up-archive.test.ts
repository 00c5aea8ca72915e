import assert from "node:assert/strict";
import { DescribeImagesCommand, UpdateImageStorageClassCommand } from "@aws-sdk/client-ecr";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { archivedPrefix } from "../../documents/clean-up-request";
import { handler as cleanUpHandler } from "../../functions/clean-up";
import { archiveStore, type ArchiveRecord } from "../../images/archive-records";
import type { CleanUpReport } from "../../images/clean-up-report";
import { ecrClient, s3Client } from "../../images/clients";
import { summaryOf } from "../../images/summary";
import { Emulator } from "./emulator";
import { about, digestOf, image, index, repository } from "./registry";
import { BUCKET, WHOLE, cleanUpOn, functionsApi, invocation, rememberUntagged } from "./functions";

const DAY = 24 * 3600 * 1000;

describe("a clean-up that archives before it deletes", () => {
  let aws: Emulator;
  functionsApi((emulator) => {
    aws = emulator;
  });
  const rules = { olderThanDays: 30, untaggedDays: 30 };
  const entries = [image("amd64", { days: 99 }), image("arm64", { days: 99 })];
  const list = index("list", entries, { days: 99, tags: ["v1"] });
  const signature = about("signature", list, { days: 99 });
  const seeded = repository("a-x-dev", [
    ...entries,
    list,
    signature,
    image("untagged", { days: 99 }),
    image("young", { days: 3, tags: ["v2"] }),
  ]);
  const family = [list, ...entries, signature].map(({ digest }) => digest).sort();
  const store = () => archiveStore(s3Client(aws.connection), BUCKET, WHOLE.environment);
  const at = (days: number, run: string, more: Parameters<ReturnType<typeof cleanUpOn>>[2] = {}) =>
    cleanUpOn(() => aws)({ rules, archive: true }, [seeded], {
      now: new Date(Date.now() + days * DAY),
      archive: { run, store: store() },
      ...more,
    });
  const statuses = async () => {
    const { imageDetails = [] } = await ecrClient(aws.connection).send(
      new DescribeImagesCommand({ repositoryName: "a-x-dev", filter: { imageStatus: "ANY" } }),
    );
    const of = (status: string) =>
      imageDetails.flatMap((one) => (one.imageStatus === status ? (one.imageDigest ?? []) : [])).sort();
    return { active: of("ACTIVE"), archived: of("ARCHIVED") };
  };
  const outcome = ({ totals }: CleanUpReport) => [totals.archived, totals.deleted, totals.failed];

  it("archives tagged images with their entries and signatures, deletes the untagged, and writes down what it archived", async () => {
    await aws.seed([seeded]);
    await rememberUntagged(aws, [seeded]);
    const totals = await cleanUpHandler({ ...WHOLE, dryRun: false, rules }, invocation());
    assert.deepEqual([totals.archived, totals.deleted, totals.failed], [4, 1, 0]);
    assert.deepEqual(await statuses(), { active: [digestOf("young")], archived: family });
    const s3 = s3Client(aws.connection);
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: archivedPrefix(WHOLE.environment) }),
    );
    assert.equal(Contents.length, 1);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: Contents[0]?.Key }));
    const record = JSON.parse((await Body?.transformToString()) ?? "") as ArchiveRecord;
    assert.equal(Contents[0]?.Key, `${archivedPrefix(WHOLE.environment)}${record.run}.json`);
    assert.deepEqual(Object.keys(record.images["a-x-dev"] ?? {}).sort(), family);
    assert.deepEqual(
      record.images["a-x-dev"]?.[list.digest]?.children,
      entries.map(({ digest }) => digest),
    );
    assert.ok(record.until !== undefined);
  });

  it("deletes them after 90 days, not a day earlier, and finds nothing in between", async () => {
    await aws.seed([seeded]);
    assert.deepEqual(outcome(await at(0, "first")), [4, 1, 0]);
    assert.deepEqual(outcome(await at(1, "second")), [0, 0, 0]);
    assert.deepEqual(outcome(await at(89, "third")), [1, 0, 0], "the young image has become old");
    assert.deepEqual(outcome(await at(90.01, "fourth")), [0, 4, 0]);
    assert.deepEqual((await aws.images())["a-x-dev"], [digestOf("young")]);
  });

  it("keeps what it did not archive itself, and what was restored", async () => {
    const others = repository("a-x-dev", [
      image("by a policy", { days: 400, archivedAt: "2026-01-01T00:00:00Z", tags: ["v0"] }),
      image("selected", { days: 99, tags: ["v1"] }),
    ]);
    await aws.seed([others]);
    assert.deepEqual(outcome(await at(0, "first")), [1, 0, 0]);
    await ecrClient(aws.connection).send(
      new UpdateImageStorageClassCommand({
        repositoryName: "a-x-dev",
        imageId: { imageDigest: digestOf("selected") },
        targetStorageClass: "STANDARD",
      }),
    );
    await aws.activate();
    assert.deepEqual(outcome(await at(89, "second")), [0, 0, 0]);
    assert.deepEqual(outcome(await at(91, "third")), [1, 0, 0], "archived again, and not deleted");
    assert.deepEqual((await aws.images())["a-x-dev"]?.length, 2);
  });

  it("changes nothing if the record cannot be stored, or that of an earlier run cannot be read", async () => {
    await aws.seed([seeded]);
    const write = () => Promise.reject(new Error("the bucket is full"));
    await assert.rejects(at(0, "first", { archive: { run: "first", store: { ...store(), write } } }), /full/);
    await s3Client(aws.connection).send(
      new PutObjectCommand({ Bucket: BUCKET, Key: `${archivedPrefix("dev")}broken.json`, Body: "{" }),
    );
    await assert.rejects(at(0, "second"), /archived\/broken\.json says which images clean-up archived/);
    const { calls } = await aws.calls();
    assert.deepEqual([calls.UpdateImageStorageClass, calls.BatchDeleteImage], [undefined, undefined]);
  });

  it("goes on with a family that a run left half archived", async () => {
    await aws.seed([seeded]);
    await aws.fault({
      action: "UpdateImageStorageClass",
      after: 1,
      count: 3,
      kind: "error",
      name: "AccessDeniedException",
    });
    const first = await at(0, "first");
    assert.deepEqual(outcome(first), [1, 1, 3]);
    assert.deepEqual((await statuses()).archived, [list.digest], "the list before its entries");
    assert.deepEqual(outcome(await at(0, "second")), [3, 0, 0]);
  });

  it("does not count an image as failed that is archived although the answer was lost", async () => {
    await aws.seed([seeded]);
    await aws.fault({ action: "UpdateImageStorageClass", count: 1, kind: "lose" });
    const report = await at(0, "first");
    assert.deepEqual(outcome(report), [4, 1, 0]);
  });

  it("counts both toward the limit of one run", async () => {
    await aws.seed([seeded]);
    const limited = (days: number, run: string) =>
      cleanUpOn(() => aws)({ rules, archive: true, maxDeletions: 4 }, [seeded], {
        now: new Date(Date.now() + days * DAY),
        archive: { run, store: store() },
      });
    const { totals } = await limited(0, "first");
    assert.deepEqual([totals.archived + totals.deleted, totals.left], [4, 1]);
  });

  it("says in its alert what still costs, from when it may be deleted, and how to undo it", async () => {
    await aws.seed([seeded]);
    const dry = await cleanUpOn(() => aws)({ rules, archive: true, dryRun: true }, [seeded], {
      archive: { run: "first", store: store() },
    });
    assert.equal(
      summaryOf(dry, "s3://x").subject,
      "ECR dev: clean-up would archive 4 and delete 1 of 6 images",
    );
    assert.doesNotMatch(summaryOf(dry, "s3://x").figures, /Undo/);
    const report = await at(0, "first");
    const { subject, figures, message } = summaryOf(report, "s3://x");
    assert.equal(subject, "ECR dev: clean-up archived 4 and deleted 1 of 6 images");
    const day = new Date(Date.now() + 90 * DAY).toISOString().slice(0, 10);
    assert.ok(
      figures.includes(
        `Archived:    200.0 MiB, which still cost about 0.02 USD a month until they are deleted, from ${day}, unless they are restored\n` +
          "Undo:        npx --offline ecr-platform images restore --stack <stack> --run first\n",
      ),
      figures,
    );
    assert.match(figures, /\nBytes: {7}100\.0 MiB, about 0\.01 USD a month/);
    assert.match(message, /\n {5}5 {2}a-x-dev$/);
    const selected = report.repositories[0]?.selected ?? [];
    assert.deepEqual(
      selected
        .filter((one) => one.deletedFrom === day)
        .map(({ digest }) => digest)
        .sort(),
      family,
    );
  });
});
