import assert from "node:assert/strict";
import {
  basicScanAlert,
  coverageAlert,
  failedCacheAlert,
  failedReplicationAlert,
  failedScanAlert,
  findingAlert,
  imageActionAlert,
  initialScanAlert,
  sensitiveCallAlert,
  unscannedAlert,
  type Alert,
} from "../../documents/events";
import { chatMessage, textMessage } from "../../documents/messages";
import { everyAlert } from "../support/alerts";
import {
  action,
  basicScan,
  byRole,
  byRoot,
  caching,
  call,
  coverage,
  DIGEST,
  finding,
  frequencies,
  inspectorScan,
  place,
  replication,
} from "../support/events";
import { rendered } from "../support/rendered";

const CONSOLE = "https://eu-west-1.console.aws.amazon.com";
const REPOSITORY = `${CONSOLE}/ecr/repositories/private/111122223333/payments-api-prod`;
const IMAGE = `${REPOSITORY}/_/image/${DIGEST}/details?region=eu-west-1`;
const FINDINGS = `${CONSOLE}/inspector/v2/home?region=eu-west-1#/findings/container-image`;

/** What is asserted: the sentence that mail and chat show, and the heading in chat. */
const MESSAGES: [what: string, alert: Alert, event: object, title: string, text: string][] = [
  [
    "a finding",
    findingAlert(place, "HIGH", "all"),
    finding("CRITICAL"),
    "CRITICAL finding CVE-2024-6119",
    `CRITICAL finding CVE-2024-6119 in payments-api-prod v1: package openssl 3.0.13, exploit available: NO, fix available: YES 0:3.0.13-0ubuntu3.4 - see ${IMAGE} for the image.`,
  ],
  [
    "a first scan",
    initialScanAlert(place, "HIGH", "all"),
    inspectorScan({ CRITICAL: 7, HIGH: 61, MEDIUM: 62, TOTAL: 158 }),
    "First scan with findings",
    `The first scan of arn:aws:ecr:eu-west-1:111122223333:repository/payments-api-prod v1 found these vulnerabilities - critical: 7, high: 61, medium: 62, all: 158. See ${FINDINGS} for the findings.`,
  ],
  [
    "a basic scan",
    basicScanAlert(place, "HIGH", "all"),
    basicScan("COMPLETE", { CRITICAL: 10, MEDIUM: 9 }, undefined, ["v1"]),
    "Scan with findings",
    `A scan of payments-api-prod v1 found these vulnerabilities - critical: 10, high: , medium: 9, low: . See ${IMAGE} for the findings.`,
  ],
  [
    "a failed scan",
    failedScanAlert(place, "all"),
    basicScan("FAILED"),
    "Failed scan",
    `ECR could not scan payments-api-prod . See ${IMAGE} for the reason.`,
  ],
  [
    "an image that is not covered",
    coverageAlert(place, "all"),
    coverage("UNSUPPORTED_OS"),
    "Image not scanned",
    `Inspector does not scan arn:aws:ecr:eu-west-1:111122223333:repository/payments-api-prod/${DIGEST} (reason: UNSUPPORTED_OS). See ${CONSOLE}/inspector/v2/home?region=eu-west-1 for the coverage.`,
  ],
  [
    "repositories that are not scanned any more",
    unscannedAlert(place, "all"),
    frequencies({ "payments-api-prod": "MANUAL", "payments-ledger-prod": "SCAN_ON_PUSH" }),
    "Repositories not scanned",
    `Images of one or more repositories are not scanned: the scan frequency of payments-api-prod, or of another repository in the same change, is now MANUAL. See ${CONSOLE}/ecr/home?region=eu-west-1 for the scanning settings.`,
  ],
  [
    "a failed replication",
    failedReplicationAlert(place, "all"),
    replication("FAILED"),
    "Failed replication",
    `The replication of payments-api-prod:v1 (${DIGEST}) from account 222233334444 in us-west-2 failed. See ${REPOSITORY}?region=eu-west-1 for the repository.`,
  ],
  [
    "a failed sync of a cache",
    failedCacheAlert(place),
    caching("FAILURE", { "failure-code": "UpstreamUnavailable" }),
    "Failed caching",
    `docker-hub/library/alpine:3.22 could not be cached from registry-1.docker.io: FAILURE UpstreamUnavailable - see ${CONSOLE}/ecr/repositories/private/111122223333/docker-hub/library/alpine?region=eu-west-1 for the repository.`,
  ],
  [
    "a push",
    imageActionAlert(place, "PUSH", "all"),
    action("PUSH"),
    "Image pushed",
    `The image payments-api-prod:v1 (${DIGEST}) was pushed. See ${IMAGE} for the image.`,
  ],
  [
    "a delete",
    imageActionAlert(place, "DELETE", "all"),
    action("DELETE"),
    "Image deleted",
    `The image payments-api-prod:v1 (${DIGEST}) was deleted. See ${REPOSITORY}?region=eu-west-1 for the repository.`,
  ],
  [
    "a sensitive call",
    sensitiveCallAlert(place, []),
    call("DeleteRepository", byRole("arn:aws:iam::111122223333:role/admin"), undefined, {
      errorCode: "AccessDenied",
    }),
    "DeleteRepository was called",
    `ecr:DeleteRepository was called by arn:aws:sts::111122223333:assumed-role/admin/session from 192.0.2.1 (target: payments-api-prod, error: AccessDenied). See ${CONSOLE}/cloudtrailv2/home?region=eu-west-1#/events/2bfd4ee2-2178-4a82-a27d-b12939923f0f for the request.`,
  ],
];

describe("a message in mail is one line, and in chat a custom notification,", () => {
  it("and every alert has one here", () => {
    assert.deepEqual(
      everyAlert()
        .map(({ name }) => name)
        .filter((name) => !MESSAGES.some(([, alert]) => alert.name === name)),
      [],
      "add the sentence to MESSAGES in tests/documents/messages.test.ts",
    );
  });
  for (const [what, alert, event, title, text] of MESSAGES) {
    it(`of ${what}`, () => {
      // In mail the line stands in quotation marks: SNS gets the JSON string as it is.
      assert.equal(rendered(textMessage(alert.message), event), `"${text}"`);
      assert.equal(
        rendered(chatMessage(alert.message), event),
        `{"version":"1.0","source":"custom","content":{"textType":"client-markdown","title":"${title}","description":"${text}"}}`,
      );
    });
    it(`of ${what}, naming every input path and no other, within EventBridge's limits`, () => {
      for (const { inputPaths, inputTemplate } of [textMessage(alert.message), chatMessage(alert.message)]) {
        const named = new Set([...inputTemplate.matchAll(/<([\w-]+)>/g)].map(([, name]) => name));
        assert.deepEqual([...named].sort(), Object.keys(inputPaths).sort());
        assert.ok(inputTemplate.length <= 8192 && named.size <= 100);
      }
    });
  }
});

describe("a sentence reads well if the event has no value for", () => {
  const sentence = ({ message }: Alert, event: object) =>
    JSON.parse(rendered(textMessage(message), event)) as string;
  it("the tags and the fix of a finding", () => {
    const event: any = finding("HIGH");
    event.detail.fixAvailable = "NO";
    event.detail.packageVulnerabilityDetails.vulnerablePackages[0].fixedInVersion = undefined;
    event.detail.resources[0].details.awsEcrContainerImage.imageTags = [];
    assert.equal(
      sentence(findingAlert(place, "HIGH", "all"), event),
      `HIGH finding CVE-2024-6119 in payments-api-prod : package openssl 3.0.13, exploit available: NO, fix available: NO  - see ${IMAGE} for the image.`,
    );
  });
  it("the tag of a deleted image", () =>
    assert.equal(
      sentence(imageActionAlert(place, "DELETE", "all"), action("DELETE", "SUCCESS", undefined, {})),
      `The image payments-api-prod: (${DIGEST}) was deleted. See ${REPOSITORY}?region=eu-west-1 for the repository.`,
    ));
  it("the code of a failed sync", () =>
    assert.match(
      sentence(failedCacheAlert(place), caching("FAILURE")),
      /^docker-hub\/library\/alpine:3\.22 could not be cached from registry-1\.docker\.io: FAILURE {2}- see /,
    ));
  it("the repository of a call: about tags, cache rules, templates, exclusions, settings or the whole registry", () => {
    const target = (name: string, request: object | null) =>
      /\(target: (.*), error: (.*)\)/
        .exec(sentence(sensitiveCallAlert(place, []), call(name, byRoot, request)))
        ?.slice(1);
    assert.deepEqual(target("UntagResource", { resourceArn: "arn:aws:ecr:a" }), ["arn:aws:ecr:a", ""]);
    assert.deepEqual(target("DeletePullThroughCacheRule", { ecrRepositoryPrefix: "quay" }), ["quay", ""]);
    assert.deepEqual(target("DeleteRepositoryCreationTemplate", { prefix: "ROOT" }), ["ROOT", ""]);
    assert.deepEqual(target("RegisterPullTimeUpdateExclusion", { principalArn: "arn:aws:iam::1" }), [
      "arn:aws:iam::1",
      "",
    ]);
    assert.deepEqual(target("PutAccountSetting", { name: "BLOB_MOUNTING", value: "ENABLED" }), [
      "BLOB_MOUNTING",
      "",
    ]);
    assert.deepEqual(target("PutRegistryPolicy", null), ["", ""]);
  });
});
