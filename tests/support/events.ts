import type { Place } from "../../aws/arns";

/** Where the sample events come from. */
export const place: Place = { partition: "aws", region: "eu-west-1", accountId: "111122223333" };

/** A digest, as ECR writes it. */
export const DIGEST = "sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd12345678";

/** ARN of a repository, or of an image where a digest follows its name. */
export const arn = (name: string) => `arn:aws:ecr:${place.region}:${place.accountId}:repository/${name}`;

// The events below are AWS's samples whole, with the names of this project.
// https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html
const event = (source: string, detailType: string, detail: object, resources: string[] = []) => ({
  version: "0",
  id: "85fc3613-e913-7fc4-a80c-a3753e4aa9ae",
  "detail-type": detailType,
  source,
  account: place.accountId,
  time: "2026-01-01T00:00:00Z",
  region: place.region,
  resources,
  detail,
});

/** What an Inspector finding is about, by the type of its resource. */
const FOUND_IN: Record<string, (repositoryName: string) => object> = {
  AWS_ECR_CONTAINER_IMAGE: (repositoryName) => ({
    awsEcrContainerImage: {
      architecture: "arm64",
      imageHash: DIGEST,
      imageTags: ["v1", "latest"],
      platform: "UBUNTU_24_04",
      pushedAt: "Wed Sep 04 16:50:20.000 UTC 2024",
      lastInUseAt: "Wed Sep 04 16:50:20.000 UTC 2024",
      inUseCount: 1,
      registry: place.accountId,
      repositoryName,
    },
    image: { imageDigest: DIGEST, repositoryName },
  }),
  AWS_EC2_INSTANCE: () => ({ awsEc2Instance: { imageId: "ami-02ff980600c693b38", type: "t2.small" } }),
  AWS_LAMBDA_FUNCTION: (functionName) => ({ awsLambdaFunction: { functionName, runtime: "NODEJS_22_X" } }),
  "Microsoft.Web/sites": (name) => ({ serverlessFunction: { serverlessFunctionName: name } }),
};

/** Inspector2 Finding. */
export const finding = (
  severity: string,
  repositoryName = "payments-api-prod",
  type = "AWS_ECR_CONTAINER_IMAGE",
  status = "ACTIVE",
) =>
  event(
    "aws.inspector2",
    "Inspector2 Finding",
    {
      awsAccountId: place.accountId,
      description: 'A name check can read "invalid" memory\nand crash.',
      epss: { score: 0.00045 },
      exploitAvailable: "NO",
      findingArn: `arn:aws:inspector2:${place.region}:${place.accountId}:finding/be674aaddd0f75ac632055`,
      firstObservedAt: "Wed Sep 04 16:55:38.411 UTC 2024",
      fixAvailable: "YES",
      lastObservedAt: "Wed Sep 04 16:55:38.411 UTC 2024",
      packageVulnerabilityDetails: {
        cvss: [],
        relatedVulnerabilities: ["USN-6986-1"],
        source: "UBUNTU_CVE",
        sourceUrl: "https://people.canonical.com/~ubuntu-security/cve/2024/CVE-2024-6119.html",
        vendorSeverity: "medium",
        vulnerabilityId: "CVE-2024-6119",
        vulnerablePackages: [
          { arch: "ARM64", fixedInVersion: "0:3.0.13-0ubuntu3.4", name: "openssl", version: "3.0.13" },
          { arch: "ARM64", fixedInVersion: "0:3.0.13-0ubuntu3.4", name: "libssl3t64", version: "3.0.13" },
        ],
      },
      remediation: { recommendation: { text: "None Provided" } },
      resources: [
        {
          details: FOUND_IN[type]?.(repositoryName) ?? {},
          id: `${arn(repositoryName)}/${DIGEST}`,
          partition: "aws",
          provider: "AWS",
          providerAccountId: place.accountId,
          region: place.region,
          type,
        },
      ],
      severity,
      status,
      title: "CVE-2024-6119 - openssl",
      type: "PACKAGE_VULNERABILITY",
      updatedAt: "Wed Sep 04 16:55:38.411 UTC 2024",
    },
    [`${arn(repositoryName)}/${DIGEST}`],
  );

/** Inspector2 Scan of an image; its repository is an ARN. */
export const inspectorScan = (
  counts: Record<string, number>,
  name = "payments-api-prod",
  status = "INITIAL_SCAN_COMPLETE",
) =>
  event(
    "aws.inspector2",
    "Inspector2 Scan",
    {
      "scan-status": status,
      "repository-name": arn(name),
      "finding-severity-counts": counts,
      "image-digest": DIGEST,
      "image-tags": ["v1"],
      version: "1.0",
    },
    [arn(name)],
  );

/** Inspector2 Scan of something else, which has no repository. */
export const otherScan = (counts: Record<string, number>, resource: string, id: object = {}) =>
  event(
    "aws.inspector2",
    "Inspector2 Scan",
    {
      "scan-status": "INITIAL_SCAN_COMPLETE",
      "finding-severity-counts": counts,
      ...id,
      version: "1.0",
    },
    [resource],
  );

/** ECR Image Scan (basic scanning). */
export const basicScan = (
  status: string,
  counts: Record<string, number> = {},
  name = "payments-api-prod",
  tags: string[] = [],
) =>
  event(
    "aws.ecr",
    "ECR Image Scan",
    {
      "scan-status": status,
      "repository-name": name,
      "finding-severity-counts": counts,
      "image-digest": DIGEST,
      "image-tags": tags,
    },
    [arn(name)],
  );

/** Inspector2 Coverage. */
export const coverage = (
  reason: string,
  resource = `${arn("payments-api-prod")}/${DIGEST}`,
  statusCodeValue = "INACTIVE",
) =>
  event(
    "aws.inspector2",
    "Inspector2 Coverage",
    {
      scanStatus: { reason, statusCodeValue },
      scanType: "PACKAGE",
      provider: "AWS",
      providerAccountId: place.accountId,
      providerRegion: place.region,
      eventTimestamp: "2023-01-20T22:51:35.665501Z",
      version: "1.0",
    },
    [resource],
  );

/** ECR Image Action, and ECR Referrer Action for what belongs to an image. */
export const action = (
  type: string,
  result = "SUCCESS",
  name = "payments-api-prod",
  rest: object = { "image-tag": "v1" },
  detailType = "ECR Image Action",
) =>
  event("aws.ecr", detailType, {
    result,
    "repository-name": name,
    "image-digest": DIGEST,
    "action-type": type,
    ...rest,
  });

/** Moving an image between storage classes. */
export const storageClass = (target: string, name?: string, detailType?: string) =>
  action(
    "UPDATE_STORAGE_CLASS",
    "SUCCESS",
    name,
    {
      "target-storage-class": target,
      "manifest-media-type": "application/vnd.oci.image.manifest.v1+json",
      "artifact-media-type": "application/vnd.oci.image.config.v1+json",
    },
    detailType,
  );

/** ECR Scan Resource Change: repositories by the frequency that they have now. */
export const frequencies = (now: Record<string, string>, scanType = "ENHANCED") =>
  event("aws.ecr", "ECR Scan Resource Change", {
    "action-type": "SCAN_FREQUENCY_CHANGE",
    repositories: Object.entries(now).map(([name, frequency]) => ({
      "repository-name": name,
      "repository-arn": arn(name),
      "scan-frequency": frequency,
      "previous-scan-frequency": frequency === "MANUAL" ? "CONTINUOUS_SCAN" : "MANUAL",
    })),
    "resource-type": "REPOSITORY",
    "scan-type": scanType,
  });

/** ECR Replication Action, in the region that the image is copied to. */
export const replication = (result: string, name = "payments-api-prod") =>
  event(
    "aws.ecr",
    "ECR Replication Action",
    {
      result,
      "repository-name": name,
      "image-digest": DIGEST,
      "source-account": "222233334444",
      "action-type": "REPLICATE",
      "source-region": "us-west-2",
      "image-tag": "v1",
    },
    [arn(name)],
  );

/** ECR Pull Through Cache Action. */
export const caching = (status: string, rest: object = {}) =>
  event(
    "aws.ecr",
    "ECR Pull Through Cache Action",
    {
      "rule-version": "1",
      "sync-status": status,
      "ecr-repository-prefix": "docker-hub",
      "repository-name": "docker-hub/library/alpine",
      "upstream-registry-url": "registry-1.docker.io",
      "image-tag": "3.22",
      ...rest,
    },
    [arn("docker-hub/library/alpine")],
  );

/** A call of ECR's API. */
export const call = (
  eventName: string,
  userIdentity: object,
  requestParameters: object | null = { repositoryName: "payments-api-prod", registryId: place.accountId },
  rest: object = {},
) =>
  event("aws.ecr", "AWS API Call via CloudTrail", {
    eventVersion: "1.08",
    userIdentity,
    eventTime: "2026-01-01T00:00:00Z",
    eventSource: "ecr.amazonaws.com",
    eventName,
    awsRegion: place.region,
    sourceIPAddress: "192.0.2.1",
    userAgent: 'aws-cli/2.31 md/"quoted"',
    requestParameters,
    responseElements: null,
    requestID: "cf044b7d-5f9d-11e9-9b2a-95983139cc57",
    eventID: "2bfd4ee2-2178-4a82-a27d-b12939923f0f",
    readOnly: false,
    eventType: "AwsApiCall",
    recipientAccountId: place.accountId,
    ...rest,
  });

export const DEPLOY = "arn:aws:iam::111122223333:role/deploy";
export const byRole = (role: string) => ({
  type: "AssumedRole",
  principalId: "AIDACKCEVSQ6C2EXAMPLE:session",
  arn: `${role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/session`,
  accountId: place.accountId,
  sessionContext: {
    sessionIssuer: {
      type: "Role",
      principalId: "AIDACKCEVSQ6C2EXAMPLE",
      arn: role,
      accountId: place.accountId,
    },
    attributes: { mfaAuthenticated: "false", creationDate: "2026-01-01T00:00:00Z" },
  },
});
export const byUser = {
  type: "IAMUser",
  principalId: "AIDACKCEVSQ6C2EXAMPLE",
  arn: "arn:aws:iam::111122223333:user/Mary_Major",
  accountId: place.accountId,
  userName: "Mary_Major",
};
export const byRoot = {
  type: "Root",
  principalId: place.accountId,
  arn: "arn:aws:iam::111122223333:root",
  accountId: place.accountId,
};
export const byService = { type: "AWSService", invokedBy: "ecr.amazonaws.com" };
