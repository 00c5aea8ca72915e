import assert from "node:assert/strict";
import * as ecr from "@aws-sdk/client-ecr";
import { ScanStatusReason } from "@aws-sdk/client-inspector2";
import fc from "fast-check";
import {
  basicScanAlert,
  coverageAlert,
  EXPECTED_INACTIVE,
  failedCacheAlert,
  failedReplicationAlert,
  failedScanAlert,
  findingAlert,
  imageActionAlert,
  initialScanAlert,
  SENSITIVE_CALLS,
  sensitiveCallAlert,
  splitByNames,
  unscannedAlert,
  type Alert,
} from "../../documents/events";
import { LIMITS } from "../../aws/limits";
import { matchesPattern } from "../support/event-pattern";
import { ORDINARY_CALLS, UNEXPECTED_INACTIVE } from "../support/event-samples";
import {
  action,
  arn,
  basicScan,
  byRole,
  byRoot,
  byUser,
  caching,
  call,
  coverage,
  DEPLOY,
  DIGEST,
  finding,
  frequencies,
  inspectorScan,
  otherScan,
  place,
  replication,
} from "../support/events";

function expectMatches(alert: Alert, matching: object[], others: object[]): void {
  matching.forEach((event) =>
    assert.ok(matchesPattern(alert.pattern, event), `should match: ${JSON.stringify(event)}`),
  );
  others.forEach((event) =>
    assert.ok(!matchesPattern(alert.pattern, event), `should not match: ${JSON.stringify(event)}`),
  );
}

describe("events that reach people", () => {
  it("are active image findings at or above the severity", () =>
    expectMatches(
      findingAlert(place, "HIGH", "all"),
      [finding("HIGH"), finding("CRITICAL", "anything")],
      [
        finding("MEDIUM"),
        finding("HIGH", "x", "AWS_EC2_INSTANCE"),
        finding("HIGH", "x", "AWS_ECR_CONTAINER_IMAGE", "CLOSED"),
        inspectorScan({ HIGH: 1 }),
      ],
    ));
  it("are a team's own findings only, not those of a team whose name begins alike", () =>
    expectMatches(
      findingAlert(place, "LOW", { names: ["pay-api-prod"] }),
      [finding("LOW", "pay-api-prod")],
      [finding("LOW", "pay-ops-api-prod"), finding("LOW", "pay-api-prod-x")],
    ));
  it("are first scans that found something, zero counts left out", () =>
    expectMatches(
      initialScanAlert(place, "HIGH", "all"),
      [inspectorScan({ CRITICAL: 0, HIGH: 2 }), inspectorScan({ CRITICAL: 1 })],
      [
        inspectorScan({ CRITICAL: 0, HIGH: 0, MEDIUM: 7 }),
        inspectorScan({}),
        inspectorScan({ HIGH: 1 }, "x", "SCAN_STARTED"),
        basicScan("COMPLETE", { HIGH: 1 }),
      ],
    ));
  it("are a team's own first scans, though Inspector gives the repository as an ARN", () =>
    expectMatches(
      initialScanAlert(place, "HIGH", { names: ["pay-api-prod"] }),
      [inspectorScan({ HIGH: 1 }, "pay-api-prod")],
      [inspectorScan({ HIGH: 1 }, "pay-ops-api-prod")],
    ));
  it("are this environment's, in either form of the name", () => {
    expectMatches(
      initialScanAlert(place, "HIGH", { suffix: "-prod" }),
      [inspectorScan({ HIGH: 1 })],
      [inspectorScan({ HIGH: 1 }, "payments-api-dev")],
    );
    expectMatches(
      findingAlert(place, "HIGH", { suffix: "-prod" }),
      [finding("HIGH")],
      [finding("HIGH", "payments-api-dev")],
    );
    expectMatches(
      coverageAlert(place, { suffix: "-prod" }),
      [coverage("INTERNAL_ERROR")],
      [coverage("INTERNAL_ERROR", `${arn("payments-api-dev")}/${DIGEST}`)],
    );
    expectMatches(
      unscannedAlert(place, { suffix: "-prod" }),
      [frequencies({ "payments-api-prod": "MANUAL", other: "CONTINUOUS_SCAN" })],
      // The one that is not scanned is another's.
      [frequencies({ "payments-api-prod": "CONTINUOUS_SCAN", "payments-api-dev": "MANUAL" })],
    );
    expectMatches(
      failedReplicationAlert(place, { suffix: "-prod" }),
      [replication("FAILED")],
      [replication("FAILED", "payments-api-dev")],
    );
  });
  it("are basic scans that found something", () =>
    expectMatches(
      basicScanAlert(place, "CRITICAL", "all"),
      [basicScan("COMPLETE", { CRITICAL: 1 })],
      [basicScan("COMPLETE", { HIGH: 5 }), basicScan("FAILED", { CRITICAL: 1 })],
    ));
  it("are failed scans", () =>
    expectMatches(
      failedScanAlert(place, "all"),
      [basicScan("FAILED")],
      [basicScan("COMPLETE", { HIGH: 1 })],
    ));
  it("are images that Inspector cannot scan, not those it rightly stopped scanning", () =>
    expectMatches(
      coverageAlert(place, "all"),
      [coverage("UNSUPPORTED_OS"), coverage("INTERNAL_ERROR")],
      [
        coverage("SCAN_ELIGIBILITY_EXPIRED"),
        coverage("UNMANAGED_EC2_INSTANCE", "i-0abc"),
        coverage("SUCCESSFUL", undefined, "ACTIVE"),
      ],
    ));
  it("are successful pushes, or deletes", () => {
    expectMatches(
      imageActionAlert(place, "PUSH", "all"),
      [action("PUSH")],
      [action("DELETE"), action("PUSH", "FAILURE")],
    );
    expectMatches(
      imageActionAlert(place, "DELETE", { names: ["payments-api-prod"] }),
      [action("DELETE")],
      [action("PUSH"), action("DELETE", "SUCCESS", "other")],
    );
  });
  it("are sensitive calls by anybody but the deploying role: other roles, users and root", () =>
    expectMatches(
      sensitiveCallAlert(place, [DEPLOY]),
      [
        call("DeleteRepository", byRole("arn:aws:iam::111122223333:role/somebody")),
        call("BatchDeleteImage", byUser),
        call("SetRepositoryPolicy", byRoot),
        call("PutRegistryScanningConfiguration", byRole("arn:aws:iam::111122223333:role/deploy-other")),
      ],
      [
        call("DeleteRepository", byRole(DEPLOY)),
        call("BatchGetImage", byRole("arn:aws:iam::111122223333:role/somebody")),
      ],
    ));
});

describe("severities", () => {
  const scan = (counts: Record<string, number>) =>
    inspectorScan({ CRITICAL: 0, HIGH: 0, MEDIUM: 0, ...counts });
  it("include unrated findings with LOW, and only rated ones with MEDIUM", () => {
    for (const minimum of ["INFORMATIONAL", "LOW"] as const) {
      expectMatches(findingAlert(place, minimum, "all"), [finding("UNTRIAGED"), finding("LOW")], []);
    }
    for (const minimum of ["MEDIUM", "HIGH", "CRITICAL"] as const) {
      expectMatches(findingAlert(place, minimum, "all"), [finding("CRITICAL")], [finding("UNTRIAGED")]);
    }
    expectMatches(findingAlert(place, "LOW", "all"), [], [finding("INFORMATIONAL")]);
    expectMatches(findingAlert(place, "INFORMATIONAL", "all"), [finding("INFORMATIONAL")], []);
  });
  it("of basic scans are counted separately, with unrated findings included with LOW", () => {
    const basic = (count: string) => basicScan("COMPLETE", { [count]: 1 });
    expectMatches(
      basicScanAlert(place, "LOW", "all"),
      [basic("LOW"), basic("UNDEFINED"), basic("CRITICAL")],
      [basic("INFORMATIONAL"), basicScan("COMPLETE", { UNDEFINED: 0 })],
    );
    expectMatches(basicScanAlert(place, "INFORMATIONAL", "all"), [basic("INFORMATIONAL")], []);
    expectMatches(
      basicScanAlert(place, "MEDIUM", "all"),
      [basic("MEDIUM")],
      [basic("LOW"), basic("UNDEFINED")],
    );
  });
  it("below MEDIUM are only in the total of a first scan, which alerts with LOW", () => {
    for (const minimum of ["INFORMATIONAL", "LOW"] as const) {
      expectMatches(initialScanAlert(place, minimum, "all"), [scan({ TOTAL: 3 })], [scan({ TOTAL: 0 })]);
    }
    expectMatches(
      initialScanAlert(place, "MEDIUM", "all"),
      [scan({ MEDIUM: 1, TOTAL: 3 })],
      [scan({ TOTAL: 3 })],
    );
  });
  it("never alert for the first scan of an instance or a function", () => {
    const others = [
      otherScan({ CRITICAL: 9, TOTAL: 9 }, "i-087d63509b8c97098", { "instance-id": "i-087d63509b8c97098" }),
      otherScan({ CRITICAL: 9, TOTAL: 9 }, "arn:aws:lambda:eu-west-1:111122223333:function:f"),
    ];
    for (const minimum of ["LOW", "CRITICAL"] as const) {
      expectMatches(initialScanAlert(place, minimum, "all"), [], others);
      expectMatches(initialScanAlert(place, minimum, { suffix: "-prod" }), [], others);
    }
  });
});

describe("what AWS adds", () => {
  it("is decided for each of Inspector's reasons not to scan: is it expected, or does it alert?", () =>
    assert.deepEqual(
      [...EXPECTED_INACTIVE, ...UNEXPECTED_INACTIVE].sort(),
      Object.keys(ScanStatusReason).sort(),
      "add a new reason to EXPECTED_INACTIVE (documents/events.ts) or to UNEXPECTED_INACTIVE (tests/support/event-samples.ts)",
    ));
  it("is decided for each of ECR's calls that change something: is it sensitive, or ordinary?", () => {
    const commands = Object.keys(ecr).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? []);
    assert.ok(commands.length > 50, String(commands.length));
    const changing = commands.filter(
      (name) => !/^(BatchCheck|BatchGet|Describe|Get|List|Validate)/.test(name),
    );
    assert.deepEqual(
      [...SENSITIVE_CALLS, ...ORDINARY_CALLS].sort(),
      changing.sort(),
      "add a new call to SENSITIVE_CALLS (documents/events.ts) or to ORDINARY_CALLS (tests/support/event-samples.ts)",
    );
  });
  it("to the statuses of a cache's sync alerts, except for success", () =>
    expectMatches(
      failedCacheAlert(place),
      [caching("FAILURE"), caching("SOMETHING_NEW")],
      [caching("SUCCESS")],
    ));
  it("leaves room for deployment roles beside the calls", () => {
    const roles = Array.from(
      { length: 8 },
      (_, i) => `arn:aws:iam::111122223333:role/ecr-platform-deploy-number-${i}`,
    );
    assert.ok(JSON.stringify(sensitiveCallAlert(place, roles).pattern).length <= LIMITS.eventPattern.max);
  });
});

describe("patterns with many repositories, for any number", () => {
  it("are split so that none is too long and each repository is in exactly one", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,60}$/), { minLength: 1, maxLength: 120 }),
        (names) => {
          const alerts = splitByNames(names, (some) => findingAlert(place, "HIGH", { names: some }));
          for (const { pattern } of alerts) {
            assert.ok(JSON.stringify(pattern).length <= LIMITS.eventPattern.max);
          }
          assert.equal(new Set(alerts.map(({ name }) => name)).size, alerts.length);
          for (const name of names) {
            assert.equal(
              alerts.filter(({ pattern }) => matchesPattern(pattern, finding("HIGH", name))).length,
              1,
            );
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
