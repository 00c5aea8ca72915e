import assert from "node:assert/strict";
import { GetMetricDataCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { PutRegistryScanningConfigurationCommand } from "@aws-sdk/client-ecr";
import { cloudWatchClient, ecrClient } from "../../images/clients";
import { NAMESPACE } from "../../aws/metrics";
import { handler as metricsHandler } from "../../functions/metrics";
import { ACCOUNT, Emulator, REGION } from "./emulator";
import { about, daysAgo, digestOf, image, index, repository } from "./registry";
import { WHOLE, functionsApi, invocation } from "./functions";

describe("the metrics, against an API", () => {
  let aws: Emulator;
  functionsApi((emulator) => {
    aws = emulator;
  });

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
    assert.deepEqual(await metricsHandler(WHOLE, invocation()), { repositories: 3, metrics: 66 });
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
      ["NotScannedImageCount", one, 1],
      ["NotScannedImageCount", { ...environment, Team: "data" }, 0],
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
    await aws.seed([repository("payments-api-dev", [...entries, index("list", entries, { tags: ["v1"] })])]);
    await metricsHandler(WHOLE, invocation());
    assert.equal(await valueOf("StorageSize", { Environment: "dev", Team: "payments" }), 500);
    assert.equal(await valueOf("ImageCount", { Environment: "dev", Team: "payments" }), 3);
  });

  it("count archived images apart, and leave them out of all others", async () => {
    const seeded = [image("a", { bytes: 300, tags: ["v2"] }), image("b", { bytes: 20, days: 99 })];
    const archived = { tags: ["v1"], days: 400, archivedAt: daysAgo(10) };
    await aws.seed([
      repository("payments-api-dev", [...seeded, image("old", { bytes: 1000, ...archived })]),
      repository("data-etl-dev", [image("c", { bytes: 1 })]),
    ]);
    await metricsHandler(WHOLE, invocation());
    const team = { Environment: "dev", Team: "payments" };
    for (const [name, dimensions, expected] of [
      ["StorageSize", team, 320],
      ["ImageCount", team, 2],
      ["OldestImageDays", team, 99],
      ["ArchivedStorageSize", team, 1000],
      ["ArchivedImageCount", { Environment: "dev" }, 1],
      ["ArchivedStorageSize", { Environment: "dev", Team: "data" }, undefined],
    ] as const) {
      assert.equal(await valueOf(name, dimensions), expected, `${name} ${JSON.stringify(dimensions)}`);
    }
    assert.equal((await aws.calls()).calls.DescribeImageScanFindings, 1, "an archived image has no scan");
  });

  it("have the findings of a multi-platform image under basic scanning, whose entries have no tag", async () => {
    const entries = [image("amd64"), image("arm64")];
    const list = index("list", entries, { tags: ["v1"] });
    await aws.seed([repository("a-x-dev", [...entries, list, about("sbom", list)])]);
    await aws.scanResults([
      {
        repository: "a-x-dev",
        digest: digestOf("arm64"),
        status: "COMPLETE",
        findings: Array.from({ length: 7 }, () => ({ severity: "CRITICAL" })),
      },
    ]);
    await metricsHandler(WHOLE, invocation());
    assert.equal(await valueOf("ImageScanFindingsCount", { Environment: "dev", Severity: "CRITICAL" }), 7);
    assert.equal(
      await valueOf("NotScannedImageCount", { Environment: "dev" }),
      1,
      "one platform, and neither the list nor the artifact",
    );
    assert.equal((await aws.calls()).calls.DescribeImageScanFindings, 2, "neither the list nor the artifact");
  });

  it("page through hundreds of repositories and thousands of images, some at once", async () => {
    const repositories = Array.from({ length: 300 }, (_, r) =>
      repository(
        `team${r % 20}-service${r}-dev`,
        Array.from({ length: r === 0 ? 5000 : 10 }, (_, i) => image(`${r}/${i}`, { bytes: 10 })),
      ),
    );
    await aws.seed(repositories);
    const answer = await metricsHandler(WHOLE, invocation());
    assert.equal(answer.repositories, 300);
    assert.equal(await valueOf("ImageCount", { Environment: "dev" }), 5000 + 299 * 10);
    assert.equal(await valueOf("StorageSize", { Environment: "dev" }), (5000 + 299 * 10) * 10);
    const { calls, most } = await aws.calls();
    assert.ok((calls.PutMetricData ?? 0) >= 4 && (calls.PutMetricData ?? 0) < 10, "in batches of a thousand");
    assert.ok(most > 1 && most <= 8, `${most} calls at once`);
  });

  it("are published without partial totals if a repository cannot be read, and the run fails", async () => {
    await aws.seed([
      repository("a-x-dev", [image("1", { bytes: 5 })]),
      repository("a-y-dev", [image("2", { bytes: 5 })]),
      repository("b-z-dev", [image("3", { bytes: 5 })]),
    ]);
    await aws.fault({ action: "DescribeImages", count: 1, kind: "error", name: "AccessDeniedException" });
    await assert.rejects(
      metricsHandler(WHOLE, invocation()),
      /1 failed: (a-.|b-z)-dev: AccessDenied.*; the totals of [ab] and of the environment are not published/,
    );
    const published = await Promise.all([
      valueOf("StorageSize", { Environment: "dev" }),
      valueOf("LargestRepositoryImages", { Environment: "dev" }),
      valueOf("StorageSize", { Environment: "dev", Team: "a" }),
      valueOf("StorageSize", { Environment: "dev", Team: "b" }),
    ]);
    assert.deepEqual(published.slice(0, 2), [undefined, undefined]);
    // Which of the repositories fails depends on the order of the calls.
    assert.ok(
      published[2] === undefined ? published[3] === 5 : published[2] === 10 && published[3] === undefined,
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
    await metricsHandler(WHOLE, invocation());
    const environment = { Environment: "dev" };
    const findings = (severity: string) =>
      valueOf("ImageScanFindingsCount", { ...environment, Severity: severity });
    assert.deepEqual(
      [await findings("CRITICAL"), await findings("HIGH"), await findings("OTHER")],
      [1, 0, 1],
    );
    assert.equal(await valueOf("DaysSinceScan", environment), 0);
    assert.equal((await aws.calls()).calls.DescribeImageScanFindings, 3, "untagged images are not asked for");
    assert.equal(await valueOf("NotScannedImageCount", environment), 3, "nor are they taken for scanned");

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
    await metricsHandler(WHOLE, invocation());
    assert.deepEqual(
      [await findings("CRITICAL"), await findings("HIGH"), await findings("MEDIUM"), await findings("OTHER")],
      [2, 3, 1, 4],
    );
    assert.equal(
      await valueOf("ScanFailures", environment),
      1,
      "what Inspector rightly leaves is no failure",
    );
    assert.equal(await valueOf("DaysSinceScan", environment), 2);
    assert.equal(
      await valueOf("NotScannedImageCount", environment),
      3,
      "with one that Inspector does not know",
    );
  });

  it("have no totals if it is unknown whose repository could not be read", async () => {
    await aws.seed([repository("a-x-dev", [image("1")]), repository("b-y-dev", [image("2")])]);
    await aws.fault({
      action: "ListTagsForResource",
      count: 1,
      kind: "error",
      name: "AccessDeniedException",
    });
    await assert.rejects(
      metricsHandler(WHOLE, invocation()),
      /; the totals of all teams and of the environment are not published/,
    );
    assert.equal(await valueOf("ImageCount", { Environment: "dev" }), undefined);
    assert.equal(await valueOf("ImageCount", { Environment: "dev", Team: "a" }), undefined);
    assert.equal(await valueOf("ImageCount", { Environment: "dev", Team: "b" }), undefined);
  });

  it("leave findings out where nobody can say what they are: none known is not none", async () => {
    await aws.seed([repository("a-x-dev", [image("one", { tags: ["v1"], bytes: 5 })])]);
    await aws.fault({
      action: "GetRegistryScanningConfiguration",
      count: 1,
      kind: "error",
      name: "AccessDeniedException",
    });
    await assert.rejects(
      metricsHandler(WHOLE, invocation()),
      /1 failed: scans of all repositories: AccessDenied/,
    );
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
    assert.equal((await metricsHandler(WHOLE, invocation())).repositories, 20);
    assert.equal(await valueOf("StorageSize", { Environment: "dev" }), 20);
  });

  it("are published of what was measured when the time ran out", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `a-r${i}-dev`);
    await aws.seed(names.map((name) => repository(name, [image(name)])));
    let asked = 0;
    const context = { getRemainingTimeInMillis: () => (asked++ < 9 ? 900_000 : 1000) };
    await assert.rejects(
      metricsHandler(WHOLE, context),
      /3 failed: a-r\d+-dev: the function's time ran out; the totals of a and of the environment are not published/,
    );
    const values = await Promise.all(
      names.map((name) => valueOf("ImageCount", { Environment: "dev", Team: "a", Repository: name })),
    );
    assert.equal(values.filter((value) => value === 1).length, 9);
  });

  it("refuse a request of another form", async () => {
    await assert.rejects(metricsHandler({ project: "x" }, invocation()), /environment/);
  });
});
