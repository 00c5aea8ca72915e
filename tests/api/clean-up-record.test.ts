import assert from "node:assert/strict";
import { handler as cleanUpHandler } from "../../functions/clean-up";
import type { CleanUpReport } from "../../images/clean-up-report";
import { Emulator } from "./emulator";
import { image, repository } from "./registry";
import { CLEANING, cleanUpOn, functionsApi, invocation } from "./functions";

describe("the record of a clean-up", () => {
  let aws: Emulator;
  functionsApi((emulator) => {
    aws = emulator;
  });
  const run = cleanUpOn(() => aws);
  const many = repository(
    "a-x-dev",
    Array.from({ length: 250 }, (_, i) => image(`m${i}`, { days: 50 })),
  );
  const rules = { untaggedDays: 1 };

  it("has the plan before anything is deleted, and then what was deleted so far", async () => {
    await aws.seed([many]);
    const records: { report: CleanUpReport; there: number }[] = [];
    const last = await run({ rules }, [many], {
      record: async (report) => {
        const there = (await aws.images())["a-x-dev"]?.length ?? 0;
        records.push({ report: structuredClone(report()), there });
      },
    });
    assert.deepEqual(
      records.map(({ report, there }) => [report.totals.selected, report.totals.deleted, there]),
      [
        [250, 0, 250],
        [250, 100, 150],
        [250, 200, 50],
        [250, 250, 0],
      ],
    );
    assert.ok(records.every(({ report }) => report.finishedAt === undefined));
    assert.ok(last.finishedAt !== undefined);
  });

  it("is not optional: a run that cannot store it deletes nothing more", async () => {
    await aws.seed([many]);
    process.env.REPORT_BUCKET = "no-such-bucket";
    await assert.rejects(cleanUpHandler({ ...CLEANING, dryRun: false, rules }, invocation()), /NoSuchBucket/);
    assert.equal((await aws.calls()).calls.BatchDeleteImage, undefined);
    let stored = 0;
    const report = await run({ rules }, [many], {
      record: () => (stored++ === 0 ? Promise.resolve() : Promise.reject(new Error("the bucket is full"))),
    });
    assert.equal(report.stopped, "the report could not be stored: the bucket is full");
    assert.deepEqual([report.totals.deleted, report.totals.left], [100, 150]);
    assert.equal((await aws.images())["a-x-dev"]?.length, 150);
  });

  it("is not written by a run that deletes nothing", async () => {
    await aws.seed([many]);
    let stored = 0;
    const record = () => Promise.resolve(void stored++);
    await run({ rules, dryRun: true }, [many], { record });
    await run({ rules: { olderThanDays: 1 } }, [many], { record });
    assert.equal(stored, 0);
  });
});
