import { consoleHost, repositoryArn, type Place } from "./arns";

/** An EventBridge event pattern. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
export type EventPattern = Record<string, unknown>;

/** Severities, least first, as Inspector and ECR's basic scanning name them. */
const SEVERITY_ORDER = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

/** How an event becomes a readable message. */
export interface MessageFormat {
  /** JSON paths into the event, by the name that the template uses. */
  inputPaths: Record<string, string>;
  /** Lines, each a JSON string: how an input transformer makes plain text for SNS. */
  inputTemplate: string;
}

/** One alert: which events, and what is said of them. */
export interface Alert {
  /** Part of the rule's name. */
  name: string;
  description: string;
  pattern: EventPattern;
  message: MessageFormat;
}

/** Which repositories an alert is about. */
export type Repositories = "all" | { suffix: string } | { names: string[] };

/** EventBridge refuses longer patterns (quota "Event pattern size"). */
export const MAX_PATTERN_CHARACTERS = 2048;

/** The given severity and those above it. */
export function severitiesFrom(minimum: string): string[] {
  return SEVERITY_ORDER.slice(SEVERITY_ORDER.indexOf(minimum));
}

function message(lines: string[], inputPaths: Record<string, string>): MessageFormat {
  return { inputPaths, inputTemplate: lines.map((line) => JSON.stringify(line)).join("\n") };
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

/** At least one finding of the given severities. Zero counts may be present, so presence is not enough. */
function anyCountOf(severities: string[]): EventPattern {
  const positive = (severity: string) => ({ [severity]: [{ numeric: [">", 0] }] });
  const [first, ...rest] = severities;
  return rest.length === 0 ? positive(first ?? "CRITICAL") : { $or: severities.map(positive) };
}

const COMMON_PATHS = { account: "$.account", region: "$.region", time: "$.time" };

function imageLink(place: Place, repository: string, digest: string): string {
  return `https://${consoleHost(place)}/ecr/repositories/private/${place.accountId}/${repository}/_/image/${digest}/details?region=${place.region}`;
}

function inspectorLink(place: Place): string {
  return `https://${consoleHost(place)}/inspector/v2/home?region=${place.region}#/findings/container-image`;
}

/**
 * Active Inspector findings in container images, at or above a severity. The resource type keeps findings
 * of EC2 and Lambda out. https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
 */
export function findingAlert(place: Place, minimum: string, repositories: Repositories): Alert {
  const names =
    repositories !== "all" && "names" in repositories ? repositories.names : nameOrArn(place, repositories);
  return {
    name: "finding",
    description: `Inspector findings of severity ${minimum} or above in container images`,
    pattern: {
      source: ["aws.inspector2"],
      "detail-type": ["Inspector2 Finding"],
      detail: {
        severity: severitiesFrom(minimum),
        status: ["ACTIVE"],
        resources: {
          type: ["AWS_ECR_CONTAINER_IMAGE"],
          ...(names === undefined ? {} : { details: { awsEcrContainerImage: { repositoryName: names } } }),
        },
      },
    },
    message: message(
      [
        "<severity> <cve> in <repository>",
        "",
        "<title>",
        "",
        "Repository:  <repository>",
        "Image tags:  <tags>",
        "Digest:      <digest>",
        "Severity:    <severity>, score <score>",
        "Package:     <package> <installed>",
        "Fixed in:    <fixed> (fix available: <fixable>, exploit available: <exploit>)",
        "First seen:  <first>",
        "",
        "More:        <source>",
        `Console:     ${imageLink(place, "<repository>", "<digest>")}`,
        "Finding:     <finding>",
      ],
      {
        severity: "$.detail.severity",
        title: "$.detail.title",
        finding: "$.detail.findingArn",
        score: "$.detail.inspectorScore",
        first: "$.detail.firstObservedAt",
        fixable: "$.detail.fixAvailable",
        exploit: "$.detail.exploitAvailable",
        cve: "$.detail.packageVulnerabilityDetails.vulnerabilityId",
        source: "$.detail.packageVulnerabilityDetails.sourceUrl",
        package: "$.detail.packageVulnerabilityDetails.vulnerablePackages[0].name",
        installed: "$.detail.packageVulnerabilityDetails.vulnerablePackages[0].version",
        fixed: "$.detail.packageVulnerabilityDetails.vulnerablePackages[0].fixedInVersion",
        repository: "$.detail.resources[0].details.awsEcrContainerImage.repositoryName",
        tags: "$.detail.resources[0].details.awsEcrContainerImage.imageTags",
        digest: "$.detail.resources[0].details.awsEcrContainerImage.imageHash",
      },
    ),
  };
}

function countsMessage(place: Place, title: string): MessageFormat {
  return message(
    [
      `${title}: <repository>`,
      "",
      "Repository:  <repository>",
      "Image tags:  <tags>",
      "Digest:      <digest>",
      "Findings:    <critical> critical, <high> high, <medium> medium",
      "Time:        <time>",
      "",
      `Console:     ${inspectorLink(place)}`,
    ],
    {
      time: COMMON_PATHS.time,
      repository: "$.detail.repository-name",
      tags: "$.detail.image-tags",
      digest: "$.detail.image-digest",
      critical: "$.detail.finding-severity-counts.CRITICAL",
      high: "$.detail.finding-severity-counts.HIGH",
      medium: "$.detail.finding-severity-counts.MEDIUM",
    },
  );
}

/** Enhanced scanning: the first scan of an image is complete and found something. */
export function initialScanAlert(place: Place, minimum: string, repositories: Repositories): Alert {
  return {
    name: "initial-scan",
    description: `First Inspector scans with findings of severity ${minimum} or above`,
    pattern: {
      source: ["aws.inspector2"],
      "detail-type": ["Inspector2 Scan"],
      detail: {
        "scan-status": ["INITIAL_SCAN_COMPLETE"],
        ...only("repository-name", nameOrArn(place, repositories)),
        "finding-severity-counts": anyCountOf(severitiesFrom(minimum)),
      },
    },
    message: countsMessage(place, "First scan complete"),
  };
}

/** Basic scanning: a scan is complete and found something. https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
export function basicScanAlert(place: Place, minimum: string, repositories: Repositories): Alert {
  return {
    name: "basic-scan",
    description: `Basic scans with findings of severity ${minimum} or above`,
    pattern: {
      source: ["aws.ecr"],
      "detail-type": ["ECR Image Scan"],
      detail: {
        "scan-status": ["COMPLETE"],
        ...only("repository-name", nameOrArn(place, repositories)),
        "finding-severity-counts": anyCountOf(severitiesFrom(minimum)),
      },
    },
    message: countsMessage(place, "Scan complete"),
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
    message: message(
      [
        "Scan failed: <repository>",
        "",
        "Image tags:  <tags>",
        "Digest:      <digest>",
        "Time:        <time>",
      ],
      {
        time: COMMON_PATHS.time,
        repository: "$.detail.repository-name",
        tags: "$.detail.image-tags",
        digest: "$.detail.image-digest",
      },
    ),
  };
}

/** Reasons for which Inspector rightly stops scanning an image. https://docs.aws.amazon.com/inspector/v2/APIReference/API_ScanStatus.html */
export const EXPECTED_INACTIVE = [
  "PENDING_INITIAL_SCAN",
  "RESOURCE_TERMINATED",
  "SCAN_ELIGIBILITY_EXPIRED",
  "SCAN_FREQUENCY_MANUAL",
  "SCAN_FREQUENCY_SCAN_ON_PUSH",
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
    message: message(
      ["Inspector does not scan an image: <reason>", "", "Image:       <image>", "Time:        <time>"],
      { time: COMMON_PATHS.time, image: "$.resources[0]", reason: "$.detail.scanStatus.reason" },
    ),
  };
}

/** Images pushed or deleted. https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
export function imageActionAlert(place: Place, action: "PUSH" | "DELETE", repositories: Repositories): Alert {
  const done = action === "PUSH" ? "pushed" : "deleted";
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
    message: message(
      [
        `Image ${done}: <repository>:<tag>`,
        "",
        "Digest:      <digest>",
        "Time:        <time>",
        "",
        `Console:     ${imageLink(place, "<repository>", "<digest>")}`,
      ],
      {
        time: COMMON_PATHS.time,
        repository: "$.detail.repository-name",
        tag: "$.detail.image-tag",
        digest: "$.detail.image-digest",
      },
    ),
  };
}

/** ECR calls that change what a registry promises. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html */
export const SENSITIVE_CALLS = [
  "BatchDeleteImage",
  "DeleteLifecyclePolicy",
  "DeleteRegistryPolicy",
  "DeleteRepository",
  "DeleteRepositoryPolicy",
  "PutAccountSetting",
  "PutImageScanningConfiguration",
  "PutImageTagMutability",
  "PutLifecyclePolicy",
  "PutRegistryPolicy",
  "PutRegistryScanningConfiguration",
  "PutReplicationConfiguration",
  "SetRepositoryPolicy",
];

/**
 * Sensitive ECR calls by anybody but the given roles. The role stands in `sessionIssuer`, which calls by
 * users and by the root user lack: those always alert.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html
 */
export function sensitiveCallAlert(exceptRoles: string[]): Alert {
  return {
    name: "sensitive-call",
    description: "ECR API calls that delete or change policies, images, repositories or scanning",
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
    message: message(
      [
        "<call> by <caller>",
        "",
        "Repository:  <repository>",
        "Caller:      <caller>",
        "From:        <address>, <agent>",
        "Account:     <account>, <region>",
        "Time:        <time>",
        "Error:       <error>",
        "Event id:    <id>",
      ],
      {
        ...COMMON_PATHS,
        call: "$.detail.eventName",
        caller: "$.detail.userIdentity.arn",
        repository: "$.detail.requestParameters.repositoryName",
        address: "$.detail.sourceIPAddress",
        agent: "$.detail.userAgent",
        error: "$.detail.errorCode",
        id: "$.detail.eventID",
      },
    ),
  };
}

/**
 * The same alert for many repositories, cut so that no pattern is longer than EventBridge takes.
 * @param make builds the alert for a part of the names
 */
export function splitByNames(names: string[], make: (names: string[]) => Alert): Alert[] {
  const whole = make(names);
  if (JSON.stringify(whole.pattern).length <= MAX_PATTERN_CHARACTERS || names.length === 1) {
    return [whole];
  }
  const parts: string[][] = [];
  let part: string[] = [];
  for (const name of names) {
    if (part.length > 0 && JSON.stringify(make([...part, name]).pattern).length > MAX_PATTERN_CHARACTERS) {
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
