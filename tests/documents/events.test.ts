import assert from "node:assert/strict";
import fc from "fast-check";
import {
  basicScanAlert,
  coverageAlert,
  failedScanAlert,
  findingAlert,
  imageActionAlert,
  initialScanAlert,
  MAX_PATTERN_CHARACTERS,
  sensitiveCallAlert,
  splitByNames,
  type Alert,
} from "../../documents/events";
import { matchesPattern } from "../support/event-pattern";
import {
  action,
  basicScan,
  byRole,
  call,
  coverage,
  DEPLOY,
  finding,
  inspectorScan,
  place,
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
      [
        coverage(
          "INTERNAL_ERROR",
          "arn:aws:ecr:eu-west-1:111122223333:repository/payments-api-dev/sha256:abc",
        ),
      ],
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
      sensitiveCallAlert([DEPLOY]),
      [
        call("DeleteRepository", byRole("arn:aws:iam::111122223333:role/somebody")),
        call("BatchDeleteImage", { type: "IAMUser", arn: "arn:aws:iam::111122223333:user/x" }),
        call("SetRepositoryPolicy", { type: "Root", arn: "arn:aws:iam::111122223333:root" }),
        call("PutRegistryScanningConfiguration", byRole("arn:aws:iam::111122223333:role/deploy-other")),
      ],
      [
        call("DeleteRepository", byRole(DEPLOY)),
        call("BatchGetImage", byRole("arn:aws:iam::111122223333:role/somebody")),
      ],
    ));
});

/** Replaces a template's placeholders as an input transformer does. */
function rendered({ inputPaths, inputTemplate }: Alert["message"], event: any): string {
  return inputTemplate
    .split("\n")
    .map((line) => JSON.parse(line) as string)
    .join("\n")
    .replace(/<(\w+)>/g, (_, name: string) => {
      const path = inputPaths[name];
      assert.ok(path !== undefined, `<${name}> has no input path`);
      const value = path
        .replace(/^\$\./, "")
        .split(/\.|(?=\[)/)
        .reduce<any>((at, part) => at?.[part.startsWith("[") ? Number(part.slice(1, -1)) : part], event);
      assert.notEqual(value, undefined, `${path} is not in the event`);
      return Array.isArray(value) ? `[${value.join(",")}]` : String(value);
    });
}

describe("a message", () => {
  it("tells of a finding what a reader needs, with a link to the image", () => {
    const text = rendered(findingAlert(place, "HIGH", "all").message, finding("CRITICAL"));
    assert.match(text, /^CRITICAL CVE-2026-1 in payments-api-prod\n/);
    for (const part of [
      "openssl 3.0.13",
      "Fixed in:    3.0.14",
      "score 9.8",
      "[v1]",
      "sha256:abc",
      "https://eu-west-1.console.aws.amazon.com/ecr/repositories/private/111122223333/payments-api-prod/_/image/sha256:abc/details?region=eu-west-1",
    ]) {
      assert.ok(text.includes(part), part);
    }
  });
  it("uses only what its events hold", () => {
    const full = { CRITICAL: 1, HIGH: 2, MEDIUM: 3 };
    rendered(initialScanAlert(place, "HIGH", "all").message, inspectorScan(full));
    rendered(basicScanAlert(place, "HIGH", "all").message, basicScan("COMPLETE", full));
    rendered(failedScanAlert(place, "all").message, basicScan("FAILED"));
    rendered(coverageAlert(place, "all").message, coverage("X"));
    rendered(imageActionAlert(place, "PUSH", "all").message, action("PUSH"));
    const event = call("DeleteRepository", { arn: "x" });
    rendered(sensitiveCallAlert([]).message, {
      ...event,
      detail: { ...event.detail, errorCode: "AccessDenied" },
    });
  });
  it("names every input path in its template, and no other", () => {
    for (const alert of [
      findingAlert(place, "LOW", "all"),
      initialScanAlert(place, "LOW", "all"),
      failedScanAlert(place, "all"),
      coverageAlert(place, "all"),
      imageActionAlert(place, "PUSH", "all"),
      sensitiveCallAlert([]),
    ]) {
      const named = new Set([...alert.message.inputTemplate.matchAll(/<(\w+)>/g)].map(([, name]) => name));
      assert.deepEqual([...named].sort(), Object.keys(alert.message.inputPaths).sort(), alert.name);
    }
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
            assert.ok(JSON.stringify(pattern).length <= MAX_PATTERN_CHARACTERS);
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
