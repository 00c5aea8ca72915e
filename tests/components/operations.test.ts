import assert from "node:assert/strict";
import { builtinModules } from "node:module";
import * as aws from "@pulumi/aws";
import { functionCode, RUNTIME } from "../../components/parts/function-code";
import { cleanUpRequest, type CleanUpInput } from "../../documents/clean-up-request";
import { smallStack, team } from "../support/config";
import { resolved, runStack } from "../support/stack";

const FUNCTION = "lambda/function:Function";
const ALARM = "cloudwatch/metricAlarm:MetricAlarm";
const SCHEDULE = "scheduler/schedule:Schedule";

const config = (operations: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) =>
  smallStack({
    repositories: { cleanUp: { untaggedDays: 7, keep: 10 }, lifecycle: { protect: ["deployed-*"] } },
    teams: [
      team("payments", ["api", { name: "web", cleanUp: { keep: 99, keepBy: "semver", protect: ["v1.*"] } }]),
      team("data", ["etl"], { storageAlarm: 5 }),
    ],
    operations,
    ...rest,
  });

for (const preview of [true, false]) {
  describe(`operations, in ${preview ? "a preview" : "an update"}`, () => {
    it("run two functions on arm64 with the newest Node, each with its own role, log group, queue and schedule", async () => {
      const stack = await runStack(config(), { preview });
      for (const [source, memory] of [
        ["metrics", 512],
        ["clean-up", 1024],
      ] as const) {
        const name = `operations-${source}`;
        const lambda = stack.one(FUNCTION, `${name}-function`) as any;
        assert.deepEqual(
          [
            lambda.name,
            lambda.runtime,
            lambda.architectures,
            lambda.memorySize,
            lambda.timeout,
            lambda.handler,
          ],
          [`ecr-platform-dev-${source}`, RUNTIME, ["arm64"], memory, 900, "index.handler"],
        );
        assert.deepEqual(lambda.tracingConfig, { mode: "PassThrough" });
        const logs = stack.one("cloudwatch/logGroup:LogGroup", `${name}-logs`);
        assert.deepEqual([logs.name, logs.retentionInDays], [`/ecr-platform-dev/${source}`, 90]);
        assert.equal(lambda.loggingConfig.logFormat, "JSON");
        const queue = stack.one("sqs/queue:Queue", `${name}-dead-letters`);
        assert.equal(queue.sqsManagedSseEnabled, true);
        const schedule = stack.one(SCHEDULE, `${name}-schedule`) as any;
        assert.equal(schedule.scheduleExpressionTimezone, "UTC");
        assert.equal(schedule.target.retryPolicy.maximumEventAgeInSeconds, 3600);
        for (const alarm of [`${name}-errors-alarm`, `${name}-dead-letters-alarm`]) {
          assert.equal((stack.one(ALARM, alarm).alarmActions as string[]).length, 1);
        }
        const trust = stack.document("iam/role:Role", `${name}-schedule-role`, "assumeRolePolicy")
          .Statement[0];
        assert.deepEqual(
          [trust.Principal, trust.Condition],
          [{ Service: "scheduler.amazonaws.com" }, { StringEquals: { "aws:SourceAccount": "111122223333" } }],
        );
        if (!preview) {
          assert.equal(
            lambda.deadLetterConfig.targetArn,
            stack
              .document("iam/rolePolicy:RolePolicy", `${name}-role-policy`)
              .Statement.find((s: any) => s.Sid === "KeepDeadLetters").Resource,
          );
          assert.match(logs.kmsKeyId as string, /operations-key/);
        }
      }
      assert.equal(
        stack.one(
          "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
          "operations-clean-up-invocations",
        ).maximumRetryAttempts,
        1,
      );
    });

    it("send clean-up its rules, with exceptions only for what differs, in a dry run unless told", async () => {
      const inputOf = async (operations: Record<string, unknown>) => {
        const stack = await runStack(config(operations), { preview });
        return JSON.parse(
          (stack.one(SCHEDULE, "operations-clean-up-schedule") as any).target.input,
        ) as CleanUpInput;
      };
      const input = await inputOf({});
      assert.equal(input.dryRun, true);
      assert.deepEqual(input.rules, { untaggedDays: 7, keep: 10, keepBy: "pushed", protect: ["deployed-*"] });
      assert.deepEqual(input.exceptions, {
        "payments-web-dev": { untaggedDays: 7, keep: 99, keepBy: "semver", protect: ["deployed-*", "v1.*"] },
      });
      assert.ok(cleanUpRequest.safeParse(input).success, "the function takes what the schedule sends");
      assert.equal((await inputOf({ cleanUp: { mode: "delete", maxDeletions: 9 } })).dryRun, false);
      assert.equal((await inputOf({ cleanUp: { maxDeletions: 9 } })).maxDeletions, 9);
    });

    it("archive before they delete in production, and elsewhere if the config says so, with the permissions for it", async () => {
      for (const [environment, archive, expected] of [
        ["prod", undefined, true],
        ["prod", false, false],
        ["dev", undefined, false],
        ["dev", true, true],
      ] as const) {
        const cleanUp = archive === undefined ? {} : { archive };
        const stack = await runStack(config({ cleanUp }, { environment }), { preview });
        const { input } = (stack.one(SCHEDULE, "operations-clean-up-schedule") as any).target;
        assert.equal((JSON.parse(input) as CleanUpInput).archive, expected);
        if (!preview) {
          const policy = stack.document("iam/rolePolicy:RolePolicy", "operations-clean-up-role-policy");
          assert.equal(JSON.stringify(policy).includes("ecr:UpdateImageStorageClass"), expected);
        }
      }
    });

    it("have no clean-up where no rule selects anything, or where it is off", async () => {
      for (const stack of [
        await runStack(smallStack(), { preview }),
        await runStack(config({ cleanUp: { mode: "off" } }), { preview }),
      ]) {
        assert.deepEqual([...stack.all(FUNCTION).keys()], ["operations-metrics-function"]);
        assert.ok(!stack.all("s3/bucket:Bucket").has("operations-reports"));
        assert.equal(stack.outputs.cleanUpFunctionName, undefined);
      }
    });

    it("exclude the pulls of clean-up's role, which reads manifests", async () => {
      const exclusions = (await runStack(config({}), { preview })).all(
        "ecr/pullTimeUpdateExclusion:PullTimeUpdateExclusion",
      );
      assert.deepEqual([...exclusions.keys()], ["operations-clean-up-exclusion"]);
    });

    it("keep reports in a private, encrypted bucket for so many days", async () => {
      const stack = await runStack(config({ cleanUp: { reportDays: 30 } }), { preview });
      const bucket = "ecr-platform-dev-reports-111122223333-eu-west-1";
      assert.equal(stack.one("s3/bucket:Bucket", "operations-reports").bucket, bucket);
      const access = stack.one(
        "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "operations-reports-access",
      );
      assert.deepEqual([access.blockPublicAcls, access.restrictPublicBuckets], [true, true]);
      const lifecycle = stack.one(
        "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "operations-reports-lifecycle",
      ) as any;
      assert.equal(lifecycle.rules[0].expiration.days, 30);
      const [deny] = stack.document("s3/bucketPolicy:BucketPolicy", "operations-reports-policy").Statement;
      assert.deepEqual([deny.Effect, deny.Condition], ["Deny", { Bool: { "aws:SecureTransport": "false" } }]);
    });

    it("alarm on each team's storage, by its own threshold or the environment's", async () => {
      const stack = await runStack(config({ alarms: { storage: 100 } }), { preview });
      const threshold = (name: string) => stack.one(ALARM, `operations-storage-${name}`).threshold;
      assert.deepEqual([threshold("payments"), threshold("data")], [100 * 2 ** 30, 5 * 2 ** 30]);
      const without = await runStack(config(), { preview });
      assert.ok(!without.all(ALARM).has("operations-storage-payments"));
      const alarm = stack.one(ALARM, "operations-critical-findings");
      assert.deepEqual(
        [alarm.period, alarm.treatMissingData],
        [6 * 3600, "ignore"],
        "as often as it is measured",
      );
    });

    it("trace by X-Ray, keep logs and leave out the dashboard as asked", async () => {
      const stack = await runStack(config({ tracing: true, logRetentionDays: 14, dashboard: false }), {
        preview,
      });
      assert.deepEqual(stack.one(FUNCTION, "operations-metrics-function").tracingConfig, { mode: "Active" });
      assert.equal(stack.one("cloudwatch/logGroup:LogGroup", "operations-metrics-logs").retentionInDays, 14);
      assert.equal(stack.all("cloudwatch/dashboard:Dashboard").size, 0);
      assert.equal(stack.outputs.dashboardUrl, undefined);
    });

    it("do not alert on clean-up's own deletes, and do on everybody else's", async () => {
      const exempt = async (operations: Record<string, unknown>, rest: Record<string, unknown> = {}) =>
        (
          await runStack(
            config(operations, {
              audit: { deploymentRoles: ["arn:aws:iam::111122223333:role/deploy"] },
              ...rest,
            }),
            { preview },
          )
        ).document("cloudwatch/eventRule:EventRule", "audit-alerts-sensitive-call", "eventPattern").detail
          .userIdentity.sessionContext.sessionIssuer.arn[0]["anything-but"] as string[];
      const role = "arn:aws:iam::111122223333:role/ecr-platform-dev-eu-west-1-clean-up";
      assert.deepEqual(await exempt({}), ["arn:aws:iam::111122223333:role/deploy", role]);
      assert.deepEqual(await exempt({ cleanUp: { mode: "off" } }), ["arn:aws:iam::111122223333:role/deploy"]);
      assert.deepEqual(await exempt({ manage: false }, { teams: [team("a", ["x"])] }), [
        "arn:aws:iam::111122223333:role/deploy",
      ]);
      const stack = await runStack(config(), { preview });
      assert.equal(
        stack.one("iam/role:Role", "operations-clean-up-role").name,
        role.split("/")[1],
        "the role is that one",
      );
    });

    it("are another stack's where this one does not manage them", async () => {
      const stack = await runStack(config({ manage: false }, { teams: [team("a", ["x"])] }), { preview });
      assert.equal(stack.all(FUNCTION).size, 0);
      assert.equal(stack.all("kms/key:Key").has("operations-key"), false);
    });
  });
}

describe("operations", () => {
  it("are the same in whatever order teams are listed", async () => {
    const of = async (teams: unknown[]) => {
      const stack = await runStack(config({ alarms: { storage: 9 } }, { teams }));
      return [
        stack.one("cloudwatch/dashboard:Dashboard", "operations-dashboard").dashboardBody,
        (stack.one(SCHEDULE, "operations-clean-up-schedule") as any).target.input,
      ];
    };
    const teams = ["b", "a", "c"].map((name) =>
      team(name, [{ name: "x", cleanUp: { keep: name.charCodeAt(0) } }]),
    );
    assert.deepEqual(await of(teams), await of([...teams].reverse()));
  });
  it("export what people open and invoke", async () => {
    const { outputs } = await runStack(config());
    assert.equal(outputs.metricsFunctionName, "ecr-platform-dev-metrics");
    assert.equal(outputs.cleanUpFunctionName, "ecr-platform-dev-clean-up");
    assert.equal(
      outputs.dashboardUrl,
      "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/ecr-platform-dev-eu-west-1",
    );
    assert.equal(await resolved(outputs.reportBucket), "ecr-platform-dev-reports-111122223333-eu-west-1");
  });
});

describe("a function's code", () => {
  it("is the same bytes each time, with all that it needs but Node's own modules", async () => {
    const of = async () => {
      const stack = await runStack(config());
      return JSON.stringify(stack.one(FUNCTION, "operations-clean-up-function").code);
    };
    assert.equal(await of(), await of());
    const assets = (await functionCode("clean-up").assets) as Record<string, { text: Promise<string> }>;
    const text = (await assets["index.js"]?.text) ?? "";
    const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(
      ([, name]) => name?.replace(/^node:/, "") ?? "",
    );
    assert.ok(required.length > 3);
    assert.deepEqual(
      [...new Set(required)].filter((name) => !builtinModules.includes(name)),
      // The SDK tries this one and goes on without it.
      ["@aws-sdk/signature-v4-crt"],
    );
    assert.ok(text.length < 3_000_000, `${text.length} characters`);
  });

  it("runs on the newest Node that @pulumi/aws lists", () => {
    const versions = Object.values(aws.lambda.Runtime).flatMap(
      (runtime) => /^nodejs(\d+)\.x$/.exec(runtime)?.[1] ?? [],
    );
    const newest = `nodejs${Math.max(...versions.map(Number))}.x`;
    assert.equal(RUNTIME, newest, `set RUNTIME in components/parts/function-code.ts to ${newest}`);
  });
});
