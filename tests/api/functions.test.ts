import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { GetMetricDataCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
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
import type * as pulumi from "@pulumi/pulumi";
import { PutRegistryScanningConfigurationCommand } from "@aws-sdk/client-ecr";
import fc from "fast-check";
import { cleanUpPolicy, metricsPolicy } from "../../documents/function-policies";
import type { PolicyDocument } from "../../documents/iam";
import { functionCode, type FunctionSource } from "../../components/parts/function-code";
import { cleanUp, type CleanUpContext, type CleanUpReport } from "../../images/clean-up";
import { cleanUpRequest, type CleanUpInput } from "../../documents/clean-up-request";
import { cloudWatchClient, ecrClient, s3Client, snsClient } from "../../images/clients";
import { handler as cleanUpHandler } from "../../functions/clean-up";
import { handler as metricsHandler } from "../../functions/metrics";
import { NAMESPACE } from "../../aws/metrics";
import { ROOT } from "../support/project";
import { ACCOUNT, Emulator, REGION, type SeedImage, type SeedRepository } from "./emulator";
import { about, daysAgo, digestOf, image, index, repository } from "./registry";
import { Running } from "./running";

const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
const WHOLE = { project: "ecr-platform", environment: "dev" };
const BUCKET = "reports";

/** What Lambda tells a function. */
const invocation = (remaining = 900_000) => ({
  invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:ecr-platform-dev-clean-up`,
  awsRequestId: "11111111-2222-3333-4444-555555555555",
  getRemainingTimeInMillis: () => remaining,
});

/** Asks the emulator for something where nothing can be awaited. */
function askSync(endpoint: string, what: string, body: string): void {
  const script = `fetch(${JSON.stringify(endpoint + what)}, { method: "POST", headers: { "content-type": "application/json" }, body: ${JSON.stringify(body)} })`;
  spawnSync(process.execPath, ["-e", script]);
}

describe("the functions, against an API", () => {
  let aws: Emulator;
  let running: Running;
  const variables = { ...process.env };
  before(async () => {
    aws = await Emulator.start();
    Object.assign(process.env, aws.environment, { REPORT_BUCKET: BUCKET });
    running = new Running(aws.connection);
  });
  beforeEach(async () => {
    await aws.reset();
    delete process.env.TOPIC_ARN;
    delete process.env.CHAT_TOPIC_ARN;
    await s3Client(aws.connection).send(
      new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
  });
  after(() => {
    aws.close();
    process.env = variables;
  });

  const request = (given: Partial<CleanUpInput>) =>
    cleanUpRequest.parse({ ...WHOLE, dryRun: false, maxDeletions: 100_000, rules: {}, ...given });
  const run = (
    given: Partial<CleanUpInput>,
    repositories: readonly SeedRepository[],
    more: Partial<CleanUpContext> = {},
  ): Promise<CleanUpReport> =>
    cleanUp(request(given), {
      connection: aws.connection,
      registry: { accountId: ACCOUNT, region: REGION },
      repositories: repositories.map(({ name }) => ({ name, team: name.split("-")[0] ?? "" })),
      now: new Date(),
      ...more,
    });

  describe("metrics", () => {
    const scanned = (counts: Record<string, number>, days = 0) => ({
      status: "COMPLETE",
      completedAt: daysAgo(days),
      counts,
    });
    const valueOf = async (name: string, dimensions: Record<string, string>) => {
      const { MetricDataResults } = await cloudWatchClient(aws.connection).send(
        new GetMetricDataCommand({
          StartTime: new Date(Date.now() - 3600_000),
          EndTime: new Date(Date.now() + 3600_000),
          MetricDataQueries: [
            {
              Id: "m",
              MetricStat: {
                Metric: {
                  Namespace: NAMESPACE,
                  MetricName: name,
                  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
                },
                Period: 7200,
                Stat: "Maximum",
              },
            },
          ],
        }),
      );
      return MetricDataResults?.[0]?.Values?.[0];
    };

    it("are published for each repository, team and the environment, and for nobody else's", async () => {
      await aws.seed([
        repository("payments-api-dev", [
          image("a", {
            tags: ["v1"],
            days: 40,
            bytes: 1000,
            scan: scanned({ CRITICAL: 2, HIGH: 1, LOW: 3, UNDEFINED: 1 }, 3),
          }),
          image("b", { days: 10, bytes: 500, scan: { status: "FAILED" } }),
        ]),
        repository("payments-ledger-dev", [
          image("c", { tags: ["v1"], bytes: 70, scan: scanned({ CRITICAL: 1 }) }),
        ]),
        repository("data-etl-dev", []),
        repository("payments-api-prod", [image("d", { bytes: 9 })], { environment: "prod" }),
        { name: "stray-dev", tags: [], images: [image("e", { bytes: 9 })] },
        {
          ...repository("other-x-dev", [image("f", { bytes: 9 })]),
          tags: [
            { Key: "Project", Value: "other" },
            { Key: "Environment", Value: "dev" },
            { Key: "Team", Value: "other" },
          ],
        },
      ]);
      assert.deepEqual(await metricsHandler(WHOLE), { repositories: 3, metrics: 60 });
      const environment = { Environment: "dev" };
      const team = { ...environment, Team: "payments" };
      const one = { ...team, Repository: "payments-api-dev" };
      const critical = { Severity: "CRITICAL" };
      for (const [name, dimensions, expected] of [
        ["StorageSize", one, 1500],
        ["StorageSize", team, 1570],
        ["StorageSize", environment, 1570],
        ["ImageCount", one, 2],
        ["UntaggedCount", team, 1],
        ["OldestImageDays", environment, 40],
        ["ImageScanFindingsCount", { ...one, ...critical }, 2],
        ["ImageScanFindingsCount", { ...environment, ...critical }, 3],
        ["ImageScanFindingsCount", { ...one, Severity: "MEDIUM" }, 0],
        ["ImageScanFindingsCount", { ...one, Severity: "OTHER" }, 4],
        ["ScanFailures", team, 1],
        ["DaysSinceScan", one, 3],
        ["LargestRepositoryImages", environment, 2],
        ["MeasureFailures", environment, 0],
        ["ImageCount", { ...environment, Team: "data" }, 0],
      ] as const) {
        assert.equal(await valueOf(name, dimensions), expected, `${name} ${JSON.stringify(dimensions)}`);
      }
      const { Metrics } = await cloudWatchClient(aws.connection).send(
        new ListMetricsCommand({ Namespace: NAMESPACE, MetricName: "ImageCount" }),
      );
      const named = (Metrics ?? []).flatMap(({ Dimensions }) =>
        (Dimensions ?? []).flatMap(({ Name, Value }) => (Name === "Repository" ? [Value] : [])),
      );
      assert.deepEqual(named.sort(), ["data-etl-dev", "payments-api-dev", "payments-ledger-dev"]);
    });

    it("count the storage of a multi-platform image once, in its entries", async () => {
      const entries = [image("amd64", { bytes: 300 }), image("arm64", { bytes: 200 })];
      await aws.seed([
        repository("payments-api-dev", [...entries, index("list", entries, { tags: ["v1"] })]),
      ]);
      await metricsHandler(WHOLE);
      assert.equal(await valueOf("StorageSize", { Environment: "dev", Team: "payments" }), 500);
      assert.equal(await valueOf("ImageCount", { Environment: "dev", Team: "payments" }), 3);
    });

    it("page through hundreds of repositories and thousands of images, some at once", async () => {
      const repositories = Array.from({ length: 300 }, (_, r) =>
        repository(
          `team${r % 20}-service${r}-dev`,
          Array.from({ length: r === 0 ? 5000 : 10 }, (_, i) => image(`${r}/${i}`, { bytes: 10 })),
        ),
      );
      await aws.seed(repositories);
      const answer = await metricsHandler(WHOLE);
      assert.equal(answer.repositories, 300);
      assert.equal(await valueOf("ImageCount", { Environment: "dev" }), 5000 + 299 * 10);
      assert.equal(await valueOf("StorageSize", { Environment: "dev" }), (5000 + 299 * 10) * 10);
      const { calls, most } = await aws.calls();
      assert.ok(
        (calls.PutMetricData ?? 0) >= 4 && (calls.PutMetricData ?? 0) < 10,
        "in batches of a thousand",
      );
      assert.ok(most > 1 && most <= 8, `${most} calls at once`);
    });

    it("are published for the rest where a repository cannot be read, and the run fails", async () => {
      await aws.seed([
        repository("a-x-dev", [image("1")]),
        repository("a-y-dev", [image("2")]),
        repository("a-z-dev", []),
      ]);
      await aws.fault({ action: "DescribeImages", count: 1, kind: "error", name: "AccessDeniedException" });
      await assert.rejects(
        metricsHandler(WHOLE),
        /not everything could be measured, 1 failed: a-.-dev: AccessDenied/,
      );
      assert.equal(await valueOf("MeasureFailures", { Environment: "dev" }), 1);
      const { calls } = await aws.calls();
      assert.equal(calls.PutMetricData, 1);
    });

    it("are Inspector's counts where it scans, and ECR's own answer where its list says nothing", async () => {
      const seeded = repository("a-x-dev", [
        image("one", { tags: ["v1"], days: 9 }),
        image("two", { tags: ["v2"], days: 8 }),
        image("three", { tags: ["v3"], days: 7 }),
        image("dangling", { days: 7 }),
      ]);
      await aws.seed([seeded]);
      await aws.scanResults([
        {
          repository: "a-x-dev",
          digest: digestOf("one"),
          status: "COMPLETE",
          findings: [{ severity: "CRITICAL" }, { severity: "LOW" }],
        },
      ]);
      await metricsHandler(WHOLE);
      const environment = { Environment: "dev" };
      const findings = (severity: string) =>
        valueOf("ImageScanFindingsCount", { ...environment, Severity: severity });
      assert.deepEqual(
        [await findings("CRITICAL"), await findings("HIGH"), await findings("OTHER")],
        [1, 0, 1],
      );
      assert.equal(await valueOf("DaysSinceScan", environment), 0);
      assert.equal(
        (await aws.calls()).calls.DescribeImageScanFindings,
        3,
        "untagged images are not asked for",
      );

      await aws.reset();
      await aws.seed([seeded]);
      await ecrClient(aws.connection).send(
        new PutRegistryScanningConfigurationCommand({ scanType: "ENHANCED", rules: [] }),
      );
      const covered = (name: string, statusCode: string, reason: string) => ({
        resourceId: `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/a-x-dev/${digestOf(name)}`,
        resourceType: "AWS_ECR_CONTAINER_IMAGE",
        scanStatus: { statusCode, reason },
        ...(statusCode === "ACTIVE" ? { lastScannedAt: Date.parse(daysAgo(2)) / 1000 } : {}),
      });
      await aws.coverage([
        covered("one", "ACTIVE", "SUCCESSFUL"),
        covered("two", "INACTIVE", "UNSUPPORTED_OS"),
        covered("three", "INACTIVE", "SCAN_ELIGIBILITY_EXPIRED"),
      ]);
      const severityCounts = { all: 10, critical: 2, high: 3, medium: 1 };
      await aws.inspectorCounts([
        { repository: "a-x-dev", imageSha: digestOf("one"), severityCounts },
        { repository: "other-dev", imageSha: digestOf("one"), severityCounts },
      ]);
      await metricsHandler(WHOLE);
      assert.deepEqual(
        [
          await findings("CRITICAL"),
          await findings("HIGH"),
          await findings("MEDIUM"),
          await findings("OTHER"),
        ],
        [2, 3, 1, 4],
      );
      assert.equal(
        await valueOf("ScanFailures", environment),
        1,
        "what Inspector rightly leaves is no failure",
      );
      assert.equal(await valueOf("DaysSinceScan", environment), 2);
    });

    it("leave findings out where nobody can say what they are: none known is not none", async () => {
      await aws.seed([repository("a-x-dev", [image("one", { tags: ["v1"], bytes: 5 })])]);
      await aws.fault({
        action: "GetRegistryScanningConfiguration",
        count: 1,
        kind: "error",
        name: "AccessDeniedException",
      });
      await assert.rejects(metricsHandler(WHOLE), /1 failed: scans of all repositories: AccessDenied/);
      assert.equal(await valueOf("StorageSize", { Environment: "dev" }), 5);
      assert.equal(
        await valueOf("ImageScanFindingsCount", { Environment: "dev", Severity: "CRITICAL" }),
        undefined,
      );
      assert.equal(await valueOf("MeasureFailures", { Environment: "dev" }), 1);
    });

    it("are complete although AWS throttles", async () => {
      await aws.seed(
        Array.from({ length: 20 }, (_, i) => repository(`a-s${i}-dev`, [image(String(i), { bytes: 1 })])),
      );
      await aws.fault({ action: "DescribeImages", count: 6, kind: "throttle" });
      await aws.fault({ action: "ListTagsForResource", count: 3, kind: "throttle" });
      await aws.fault({ action: "PutMetricData", count: 1, kind: "throttle" });
      assert.equal((await metricsHandler(WHOLE)).repositories, 20);
      assert.equal(await valueOf("StorageSize", { Environment: "dev" }), 20);
    });

    it("refuse a request of another form", async () => {
      await assert.rejects(metricsHandler({ project: "x" }), /environment/);
    });
  });

  describe("clean-up", () => {
    it("deletes nothing unless it is told to", async () => {
      const seeded = repository("a-x-dev", [image("old", { days: 99 })]);
      await aws.seed([seeded]);
      const report = await cleanUpHandler({ ...WHOLE, rules: { untaggedDays: 1 } }, invocation());
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
      await aws.seed([
        repository("a-x-dev", [
          image("old", { days: 99, bytes: 3 * 2 ** 30 }),
          image("kept", { tags: ["deployed-1"], days: 99 }),
        ]),
      ]);
      const rules = { untaggedDays: 30, olderThanDays: 30, protect: ["deployed-*"] };
      const totals = await cleanUpHandler({ ...WHOLE, dryRun: false, rules }, invocation());
      assert.deepEqual(
        [totals.deleted, totals.deletedBytes, totals.usdPerMonth.toFixed(2)],
        [1, 3 * 2 ** 30, "0.30"],
      );
      const { Contents } = await s3Client(aws.connection).send(new ListObjectsV2Command({ Bucket: BUCKET }));
      const { Key } = Contents?.[0] ?? {};
      assert.match(Key ?? "", /^clean-up\/dev\/2.*\.json$/);
      const { Body } = await s3Client(aws.connection).send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      const report = JSON.parse((await Body?.transformToString()) ?? "") as CleanUpReport;
      assert.deepEqual(report.repositories[0]?.deleted, [digestOf("old")]);
      assert.equal(report.repositories[0]?.selected[0]?.why, "untagged, 99 days old");
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
        { ...WHOLE, dryRun: false, rules: { olderThanDays: 30 } },
        invocation(),
      );
      assert.deepEqual(
        [totals.deleted, totals.selectedBytes, totals.deletedBytes, totals.usdPerMonth],
        [3, 500, 500, (500 / 2 ** 30) * 0.1],
      );
    });

    it("leaves what ECS and Lambda use: by tag, by digest, by a task whose definition is gone, by an entry", async () => {
      const old = { days: 99 };
      const amd = image("amd", old);
      const arm = image("arm", old);
      const list = index("list", [amd, arm], { ...old, tags: ["multi"] });
      const images = [
        image("definition", { ...old, tags: ["defined"] }),
        image("task", { ...old, tags: ["running"] }),
        image("service", { ...old, tags: ["served"] }),
        image("function", { ...old, tags: ["lambda"] }),
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
      assert.deepEqual(report.repositories[0]?.kept, { "in use": 8, "kept with another image": 2 });
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
      await assert.rejects(
        run({ rules, inUse: { list } }, [seeded]),
        /s3:\/\/lists\/none\.txt names no image/,
      );
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
      assert.equal(calls.ListClusters, 2, "here and there");
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
      const only = new Map([["a-x-dev", new Set([outer, inner, leaf].map(({ digest }) => digest))]]);
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
      const rest = await run({ rules: { untaggedDays: 1 }, maxDeletions: 130 }, [seeded]);
      assert.deepEqual([rest.totals.deleted, rest.stopped], [130, undefined]);
    });

    it("stops before its time runs out, with a report", async () => {
      const seeded = repository(
        "a-x-dev",
        Array.from({ length: 250 }, (_, i) => image(`m${i}`, { days: 50 })),
      );
      await aws.seed([seeded]);
      let asked = 0;
      const context = { ...invocation(), getRemainingTimeInMillis: () => (asked++ < 2 ? 900_000 : 1000) };
      const totals = await cleanUpHandler({ ...WHOLE, dryRun: false, rules: { untaggedDays: 1 } }, context);
      assert.equal(totals.deleted, 200);
      const { Contents } = await s3Client(aws.connection).send(new ListObjectsV2Command({ Bucket: BUCKET }));
      assert.equal(Contents?.length, 1);
    });

    it("tells of an error in one repository, and goes on with the next", async () => {
      const both = ["a-x-dev", "a-y-dev"].map((name) => repository(name, [image(name, { days: 9 })]));
      await aws.seed(both);
      await aws.fault({ action: "BatchDeleteImage", count: 1, kind: "error", name: "AccessDeniedException" });
      const report = await run({ rules: { untaggedDays: 1 } }, both);
      assert.deepEqual([report.totals.deleted, report.totals.failed], [1, 1]);
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
      assert.deepEqual(report.repositories[0]?.deleted, [digestOf("gone")]);
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

    it("comes to the same end when two run at once", async () => {
      const seeded = repository("a-x-dev", [
        ...Array.from({ length: 600 }, (_, i) => image(`m${i}`, { days: 50 })),
        image("kept", { tags: ["v1"] }),
      ]);
      await aws.seed([seeded]);
      const reports = await Promise.all([1, 2].map(() => run({ rules: { untaggedDays: 1 } }, [seeded])));
      assert.deepEqual((await aws.images())["a-x-dev"], [digestOf("kept")]);
      for (const { totals } of reports) {
        assert.deepEqual(
          [totals.deleted, totals.failed],
          [600, 0],
          "what the other has deleted is gone all the same",
        );
      }
    });

    it("can be killed at any moment and run again", async () => {
      const amd = image("amd", { days: 99 });
      const seeded = repository("a-x-dev", [
        ...Array.from({ length: 500 }, (_, i) => image(`m${i}`, { days: 50 })),
        amd,
        index("list", [amd], { tags: ["v1"], days: 1 }),
      ]);
      await aws.seed([seeded]);
      await aws.fault({ action: "BatchDeleteImage", after: 2, count: 1, kind: "slow", seconds: 30 });
      const script = `require(${JSON.stringify(path.join(ROOT, "functions/clean-up"))}).handler(
        ${JSON.stringify({ ...WHOLE, dryRun: false, rules: { untaggedDays: 1 } })},
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

    it("refuses a request of another form, and deletes nothing", async () => {
      await aws.seed([repository("a-x-dev", [image("old", { days: 99 })])]);
      for (const event of [
        {},
        { ...WHOLE },
        { ...WHOLE, rules: { untagged: 1 } },
        { ...WHOLE, rules: {}, dryrun: false },
      ]) {
        await assert.rejects(cleanUpHandler(event, invocation()), /Invalid|Unrecognized|expected/i);
      }
      assert.equal((await aws.images())["a-x-dev"]?.length, 1);
    });

    it("never deletes what is in use or protected, nor what that needs, for any registry", async function () {
      this.timeout(600_000);
      const spec = fc.record({
        kind: fc.constantFrom("image", "image", "list", "about"),
        days: fc.integer({ min: 0, max: 60 }),
        tag: fc.constantFrom(undefined, undefined, "plain", "plain", "plain", "deployed"),
        use: fc.constantFrom(...Array<undefined>(9).fill(undefined), "definition", "lambda", "list"),
        of: fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }),
      });
      let deleted = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(spec, { minLength: 3, maxLength: 14 }),
          fc.integer({ min: 1, max: 40 }),
          async (specs, days) => {
            await aws.reset();
            const images: SeedImage[] = [];
            const needs: number[][] = [];
            const used: number[] = [];
            const listed: string[] = [];
            for (const [i, one] of specs.entries()) {
              const others = i === 0 ? [] : [...new Set(one.of.map((n) => n % i))];
              const fields = { tags: one.tag === undefined ? [] : [`${one.tag}-${i}`], days: one.days };
              const name = `image ${i}`;
              const made =
                others.length === 0 || one.kind === "image"
                  ? image(name, fields)
                  : one.kind === "list"
                    ? index(
                        name,
                        others.map((n) => images[n]!),
                        fields,
                      )
                    : about(name, images[others[0]!]!, fields);
              images.push(made);
              needs.push(one.kind === "list" ? others : []);
              // A signature is needed by what it is about.
              if (one.kind === "about" && others.length > 0) {
                needs[others[0]!]!.push(i);
              }
              const reference = `${HOST}/a-x-dev${fields.tags[0] === undefined ? `@${made.digest}` : `:${fields.tags[0]}`}`;
              if (one.use !== undefined) {
                used.push(i);
              }
              if (one.use === "definition") {
                await running.taskDefinition(`f${i}`, reference);
              } else if (one.use === "lambda") {
                await running.lambda(`f${i}`, reference);
              } else if (one.use === "list") {
                listed.push(reference);
              }
            }
            const seeded = repository("a-x-dev", images);
            await aws.seed([seeded]);
            const report = await run(
              {
                rules: { untaggedDays: days, olderThanDays: days, protect: ["deployed-*"] },
                inUse: { images: listed },
              },
              [seeded],
            );
            const left = new Set((await aws.images())["a-x-dev"]);
            deleted += images.length - left.size;
            assert.equal(report.totals.deleted, images.length - left.size, "the report is true");
            assert.equal(report.totals.failed, 0);
            specs.forEach(({ tag, days: age }, i) => {
              const there = left.has(images[i]!.digest);
              assert.ok(there || !used.includes(i), `image ${i} is in use`);
              assert.ok(there || tag !== "deployed", `image ${i} is protected`);
              assert.ok(
                there || age >= days || needs.some((list) => list.includes(i)),
                `image ${i} is young`,
              );
              if (there) {
                needs[i]!.forEach((n) => {
                  assert.ok(left.has(images[n]!.digest), `image ${n}, which image ${i} needs, is gone`);
                });
              }
            });
          },
        ),
        { numRuns: 100 },
      );
      assert.ok(deleted > 100, `there was something to delete (${deleted})`);
    });
  });

  describe("with their roles", () => {
    /** The IAM action of a call, as the service authorization reference names it. */
    const ACTIONS: Record<string, string> = {
      AssumeRole: "sts:AssumeRole",
      BatchDeleteImage: "ecr:BatchDeleteImage",
      BatchGetImage: "ecr:BatchGetImage",
      DescribeImages: "ecr:DescribeImages",
      DescribeImageScanFindings: "ecr:DescribeImageScanFindings",
      GetRegistryScanningConfiguration: "ecr:GetRegistryScanningConfiguration",
      "POST /coverage/list": "inspector2:ListCoverage",
      "POST /findings/aggregation/list": "inspector2:ListFindingAggregations",
      DescribeRepositories: "ecr:DescribeRepositories",
      DescribeServices: "ecs:DescribeServices",
      DescribeTaskDefinition: "ecs:DescribeTaskDefinition",
      DescribeTasks: "ecs:DescribeTasks",
      ListClusters: "ecs:ListClusters",
      ListServices: "ecs:ListServices",
      ListTagsForResource: "ecr:ListTagsForResource",
      ListTaskDefinitions: "ecs:ListTaskDefinitions",
      ListTasks: "ecs:ListTasks",
      Publish: "sns:Publish",
      PutMetricData: "cloudwatch:PutMetricData",
    };
    const actionOf = (called: string) =>
      ACTIONS[called] ??
      (called === "GET /2015-03-31/functions"
        ? "lambda:ListFunctions"
        : called.startsWith("GET /2015-03-31/functions/")
          ? "lambda:GetFunction"
          : called.startsWith(`PUT /${BUCKET}/`)
            ? "s3:PutObject"
            : called.startsWith(`GET /${BUCKET}/`)
              ? "s3:GetObject"
              : called);
    const granted = ({ Statement }: PolicyDocument) => Statement.flatMap(({ Action }) => Action);
    const scope = {
      place: { partition: "aws", region: REGION, accountId: ACCOUNT },
      logGroupArn: "arn",
      queueArn: "arn",
      tracing: false,
    };

    it("call nothing that these do not grant, and are granted nothing that they never call", async () => {
      const seeded = repository("a-x-dev", [
        image("tagged", { tags: ["v9"] }),
        image("old", { days: 99 }),
        index("list", [], { tags: ["v1"] }),
      ]);
      await aws.seed([seeded]);
      const during = async (work: () => Promise<unknown>) => {
        const { calls: before } = await aws.calls();
        await work();
        const { calls: after } = await aws.calls();
        return Object.keys(after)
          .filter((one) => (after[one] ?? 0) > (before[one] ?? 0))
          .map(actionOf);
      };
      const enhance = (scanType: "ENHANCED" | "BASIC") =>
        ecrClient(aws.connection).send(new PutRegistryScanningConfigurationCommand({ scanType, rules: [] }));
      // What Lambda and X-Ray do in the role's name is none of the function's calls.
      const byLambda = [
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "sqs:SendMessage",
        "kms:Decrypt",
        "kms:GenerateDataKey",
      ];
      const unused = (policy: PolicyDocument, called: string[]) =>
        granted(policy).filter((one) => !called.includes(one) && !byLambda.includes(one));
      for (const scanType of ["enhanced", "basic"] as const) {
        await enhance(scanType === "enhanced" ? "ENHANCED" : "BASIC");
        const called = await during(() => metricsHandler(WHOLE));
        const policy = metricsPolicy(scope, WHOLE, scanType);
        assert.deepEqual(
          called.filter((one) => !granted(policy).includes(one)),
          [],
          scanType,
        );
        assert.deepEqual(unused(policy, called), [], scanType);
      }

      await aws.reset();
      await s3Client(aws.connection).send(
        new CreateBucketCommand({
          Bucket: BUCKET,
          CreateBucketConfiguration: { LocationConstraint: REGION },
        }),
      );
      const topic = await snsClient(aws.connection).send(new CreateTopicCommand({ Name: "alerts" }));
      process.env.TOPIC_ARN = topic.TopicArn;
      await s3Client(aws.connection).send(
        new PutObjectCommand({ Bucket: BUCKET, Key: "eks.txt", Body: "a:1\n" }),
      );
      await aws.seed([seeded]);
      await running.cluster("c");
      const definition = await running.taskDefinition("f", `${HOST}/a-x-dev:v1`);
      await running.task("c", definition);
      await running.service("c", "s", definition);
      await running.lambda("f", `${HOST}/a-x-dev:v1`);
      const inUse = {
        roles: ["arn:aws:iam::777788889999:role/reader"],
        list: { bucket: BUCKET, key: "eks.txt", maxAgeDays: 2 },
      };
      const ofCleanUp = await during(() =>
        cleanUpHandler({ ...WHOLE, dryRun: false, rules: { untaggedDays: 1 }, inUse }, invocation()),
      );
      const cleanUpRole = cleanUpPolicy(scope, WHOLE, { bucketArn: "arn", topicArns: ["arn"], inUse });
      assert.deepEqual(
        ofCleanUp.filter((one) => !granted(cleanUpRole).includes(one)),
        [],
      );
      assert.deepEqual(unused(cleanUpRole, ofCleanUp), []);
    });
  });

  describe("as they are deployed, in one file", () => {
    const bundled = async (source: FunctionSource) => {
      const assets = (await functionCode(source).assets) as Record<string, pulumi.asset.StringAsset>;
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ecr-platform-function-"));
      fs.writeFileSync(path.join(folder, "index.js"), (await assets["index.js"]?.text) ?? "");
      return folder;
    };
    const invoke = (folder: string, event: object) =>
      JSON.parse(
        execFileSync(
          process.execPath,
          [
            "-e",
            `require("./index.js").handler(${JSON.stringify(event)}, { ...${JSON.stringify(invocation())}, getRemainingTimeInMillis: () => 900000 }).then((answer) => console.log(JSON.stringify(answer)))`,
          ],
          { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
        )
          .trim()
          .split("\n")
          .at(-1) ?? "",
      ) as Record<string, number>;

    it("publish metrics and clean up", async () => {
      await aws.seed([repository("a-x-dev", [image("old", { days: 99 })])]);
      assert.equal(invoke(await bundled("metrics"), WHOLE).repositories, 1);
      const answer = invoke(await bundled("clean-up"), {
        ...WHOLE,
        dryRun: false,
        rules: { untaggedDays: 1 },
      });
      assert.equal(answer.deleted, 1);
      assert.deepEqual((await aws.images())["a-x-dev"], []);
    });
  });
});
