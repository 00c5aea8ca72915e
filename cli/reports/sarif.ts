import type { Log, ReportingDescriptor, Result } from "sarif";
import type { ImageFinding } from "../../images/finding";

/** SARIF's level of a severity; code scanning reads the score beside it. */
function levelOf(severity: string): Result.level {
  return severity === "CRITICAL" || severity === "HIGH"
    ? "error"
    : severity === "MEDIUM"
      ? "warning"
      : "note";
}

/** A score where the finder gave none, in the middle of what GitHub takes for the severity. */
const SCORES: Record<string, string> = { CRITICAL: "9.5", HIGH: "8.0", MEDIUM: "5.5", LOW: "2.5" };

/**
 * Findings as a SARIF 2.1.0 log, one rule a vulnerability and one result a package and image.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 * @param registry host of the registry, for the images' addresses
 */
export function sarifLog(findings: readonly ImageFinding[], registry: string): Log {
  const ids = [...new Set(findings.map(({ id }) => id))];
  const rules = ids.map((id): ReportingDescriptor => {
    const first = findings.find((finding) => finding.id === id);
    return {
      id,
      shortDescription: { text: first?.title ?? id },
      ...(first?.url === undefined ? {} : { helpUri: first.url }),
      properties: {
        tags: ["security", "vulnerability", "container"],
        "security-severity": String(first?.score ?? SCORES[first?.severity ?? ""] ?? "0.0"),
      },
    };
  });
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "ecr-platform", rules } },
        results: findings.map((finding): Result => {
          const image = `${registry}/${finding.repository}@${finding.digest}`;
          return {
            ruleId: finding.id,
            ruleIndex: ids.indexOf(finding.id),
            level: levelOf(finding.severity),
            message: {
              text:
                `${finding.severity} ${finding.id} in ${finding.package} ${finding.installed} of ${finding.repository}` +
                `${finding.tags.length > 0 ? ` (${finding.tags.join(", ")})` : ""}; ` +
                (finding.fixedIn === undefined ? "no fix yet" : `fixed in ${finding.fixedIn}`),
            },
            locations: [
              {
                physicalLocation: { artifactLocation: { uri: image }, region: { startLine: 1 } },
                logicalLocations: [{ name: finding.package, kind: "package" }],
              },
            ],
            partialFingerprints: {
              imagePackageVulnerability: `${finding.digest}/${finding.package}/${finding.id}`,
            },
          };
        }),
      },
    ],
  };
}
