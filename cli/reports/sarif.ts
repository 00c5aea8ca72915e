import { quantity } from "../../aws/quantity";
import { createHash } from "node:crypto";
import type { Log, Notification, ReportingDescriptor, Result } from "sarif";
import type { ImageFinding } from "../../images/finding";
import type { FindingsReport } from "../../images/findings-report";
import { worstOf } from "../../images/fixes";
import { groupBy } from "../../images/groups";
import { UserError } from "../../plan/user-error";

/** Where a log comes from. */
export interface SarifSource {
  /** Host of the registry, for the images' addresses. */
  registry: string;
  environment: string;
  /** The program's version. */
  version: string;
}

/** What code scanning takes in one run. https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit */
const MOST_RESULTS = 25_000;

/** The most characters of a description. https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning#reportingdescriptor-object */
const MOST_CHARACTERS = 1024;

/** SARIF's levels, and the scores that code scanning shows as the same severity; those without a rating have none. */
const SEVERITIES: Record<string, { level: Result.level; least: number; most: number }> = {
  CRITICAL: { level: "error", least: 9.1, most: 10 },
  HIGH: { level: "error", least: 7, most: 8.9 },
  MEDIUM: { level: "warning", least: 4, most: 6.9 },
  LOW: { level: "note", least: 0.1, most: 3.9 },
};

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}

/** Text that Markdown shows as it is: titles come from the authors of advisories. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&-]/g, "\\$&").replace(/\s+/g, " ");
}

/** The score of a vulnerability within the range of its severity, so that both say the same. */
function scoreOf(findings: readonly ImageFinding[]): string | undefined {
  const range = SEVERITIES[worstOf(findings)];
  const scores = findings.flatMap(({ score }) => score ?? []);
  return range === undefined ? undefined : Math.min(range.most, Math.max(range.least, ...scores)).toFixed(1);
}

/** A rule: one vulnerability, with the versions that fix it. */
function ruleOf(id: string, findings: readonly ImageFinding[]): ReportingDescriptor {
  const title = findings.find((one) => one.title !== "")?.title ?? id;
  const url = findings.find((one) => one.url !== undefined)?.url;
  const packages = groupBy(findings, (one) => one.package).map(([name, found]) => {
    const versions = [...new Set(found.flatMap(({ fixedIn }) => fixedIn ?? []))].sort();
    return { name, fix: versions.length === 0 ? "no fix yet" : `upgrade to ${versions.join(" or ")}` };
  });
  const score = scoreOf(findings);
  return {
    id,
    shortDescription: { text: cut(title) },
    fullDescription: { text: cut(title) },
    ...(url === undefined ? {} : { helpUri: url }),
    help: {
      text: [
        title,
        ...packages.map(({ name, fix }) => `${name}: ${fix}`),
        ...(url === undefined ? [] : [url]),
      ].join("\n"),
      markdown: [
        plain(title),
        "",
        ...packages.map(({ name, fix }) => `- ${plain(name)}: ${plain(fix)}`),
        ...(url === undefined ? [] : ["", `<${encodeURI(url)}>`]),
      ].join("\n"),
    },
    properties: {
      tags: ["security", "vulnerability", "container"],
      ...(score === undefined ? {} : { "security-severity": score }),
    },
  };
}

/** Code scanning recognizes an alert by this, its rule and its place: nothing in it changes with a push. */
function fingerprint(...parts: string[]): string {
  return `${createHash("sha256").update(parts.join("\n")).digest("hex")}:1`;
}

const place = (uri: string) => ({
  physicalLocation: {
    artifactLocation: { uri },
    region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
  },
});

/** A result: one vulnerability in one package of one repository, whichever of its images have it. */
function resultOf(
  ruleIndex: number,
  findings: readonly [ImageFinding, ...ImageFinding[]],
  registry: string,
): Result {
  const [first] = findings;
  const one = (values: readonly string[]) => [...new Set(values)].sort().join(", ");
  const installed = one(findings.map((finding) => finding.installed));
  const fixes = one(findings.flatMap(({ fixedIn }) => fixedIn ?? []));
  const images = [...new Set(findings.map(({ tags, digest }) => tags[0] ?? digest))];
  return {
    ruleId: first.id,
    ruleIndex,
    level: SEVERITIES[worstOf(findings)]?.level ?? "note",
    message: {
      text:
        `${worstOf(findings)} ${first.id} in ${first.package} ${installed} of ${first.repository}: ` +
        `${fixes === "" ? "no fix yet" : `upgrade to ${fixes}`}. ` +
        `In ${quantity(images.length, "image")}: ${images.slice(0, 10).join(", ")}${images.length > 10 ? ", …" : ""}`,
    },
    locations: [
      {
        ...place(`${registry}/${first.repository}`),
        logicalLocations: [{ name: first.package || first.id, kind: "package" }],
      },
    ],
    partialFingerprints: {
      primaryLocationLineHash: fingerprint(first.repository, first.package, first.id),
    },
  };
}

/** What was not looked at. */
function notificationsOf({ notScanned, failures }: FindingsReport, registry: string): Notification[] {
  return [
    ...failures.map(({ repository, error }): Notification => ({
      level: "error",
      message: { text: `${repository} could not be read: ${error}` },
      locations: [place(`${registry}/${repository}`)],
    })),
    ...notScanned.map((one): Notification => ({
      level: "warning",
      message: {
        text: `${one.repository}:${one.tags[0] ?? one.digest} is not scanned: ${one.notScanned}${one.status === undefined ? "" : ` (${one.status})`}`,
      },
      locations: [place(`${registry}/${one.repository}`)],
    })),
  ];
}

/**
 * Findings as a SARIF 2.1.0 log that code scanning takes.
 * https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
 * @throws UserError if there are more results than code scanning takes
 */
export function sarifLog(report: FindingsReport, { registry, environment, version }: SarifSource): Log {
  const { findings, filters, counts, hidden, scanned } = report;
  const byId = groupBy(findings, ({ id }) => id).sort(([a], [b]) => a.localeCompare(b));
  const results = byId.flatMap(([, found], ruleIndex) =>
    groupBy(found, (one) => JSON.stringify([one.repository, one.package])).map(([, same]) => ({
      ruleIndex,
      same,
    })),
  );
  if (results.length > MOST_RESULTS) {
    throw new UserError(
      `${results.length} results are more than the ${MOST_RESULTS} that code scanning takes`,
      "narrow them by --team, --severity or --fixable",
    );
  }
  const category = ["ecr-platform", environment, ...(filters.team ?? []), ...(filters.repository ?? [])];
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "ecr-platform",
            version,
            semanticVersion: version,
            informationUri: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
            rules: byId.map(([id, found]) => ruleOf(id, found)),
          },
        },
        automationDetails: { id: `${category.join("/")}/` },
        invocations: [
          {
            executionSuccessful: report.failures.length === 0,
            toolExecutionNotifications: notificationsOf(report, registry),
          },
        ],
        results: results.map(({ ruleIndex, same }) => resultOf(ruleIndex, same, registry)),
        properties: { filters, scanned, counts, hidden },
      },
    ],
  };
}
