import assert from "node:assert/strict";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { stateKey } from "../../documents/clean-up-request";
import { handler as cleanUpHandler } from "../../functions/clean-up";
import { s3Client } from "../../images/clients";
import { readState } from "../../images/state";
import type { Emulator } from "./emulator";
import { BUCKET, WHOLE, CLEANING, cleanUpOn, functionsApi, invocation, rememberUntagged } from "./functions";
import { about, image, repository } from "./registry";

describe("what a run of the clean-up leaves for the next one", () => {
  let aws: Emulator;
  functionsApi((emulator) => {
    aws = emulator;
  });
  const rules = { untaggedDays: 7 };
  const key = stateKey(WHOLE.environment);
  const state = () => readState(s3Client(aws.connection), { bucket: BUCKET, key });
  const clean = (context = invocation()) => cleanUpHandler({ ...CLEANING, dryRun: false, rules }, context);

  it("is when an image was first seen untagged, from which untaggedDays counts", async () => {
    const old = image("old", { days: 99 });
    const seeded = repository("a-x-dev", [old, image("tagged", { tags: ["v1"], days: 99 })]);
    await aws.seed([seeded]);
    assert.equal((await clean()).selected, 0, "it may have been untagged a minute ago");
    assert.deepEqual(Object.keys((await state()).untagged["a-x-dev"] ?? {}), [old.digest]);
    await rememberUntagged(aws, [seeded]);
    const before = await state();
    assert.equal((await clean()).deleted, 1);
    assert.equal(
      (await state()).untagged["a-x-dev"]?.[old.digest],
      before.untagged["a-x-dev"]?.[old.digest],
      "the first time is kept",
    );
    assert.equal((await clean()).images, 1);
    assert.deepEqual((await state()).untagged["a-x-dev"], {}, "what is gone is forgotten");
  });

  it("counts a signature from when its image was first seen to be gone", async () => {
    const seeded = repository("a-x-dev", [about("signature", image("gone"), { days: 99 })]);
    await aws.seed([seeded]);
    assert.equal((await clean()).deleted, 0);
    await rememberUntagged(aws, [seeded]);
    assert.equal((await clean()).deleted, 1);
  });

  it("stops the run if it cannot be understood", async () => {
    const seeded = repository("a-x-dev", [image("old", { days: 99 })]);
    await aws.seed([seeded]);
    await s3Client(aws.connection).send(
      new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: '{"untagged":1}' }),
    );
    await assert.rejects(clean(), /untagged/);
    assert.equal((await aws.images())["a-x-dev"]?.length, 1);
  });

  it("is the repository that it had no time to read, which is then the first", async () => {
    const seeded = Array.from({ length: 12 }, (_, i) =>
      repository(`a-r${String(i).padStart(2, "0")}-dev`, [image(`i${i}`, { days: 99 })]),
    );
    await aws.seed(seeded);
    await rememberUntagged(aws, seeded);
    let asked = 0;
    // At the start, before each of ten repositories, and then half of the time is over.
    const context = { ...invocation(), getRemainingTimeInMillis: () => (asked++ < 11 ? 900_000 : 400_000) };
    const totals = await clean(context);
    assert.deepEqual([totals.repositories, totals.deleted], [10, 10]);
    assert.equal((await state()).next, "a-r10-dev");
    const rest = await clean({ ...invocation(), getRemainingTimeInMillis: () => 900_000 });
    assert.deepEqual([rest.repositories, rest.deleted], [12, 2]);
    assert.equal((await state()).next, undefined);
  });

  it("lets no repository use up the maximum of every run", async () => {
    const many = repository(
      "a-many-dev",
      Array.from({ length: 30 }, (_, i) => image(`m${i}`, { days: 99 })),
    );
    const few = repository("b-few-dev", [image("few", { days: 99 })]);
    await aws.seed([many, few]);
    await rememberUntagged(aws, [many, few]);
    const runs: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      const { deleted } = await cleanUpHandler(
        { ...CLEANING, dryRun: false, rules, maxDeletions: 10 },
        invocation(),
      );
      const left = await aws.images();
      runs.push([deleted, left["a-many-dev"]?.length, left["b-few-dev"]?.length]);
    }
    assert.deepEqual(runs, [
      [10, 20, 1],
      [10, 11, 0],
    ]);
  });

  it("is not asked for by a command, which counts from the push", async () => {
    const seeded = repository("a-x-dev", [image("old", { days: 99 })]);
    await aws.seed([seeded]);
    assert.equal((await cleanUpOn(() => aws)({ rules }, [seeded])).totals.deleted, 1);
    assert.deepEqual((await state()).untagged, {});
  });
});
