import assert from "node:assert/strict";
import { cleanUpRequest } from "../../documents/clean-up-request";
import { accepts, keysOf, parse, rejects, smallStack, team } from "../support/config";

describe("a stack's config", () => {
  describe("audit and costs", () => {
    it("refuses a lock longer than the log files live", () =>
      rejects("audit.lock.days", { audit: { lock: { days: 401 } } }));
    it("refuses a retention that CloudWatch Logs lacks", () =>
      rejects("audit.logGroup.retentionDays", { audit: { logGroup: { retentionDays: 91 } } }));
    it("wants a trail for alerts", () => rejects("audit.alerts", { audit: { manage: false } }, /trailArn/));
    it("takes a trail from elsewhere", () =>
      void accepts({
        audit: { manage: false, trailArn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org" },
      }));
    it("refuses a budget of nothing", () => rejects("costs.monthlyBudget", { costs: { monthlyBudget: 0 } }));
    it("refuses a threshold twice", () =>
      rejects("costs.actualThresholds[1]", { costs: { actualThresholds: [80, 80] } }));
    it("refuses a threshold of 0 percent", () =>
      rejects("costs.actualThresholds[0]", { costs: { actualThresholds: [0] } }));
    it("refuses a team's budget where costs are off", () =>
      rejects("teams[0].monthlyBudget", {
        costs: { manage: false },
        teams: [team("a", ["x"], { monthlyBudget: 5 })],
      }));
    it("refuses more notifications than a budget takes", () =>
      rejects("costs.actualThresholds", {
        costs: {
          monthlyBudget: 5,
          emails: ["a@b.example"],
          actualThresholds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        },
      }));
  });

  describe("operations", () => {
    const rules = { untaggedDays: 7 };
    const shared = (operations: Record<string, unknown>, sharing: Record<string, unknown>) => ({
      organizationId: "o-a1b2c3d4e5",
      repositories: { cleanUp: rules, sharing },
      findings: {
        deletes: false,
        subscriptions: [{ protocol: "email", endpoint: "platform@acme.example" }],
      },
      operations: { cleanUp: { mode: "delete", ...operations } },
    });
    it("merge rules key by key, and never touch what the lifecycle policy protects", () => {
      const settings = accepts({
        repositories: { cleanUp: { untaggedDays: 7, keep: 5 }, lifecycle: { protect: ["deployed-*"] } },
        teams: [
          team("a", ["x", { name: "y", cleanUp: { keep: 0, protect: ["v*"] } }], { cleanUp: { keep: 9 } }),
        ],
      });
      assert.deepEqual(
        settings.teams[0]?.repositories.map(({ cleanUp }) => cleanUp),
        [
          { untaggedDays: 7, keep: 9, keepBy: "pushed", protect: ["deployed-*"] },
          { untaggedDays: 7, keep: 0, keepBy: "pushed", protect: ["deployed-*", "v*"] },
        ],
      );
    });
    it("have the same limits in the config and in a request by hand", () => {
      for (const [rule, bad, good] of [
        ["untaggedDays", 0, 36_500],
        ["unpulledDays", 36_501, 1],
        ["keep", 100_001, 0],
        ["keepBy", "date", "semver"],
        ["protect", ["*a*b*c*d*"], ["deployed-*"]],
      ] as const) {
        const accepted = (value: unknown) =>
          cleanUpRequest.safeParse({ project: "p", environment: "dev", rules: { [rule]: value } }).success;
        const cleanUp = (value: unknown) => ({ repositories: { cleanUp: { [rule]: value } } });
        assert.deepEqual([accepted(bad), accepted(good)], [false, true], rule);
        rejects(`repositories.cleanUp.${rule}${Array.isArray(bad) ? "[0]" : ""}`, cleanUp(bad));
        accepts(cleanUp(good));
      }
    });
    it("need a topic for alarms and reports", () =>
      rejects(
        "operations.manage",
        { findings: { manage: false }, audit: { alerts: false } },
        /findings\.topicArn/,
      ));
    it("refuse to delete what accounts may run that nobody sees", () => {
      rejects("operations.cleanUp.inUse.roles", shared({}, { accounts: ["222233334444"] }), /222233334444/);
      rejects(
        "operations.cleanUp.inUse.roles",
        shared(
          { inUse: { roles: ["arn:aws:iam::222233334444:role/r"] } },
          { accounts: ["222233334444"], principals: ["arn:aws:iam::333344445555:role/x"] },
        ),
        /images are shared with 333344445555,/,
      );
      rejects("operations.cleanUp.inUse.list", shared({}, { organization: true }), /not listed one by one/);
      accepts(
        shared({ inUse: { roles: ["arn:aws:iam::222233334444:role/r"] } }, { accounts: ["222233334444"] }),
      );
      accepts(shared({ inUse: { list: { bucket: "lists", key: "a" } } }, { organization: true }));
      accepts(shared({ mode: "dry-run" }, { organization: true }));
    });
    it("keep the records of archived images for as long as clean-up needs them to delete the images", () => {
      const cleanUp = (given: object, environment = "prod") => ({
        environment,
        repositories: { cleanUp: rules },
        operations: { cleanUp: given },
      });
      rejects(
        "operations.cleanUp.reportDays",
        cleanUp({ reportDays: 179 }),
        /after 90 days.*at least 180 days/,
      );
      rejects("operations.cleanUp.reportDays", cleanUp({ archive: true, reportDays: 30 }, "dev"));
      accepts(cleanUp({ reportDays: 180 }));
      accepts(cleanUp({ reportDays: 30, archive: false }));
      accepts(cleanUp({ reportDays: 30, mode: "off" }));
      accepts(cleanUp({ reportDays: 30 }, "dev"));
    });
    for (const [schedule, says] of [
      ["every day", /rate\(value unit\)/],
      ["rate(0 hours)", /rate\(value unit\)/],
      ["rate(5 weeks)", /rate\(value unit\)/],
      ["cron(0 3 * * SUN)", /six fields/],
      ["cron(0 25 * * ? *)", /hours: 0 to 23, not 25/],
      ["cron(0 3 * * SUN *)", /day fields/],
    ] as const) {
      it(`refuse the schedule ${schedule}`, () =>
        rejects("operations.cleanUp.schedule", { operations: { cleanUp: { schedule } } }, says));
    }
    for (const schedule of [
      "rate(1 day)",
      "rate(90 minutes)",
      "cron(0 */6 * * ? *)",
      "cron(15 10 ? * MON-FRI *)",
    ]) {
      it(`take the schedule ${schedule}`, () => void accepts({ operations: { cleanUp: { schedule } } }));
    }
    it("measure at least once a day, for alarms look back no further", () => {
      rejects("operations.metrics.schedule", { operations: { metrics: { schedule: "rate(25 hours)" } } });
      rejects("operations.metrics.schedule", {
        operations: { metrics: { schedule: "cron(0 3 ? * MON-FRI *)" } },
      });
      accepts({ operations: { metrics: { schedule: "cron(0 3 * * ? *)" } } });
    });
    it("assume roles, in regions that exist, and list images by reference", () => {
      const inUse = (given: object) => ({ operations: { cleanUp: { inUse: given } } });
      rejects(
        "operations.cleanUp.inUse.roles[0]",
        inUse({ roles: ["arn:aws:iam::222233334444:user/u"] }),
        /cannot be assumed/,
      );
      rejects("operations.cleanUp.inUse.regions[0]", inUse({ regions: ["eu-west-9"] }), /did you mean/);
      rejects(
        "operations.cleanUp.inUse.images[0]",
        inUse({ images: ["two words"] }),
        /reference to an image/,
      );
      accepts(
        inUse({
          images: [
            "a-x-dev:v1.*",
            `111122223333.dkr.ecr.eu-west-1.amazonaws.com/a-x-dev@sha256:${"a".repeat(64)}`,
          ],
        }),
      );
    });
    it("refuse a team's alarm where this stack has none", () =>
      rejects("teams[0].storageAlarm", {
        operations: { manage: false },
        teams: [team("a", ["x"], { storageAlarm: 5 })],
      }));
    it("refuse more rules than a function's input takes", () =>
      rejects(
        "teams",
        {
          repositories: { cleanUp: rules },
          teams: [
            team(
              "a",
              Array.from({ length: 900 }, (_, i) => ({
                name: `s${i}`,
                cleanUp: { protect: [`${"x".repeat(120)}${i}`, `${"y".repeat(120)}${i}`] },
              })),
            ),
          ],
        },
        /at most 262,144 bytes/,
      ));
    it("warn of rules that nothing acts on, of keepBy without keep, and of an alert for each image deleted", () => {
      const warnings = (overrides: Record<string, unknown>) =>
        keysOf(parse(smallStack(overrides)), "warning");
      const ruled = { repositories: { cleanUp: rules } };
      assert.deepEqual(warnings(ruled), []);
      assert.deepEqual(warnings({ ...ruled, operations: { cleanUp: { mode: "off" } } }), [
        "operations.cleanUp.mode",
      ]);
      assert.deepEqual(warnings({ ...ruled, operations: { manage: false } }), ["operations.manage"]);
      assert.deepEqual(warnings({ repositories: { cleanUp: { ...rules, keepBy: "semver" } } }), [
        "repositories.cleanUp.keepBy",
      ]);
      assert.deepEqual(warnings({ ...ruled, operations: { cleanUp: { mode: "delete" } } }), [
        "findings.deletes",
      ]);
    });
  });
});
