import { SENSITIVE_CALLS } from "../../documents/events";
import {
  action,
  arn,
  basicScan,
  byRole,
  byRoot,
  byService,
  byUser,
  caching,
  call,
  coverage,
  DIGEST,
  finding,
  frequencies,
  inspectorScan,
  otherScan,
  place,
  replication,
  storageClass,
} from "./events";

/** An event, and the rules of the committed stacks that it must match; it must match no other. */
export interface Sample {
  what: string;
  event: object;
  prod: string[];
  dev: string[];
}

/** Reasons of Inspector for which nobody chose that an image is not scanned. */
export const UNEXPECTED_INACTIVE = [
  "ACCESS_DENIED",
  "ACCESS_DENIED_TO_ENCRYPTION_KEY",
  "AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED",
  "AGENTLESS_INSTANCE_STORAGE_LIMIT_EXCEEDED",
  "DEEP_INSPECTION_COLLECTION_TIME_LIMIT_EXCEEDED",
  "DEEP_INSPECTION_DAILY_SSM_INVENTORY_LIMIT_EXCEEDED",
  "DEEP_INSPECTION_NO_INVENTORY",
  "DEEP_INSPECTION_PACKAGE_COLLECTION_LIMIT_EXCEEDED",
  "EC2_INSTANCE_STOPPED",
  "IMAGE_SIZE_EXCEEDED",
  "INTEGRATION_CONNECTION_LOST",
  "INTERNAL_ERROR",
  "NO_INVENTORY",
  "NO_RESOURCES_FOUND",
  "NO_SCAN_CONFIGURATION_ASSOCIATED",
  "RESOURCE_STOPPED",
  "RESOURCE_UNMANAGED",
  "STALE_INVENTORY",
  "UNMANAGED_EC2_INSTANCE",
  "UNSUPPORTED_CODE_ARTIFACTS",
  "UNSUPPORTED_CONFIG_FILE",
  "UNSUPPORTED_LANGUAGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "UNSUPPORTED_OS",
  "UNSUPPORTED_RUNTIME",
];

/** Reasons of Inspector for which an image is rightly not scanned. */
const EXPECTED = [
  "EXCLUDED_BY_TAG",
  "IMAGE_ARCHIVED",
  "PENDING_DISABLE",
  "PENDING_INITIAL_SCAN",
  "PENDING_REVIVAL_SCAN",
  "RESOURCE_TERMINATED",
  "SCAN_ELIGIBILITY_EXPIRED",
  "SCAN_FREQUENCY_MANUAL",
  "SCAN_FREQUENCY_SCAN_ON_PUSH",
  "SCAN_IN_PROGRESS",
  "SUCCESSFUL",
];

/** ECR calls that change something every day, and that nobody has to hear of. */
export const ORDINARY_CALLS = [
  "CompleteLayerUpload",
  "CreateRepository",
  "InitiateLayerUpload",
  "PutImage",
  "StartImageScan",
  "StartLifecyclePolicyPreview",
  "StartReplicationBackfill",
  "StopReplicationBackfill",
  "UploadLayerPart",
];

const none = (what: string, event: object): Sample => ({ what, event, prod: [], dev: [] });
const prod = (what: string, event: object, ...rules: string[]): Sample => ({
  what,
  event,
  prod: rules,
  dev: [],
});
const dev = (what: string, event: object, ...rules: string[]): Sample => ({
  what,
  event,
  prod: [],
  dev: rules,
});
const both = (what: string, event: object, ...rules: string[]): Sample => ({
  what,
  event,
  prod: rules,
  dev: rules,
});

function findings(environment: string): Sample[] {
  const api = `payments-api-${environment}`;
  const withPatch = (patch: object) => {
    const sample = finding("CRITICAL", api);
    return { ...sample, detail: { ...sample.detail, ...patch } };
  };
  return [
    prod("a critical finding", finding("CRITICAL", api), "finding", "payments-finding"),
    prod("a high finding", finding("HIGH", api), "finding", "payments-finding"),
    prod("a medium finding", finding("MEDIUM", api), "payments-finding"),
    none("a low finding", finding("LOW", api)),
    none("an informational finding", finding("INFORMATIONAL", api)),
    none("an unrated finding", finding("UNTRIAGED", api)),
    ...["CLOSED", "SUPPRESSED"].flatMap((status) =>
      ["CRITICAL", "HIGH", "MEDIUM", "UNTRIAGED"].map((severity) =>
        none(`a ${status} ${severity} finding`, finding(severity, api, undefined, status)),
      ),
    ),
    prod(
      "storefront's high finding",
      finding("HIGH", `storefront-web-${environment}`),
      "finding",
      "storefront-finding",
    ),
    none("storefront's medium finding", finding("MEDIUM", `storefront-web-${environment}`)),
    prod(
      "data's critical finding, which has no topic",
      finding("CRITICAL", `data-notebook-${environment}`),
      "finding",
    ),
    prod("a finding in a cached image", finding("HIGH", "docker-hub/library/alpine"), "finding"),
    prod("a finding in a repository whose name begins alike", finding("HIGH", `${api}-2`), "finding"),
    prod("a finding in a repository whose name ends alike", finding("HIGH", `old-${api}`), "finding"),
    prod("a finding without a fix", withPatch({ fixAvailable: "NO" }), "finding", "payments-finding"),
    prod("a finding without a score", withPatch({ epss: undefined }), "finding", "payments-finding"),
    ...["AWS_EC2_INSTANCE", "AWS_LAMBDA_FUNCTION", "Microsoft.Web/sites"].map((type) =>
      none(`a finding in ${type}`, finding("CRITICAL", api, type)),
    ),
    none("a finding of an on-demand scan", { ...finding("HIGH", api), source: "inspector2.ami.ondemand" }),
    none("a finding of another detail type", { ...finding("HIGH", api), "detail-type": "Findings Imported" }),
  ];
}

function scans(environment: string): Sample[] {
  const api = `payments-api-${environment}`;
  const counts = { CRITICAL: 2, HIGH: 5, MEDIUM: 9, TOTAL: 20 };
  return [
    prod("a first scan", inspectorScan(counts, api), "initial-scan", "payments-initial-scan"),
    prod(
      "a first scan with one critical finding",
      inspectorScan({ CRITICAL: 1, TOTAL: 1 }, api),
      "initial-scan",
      "payments-initial-scan",
    ),
    prod(
      "a first scan with high findings",
      inspectorScan({ CRITICAL: 0, HIGH: 2, MEDIUM: 0, TOTAL: 2 }, api),
      "initial-scan",
      "payments-initial-scan",
    ),
    prod(
      "a first scan with medium findings",
      inspectorScan({ CRITICAL: 0, HIGH: 0, MEDIUM: 7, TOTAL: 9 }, api),
      "payments-initial-scan",
    ),
    none("a first scan with low findings", inspectorScan({ CRITICAL: 0, HIGH: 0, MEDIUM: 0, TOTAL: 9 }, api)),
    none("a first scan without findings", inspectorScan({ CRITICAL: 0, HIGH: 0, MEDIUM: 0, TOTAL: 0 }, api)),
    none("a first scan without counts", inspectorScan({}, api)),
    none("a scan of another status", inspectorScan(counts, api, "SCAN_STARTED")),
    prod(
      "storefront's first scan",
      inspectorScan({ HIGH: 1, TOTAL: 1 }, `storefront-web-${environment}`),
      "initial-scan",
      "storefront-initial-scan",
    ),
    none(
      "storefront's first scan with medium findings",
      inspectorScan({ MEDIUM: 1, TOTAL: 1 }, `storefront-web-${environment}`),
    ),
    prod(
      "the first scan of a cached image",
      inspectorScan(counts, "docker-hub/library/alpine"),
      "initial-scan",
    ),
    prod(
      "the first scan of a repository whose name begins alike",
      inspectorScan(counts, `${api}-2`),
      "initial-scan",
    ),
    none(
      "the first scan of an instance",
      otherScan(counts, "i-087d63509b8c97098", { "instance-id": "i-087d63509b8c97098" }),
    ),
    none(
      "the first scan of a function",
      otherScan(counts, `arn:aws:lambda:${place.region}:${place.accountId}:function:f:$LATEST`),
    ),
    none(
      "the first scan of a machine image",
      otherScan(counts, "ami-0abcdef1234567890", { "machine-image-id": "ami-0abcdef1234567890" }),
    ),
    none("an on-demand scan", {
      ...otherScan(counts, "ami-0abcdef1234567890"),
      "detail-type": "Inspector2 OnDemand Scan Complete",
    }),
    none("an organization that is full", {
      ...otherScan({}, ""),
      "detail-type": "Inspector2 AutoEnable",
      detail: { version: "1.0.0", AutoEnableStatus: "Failed" },
    }),
    dev("a basic scan with a critical finding", basicScan("COMPLETE", { CRITICAL: 1 }, api), "basic-scan"),
    dev(
      "a basic scan with many findings",
      basicScan("COMPLETE", { CRITICAL: 10, MEDIUM: 9 }, api),
      "basic-scan",
    ),
    dev(
      "a basic scan of a cached image",
      basicScan("COMPLETE", { CRITICAL: 1 }, "docker-hub/library/alpine"),
      "basic-scan",
    ),
    none("a basic scan with high findings", basicScan("COMPLETE", { HIGH: 5 }, api)),
    none("a basic scan with no critical finding", basicScan("COMPLETE", { CRITICAL: 0, LOW: 3 }, api)),
    none("a basic scan with unrated findings", basicScan("COMPLETE", { UNDEFINED: 3 }, api)),
    none("a basic scan without findings", basicScan("COMPLETE", {}, api)),
    dev("a failed basic scan", basicScan("FAILED", {}, api), "failed-scan"),
    dev("a failed basic scan of a tagged image", basicScan("FAILED", {}, api, ["v1"]), "failed-scan"),
    none("a basic scan in progress", basicScan("IN_PROGRESS", {}, api)),
  ];
}

function coverages(environment: string): Sample[] {
  const image = `${arn(`payments-api-${environment}`)}/${DIGEST}`;
  return [
    ...UNEXPECTED_INACTIVE.map((reason) =>
      prod(`not covered: ${reason}`, coverage(reason, image), "not-covered"),
    ),
    ...EXPECTED.map((reason) => none(`not covered: ${reason}`, coverage(reason, image))),
    prod(
      "a cached image that is not covered",
      coverage("UNSUPPORTED_OS", `${arn("docker-hub/library/alpine")}/${DIGEST}`),
      "not-covered",
    ),
    none("a covered image", coverage("SUCCESSFUL", image, "ACTIVE")),
    none("an active image with a reason", coverage("INTERNAL_ERROR", image, "ACTIVE")),
    none("an instance that is not covered", coverage("UNMANAGED_EC2_INSTANCE", "i-087d63509b8c97098")),
    none(
      "a function that is not covered",
      coverage("UNSUPPORTED_RUNTIME", `arn:aws:lambda:${place.region}:${place.accountId}:function:f`),
    ),
    none(
      "an image of another account",
      coverage("UNSUPPORTED_OS", `arn:aws:ecr:${place.region}:222233334444:repository/a/${DIGEST}`),
    ),
    none(
      "an image of another region",
      coverage("UNSUPPORTED_OS", `arn:aws:ecr:us-east-1:${place.accountId}:repository/a/${DIGEST}`),
    ),
  ];
}

function registryEvents(environment: string): Sample[] {
  const api = `payments-api-${environment}`;
  return [
    none("a push", action("PUSH", "SUCCESS", api)),
    none("a failed push", action("PUSH", "FAILURE", api)),
    prod("a delete", action("DELETE", "SUCCESS", api), "image-delete"),
    prod("the delete of an untagged image", action("DELETE", "SUCCESS", api, {}), "image-delete"),
    prod("a delete elsewhere", action("DELETE", "SUCCESS", "docker-hub/library/alpine"), "image-delete"),
    none("a failed delete", action("DELETE", "FAILURE", api)),
    none("an archived image", storageClass("ARCHIVE", api)),
    none("a restored image", storageClass("STANDARD", api)),
    none("a restored referrer", storageClass("STANDARD", api, "ECR Referrer Action")),
    none("the delete of a referrer", action("DELETE", "SUCCESS", api, {}, "ECR Referrer Action")),
    prod("a repository that is not scanned any more", frequencies({ [api]: "MANUAL" }), "not-scanned"),
    prod(
      "one of several that is not scanned any more",
      frequencies({ [api]: "CONTINUOUS_SCAN", other: "MANUAL" }),
      "not-scanned",
    ),
    none(
      "repositories that are scanned from now on",
      frequencies({ [api]: "CONTINUOUS_SCAN", other: "SCAN_ON_PUSH" }),
    ),
    none("a change of no repository", frequencies({})),
    both("a failed replication", replication("FAILED", api), "failed-replication"),
    both(
      "a failed replication elsewhere",
      replication("FAILED", "docker-hub/library/alpine"),
      "failed-replication",
    ),
    none("a replication", replication("SUCCESS", api)),
    both(
      "a failed sync",
      caching("FAILURE", { "failure-code": "UpstreamUnavailable", "failure-reason": 'a "reason"' }),
      "failed-cache",
    ),
    both("a sync of another status", caching("FAILED"), "failed-cache"),
    none("a sync", caching("SUCCESS", { "image-digest": DIGEST })),
  ];
}

function calls(environment: string): Sample[] {
  const role = (name: string) => byRole(`arn:aws:iam::${place.accountId}:role/${name}`);
  const somebody = role("somebody");
  return [
    ...SENSITIVE_CALLS.map((name) => both(`${name} by a role`, call(name, somebody), "sensitive-call")),
    ...ORDINARY_CALLS.map((name) => none(`${name} by a role`, call(name, somebody))),
    ...["BatchGetImage", "DescribeImages", "GetAuthorizationToken", "GetDownloadUrlForLayer"].map((name) =>
      none(`${name} by a role`, call(name, somebody, undefined, { readOnly: true })),
    ),
    both("a call by a user", call("DeleteRepository", byUser), "sensitive-call"),
    both("a call by root", call("SetRepositoryPolicy", byRoot), "sensitive-call"),
    both("a call by a service", call("BatchDeleteImage", byService), "sensitive-call"),
    both(
      "a call that was refused",
      call("DeleteRepository", somebody, undefined, { errorCode: "AccessDenied" }),
      "sensitive-call",
    ),
    both("a call about the registry", call("PutRegistryPolicy", somebody, null), "sensitive-call"),
    both(
      "a call about a cache rule",
      call("DeletePullThroughCacheRule", somebody, { ecrRepositoryPrefix: "quay" }),
      "sensitive-call",
    ),
    both(
      "a call about a template",
      call("DeleteRepositoryCreationTemplate", somebody, { prefix: "ROOT" }),
      "sensitive-call",
    ),
    both(
      "a call about tags",
      call("UntagResource", somebody, { resourceArn: arn("a"), tagKeys: ["Project"] }),
      "sensitive-call",
    ),
    both(
      "a call by a role whose name begins alike",
      call("DeleteRepository", role("ecr-platform-deploy-2")),
      "sensitive-call",
    ),
    none("a call by the deployment", call("DeleteRepository", role("ecr-platform-deploy"))),
    none(
      "a call by clean-up",
      call("BatchDeleteImage", role(`ecr-platform-${environment}-${place.region}-clean-up`)),
    ),
    none(
      "a call of public ECR",
      call("DeleteRepository", somebody, undefined, { eventSource: "ecr-public.amazonaws.com" }),
    ),
    none("a lifecycle policy that ran", {
      ...call("PolicyExecutionEvent", byService),
      "detail-type": "AWS Service Event via CloudTrail",
    }),
  ];
}

/** Sample events of every form that the registry and Inspector send, with the repositories of an environment. */
export function samplesOf(environment: string): Sample[] {
  return [findings, scans, coverages, registryEvents, calls].flatMap((make) => make(environment));
}
