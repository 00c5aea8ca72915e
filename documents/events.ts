import { consoleHost, repositoryArn, type Place } from "../aws/arns";
import { LIMITS } from "../aws/limits";
import { severitiesFrom, type Severity } from "../aws/severities";
import type { Message } from "./messages";

/** An EventBridge event pattern. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
export type EventPattern = Record<string, unknown>;

/** One alert: the events that it is about, and its message. */
export interface Alert {
  /** Part of the rule's name. */
  name: string;
  description: string;
  pattern: EventPattern;
  message: Message;
}

/** Which repositories an alert is about. */
export type Repositories = "all" | { suffix: string } | { names: string[] };

/**
 * Whether alerts of a minimum severity include vulnerabilities that have no rating yet: UNTRIAGED for Inspector,
 * UNDEFINED for basic scanning. They can turn out to be of any severity, so LOW includes them. With MEDIUM and above they
 * alert when they are rated, since Inspector then sends the finding again.
 * https://docs.aws.amazon.com/inspector/latest/user/findings-understanding-severity.html
 */
export function includesUnrated(minimum: Severity): boolean {
  return severitiesFrom(minimum).includes("LOW");
}

/** Matches a repository in whichever form an event gives it: Inspector2 Scan has the ARN, the others the name. */
function nameOrArn(place: Place, repositories: Repositories): unknown[] | undefined {
  if (repositories === "all") {
    return undefined;
  }
  return "suffix" in repositories
    ? [{ suffix: repositories.suffix }]
    : repositories.names.flatMap((name) => [name, repositoryArn(place, name)]);
}

/** Matches `resources` that begin with the repository's ARN, the form of Inspector2 Coverage. */
function imageArns(place: Place, repositories: Repositories): unknown[] {
  const all = repositoryArn(place, "");
  if (repositories === "all") {
    return [{ prefix: all }];
  }
  return "suffix" in repositories
    ? [{ wildcard: `${all}*${repositories.suffix}/*` }]
    : repositories.names.map((name) => ({ prefix: `${repositoryArn(place, name)}/` }));
}

function only<T>(key: string, value: T | undefined): Record<string, T> {
  return value === undefined ? {} : { [key]: value };
}

/** At least one finding in any of the given counts. Counts of zero can be present, so presence is not enough. */
function anyCountOf(counts: string[]): EventPattern {
  const positive = (count: string) => ({ [count]: [{ numeric: [">", 0] }] });
  const [first, ...rest] = counts;
  return rest.length === 0 ? positive(first ?? "CRITICAL") : { $or: counts.map(positive) };
}

function repositoryLink(place: Place, repository: string): string {
  return `https://${consoleHost(place)}/ecr/repositories/private/${place.accountId}/${repository}?region=${place.region}`;
}

function imageLink(place: Place, repository: string, digest: string): string {
  return `https://${consoleHost(place)}/ecr/repositories/private/${place.accountId}/${repository}/_/image/${digest}/details?region=${place.region}`;
}

function inspectorLink(place: Place, page: string): string {
  return `https://${consoleHost(place)}/inspector/v2/home?region=${place.region}${page}`;
}

/**
 * Active Inspector findings in container images, at or above a severity. The resource type keeps findings
 * of EC2 and Lambda out. https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
 */
export function findingAlert(place: Place, minimum: Severity, repositories: Repositories): Alert {
  const names =
    repositories !== "all" && "names" in repositories ? repositories.names : nameOrArn(place, repositories);
  return {
    name: "finding",
    description: `Inspector findings of severity ${minimum} or above in container images`,
    pattern: {
      source: ["aws.inspector2"],
      "detail-type": ["Inspector2 Finding"],
      detail: {
        severity: [...(includesUnrated(minimum) ? ["UNTRIAGED"] : []), ...severitiesFrom(minimum)],
        status: ["ACTIVE"],
        resources: {
          type: ["AWS_ECR_CONTAINER_IMAGE"],
          ...(names === undefined ? {} : { details: { awsEcrContainerImage: { repositoryName: names } } }),
        },
      },
    },
    message: {
      title: "<severity> finding <cve>",
      text: `<severity> finding <cve> in <repository> <tag>: package <package> <installed>, exploit available: <exploit>, fix available: <fixable> <fixed> - see ${imageLink(place, "<repository>", "<digest>")} for the image.`,
      inputPaths: {
        severity: "$.detail.severity",
        exploit: "$.detail.exploitAvailable",
        fixable: "$.detail.fixAvailable",
        cve: "$.detail.packageVulnerabilityDetails.vulnerabilityId",
        package: "$.detail.packageVulnerabilityDetails.vulnerablePackages[0].name",
        installed: "$.detail.packageVulnerabilityDetails.vulnerablePackages[0].version",
        fixed: "$.detail.packageVulnerabilityDetails.vulnerablePackages[0].fixedInVersion",
        repository: "$.detail.resources[0].details.awsEcrContainerImage.repositoryName",
        tag: "$.detail.resources[0].details.awsEcrContainerImage.imageTags[0]",
        digest: "$.detail.resources[0].details.awsEcrContainerImage.imageHash",
      },
    },
  };
}

/** Input paths of the events about a scan: the image, with the first of its tags. */
const SCANNED = { repository: "$.detail.repository-name", tag: "$.detail.image-tags[0]" };

/** Input paths of the counts of findings in an event about a scan. A count that the event lacks becomes empty text. */
const COUNTS = {
  critical: "$.detail.finding-severity-counts.CRITICAL",
  high: "$.detail.finding-severity-counts.HIGH",
  medium: "$.detail.finding-severity-counts.MEDIUM",
};

/**
 * Enhanced scanning: the first scan of an image has findings. Inspector sends the same event for instances and functions,
 * but without a repository. It counts critical, high and medium findings and the total, so with LOW or INFORMATIONAL the
 * alert is about the total.
 * https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html#event-initial-scan
 */
export function initialScanAlert(place: Place, minimum: Severity, repositories: Repositories): Alert {
  const counts = includesUnrated(minimum) ? ["TOTAL"] : severitiesFrom(minimum);
  return {
    name: "initial-scan",
    description: `First Inspector scans with findings of severity ${minimum} or above`,
    pattern: {
      source: ["aws.inspector2"],
      "detail-type": ["Inspector2 Scan"],
      detail: {
        "scan-status": ["INITIAL_SCAN_COMPLETE"],
        "repository-name": nameOrArn(place, repositories) ?? [{ exists: true }],
        "finding-severity-counts": anyCountOf(counts),
      },
    },
    message: {
      title: "First scan with findings",
      text: `The first scan of <repository> <tag> found these vulnerabilities - critical: <critical>, high: <high>, medium: <medium>, all: <all>. See ${inspectorLink(place, "#/findings/container-image")} for the findings.`,
      inputPaths: { ...SCANNED, ...COUNTS, all: "$.detail.finding-severity-counts.TOTAL" },
    },
  };
}

/** Basic scanning: a scan has findings. https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
export function basicScanAlert(place: Place, minimum: Severity, repositories: Repositories): Alert {
  return {
    name: "basic-scan",
    description: `Basic scans with findings of severity ${minimum} or above`,
    pattern: {
      source: ["aws.ecr"],
      "detail-type": ["ECR Image Scan"],
      detail: {
        "scan-status": ["COMPLETE"],
        ...only("repository-name", nameOrArn(place, repositories)),
        "finding-severity-counts": anyCountOf([
          ...(includesUnrated(minimum) ? ["UNDEFINED"] : []),
          ...severitiesFrom(minimum),
        ]),
      },
    },
    message: {
      title: "Scan with findings",
      text: `A scan of <repository> <tag> found these vulnerabilities - critical: <critical>, high: <high>, medium: <medium>, low: <low>. See ${imageLink(place, "<repository>", "<digest>")} for the findings.`,
      inputPaths: {
        ...SCANNED,
        ...COUNTS,
        low: "$.detail.finding-severity-counts.LOW",
        digest: "$.detail.image-digest",
      },
    },
  };
}

/** Basic scanning: a scan failed. */
export function failedScanAlert(place: Place, repositories: Repositories): Alert {
  return {
    name: "failed-scan",
    description: "Image scans that failed",
    pattern: {
      source: ["aws.ecr"],
      "detail-type": ["ECR Image Scan"],
      detail: { "scan-status": ["FAILED"], ...only("repository-name", nameOrArn(place, repositories)) },
    },
    message: {
      title: "Failed scan",
      text: `ECR could not scan <repository> <tag>. See ${imageLink(place, "<repository>", "<digest>")} for the reason.`,
      inputPaths: { ...SCANNED, digest: "$.detail.image-digest" },
    },
  };
}

/**
 * Reasons for an inactive scan that need no alert: the scan is pending, somebody configured it so, or the image is
 * deleted, archived or no longer in use. https://docs.aws.amazon.com/inspector/v2/APIReference/API_ScanStatus.html
 */
export const EXPECTED_INACTIVE = [
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

/** Enhanced scanning: Inspector cannot scan an image. */
export function coverageAlert(place: Place, repositories: Repositories): Alert {
  return {
    name: "not-covered",
    description: "Images that Inspector cannot scan",
    pattern: {
      source: ["aws.inspector2"],
      "detail-type": ["Inspector2 Coverage"],
      resources: imageArns(place, repositories),
      detail: {
        scanStatus: { statusCodeValue: ["INACTIVE"], reason: [{ "anything-but": EXPECTED_INACTIVE }] },
      },
    },
    message: {
      title: "Image not scanned",
      text: `Inspector does not scan <image> (reason: <reason>). See ${inspectorLink(place, "")} for the coverage.`,
      inputPaths: { image: "$.resources[0]", reason: "$.detail.scanStatus.reason" },
    },
  };
}

/**
 * Enhanced scanning: repositories whose images are no longer scanned, or new ones that no filter matches.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
 */
export function unscannedAlert(place: Place, repositories: Repositories): Alert {
  return {
    name: "not-scanned",
    description: "Repositories whose images are not scanned any more",
    pattern: {
      source: ["aws.ecr"],
      "detail-type": ["ECR Scan Resource Change"],
      detail: {
        repositories: {
          "scan-frequency": ["MANUAL"],
          ...only("repository-name", nameOrArn(place, repositories)),
        },
      },
    },
    message: {
      title: "Repositories not scanned",
      text: `Images of one or more repositories are not scanned: the scan frequency of <repository>, or of another repository in the same change, is now MANUAL. See https://${consoleHost(place)}/ecr/home?region=${place.region} for the scanning settings.`,
      inputPaths: { repository: "$.detail.repositories[0].repository-name" },
    },
  };
}

/**
 * Images that could not be replicated. ECR sends the event in the region that images are copied to.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
 */
export function failedReplicationAlert(place: Place, repositories: Repositories): Alert {
  return {
    name: "failed-replication",
    description: "Images that could not be replicated into this region",
    pattern: {
      source: ["aws.ecr"],
      "detail-type": ["ECR Replication Action"],
      detail: { result: ["FAILED"], ...only("repository-name", nameOrArn(place, repositories)) },
    },
    message: {
      title: "Failed replication",
      text: `The replication of <repository>:<tag> (<digest>) from account <account> in <region> failed. See ${repositoryLink(place, "<repository>")} for the repository.`,
      inputPaths: {
        repository: "$.detail.repository-name",
        tag: "$.detail.image-tag",
        digest: "$.detail.image-digest",
        account: "$.detail.source-account",
        region: "$.detail.source-region",
      },
    },
  };
}

/**
 * Images that a pull through cache rule could not fetch or refresh. AWS documents only the status for success.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
 */
export function failedCacheAlert(place: Place): Alert {
  return {
    name: "failed-cache",
    description: "Images that could not be cached from an upstream registry",
    pattern: {
      source: ["aws.ecr"],
      "detail-type": ["ECR Pull Through Cache Action"],
      detail: { "sync-status": [{ "anything-but": ["SUCCESS"] }] },
    },
    message: {
      title: "Failed caching",
      text: `<repository>:<tag> could not be cached from <upstream>: <status> <code> - see ${repositoryLink(place, "<repository>")} for the repository.`,
      inputPaths: {
        repository: "$.detail.repository-name",
        tag: "$.detail.image-tag",
        upstream: "$.detail.upstream-registry-url",
        status: "$.detail.sync-status",
        code: "$.detail.failure-code",
      },
    },
  };
}

/** Images pushed or deleted. https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
export function imageActionAlert(place: Place, action: "PUSH" | "DELETE", repositories: Repositories): Alert {
  const done = action === "PUSH" ? "pushed" : "deleted";
  const link =
    action === "PUSH" ? imageLink(place, "<repository>", "<digest>") : repositoryLink(place, "<repository>");
  return {
    name: action === "PUSH" ? "image-push" : "image-delete",
    description: `Images ${done}`,
    pattern: {
      source: ["aws.ecr"],
      "detail-type": ["ECR Image Action"],
      detail: {
        "action-type": [action],
        result: ["SUCCESS"],
        ...only("repository-name", nameOrArn(place, repositories)),
      },
    },
    message: {
      title: `Image ${done}`,
      text: `The image <repository>:<tag> (<digest>) was ${done}. See ${link} for ${action === "PUSH" ? "the image" : "the repository"}.`,
      inputPaths: {
        repository: "$.detail.repository-name",
        tag: "$.detail.image-tag",
        digest: "$.detail.image-digest",
      },
    },
  };
}

/**
 * ECR calls that delete images, or change who can access them, how long they are kept, whether they are scanned or
 * signed, or where they are copied from and to. Tag changes are included, because clean-up finds repositories by tags.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html
 */
export const SENSITIVE_CALLS = [
  "BatchDeleteImage",
  "CreatePullThroughCacheRule",
  "CreateRepositoryCreationTemplate",
  "DeleteLifecyclePolicy",
  "DeletePullThroughCacheRule",
  "DeleteRegistryPolicy",
  "DeleteRepository",
  "DeleteRepositoryCreationTemplate",
  "DeleteRepositoryPolicy",
  "DeleteSigningConfiguration",
  "DeregisterPullTimeUpdateExclusion",
  "PutAccountSetting",
  "PutImageScanningConfiguration",
  "PutImageTagMutability",
  "PutLifecyclePolicy",
  "PutRegistryPolicy",
  "PutRegistryScanningConfiguration",
  "PutReplicationConfiguration",
  "PutSigningConfiguration",
  "RegisterPullTimeUpdateExclusion",
  "SetRepositoryPolicy",
  "TagResource",
  "UntagResource",
  "UpdateImageStorageClass",
  "UpdatePullThroughCacheRule",
  "UpdateRepositoryCreationTemplate",
];

/**
 * Sensitive ECR calls by anyone except the given roles. The role is in `sessionIssuer`, which calls by users and by
 * the root user do not have: those always alert.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html
 */
export function sensitiveCallAlert(place: Place, exceptRoles: string[]): Alert {
  return {
    name: "sensitive-call",
    description: "ECR API calls that delete images or change policies, repositories or the registry",
    pattern: {
      source: ["aws.ecr"],
      "detail-type": ["AWS API Call via CloudTrail"],
      detail: {
        eventSource: ["ecr.amazonaws.com"],
        eventName: SENSITIVE_CALLS,
        ...(exceptRoles.length === 0
          ? {}
          : {
              userIdentity: {
                sessionContext: {
                  sessionIssuer: { arn: [{ "anything-but": exceptRoles }, { exists: false }] },
                },
              },
            }),
      },
    },
    message: {
      title: "<call> was called",
      // A request has one of these parameters, or none if it concerns the whole registry.
      text: `ecr:<call> was called by <caller> from <address> (target: <repository><resource><cache><template><principal><setting>, error: <error>). See https://${consoleHost(place)}/cloudtrailv2/home?region=${place.region}#/events/<id> for the request.`,
      inputPaths: {
        call: "$.detail.eventName",
        caller: "$.detail.userIdentity.arn",
        repository: "$.detail.requestParameters.repositoryName",
        resource: "$.detail.requestParameters.resourceArn",
        cache: "$.detail.requestParameters.ecrRepositoryPrefix",
        template: "$.detail.requestParameters.prefix",
        principal: "$.detail.requestParameters.principalArn",
        setting: "$.detail.requestParameters.name",
        address: "$.detail.sourceIPAddress",
        error: "$.detail.errorCode",
        id: "$.detail.eventID",
      },
    },
  };
}

/**
 * The same alert for many repositories, cut so that no pattern is longer than EventBridge takes.
 * @param make builds the alert for a part of the names
 */
export function splitByNames(names: string[], make: (names: string[]) => Alert): Alert[] {
  const whole = make(names);
  if (JSON.stringify(whole.pattern).length <= LIMITS.eventPattern.max || names.length === 1) {
    return [whole];
  }
  const parts: string[][] = [];
  let part: string[] = [];
  for (const name of names) {
    if (part.length > 0 && JSON.stringify(make([...part, name]).pattern).length > LIMITS.eventPattern.max) {
      parts.push(part);
      part = [];
    }
    part.push(name);
  }
  parts.push(part);
  return parts.map((chunk, i) => {
    const alert = make(chunk);
    return i === 0 ? alert : { ...alert, name: `${alert.name}-${i + 1}` };
  });
}
