import type { Place } from "../../documents/arns";

/** Where the sample events come from. */
export const place: Place = { partition: "aws", region: "eu-west-1", accountId: "111122223333" };

// The events below follow AWS's samples.
const envelope = {
  version: "0",
  id: "1",
  account: place.accountId,
  region: place.region,
  time: "2026-01-01T00:00:00Z",
};
export const finding = (
  severity: string,
  repositoryName = "payments-api-prod",
  type = "AWS_ECR_CONTAINER_IMAGE",
  status = "ACTIVE",
) => ({
  ...envelope,
  source: "aws.inspector2",
  "detail-type": "Inspector2 Finding",
  detail: {
    severity,
    status,
    title: "CVE-2026-1 - openssl",
    findingArn: "arn:aws:inspector2:eu-west-1:111122223333:finding/1",
    inspectorScore: 9.8,
    firstObservedAt: "yesterday",
    fixAvailable: "YES",
    exploitAvailable: "NO",
    packageVulnerabilityDetails: {
      vulnerabilityId: "CVE-2026-1",
      sourceUrl: "https://nvd.example/CVE-2026-1",
      vulnerablePackages: [{ name: "openssl", version: "3.0.13", fixedInVersion: "3.0.14" }],
    },
    resources: [
      {
        type,
        details: { awsEcrContainerImage: { repositoryName, imageTags: ["v1"], imageHash: "sha256:abc" } },
      },
    ],
  },
});
export const inspectorScan = (
  counts: Record<string, number>,
  name = "payments-api-prod",
  status = "INITIAL_SCAN_COMPLETE",
) => ({
  ...envelope,
  source: "aws.inspector2",
  "detail-type": "Inspector2 Scan",
  detail: {
    "scan-status": status,
    "repository-name": `arn:aws:ecr:eu-west-1:111122223333:repository/${name}`,
    "finding-severity-counts": counts,
    "image-digest": "sha256:abc",
    "image-tags": ["v1"],
  },
});
export const basicScan = (
  status: string,
  counts: Record<string, number> = {},
  name = "payments-api-prod",
) => ({
  ...envelope,
  source: "aws.ecr",
  "detail-type": "ECR Image Scan",
  resources: [`arn:aws:ecr:eu-west-1:111122223333:repository/${name}`],
  detail: {
    "scan-status": status,
    "repository-name": name,
    "finding-severity-counts": counts,
    "image-digest": "sha256:abc",
    "image-tags": [],
  },
});
export const coverage = (
  reason: string,
  resource = "arn:aws:ecr:eu-west-1:111122223333:repository/payments-api-prod/sha256:abc",
  statusCodeValue = "INACTIVE",
) => ({
  ...envelope,
  source: "aws.inspector2",
  "detail-type": "Inspector2 Coverage",
  resources: [resource],
  detail: { scanStatus: { reason, statusCodeValue }, scanType: "PACKAGE" },
});
export const action = (type: string, result = "SUCCESS", name = "payments-api-prod") => ({
  ...envelope,
  source: "aws.ecr",
  "detail-type": "ECR Image Action",
  detail: {
    result,
    "repository-name": name,
    "image-digest": "sha256:abc",
    "action-type": type,
    "image-tag": "v1",
  },
});
export const call = (eventName: string, userIdentity: object) => ({
  ...envelope,
  source: "aws.ecr",
  "detail-type": "AWS API Call via CloudTrail",
  detail: {
    eventSource: "ecr.amazonaws.com",
    eventName,
    userIdentity,
    requestParameters: { repositoryName: "payments-api-prod" },
    eventID: "e",
    sourceIPAddress: "192.0.2.1",
    userAgent: "x",
  },
});
export const DEPLOY = "arn:aws:iam::111122223333:role/deploy";
export const byRole = (arn: string) => ({
  type: "AssumedRole",
  arn: `${arn}/session`,
  sessionContext: { sessionIssuer: { arn } },
});
