import assert from "node:assert/strict";
import { measure, metricsOf } from "../../images/measure";
import { METRICS } from "../../aws/metrics";
import { registryAlarms } from "../../documents/alarms";
import { runProgram, type ProgramRun } from "../../plan/run";
import { readStackConfig } from "../../plan/stack-file";
import { ROOT } from "../support/project";

/**
 * Metrics that AWS documents, with their dimensions: the sets that one has. Values are checked where the
 * documentation lists them.
 */
const DOCUMENTED: {
  page: string;
  namespace: string;
  metrics: string[];
  dimensions: (string | [string, string[]])[][];
}[] = [
  {
    page: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/monitoring-usage.html",
    namespace: "AWS/Usage",
    metrics: ["CallCount"],
    dimensions: [
      [
        ["Service", ["ECR"]],
        ["Type", ["API"]],
        [
          "Resource",
          [
            "GetAuthorizationToken",
            "BatchCheckLayerAvailability",
            "InitiateLayerUpload",
            "UploadLayerPart",
            "CompleteLayerUpload",
            "PutImage",
            "BatchGetImage",
            "GetDownloadUrlForLayer",
          ],
        ],
        ["Class", ["None"]],
      ],
    ],
  },
  {
    page: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-repository-metrics.html",
    namespace: "AWS/ECR",
    metrics: ["RepositoryPullCount"],
    dimensions: [["RepositoryName"]],
  },
  {
    page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
    namespace: "AWS/SQS",
    metrics: ["ApproximateNumberOfMessagesVisible"],
    dimensions: [["QueueName"]],
  },
  {
    page: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html",
    namespace: "AWS/Events",
    metrics: ["FailedInvocations"],
    dimensions: [["RuleName"]],
  },
  {
    page: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
    namespace: "AWS/Lambda",
    metrics: ["Errors"],
    dimensions: [["FunctionName"]],
  },
  {
    page: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html",
    namespace: "AWS/Billing",
    metrics: ["EstimatedCharges"],
    dimensions: [["ServiceName", ["Currency", ["USD"]]]],
  },
];

/** What the stack's own functions publish, as `name key=value …`. */
function published({ resources, environment }: ProgramRun): Set<string> {
  const day = new Date(0);
  const image = { digest: "", tags: [], bytes: 0, pullBytes: 0, pushedAt: day, scan: { counts: {} } };
  const points = metricsOf(
    environment,
    resources.flatMap(({ type, inputs }) =>
      type === "aws:ecr/repository:Repository"
        ? [
            {
              repository: {
                name: String(inputs.name),
                team: (inputs.tags as Record<string, string>).Team ?? "",
              },
              measures: measure([image], day, true),
            },
          ]
        : [],
    ),
    [],
    0,
  );
  const ofCleanUp = Object.keys(METRICS).filter((name) => name.startsWith("CleanUp"));
  return new Set([
    ...points.map(({ name, dimensions }) => describeMetric(name, dimensions)),
    ...ofCleanUp.map((name) => describeMetric(name, { Environment: environment })),
  ]);
}

const describeMetric = (name: string, dimensions: Record<string, string>) =>
  [
    name,
    ...Object.entries(dimensions)
      .map((pair) => pair.join("="))
      .sort(),
  ].join(" ");

function isDocumented(namespace: string, name: string, given: Record<string, string>): boolean {
  return DOCUMENTED.some(
    (one) =>
      one.namespace === namespace &&
      one.metrics.includes(name) &&
      one.dimensions.some(
        (set) =>
          set.length === Object.keys(given).length &&
          set.every((dimension) =>
            typeof dimension === "string"
              ? dimension in given
              : dimension[1].includes(given[dimension[0]] ?? ""),
          ),
      ),
  );
}

for (const stack of ["dev", "prod"]) {
  describe(`alarms and graphs of the ${stack} stack`, () => {
    let run: ProgramRun;
    before(async () => {
      run = await runProgram(ROOT, readStackConfig(ROOT, stack));
    });
    const expectReal = (
      namespace: string,
      name: string,
      dimensions: Record<string, string>,
      what: string,
    ) => {
      assert.ok(
        namespace === "EcrPlatform"
          ? published(run).has(describeMetric(name, dimensions))
          : isDocumented(namespace, name, dimensions),
        `${what}: ${namespace} ${describeMetric(name, dimensions)} is published by nobody`,
      );
    };

    it("are on metrics that AWS documents or the stack publishes, with just their dimensions", () => {
      const alarms = run.resources.filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm");
      assert.ok(alarms.length > 10);
      for (const { name, inputs } of alarms) {
        expectReal(
          String(inputs.namespace),
          String(inputs.metricName),
          inputs.dimensions as Record<string, string>,
          name,
        );
      }
      const [dashboard] = run.resources.filter(({ type }) => type === "aws:cloudwatch/dashboard:Dashboard");
      const { widgets } = JSON.parse(String(dashboard?.inputs.dashboardBody)) as {
        widgets: { properties: { title?: string; metrics?: unknown[][]; alarms?: string[] } }[];
      };
      for (const { properties } of widgets) {
        for (const metric of properties.metrics ?? []) {
          const [namespace = "", name = "", ...rest] = metric.filter((part) => typeof part === "string");
          const pairs = Array.from({ length: rest.length / 2 }, (_, i) => [
            rest[2 * i] ?? "",
            rest[2 * i + 1] ?? "",
          ]);
          expectReal(
            namespace,
            name,
            Object.fromEntries(pairs) as Record<string, string>,
            properties.title ?? "",
          );
        }
      }
      const names = new Set(alarms.map(({ inputs }) => `alarm:${String(inputs.name)}`));
      for (const arn of widgets.flatMap(({ properties }) => properties.alarms ?? [])) {
        assert.ok(names.has(arn.split(":").slice(5).join(":")), `${arn} is an alarm of the stack`);
      }
    });

    it("look back no further than CloudWatch lets them, and at least to the last publication", () => {
      for (const { name, inputs } of run.resources.filter(({ type }) => type.endsWith(":MetricAlarm"))) {
        const period = Number(inputs.period);
        assert.ok(
          period >= 60 && period % 60 === 0 && period * Number(inputs.evaluationPeriods) <= 24 * 3600,
          name,
        );
      }
    });
  });
}

describe("the alarms on a registry", () => {
  const settings = {
    environment: "dev",
    period: 3600,
    criticalFindings: true,
    scanFailures: true,
    unscannedDays: 7,
    pullsPerSecond: 2000,
    imagesPerRepository: 100_000,
    cleanUp: true,
    storage: { payments: 50 },
  };
  const alarms = registryAlarms(settings);
  it("are on storage by team, findings, scans, clean-up, quotas and throttling", () => {
    assert.deepEqual(Object.keys(alarms).sort(), [
      "clean-up-failures",
      "critical-findings",
      "image-quota",
      "measure-failures",
      "pull-throttling",
      "scan-failures",
      "storage-payments",
      "unscanned",
    ]);
    assert.equal(alarms["storage-payments"]?.threshold, 50 * 2 ** 30);
    assert.equal(alarms["image-quota"]?.threshold, 80_000);
    assert.equal(
      alarms["pull-throttling"]?.threshold,
      2000 * 60 * 0.8,
      "a minute's requests at 80 % of the quota",
    );
    assert.deepEqual(alarms["critical-findings"]?.dimensions, { Environment: "dev", Severity: "CRITICAL" });
    assert.equal(alarms.unscanned?.threshold, 7);
  });
  it("are left out where nobody asked for them", () => {
    const few = registryAlarms({
      ...settings,
      criticalFindings: false,
      scanFailures: false,
      unscannedDays: undefined,
      cleanUp: false,
      storage: {},
    });
    assert.deepEqual(Object.keys(few).sort(), ["image-quota", "measure-failures", "pull-throttling"]);
  });
  it("keep their state between two publications, but for what is told as it happens", () => {
    assert.equal(alarms["critical-findings"]?.keepState, true);
    assert.notEqual(alarms["pull-throttling"]?.keepState, true);
    assert.notEqual(alarms["clean-up-failures"]?.keepState, true);
  });
});
