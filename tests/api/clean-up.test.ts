import assert from "node:assert/strict";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { CleanUpReport } from "../../images/clean-up-report";
import { s3Client, snsClient } from "../../images/clients";
import { handler as cleanUpHandler } from "../../functions/clean-up";
import { Emulator, REGION } from "./emulator";
import { about, digestOf, image, index, repository } from "./registry";
import { Running } from "./running";
import { BUCKET, HOST, CLEANING, cleanUpOn, functionsApi, invocation, rememberUntagged } from "./functions";

describe("the clean-up, against an API", () => {
  let aws: Emulator;
  let running: Running;
  functionsApi((emulator, workloads) => {
    aws = emulator;
    running = workloads;
  });
  const run = cleanUpOn(() => aws);

  it("deletes nothing unless it is told to", async () => {
    const seeded = repository("a-x-dev", [image("old", { days: 99 })]);
    await aws.seed([seeded]);
    await rememberUntagged(aws, [seeded]);
    const report = await cleanUpHandler({ ...CLEANING, rules: { untaggedDays: 1 } }, invocation());
    assert.deepEqual([report.selected, report.deleted], [1, 0]);
    assert.equal((await aws.images())["a-x-dev"]?.length, 1);
    assert.equal((await aws.calls()).calls.BatchDeleteImage, undefined);
  });

  it("writes a report to S3 and notifies mail and chat, with bytes and USD", async () => {
    const sqs = new SQSClient(aws.connection);
    /** A topic, and a function that returns the message that it got. */
    const listenedTopic = async (Name: string) => {
      const { TopicArn } = await snsClient(aws.connection).send(new CreateTopicCommand({ Name }));
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${Name}-listener` }));
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
      );
      await snsClient(aws.connection).send(
        new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: Attributes?.QueueArn }),
      );
      const received = async () => {
        const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
        return JSON.parse(Messages?.[0]?.Body ?? "{}") as Record<string, string>;
      };
      return { TopicArn, received };
    };
    const mail = await listenedTopic("alerts");
    const chat = await listenedTopic("chat");
    process.env.TOPIC_ARN = mail.TopicArn;
    process.env.CHAT_TOPIC_ARN = chat.TopicArn;
    const seeded = repository("a-x-dev", [
      image("old", { days: 99, bytes: 3 * 2 ** 30 }),
      image("kept", { tags: ["deployed-1"], days: 99 }),
    ]);
    await aws.seed([seeded]);
    await rememberUntagged(aws, [seeded]);
    const rules = { untaggedDays: 30, olderThanDays: 30, protect: ["deployed-*"] };
    const totals = await cleanUpHandler({ ...CLEANING, dryRun: false, rules }, invocation());
    assert.deepEqual(
      [totals.deleted, totals.deletedBytes, totals.usdPerMonth.toFixed(2)],
      [1, 3 * 2 ** 30, "0.30"],
    );
    const { Contents } = await s3Client(aws.connection).send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "clean-up/" }),
    );
    const { Key } = Contents?.[0] ?? {};
    assert.match(Key ?? "", /^clean-up\/dev\/2.*\.json$/);
    const { Body } = await s3Client(aws.connection).send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    const report = JSON.parse((await Body?.transformToString()) ?? "") as CleanUpReport;
    assert.deepEqual(report.repositories[0]?.deleted, [digestOf("old")]);
    assert.equal(report.repositories[0]?.selected[0]?.why, "untagged, for 60 days");
    assert.deepEqual(report.repositories[0]?.kept, { protected: 1 });
    const { Subject, Message } = await mail.received();
    assert.equal(Subject, "ECR dev: clean-up deleted 1 of 2 images");
    assert.match(
      Message ?? "",
      /Bytes: {7}3\.0 GiB, about 0\.30 USD a month \(list price of \d{4}-\d\d in us-east-1\)\n/,
    );
    assert.match(Message ?? "", new RegExp(`Report: {6}s3://reports/${Key?.replaceAll(".", "\\.")}`));
    assert.deepEqual(JSON.parse((await chat.received()).Message ?? ""), {
      version: "1.0",
      source: "custom",
      // The figures; the list of repositories is for mail.
      content: {
        textType: "client-markdown",
        title: Subject,
        description: Message?.slice(0, Message.lastIndexOf("\n\n")),
      },
    });
    assert.match(Message ?? "", /\n\n {5}1 {2}a-x-dev$/);
  });

  it("counts the bytes that it frees of a multi-platform image once, in its entries", async () => {
    const old = { days: 99 };
    const entries = [image("amd", { ...old, bytes: 300 }), image("arm", { ...old, bytes: 200 })];
    await aws.seed([repository("a-x-dev", [...entries, index("list", entries, { ...old, tags: ["v1"] })])]);
    const totals = await cleanUpHandler(
      { ...CLEANING, dryRun: false, rules: { olderThanDays: 30 } },
      invocation(),
    );
    assert.deepEqual(
      [totals.deleted, totals.selectedBytes, totals.deletedBytes, totals.usdPerMonth],
      [3, 500, 500, (500 / 2 ** 30) * 0.1],
    );
  });

  it("leaves what ECS, Batch and Lambda use: by tag, by digest, by a task whose definition is gone, by an entry", async () => {
    const old = { days: 99 };
    const amd = image("amd", old);
    const arm = image("arm", old);
    const list = index("list", [amd, arm], { ...old, tags: ["multi"] });
    const images = [
      image("definition", { ...old, tags: ["defined"] }),
      image("task", { ...old, tags: ["running"] }),
      image("service", { ...old, tags: ["served"] }),
      image("function", { ...old, tags: ["lambda"] }),
      image("job", { ...old, tags: ["batch"] }),
      image("listed", { ...old, tags: ["v1.4.2"] }),
      image("object", { ...old, tags: ["eks"] }),
      image("unused", { ...old, tags: ["unused"] }),
      amd,
      arm,
      list,
      about("signature", list, old),
    ];
    const seeded = repository("a-x-dev", images);
    await aws.seed([seeded]);
    const of = (reference: string) => `${HOST}/a-x-dev${reference}`;
    await running.cluster("c");
    await running.taskDefinition("defined", of(":defined"));
    const task = await running.taskDefinition("task", of(":running"));
    await running.task("c", task);
    await running.deregister(task);
    const service = await running.taskDefinition("service", of(":served"));
    await running.service("c", "s", service);
    await running.deregister(service);
    await running.taskDefinition("multi", of(`@${arm.digest}`));
    await running.jobDefinition("j", of(":batch"));
    await running.lambda("f", of(":lambda"));
    await s3Client(aws.connection).send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: "eks.txt",
        Body: `# pods\n${of(":eks")}\nother.example/x:1\n`,
      }),
    );
    const inUse = {
      images: [
        "a-x-dev:v1.*",
        `${HOST.replace("dkr.ecr", "dkr-ecr").replace("amazonaws.com", "on.aws")}/a-x-dev:no`,
      ],
      list: { bucket: BUCKET, key: "eks.txt" },
    };
    const report = await run({ rules: { untaggedDays: 1, olderThanDays: 1 }, inUse }, [seeded]);
    assert.deepEqual(report.repositories[0]?.deleted, [digestOf("unused")]);
    // The list of the entry that runs counts as in use; the entry's sibling and the signature stay with it.
    assert.deepEqual(report.repositories[0]?.kept, { "in use": 9, "kept with another image": 2 });
    assert.equal((await aws.images())["a-x-dev"]?.length, images.length - 1);
  });

  it("deletes nothing where it cannot see what runs", async () => {
    const seeded = repository("a-x-dev", [image("old", { days: 99 })]);
    await aws.seed([seeded]);
    const rules = { untaggedDays: 1 };
    for (const action of ["ListTaskDefinitions", "ListClusters", "GET /2015-03-31/functions"]) {
      await aws.fault({ action, count: 99, kind: "error", name: "AccessDeniedException" });
      await assert.rejects(
        run({ rules }, [seeded]),
        /what runs in (ECS|Lambda) .* cannot be read, so nothing is deleted/,
      );
      await aws.reset();
      await aws.seed([seeded]);
    }
    await s3Client(aws.connection).send(
      new CreateBucketCommand({
        Bucket: "lists",
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    );
    const list = { bucket: "lists", key: "none.txt" };
    await assert.rejects(run({ rules, inUse: { list } }, [seeded]), /the list cannot be read/);
    await s3Client(aws.connection).send(
      new PutObjectCommand({ Bucket: "lists", Key: "none.txt", Body: "# nothing\n" }),
    );
    await assert.rejects(run({ rules, inUse: { list } }, [seeded]), /s3:\/\/lists\/none\.txt names no image/);
    const inHours = (hours: number) => new Date(Date.now() + hours * 3600_000);
    await assert.rejects(
      run({ rules, inUse: { list } }, [seeded], { now: inHours(49) }),
      /s3:\/\/lists\/none\.txt is 49\.0 hours old, and may be 48 hours old/,
    );
    const write = (Body: string) =>
      s3Client(aws.connection).send(new PutObjectCommand({ Bucket: "lists", Key: "none.txt", Body }));
    await write(
      `# cluster blue at ${inHours(-1).toISOString()}\n# cluster green at ${inHours(-49).toISOString()}\na:1\n`,
    );
    await assert.rejects(
      run({ rules, inUse: { list } }, [seeded]),
      /s3:\/\/lists\/none\.txt, cluster green, is 49\.0 hours old/,
    );
    await write("# cluster blue at yesterday\na:1\n");
    await assert.rejects(run({ rules, inUse: { list } }, [seeded]), /cluster blue, is of an unknown time/);
    assert.equal((await aws.images())["a-x-dev"]?.length, 1);
    assert.equal((await aws.calls()).calls.BatchDeleteImage, undefined);
  });

  it("assumes a role in each workload account to see what runs there", async () => {
    const seeded = repository("a-x-dev", [image("old", { days: 99 })]);
    await aws.seed([seeded]);
    const roles = ["arn:aws:iam::777788889999:role/reader"];
    await run({ rules: { untaggedDays: 1 }, inUse: { roles } }, [seeded]);
    const { calls } = await aws.calls();
    assert.ok((calls.AssumeRole ?? 0) >= 1);
    assert.equal(calls.ListClusters, 4, "here and there, before and after the repositories are read");
  });

  it("counts only a family's newest task definitions where asked", async () => {
    const seeded = repository("a-x-dev", [
      image("1", { tags: ["v1"], days: 99 }),
      image("2", { tags: ["v2"], days: 99 }),
    ]);
    await aws.seed([seeded]);
    await running.taskDefinition("f", `${HOST}/a-x-dev:v1`);
    await running.taskDefinition("f", `${HOST}/a-x-dev:v2`);
    const report = await run({ rules: { olderThanDays: 1 }, inUse: { taskDefinitionRevisions: 1 } }, [
      seeded,
    ]);
    assert.deepEqual(report.repositories[0]?.deleted, [digestOf("1")]);
  });

  it("leaves a repository alone whose manifests cannot be read, and goes on with the others", async () => {
    const list = (name: string) => index(name, [], { tags: ["v1"], days: 99 });
    const both = [repository("a-x-dev", [list("1")]), repository("a-y-dev", [list("2")])];
    await aws.seed(both);
    await aws.fault({ action: "BatchGetImage", count: 1, kind: "error", name: "AccessDeniedException" });
    const report = await run({ rules: { olderThanDays: 1 } }, both);
    assert.deepEqual([report.totals.deleted, report.failures.length], [1, 1]);
    assert.match(report.failures[0]?.error ?? "", /AccessDenied/);
  });

  it("refuses a request of another form, and deletes nothing", async () => {
    await aws.seed([repository("a-x-dev", [image("old", { days: 99 })])]);
    for (const event of [
      {},
      { ...CLEANING },
      { ...CLEANING, rules: { untagged: 1 } },
      { ...CLEANING, rules: {}, dryrun: false },
    ]) {
      await assert.rejects(cleanUpHandler(event, invocation()), /Invalid|Unrecognized|expected/i);
    }
    assert.equal((await aws.images())["a-x-dev"]?.length, 1);
  });

  it("keeps a signature whose image is in another repository, unless all were read and none has it", async () => {
    const signed = image("signed", { tags: ["v1"] });
    const tagOf = ({ digest }: { digest: string }) => `${digest.replace(":", "-")}.sig`;
    const images = repository("a-x-dev", [signed]);
    const signatures = repository("a-signatures-dev", [
      image("signature", { tags: [tagOf(signed)], days: 99 }),
      image("orphan", { tags: [tagOf(image("gone"))], days: 99 }),
      about("of the signature", image("signature"), { days: 99 }),
    ]);
    const given = { rules: { untaggedDays: 1 }, dryRun: true };
    await aws.seed([images, signatures]);
    const selected = async (...args: Parameters<typeof run>) =>
      (await run(...args)).repositories.flatMap((one) => one.selected.map(({ digest }) => digest));
    assert.deepEqual(await selected(given, [images, signatures]), [digestOf("orphan")]);
    assert.deepEqual(await selected(given, [signatures], { partial: true }), []);
    const failures = [{ repository: "a-y-dev", error: "not readable" }];
    assert.deepEqual(await selected(given, [images, signatures], { failures }), []);
    const report = await run({ ...given, dryRun: false }, [images, signatures]);
    assert.deepEqual(
      report.repositories.find((one) => one.team === "a" && one.kept["kept with another image"])?.kept,
      {
        "kept with another image": 2,
      },
    );
    assert.deepEqual(
      (await aws.images())["a-signatures-dev"]?.sort(),
      [digestOf("of the signature"), digestOf("signature")].sort(),
    );
  });

  it("alerts with the command that restores an archived image, if something uses it", async () => {
    const archived = { days: 99, archivedAt: new Date(0).toISOString() };
    await aws.seed([
      repository("a-x-dev", [
        image("wanted", { ...archived, tags: ["v1"] }),
        image("unused", { ...archived, tags: ["v2"] }),
        image("active", { tags: ["v3"] }),
      ]),
    ]);
    await running.taskDefinition("api", `${HOST}/a-x-dev:v1`);
    await running.taskDefinition("api", `${HOST}/a-x-dev:v3`);
    const sqs = new SQSClient(aws.connection);
    const { TopicArn } = await snsClient(aws.connection).send(new CreateTopicCommand({ Name: "alerts" }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "listener" }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
    );
    await snsClient(aws.connection).send(
      new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: Attributes?.QueueArn }),
    );
    process.env.TOPIC_ARN = TopicArn;
    await cleanUpHandler({ ...CLEANING, rules: { untaggedDays: 1 } }, invocation());
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const { Message } = JSON.parse(Messages?.[0]?.Body ?? "{}") as { Message: string };
    assert.match(Message, /\nIn use: {6}1 archived images that something uses; restore them\n/);
    assert.ok(
      Message.endsWith(
        "archived, but used by ECS task definition api:1: a-x-dev:v1 cannot be pulled until it is restored: " +
          `npx --offline ecr-platform images restore --stack <stack> --image a-x-dev@${digestOf("wanted")}`,
      ),
      Message,
    );
  });

  it("lists archived images, keeps them and their signatures, and reads none of their manifests", async () => {
    const old = { days: 300, archivedAt: new Date(Date.now() - 200 * 24 * 3600_000).toISOString() };
    const entry = image("entry", { days: 300 });
    const signed = image("signed", { ...old, tags: ["v1"] });
    const tag = `${signed.digest.replace(":", "-")}.sig`;
    const seeded = repository("a-x-dev", [
      signed,
      about("sbom", signed, { days: 300 }),
      image("signature", { tags: [tag], days: 300 }),
      entry,
      index("list", [entry], { ...old, tags: ["v2"] }),
      image("old", { tags: ["v0"], days: 300 }),
    ]);
    await aws.seed([seeded]);
    const report = await run({ rules: { untaggedDays: 1, olderThanDays: 1 } }, [seeded]);
    assert.deepEqual(report.repositories[0]?.deleted, [digestOf("old")]);
    assert.deepEqual(report.repositories[0]?.kept, { archived: 2, "kept with another image": 3 });
    assert.equal((await aws.calls()).calls.BatchGetImage, undefined);
  });

  it("reads the manifests of lists only, since reading one counts as a pull", async () => {
    const amd = image("amd", { days: 99 });
    const seeded = repository("a-x-dev", [amd, index("list", [amd], { tags: ["v1"] }), about("sbom", amd)]);
    await aws.seed([seeded]);
    await run({ rules: { untaggedDays: 1 } }, [seeded]);
    assert.equal((await aws.calls()).calls.BatchGetImage, 1);
    await aws.seed([repository("a-y-dev", [image("one"), about("its sbom", image("one"))])]);
    await run({ rules: { untaggedDays: 1 } }, [repository("a-y-dev", [])]);
    assert.equal((await aws.calls()).calls.BatchGetImage, 1, "nothing here is a list");
  });
});
